"""One stream, from hello to its end, independent of its encoding (PROTOCOL §4, §7)."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress

from mock_server.encoding.problems import CLOSE_CODES
from mock_server.faults.connections import AcceptThenClose, SlowHello
from mock_server.gateway.access import Grant
from mock_server.gateway.gateway import Gateway
from mock_server.orders.encoded import Encoded
from mock_server.orders.subscriber import HIGH_WATER, Subscriber
from mock_server.streams.faulty_sink import FaultySink
from mock_server.streams.transport_sink import TransportSink
from tracker_tui.domain.cursor import Cursor
from tracker_tui.wire.messages import Goodbye, Heartbeat, Hello, Message, Problem

TOO_SLOW_SECONDS = 30.0
"""Seconds for which a client may be behind before the stream is closed."""

CLOSE_SECONDS = 1.0
"""Seconds that a close may take before the connection is reset (PROTOCOL §4, goodbye)."""

MAX_QUERY_ORDERS = 50
"""Orders in the query of a stream (PROTOCOL §5)."""


class OpenStream(ABC):
    """A stream to one client; a subclass for each encoding serves and closes it.

    Args:
        gateway: The server's state.
        sink: The destination of the encoded messages.
        grant: The client's grant.

    Attributes:
        slot: The number of the stream; the lowest free number.
        subscriber: The orders that it watches.
    """

    def __init__(self, gateway: Gateway, sink: TransportSink, grant: Grant) -> None:
        self._gateway = gateway
        self._clock = gateway.clock
        self.slot = gateway.free_slot()
        self._sink = sink
        self._faulty_sink = FaultySink(sink, gateway.plan, gateway.clock, self.slot)
        self._grant = grant
        self.subscriber = Subscriber(
            gateway.view, self._faulty_sink, gateway.clock, gateway.counters, covers=grant.rights.covers
        )
        self._next_heartbeat: float | None = None
        self._ended = asyncio.Event()
        self._finished: asyncio.Event | None = None
        self._unfreeze_tasks: set[asyncio.Task[None]] = set()

    async def run(self, orders: Mapping[str, Cursor | None]) -> None:
        """Serve until either side ends the stream.

        Args:
            orders: The orders to subscribe to after hello, up to `MAX_QUERY_ORDERS`.
        """
        gateway = self._gateway
        gateway.streams[self] = None
        remove_heal_listener = gateway.plan.on_heal(self._heal)
        try:
            if gateway.draining:
                await self.say_goodbye()
                return
            if await self._send_hello():
                self.subscriber.subscribe(orders, limit=MAX_QUERY_ORDERS)
                await self._serve()
        finally:
            remove_heal_listener()
            gateway.streams.pop(self, None)
            await self._stop_sending()
            if self._finished is not None:
                await self._finished.wait()

    async def tick(self, now: float) -> None:
        """Do what is due: send a heartbeat, or close a stream that is stalled, too slow or out of time."""
        if self._sink.is_closed:
            self._ended.set()
            self._faulty_sink.unfreeze()
        if self._sink.is_closed or self._finished is not None or self._faulty_sink.frozen:
            return
        if self._sink.is_stalled():
            self._gateway.spawn(self._evict("nothing drained for 3 s", patience=0.25))
        elif self.subscriber.seconds_behind > TOO_SLOW_SECONDS:
            self._gateway.spawn(self._evict("behind for 30 s", patience=CLOSE_SECONDS))
        elif self._grant.is_over(self._clock.now()):
            self._gateway.spawn(self.refuse("token_expired", "the token has expired; reconnect with a fresh one"))
        elif self._next_heartbeat is not None:
            await self._keep_alive(now, self._next_heartbeat)

    def abort(self) -> None:
        """Close the connection without a close frame."""
        self._sink.abort()

    def freeze(self, seconds: float) -> None:
        """Send nothing and answer nothing for `seconds`, with the socket open."""
        self._faulty_sink.freeze()
        task = asyncio.create_task(self._unfreeze_after(seconds))
        self._unfreeze_tasks.add(task)
        task.add_done_callback(self._unfreeze_tasks.discard)

    async def say_goodbye(self) -> None:
        """Send `goodbye` and close (PROTOCOL §4)."""
        goodbye = None if self._faulty_sink.frozen else Goodbye("the server restarts", 1.0)
        await self.finish(CLOSE_CODES["restarting"], "restarting", last=goodbye)

    async def close(self, code: int, reason: str = "") -> None:
        """Close with a close code, or with its equivalent."""
        await self.finish(code, reason)

    async def refuse(self, code: str, detail: str, *, retry_after: float | None = None) -> None:
        """Send a problem that concerns the whole stream, then close with its code."""
        await self.finish(CLOSE_CODES[code], code, last=Problem(code, detail, None, retry_after))

    async def finish(
        self, code: int, reason: str = "", *, last: Message | None = None, patience: float = CLOSE_SECONDS
    ) -> None:
        """Stop sending, send `last`, and close; reset the connection after `patience` seconds."""
        if self._finished is not None:
            return
        self._finished = asyncio.Event()
        try:
            await self._stop_sending()
            if last is not None:
                self._sink.write(Encoded(last))
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._close(code, reason)
            if self._sink.buffered or not self._sink.is_closed:
                self._sink.reset()
        finally:
            self._finished.set()
            self._ended.set()

    @abstractmethod
    async def _serve(self) -> None:
        """Serve the stream between the first subscriptions and the end."""

    @abstractmethod
    async def _close(self, code: int, reason: str) -> None:
        """Close the connection in an orderly way; the caller limits the time."""

    async def _keep_alive(self, now: float, due_at: float) -> None:
        """Send the heartbeat if it is due."""
        if now >= due_at:
            self._next_heartbeat = max(due_at + self._gateway.heartbeat_seconds, now)
            await self._send_heartbeat()

    async def _send_heartbeat(self) -> None:
        if self._sink.buffered > HIGH_WATER:
            return
        heads = await self.subscriber.heads()
        if self._finished is None:
            self._faulty_sink.write(Encoded(Heartbeat(self._clock.now(), heads)))

    async def _send_hello(self) -> bool:
        """Send hello, unless a fault closes the stream first; return whether it was sent."""
        plan, fault_log = self._gateway.plan, self._gateway.fault_log
        if (close_fault := plan.first_triggered(AcceptThenClose)) is not None:
            fault_log.write(close_fault.name, "closed", None, f"with {close_fault.code} before hello")
            await self.close(close_fault.code)
            return False
        if (hello_fault := plan.first_triggered(SlowHello)) is not None:
            fault_log.write(hello_fault.name, "delayed", None, f"hello by {hello_fault.seconds:g} s")
            await plan.pause(hello_fault.seconds, unless=self._ended)
        if self._finished is not None:
            return False
        heartbeat, expires_at = self._gateway.heartbeat_seconds, self._grant.expires_at
        self._faulty_sink.write(Encoded(Hello(1, self._clock.now(), expires_at, self._gateway.node, heartbeat)))
        self._next_heartbeat = self._clock.time() + heartbeat
        return True

    async def _evict(self, reason: str, *, patience: float) -> None:
        if self._finished is None:
            self._gateway.counters.evictions += 1
            problem = Problem("slow_consumer", reason)
            await self.finish(CLOSE_CODES[problem.code], problem.code, last=problem, patience=patience)

    async def _unfreeze_after(self, seconds: float) -> None:
        await self._gateway.plan.pause(seconds, unless=self._ended)
        self._unfreeze()

    def _unfreeze(self) -> None:
        self._faulty_sink.unfreeze()

    def _heal(self) -> None:
        self._unfreeze()
        self._faulty_sink.heal()

    async def _stop_sending(self) -> None:
        """Stop every task that sends messages."""
        for task in tuple(self._unfreeze_tasks):
            task.cancel()
        await asyncio.gather(*self._unfreeze_tasks, return_exceptions=True)
        await self.subscriber.close()
        await self._faulty_sink.close()
