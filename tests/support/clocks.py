"""A clock that only tests move."""

from __future__ import annotations

from datetime import datetime, timedelta

from mock_server.net.clock import SystemClock
from tests.support.orders import START


class SetClock:
    """Shows what it was set to, on both faces."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def time(self) -> float:
        """Seconds since the start."""
        return self.seconds

    def wall(self) -> datetime:
        """The start and those seconds."""
        return START + timedelta(seconds=self.seconds)


class AdvancedClock(SystemClock):
    """A machine's clock whose wall face tests put forward; waits last as long as ever."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def advance(self, seconds: float) -> None:
        """Put the wall clock forward."""
        self._ahead += timedelta(seconds=seconds)

    def now(self) -> datetime:
        """The machine's time and what it was put forward by."""
        return super().now() + self._ahead
