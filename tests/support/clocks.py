"""Clocks that tests set."""

from __future__ import annotations

from datetime import datetime, timedelta

from mock_server.net.clock import SystemClock
from tests.support.orders import START


class SetClock:
    """A clock that shows the time that it was set to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def time(self) -> float:
        """Return the seconds since the start."""
        return self.seconds

    def wall(self) -> datetime:
        """Return the wall time."""
        return START + timedelta(seconds=self.seconds)


class AdvancedClock(SystemClock):
    """The machine's clock, whose wall time tests advance; waits keep their length."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def advance(self, seconds: float) -> None:
        """Advance the wall time."""
        self._ahead += timedelta(seconds=seconds)

    def now(self) -> datetime:
        """Return the wall time."""
        return super().now() + self._ahead
