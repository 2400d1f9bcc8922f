"""Open streams by number: the active one, a candidate, and streams that are closing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tracker_tui.link.changes import Counters
from tracker_tui.link.clock import Clock
from tracker_tui.link.errors import LinkError
from tracker_tui.link.transports.base import Connection, ReceivedMessage, StreamRequest, Transport
from tracker_tui.link.unexpected import convert_unexpected
from tracker_tui.wire.messages import ClientMessage

BURST = 64
"""Messages after which a busy stream yields to the other tasks of the loop."""

Spawn = Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]]


@dataclass(slots=True, eq=False)
class _Stream:
    """A stream that is open or being opened.

    Attributes:
        since: When the client began to listen, in seconds on the loop's clock.
        violations: Messages that broke the protocol, as far as they are counted.
        ignored: Unknown types and fields, as far as they are counted.
    """

    transport: Transport
    since: float
    task: asyncio.Task[None] | None = None
    connection: Connection | None = None
    violations: int = 0
    ignored: int = 0


class Connections:
    """Opens, reads and closes streams.

    Args:
        transports: The transports by name.
        clock: The loop's time.
        counters: Counters of openings, and of ignored and invalid messages.
        spawn: Starts a task whose failure is reported.
        on_message: Called with a stream's number and each of its messages.
        on_closed: Called with a stream's number and the error that ended it, unless the client closed it.
    """

    def __init__(
        self,
        transports: Mapping[str, Transport],
        clock: Clock,
        counters: Counters,
        *,
        spawn: Spawn,
        on_message: Callable[[int, ReceivedMessage], None],
        on_closed: Callable[[int, LinkError], None],
    ) -> None:
        self._transports = transports
        self._clock = clock
        self._counters = counters
        self._spawn = spawn
        self._on_message = on_message
        self._on_closed = on_closed
        self._streams: dict[int, _Stream] = {}
        self._last_heard_at: float | None = None

    def open(self, connection_id: int, transport: str, request: StreamRequest) -> None:
        """Open a stream and read it to its end, in a task."""
        self._counters.openings += 1
        stream = self._streams[connection_id] = _Stream(self._transports[transport], self._clock.time())
        stream.task = self._spawn(self._read(connection_id, stream, request), f"stream {connection_id}")

    def abort(self, connection_id: int) -> None:
        """Drop a stream, whether it is open or being opened."""
        if (stream := self._streams.get(connection_id)) is not None and stream.task is not None:
            stream.task.cancel()

    async def close(self, connection_id: int) -> None:
        """Close a stream with 1000, or drop it if it isn't open yet."""
        if (connection := self._connection(connection_id)) is None:
            self.abort(connection_id)
        else:
            await self._try(connection_id, connection.close())

    async def send(self, connection_id: int, message: ClientMessage) -> None:
        """Send a message if the stream is open."""
        if (connection := self._connection(connection_id)) is not None:
            await self._try(connection_id, connection.send(message))

    async def ping(self, connection_id: int) -> bool:
        """Ping a stream and wait for the answer; return False if the stream is not open or fails."""
        if (connection := self._connection(connection_id)) is None:
            return False
        return await self._try(connection_id, connection.ping())

    def duplex(self, connection_id: int) -> bool:
        """Return whether the client can send on a stream."""
        return connection_id in self._streams and self._streams[connection_id].transport.duplex

    @property
    def open_duplex(self) -> list[int]:
        """The numbers of the open streams on which the client can send."""
        return [
            connection_id
            for connection_id, stream in self._streams.items()
            if stream.connection is not None and stream.transport.duplex
        ]

    def resubscribes(self, connection_id: int) -> bool:
        """Return whether an order can be subscribed a second time on a stream."""
        return connection_id in self._streams and self._streams[connection_id].transport.resubscribes

    def heard(self, connection_id: int) -> float:
        """Return when the last byte of a stream arrived, or when the client began to listen if that was later."""
        if (stream := self._streams.get(connection_id)) is None:
            return 0.0
        return stream.since if stream.connection is None else max(stream.since, stream.connection.heard_at)

    def heard_at(self, connection_id: int) -> float | None:
        """Return when the last byte of a stream, or of the stream before it, arrived; None before the first byte."""
        connection = self._connection(connection_id)
        return connection.heard_at if connection is not None else self._last_heard_at

    def rtt(self, connection_id: int) -> float | None:
        """Return the round-trip time of the last ping of a stream, in seconds; None without an answer."""
        connection = self._connection(connection_id)
        return connection.rtt if connection is not None else None

    def reset_silence(self) -> None:
        """Measure silence from now on: the process was asleep and did not listen."""
        for stream in self._streams.values():
            stream.since = self._clock.time()

    def abort_all(self) -> None:
        """Drop every stream that is still open."""
        for stream in self._streams.values():
            if stream.connection is not None:
                self._drop(stream.connection)

    def _connection(self, connection_id: int) -> Connection | None:
        stream = self._streams.get(connection_id)
        return None if stream is None else stream.connection

    async def _read(self, connection_id: int, stream: _Stream, request: StreamRequest) -> None:
        try:
            with convert_unexpected(self._counters):
                stream.connection = connection = await stream.transport.connect(request)
            count = 0
            try:
                async for received in self._messages(connection):
                    self._tally(stream, connection)
                    self._on_message(connection_id, received)
                    count += 1
                    if count % BURST == 0:
                        await asyncio.sleep(0)
            finally:
                self._last_heard_at = connection.heard_at
                self._tally(stream, connection)
                self._drop(connection)
        except LinkError as error:
            # The stream is over before the callback runs, because the callback may open another one.
            stream.connection = None
            self._on_closed(connection_id, error)
        finally:
            del self._streams[connection_id]

    def _tally(self, stream: _Stream, connection: Connection) -> None:
        """Count what a connection skipped since the last call."""
        ignored = connection.tally.unknown_types + connection.tally.unknown_fields
        self._counters.violations += connection.violations - stream.violations
        self._counters.ignored += ignored - stream.ignored
        stream.violations, stream.ignored = connection.violations, ignored

    def _drop(self, connection: Connection) -> None:
        with suppress(LinkError), convert_unexpected(self._counters):
            connection.abort()

    async def _messages(self, connection: Connection) -> AsyncIterator[ReceivedMessage]:
        with convert_unexpected(self._counters):
            async for received in connection.messages():
                yield received

    async def _try(self, connection_id: int, work: Awaitable[None]) -> bool:
        """Await `work` on a stream; if it raises, drop the stream and return False."""
        try:
            with convert_unexpected(self._counters):
                await work
        except LinkError as error:
            self.abort(connection_id)
            self._on_closed(connection_id, error)
            return False
        return True
