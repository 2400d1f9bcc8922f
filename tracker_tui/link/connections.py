"""The streams that are open or being opened, by number: at most two of them live, the others are going."""

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
from tracker_tui.link.unexpected import contained
from tracker_tui.wire.messages import ClientMessage

BURST = 64
"""Messages after which a full stream lets everything else have a turn (DESIGN §2, flood)."""

Spawn = Callable[[Coroutine[Any, Any, None], str], asyncio.Task[None]]


@dataclass(slots=True, eq=False)
class _Line:
    transport: Transport
    since: float
    task: asyncio.Task[None] | None = None
    connection: Connection | None = None


class Connections:
    """Opens, reads and closes streams.

    Args:
        transports: By name.
        clock: The loop's time.
        counters: Where what had to be ignored is counted.
        spawn: Makes a task whose failure is noticed.
        told: Called with each message and the number of its stream.
        ended: Called with what ended a stream, unless we did.
    """

    def __init__(
        self,
        transports: Mapping[str, Transport],
        clock: Clock,
        counters: Counters,
        *,
        spawn: Spawn,
        told: Callable[[int, ReceivedMessage], None],
        ended: Callable[[int, LinkError], None],
    ) -> None:
        self._transports = transports
        self._clock = clock
        self._counters = counters
        self._spawn = spawn
        self._told = told
        self._ended = ended
        self._lines: dict[int, _Line] = {}
        self._heard_last: float | None = None

    def open(self, connection_id: int, transport: str, ask: StreamRequest) -> None:
        """Open a stream and read it to its end."""
        self._counters.openings += 1
        line = self._lines[connection_id] = _Line(self._transports[transport], self._clock.time())
        line.task = self._spawn(self._read(connection_id, line, ask), f"stream {connection_id}")

    def abort(self, connection_id: int) -> None:
        """Drop a stream, opened or not."""
        if (line := self._lines.get(connection_id)) is not None and line.task is not None:
            line.task.cancel()

    async def close(self, connection_id: int) -> None:
        """Close a stream with 1000, or drop it if it hasn't opened."""
        if (connection := self._connection(connection_id)) is None:
            self.abort(connection_id)
        else:
            await self._try(connection_id, connection.close())

    async def send(self, connection_id: int, message: ClientMessage) -> None:
        """Send a message, if the stream is open."""
        if (connection := self._connection(connection_id)) is not None:
            await self._try(connection_id, connection.send(message))

    async def ping(self, connection_id: int) -> bool:
        """Ask a stream for a sign of life and wait for it; False if there is no such stream."""
        if (connection := self._connection(connection_id)) is None:
            return False
        return await self._try(connection_id, connection.ping())

    def duplex(self, connection_id: int) -> bool:
        """Whether we can speak on a stream."""
        return connection_id in self._lines and self._lines[connection_id].transport.duplex

    @property
    def spoken(self) -> list[int]:
        """The numbers of the open streams on which we can speak."""
        return [
            connection_id
            for connection_id, line in self._lines.items()
            if line.connection is not None and line.transport.duplex
        ]

    def resubscribes(self, connection_id: int) -> bool:
        """Whether a stream takes subscriptions of what was subscribed before."""
        return connection_id in self._lines and self._lines[connection_id].transport.resubscribes

    def heard(self, connection_id: int) -> float:
        """When the last byte of a stream arrived; not before we began to listen."""
        if (line := self._lines.get(connection_id)) is None:
            return 0.0
        return line.since if line.connection is None else max(line.since, line.connection.heard_at)

    def heard_at(self, connection_id: int) -> float | None:
        """When the last byte of a stream arrived, or of the one before it; None before the first."""
        connection = self._connection(connection_id)
        return connection.heard_at if connection is not None else self._heard_last

    def rtt(self, connection_id: int) -> float | None:
        """Seconds that the last ping of a stream took; None where none was answered."""
        connection = self._connection(connection_id)
        return connection.rtt if connection is not None else None

    def reset_silence(self) -> None:
        """Nobody listened for a while: silence counts from now."""
        for line in self._lines.values():
            line.since = self._clock.time()

    def abort_all(self) -> None:
        """Drop what is still open."""
        for line in self._lines.values():
            if line.connection is not None:
                self._drop(line.connection)

    def _connection(self, connection_id: int) -> Connection | None:
        line = self._lines.get(connection_id)
        return None if line is None else line.connection

    async def _read(self, connection_id: int, line: _Line, ask: StreamRequest) -> None:
        try:
            with contained(self._counters):
                line.connection = connection = await line.transport.connect(ask)
            taken = 0
            try:
                async for told in self._messages(connection):
                    self._told(connection_id, told)
                    taken += 1
                    if taken % BURST == 0:
                        await asyncio.sleep(0)
            finally:
                self._heard_last = connection.heard_at
                self._counters.violations += connection.violations
                self._counters.ignored += connection.tally.unknown_types + connection.tally.unknown_fields
                self._drop(connection)
        except LinkError as error:
            # From here on the stream is history, and whoever is told may open another one.
            line.connection = None
            self._ended(connection_id, error)
        finally:
            del self._lines[connection_id]

    def _drop(self, connection: Connection) -> None:
        with suppress(LinkError), contained(self._counters):
            connection.abort()

    async def _messages(self, connection: Connection) -> AsyncIterator[ReceivedMessage]:
        with contained(self._counters):
            async for told in connection.messages():
                yield told

    async def _try(self, connection_id: int, work: Awaitable[None]) -> bool:
        """Do something with a stream; if that raises an exception, the stream is lost and the answer False."""
        try:
            with contained(self._counters):
                await work
        except LinkError as error:
            self.abort(connection_id)
            self._ended(connection_id, error)
            return False
        return True
