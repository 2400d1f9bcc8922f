"""The base of streams over plain HTTP, on which the client cannot send."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from tracker_tui.link.errors import StreamClosed
from tracker_tui.wire.codec import IgnoredCounts
from tracker_tui.wire.messages import ClientMessage

T = TypeVar("T")


class HttpStream:
    """A `Connection` without the receiving part.

    Attributes:
        tally: Unknown message types and fields, which were ignored.
        violations: Messages that broke the protocol and were skipped.
        closed: Whether the client has closed it.
    """

    rtt: float | None = None

    def __init__(self) -> None:
        self.tally = IgnoredCounts()
        self.violations = 0
        self.closed = False
        self._pending: set[asyncio.Task[Any]] = set()

    async def send(self, message: ClientMessage) -> None:
        """Do nothing."""

    async def ping(self) -> None:
        """Do nothing."""

    async def close(self) -> None:
        """End the stream."""
        self.abort()

    def abort(self) -> None:
        """End the stream at once: cancel the requests in flight, and end `messages`."""
        self.closed = True
        for task in self._pending:
            task.cancel()

    def _start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Start a task that the end of the stream cancels."""
        task = asyncio.get_running_loop().create_task(work)
        self._pending.add(task)
        task.add_done_callback(self._pending.discard)
        return task

    async def _stop(self) -> None:
        """Cancel the tasks and wait for their end."""
        pending = tuple(self._pending)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

    async def _unless_closed(self, work: Coroutine[Any, Any, T]) -> T:
        """Await `work`; raise `StreamClosed` if the client closes meanwhile, or has closed before."""
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
    """Return the error for the end of a stream that the client closed."""
    return StreamClosed(1000, by_us=True)
