"""One WebSocket stream, from hello to the last frame (PROTOCOL §4, §7)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import suppress

from aiohttp import WSMsgType, web
from aiohttp.abc import AbstractStreamWriter

from mock_server import frames
from mock_server.encoded import Encoded
from mock_server.faults.catalogue import AcceptThenClose, SlowHello
from mock_server.faults.line import FaultLine
from mock_server.gateway import Gateway
from mock_server.problems import CLOSE_CODES
from mock_server.socket_sink import SocketSink
from mock_server.subscriber import HIGH_WATER, Subscriber
from tracker_tui.domain.cursor import Cursor
from tracker_tui.wire import (
    MAX_CLIENT_FRAME,
    SUBPROTOCOL,
    Authenticate,
    Authenticated,
    Goodbye,
    Heartbeat,
    Hello,
    Problem,
    ProtocolViolation,
    Subscribe,
    Unsubscribe,
    decode_client,
)

FRAMES_PER_SECOND = 50
"""Frames that a client may send in any second (PROTOCOL §4)."""

MISSED_HEARTBEATS = 3
"""Heartbeats without a frame from the client after which it is dropped (PROTOCOL §7)."""

TOO_SLOW_SECONDS = 30.0
"""For so long a watcher may drain without ever catching up."""

CLOSE_SECONDS = 1.0
"""How long a close may take before the connection is reset (PROTOCOL §4, goodbye)."""

MAX_QUERY_ORDERS = 50
"""Orders that the query of a stream may name (PROTOCOL §5)."""

_READ_LIMIT = 4 * MAX_CLIENT_FRAME
_LINGER_SECONDS = 0.5
_DETAIL = 300


class Socket(web.WebSocketResponse):
    """An upgrade whose oversize and malformed frames are answered as the protocol says, not as the library does."""

    def __init__(self) -> None:
        super().__init__(
            protocols=(SUBPROTOCOL,),
            autoping=False,
            autoclose=False,
            compress=False,
            timeout=CLOSE_SECONDS,
            # A frame somewhat too large is read whole, so that no unread byte turns our close into a reset.
            max_msg_size=_READ_LIMIT,
        )
        self.stream: SocketStream | None = None

    async def close(self, *, code: int = 1000, message: bytes = b"", drain: bool = True) -> bool:
        """Close, with a problem first where the library has given up on what it read."""
        if self.stream is not None and not self.closed:
            code = await self.stream.library_closes(code)
        return await super().close(code=code, message=message, drain=drain)


class SocketStream:
    """One watcher on a WebSocket.

    Attributes:
        slot: Which of the watchers it is; low numbers are given again.
        subscriber: What it watches.
    """

    def __init__(
        self,
        gateway: Gateway,
        socket: Socket,
        transport: asyncio.Transport,
        writer: AbstractStreamWriter,
    ) -> None:
        self._gateway = gateway
        self._clock = gateway.clock
        self._socket = socket
        self.slot = gateway.free_slot()
        self._sink = SocketSink(transport, writer, gateway.clock)
        self._line = FaultLine(self._sink, gateway.plan, gateway.clock, self.slot)
        self.subscriber = Subscriber(gateway.view, self._line, gateway.clock, gateway.stats)
        self._arrivals: deque[float] = deque(maxlen=FRAMES_PER_SECOND)
        self._heard_at = gateway.clock.time()
        self._next_beat: float | None = None
        self._gone = asyncio.Event()
        self._finished: asyncio.Event | None = None
        self._thawing: set[asyncio.Task[None]] = set()
        socket.stream = self

    async def run(self, orders: Mapping[str, Cursor | None]) -> None:
        """Serve until either side ends it.

        Args:
            orders: What to subscribe to right after hello, up to `MAX_QUERY_ORDERS`.
        """
        gateway = self._gateway
        gateway.streams[self] = None
        no_more_heal = gateway.plan.on_heal(self._heal)
        try:
            if gateway.draining:
                await self.leave()
                return
            if await self._greet():
                self.subscriber.subscribe(orders, limit=MAX_QUERY_ORDERS)
                await self._read()
        finally:
            no_more_heal()
            gateway.streams.pop(self, None)
            await self._end()
            if self._finished is not None:
                await self._finished.wait()

    async def pulse(self, now: float) -> None:
        """Do what is due: heartbeat and ping, or giving up on the watcher."""
        if self._sink.gone:
            self._gone.set()
            self._line.thaw()
        if self._sink.gone or self._finished is not None or self._next_beat is None or self._line.frozen:
            return
        heartbeat = self._gateway.heartbeat_seconds
        if self._sink.is_stalled():
            self._gateway.spawn(self._evict("nothing drained for 3 s", patience=0.25))
        elif self.subscriber.too_slow_for > TOO_SLOW_SECONDS:
            self._gateway.spawn(self._evict("behind for 30 s", patience=CLOSE_SECONDS))
        elif now - self._heard_at > MISSED_HEARTBEATS * heartbeat:
            self._gateway.stats.evictions += 1
            self._sink.reset()
        elif now >= self._next_beat:
            self._next_beat = max(self._next_beat + heartbeat, now)
            await self._beat()

    def drop(self) -> None:
        """End the connection without a close frame."""
        self._sink.drop()

    def freeze(self, seconds: float) -> None:
        """Say and answer nothing for `seconds`, with the socket open."""
        self._line.freeze()
        task = asyncio.create_task(self._thaw_after(seconds))
        self._thawing.add(task)
        task.add_done_callback(self._thawing.discard)

    async def leave(self) -> None:
        """Say goodbye and close (PROTOCOL §4)."""
        if not self._line.frozen:
            self._sink.write(Encoded(Goodbye("the gateway restarts", 1.0)))
        await self.finish(CLOSE_CODES["restarting"], "restarting")

    async def refuse(self, code: str, detail: str, *, retry_after: float | None = None) -> None:
        """Send a problem of the whole stream, then close by its code."""
        await self.finish(CLOSE_CODES[code], code, problem=Problem(code, detail, None, retry_after))

    async def finish(
        self, code: int, reason: str = "", *, problem: Problem | None = None, patience: float = CLOSE_SECONDS
    ) -> None:
        """Send nothing more but `problem`, close, and reset the connection if that takes longer than `patience` s."""
        if self._finished is not None:
            return
        self._finished = asyncio.Event()
        try:
            await self._end()
            if problem is not None:
                self._sink.write(Encoded(problem))
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._socket.close(code=code, message=frames.close_reason(reason), drain=False)
            if self._sink.buffered or not self._sink.gone:
                self._sink.reset()
        finally:
            self._finished.set()

    async def library_closes(self, code: int) -> int:
        """Say what is wrong before the library closes for a frame that it can't take; gives the code to close with."""
        if self._finished is not None or code not in _LIBRARY_CLOSES:
            return code
        problem = _LIBRARY_CLOSES[code]
        self._finished = asyncio.Event()
        try:
            await self._end()
            self._sink.write(Encoded(problem))
            self._sink.write_frame(frames.close(CLOSE_CODES[problem.code], problem.code))
            # What the client is still sending is read and dropped; closing on unread bytes would reset the
            # connection and take our last words with it.
            await self._clock.sleep(_LINGER_SECONDS)
        finally:
            self._finished.set()
        return CLOSE_CODES[problem.code]

    async def _greet(self) -> bool:
        """Send hello, unless a fault is in the way for good."""
        plan, ledger = self._gateway.plan, self._gateway.ledger
        if (closing := plan.strikes(AcceptThenClose)) is not None:
            ledger.write(closing.name, "closed", None, f"with {closing.code} before hello")
            await self.finish(closing.code)
            return False
        if (slow := plan.strikes(SlowHello)) is not None:
            ledger.write(slow.name, "delayed", None, f"hello by {slow.seconds:g} s")
            await plan.pause(slow.seconds, unless=self._gone)
        now = self._clock.time()
        heartbeat = self._gateway.heartbeat_seconds
        self._line.write(Encoded(Hello(1, self._clock.now(), None, self._gateway.node, heartbeat)))
        self._heard_at, self._next_beat = now, now + heartbeat
        return True

    async def _read(self) -> None:
        while self._finished is None:
            frame = await self._socket.receive()
            await self._line.thawed()
            self._heard_at = self._clock.time()
            if frame.type is WSMsgType.PONG:
                continue
            if frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.PING):
                if frame.type is WSMsgType.CLOSE and self._finished is None:
                    await self.finish(1000)
                return
            if self._is_flooding():
                await self.refuse("rate_limited", f"more than {FRAMES_PER_SECOND} frames a second", retry_after=1.0)
            elif frame.type is WSMsgType.PING:
                self._sink.write_frame(frames.pong(frame.data))
            elif frame.type is WSMsgType.BINARY:
                await self.refuse("invalid", "messages are text frames")
            elif len(frame.data) > MAX_CLIENT_FRAME or len(frame.data.encode()) > MAX_CLIENT_FRAME:
                await self.refuse("too_large", f"a frame holds at most {MAX_CLIENT_FRAME} bytes")
            else:
                await self._take(frame.data)

    async def _take(self, text: str) -> None:
        try:
            message = decode_client(text, self._gateway.stats.ignored)
        except ProtocolViolation as violation:
            await self.refuse("invalid", str(violation)[:_DETAIL])
            return
        match message:
            case Subscribe():
                self.subscriber.subscribe(message.orders)
                await self.subscriber.room()
            case Unsubscribe():
                self.subscriber.unsubscribe(message.orders)
            case Authenticate():
                self._line.write(Encoded(Authenticated(None)))

    def _is_flooding(self) -> bool:
        now = self._clock.time()
        full = len(self._arrivals) == FRAMES_PER_SECOND and now - self._arrivals[0] < 1.0
        self._arrivals.append(now)
        return full

    async def _beat(self) -> None:
        if self._sink.buffered > HIGH_WATER:
            return
        heads = await self.subscriber.heads()
        if self._finished is None:
            self._line.write(Encoded(Heartbeat(self._clock.now(), heads)))
            self._sink.write_frame(frames.PING)

    async def _evict(self, why: str, *, patience: float) -> None:
        if self._finished is None:
            self._gateway.stats.evictions += 1
            problem = Problem("slow_consumer", why)
            await self.finish(CLOSE_CODES[problem.code], problem.code, problem=problem, patience=patience)

    async def _thaw_after(self, seconds: float) -> None:
        await self._gateway.plan.pause(seconds, unless=self._gone)
        self._thaw()

    def _thaw(self) -> None:
        self._heard_at = self._clock.time()
        self._line.thaw()

    def _heal(self) -> None:
        self._thaw()
        self._line.heal()

    async def _end(self) -> None:
        """Let nothing more be sent by anyone else."""
        for task in tuple(self._thawing):
            task.cancel()
        await asyncio.gather(*self._thawing, return_exceptions=True)
        await self.subscriber.close()
        await self._line.close()


_LIBRARY_CLOSES = {
    1002: Problem("invalid", "a frame breaks RFC 6455"),
    1007: Problem("invalid", "a text frame is not UTF-8"),
    1009: Problem("too_large", f"a frame holds at most {MAX_CLIENT_FRAME} bytes"),
}
