"""Time as an argument, so that the gateway also runs where time is simulated."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What everything that waits or writes a time asks."""

    def now(self) -> datetime:
        """The wall clock, in UTC."""

    def time(self) -> float:
        """Seconds that only move forward, from an unknown start."""

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""


class SystemClock:
    """The machine's clock and the event loop's timers."""

    def now(self) -> datetime:
        """The wall clock, in UTC."""
        return datetime.now(UTC)

    def time(self) -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` on the running loop."""
        await asyncio.sleep(seconds)


def unix_milliseconds(moment: datetime) -> int:
    """Write `moment` as whole milliseconds since 1970, the unit of an epoch (PROTOCOL §2)."""
    return int(moment.timestamp() * 1000)
