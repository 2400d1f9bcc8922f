"""Streams as WebSockets, on which the client can send messages, too (PROTOCOL §4, §7)."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from aiohttp import WSMsgType, web
from aiohttp.abc import AbstractStreamWriter

from mock_server.auth.tokens import AccessDenied, AuthRejected
from mock_server.encoding import frames
from mock_server.encoding.problems import CLOSE_CODES
from mock_server.gateway.access import Grant
from mock_server.gateway.gateway import Gateway
from mock_server.orders.encoded import Encoded
from mock_server.orders.subscriber import HIGH_WATER
from mock_server.streams.stream import CLOSE_SECONDS, OpenStream
from mock_server.streams.transport_sink import TransportSink
from tracker_tui.wire.codec import MAX_CLIENT_FRAME, ProtocolViolation, decode_client
from tracker_tui.wire.messages import SUBPROTOCOL, Authenticate, Authenticated, Problem, Subscribe, Unsubscribe

FRAMES_PER_SECOND = 50
"""Frames that a client may send in any second (PROTOCOL §4)."""

MISSED_HEARTBEATS = 3
"""Heartbeats without a frame from the client after which the connection is reset (PROTOCOL §7)."""

_MAX_READ_BYTES = 4 * MAX_CLIENT_FRAME
_LINGER_SECONDS = 0.5
_MAX_DETAIL_LENGTH = 300


class WebSocketSink(TransportSink):
    """Writes one frame for each message."""

    def to_bytes(self, message: Encoded[Any]) -> bytes:
        """Encode a message as a text frame."""
        return message.frame

    def write_invalid(self, data: bytes, *, binary: bool) -> None:
        """Send a frame that is not a message."""
        self.write_bytes(frames.binary_frame(data) if binary else frames.text_frame(data))


class GatewayWebSocket(web.WebSocketResponse):
    """A WebSocket that answers too large and malformed frames with a problem (PROTOCOL §8)."""

    def __init__(self) -> None:
        super().__init__(
            protocols=(SUBPROTOCOL,),
            autoping=False,
            autoclose=False,
            compress=False,
            timeout=CLOSE_SECONDS,
            # Read slightly too large frames completely: closing with unread bytes would reset the connection.
            max_msg_size=_MAX_READ_BYTES,
        )
        self.stream: WebSocketStream | None = None

    async def close(self, *, code: int = 1000, message: bytes = b"", drain: bool = True) -> bool:
        """Close; send a problem first if aiohttp closes because of an invalid frame."""
        if self.stream is not None and not self.closed:
            code = await self.stream.before_library_close(code)
        return await super().close(code=code, message=message, drain=drain)


class WebSocketStream(OpenStream):
    """A stream on a WebSocket."""

    def __init__(
        self,
        gateway: Gateway,
        socket: GatewayWebSocket,
        transport: asyncio.Transport,
        writer: AbstractStreamWriter,
        grant: Grant,
    ) -> None:
        super().__init__(gateway, WebSocketSink(transport, gateway.clock, writer), grant)
        self._socket = socket
        self._frame_times: deque[float] = deque(maxlen=FRAMES_PER_SECOND)
        self._last_frame_at = gateway.clock.time()
        socket.stream = self

    async def before_library_close(self, code: int) -> int:
        """Send a problem before aiohttp closes because of an invalid frame; return the close code."""
        if self._finished is not None or code not in _LIBRARY_CLOSE_PROBLEMS:
            return code
        problem = _LIBRARY_CLOSE_PROBLEMS[code]
        self._finished = asyncio.Event()
        try:
            await self._stop_sending()
            self._sink.write(Encoded(problem))
            self._sink.write_bytes(frames.close_frame(CLOSE_CODES[problem.code], problem.code))
            # Read and discard what the client still sends: closing with unread bytes would reset the
            # connection before the problem arrives.
            await self._clock.sleep(_LINGER_SECONDS)
        finally:
            self._finished.set()
            self._ended.set()
        return CLOSE_CODES[problem.code]

    async def _send_hello(self) -> bool:
        sent = await super()._send_hello()
        self._last_frame_at = self._clock.time()
        return sent

    async def _serve(self) -> None:
        while self._finished is None:
            frame = await self._socket.receive()
            await self._faulty_sink.wait_until_unfrozen()
            self._last_frame_at = self._clock.time()
            if frame.type is WSMsgType.PONG:
                continue
            if frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.PING):
                if frame.type is WSMsgType.CLOSE and self._finished is None:
                    await self.finish(1000)
                return
            if self._is_flooding():
                await self.refuse("rate_limited", f"more than {FRAMES_PER_SECOND} frames a second", retry_after=1.0)
            elif frame.type is WSMsgType.PING:
                self._sink.write_bytes(frames.pong_frame(frame.data))
            elif frame.type is WSMsgType.BINARY:
                await self.refuse("invalid", "messages are text frames")
            elif len(frame.data) > MAX_CLIENT_FRAME or len(frame.data.encode()) > MAX_CLIENT_FRAME:
                await self.refuse("too_large", f"a frame holds at most {MAX_CLIENT_FRAME} bytes")
            else:
                await self._handle_text(frame.data)

    async def _handle_text(self, text: str) -> None:
        try:
            message = decode_client(text, self._gateway.counters.ignored)
        except ProtocolViolation as violation:
            await self.refuse("invalid", str(violation)[:_MAX_DETAIL_LENGTH])
            return
        match message:
            case Subscribe():
                self.subscriber.subscribe(message.orders)
                await self.subscriber.wait_for_refusals()
            case Unsubscribe():
                self.subscriber.unsubscribe(message.orders)
            case Authenticate():
                self._reauthenticate(message.token)

    def _reauthenticate(self, token: str) -> None:
        """Replace the grant by that of a fresh token for the same subject (PROTOCOL §4)."""
        try:
            grant = self._gateway.access.authorize(token)
            if grant.rights.subject != self._grant.rights.subject:
                raise AuthRejected("the token is for another subject")
        except AccessDenied as denied:
            self._faulty_sink.write(Encoded(Authenticated(error=denied.code)))
            return
        self._grant = grant
        self._faulty_sink.write(Encoded(Authenticated(grant.expires_at)))
        self.subscriber.restrict(grant.rights.covers)

    def _is_flooding(self) -> bool:
        now = self._clock.time()
        full = len(self._frame_times) == FRAMES_PER_SECOND and now - self._frame_times[0] < 1.0
        self._frame_times.append(now)
        return full

    async def _keep_alive(self, now: float, due: float) -> None:
        if now - self._last_frame_at > MISSED_HEARTBEATS * self._gateway.heartbeat_seconds:
            self._gateway.counters.evictions += 1
            self._sink.reset()
        else:
            await super()._keep_alive(now, due)

    async def _send_heartbeat(self) -> None:
        await super()._send_heartbeat()
        if self._finished is None and self._sink.buffered <= HIGH_WATER:
            self._sink.write_bytes(frames.PING_FRAME)

    async def _close(self, code: int, reason: str) -> None:
        await self._socket.close(code=code, message=frames.close_reason(reason), drain=False)

    def _unfreeze(self) -> None:
        self._last_frame_at = self._clock.time()
        super()._unfreeze()


_LIBRARY_CLOSE_PROBLEMS = {
    1002: Problem("invalid", "a frame violates RFC 6455"),
    1007: Problem("invalid", "a text frame is not UTF-8"),
    1009: Problem("too_large", f"a frame holds at most {MAX_CLIENT_FRAME} bytes"),
}
