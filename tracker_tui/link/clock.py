"""The two clocks: one that only goes forward, for waiting, and the wall's, for people."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What everything that waits or tells the time is given."""

    def time(self) -> float:
        """Seconds on the event loop's monotonic clock."""

    def wall(self) -> datetime:
        """The time of day, aware, in UTC."""


class SystemClock:
    """The running event loop's clock and the machine's."""

    def time(self) -> float:
        """Seconds on the event loop's monotonic clock."""
        return asyncio.get_running_loop().time()

    def wall(self) -> datetime:
        """The time of day, aware, in UTC."""
        return datetime.now(UTC)
