"""The clock as an argument, so that the server also runs in simulated time."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """The source of time for everything that waits or records a time."""

    def now(self) -> datetime:
        """Return the wall-clock time in UTC."""

    def time(self) -> float:
        """Return the seconds of a monotonic clock."""

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""


class SystemClock:
    """The system's clock and the event loop's timers."""

    def now(self) -> datetime:
        """Return the wall-clock time in UTC."""
        return datetime.now(UTC)

    def time(self) -> float:
        """Return the seconds of the system's monotonic clock."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` on the running event loop."""
        await asyncio.sleep(seconds)


def unix_milliseconds(moment: datetime) -> int:
    """Return `moment` as whole milliseconds since 1970, the unit of an epoch (PROTOCOL §2)."""
    return int(moment.timestamp() * 1000)
