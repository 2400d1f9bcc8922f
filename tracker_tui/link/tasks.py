"""Background tasks of a feed: every task is awaited at the end, and a failure is reported at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any


class Tasks:
    """Starts and ends tasks.

    Args:
        failed: Called with the exception of a failed task; a cancelled task has not failed.
    """

    def __init__(self, failed: Callable[[BaseException], None]) -> None:
        self._failed = failed
        self._running: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, object], name: str = "effect") -> asyncio.Task[Any]:
        """Run `work` in a task."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    async def end(self, patience: float) -> None:
        """Wait for all running tasks, and cancel those that take longer than `patience` seconds."""
        running = tuple(self._running)
        if running:
            await asyncio.wait(running, timeout=patience)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        with suppress(asyncio.CancelledError):
            if (failure := task.exception()) is not None:
                self._failed(failure)
