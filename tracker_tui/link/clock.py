"""The two clocks: a monotonic one for waiting, and the wall clock for people."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Source of time for everything that waits or shows a time."""

    def time(self) -> float:
        """Return the seconds on the event loop's monotonic clock."""

    def wall(self) -> datetime:
        """Return the time of day, timezone-aware, in UTC."""


class SystemClock:
    """The running event loop's clock and the machine's wall clock."""

    def time(self) -> float:
        """Return the seconds on the event loop's monotonic clock."""
        return asyncio.get_running_loop().time()

    def wall(self) -> datetime:
        """Return the time of day, timezone-aware, in UTC."""
        return datetime.now(UTC)
