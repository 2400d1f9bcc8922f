"""What streams over plain HTTP have in common: they can be read and closed, and that is all."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from tracker_tui.link.errors import StreamClosed
from tracker_tui.wire.codec import IgnoredCounts
from tracker_tui.wire.messages import ClientMessage

T = TypeVar("T")


class HttpStream:
    """The part of a `Connection` that says nothing to the server.

    Attributes:
        tally: What had to be ignored.
        violations: How many messages were none of the protocol's, and skipped.
        closed: Whether our side has closed it.
    """

    rtt: float | None = None

    def __init__(self) -> None:
        self.tally = IgnoredCounts()
        self.violations = 0
        self.closed = False
        self._pending: set[asyncio.Task[Any]] = set()

    async def send(self, message: ClientMessage) -> None:
        """Nothing can be sent, and nothing is."""

    async def ping(self) -> None:
        """Nothing can be asked for: back at once."""

    async def close(self) -> None:
        """End the stream."""
        self.abort()

    def abort(self) -> None:
        """End the stream at once: what is under way is cancelled, and `messages` ends."""
        self.closed = True
        for task in self._pending:
            task.cancel()

    def _start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin something that the end of the stream cancels."""
        task = asyncio.get_running_loop().create_task(work)
        self._pending.add(task)
        task.add_done_callback(self._pending.discard)
        return task

    async def _stop(self) -> None:
        """Cancel what is under way and wait for its end."""
        pending = tuple(self._pending)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

    async def _unless_closed(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something; raises `StreamClosed` if our side closes meanwhile, or had closed before."""
        task = self._start(work)
        if self.closed:
            task.cancel()
        try:
            await asyncio.wait({task})
        finally:
            if not task.done():
                await self._stop()
        if self.closed:
            raise closed_by_client()
        return task.result()


def closed_by_client() -> StreamClosed:
    """The end of a stream that our side has closed."""
    return StreamClosed(1000, by_us=True)
