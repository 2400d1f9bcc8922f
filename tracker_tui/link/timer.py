"""A timer of the event loop that keeps the earliest due time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Timer:
    """Calls a function once it is due.

    Args:
        fire: Called when the timer is due; it sets the timer again.
    """

    def __init__(self, fire: Callable[[], None]) -> None:
        self._fire = fire
        self._handle: asyncio.TimerHandle | None = None
        self._due = float("inf")

    def set(self, due: float) -> None:
        """Fire at `due`, in seconds on the loop's clock, unless the timer fires earlier anyway."""
        if self._handle is not None:
            if not self._handle.cancelled() and self._due <= due:
                return
            self._handle.cancel()
        self._due = due
        self._handle = asyncio.get_running_loop().call_at(due, self._run)

    def cancel(self) -> None:
        """Don't fire."""
        if self._handle is not None:
            self._handle.cancel()

    def _run(self) -> None:
        self._handle = None
        self._fire()
