"""A clock that only tests move."""

from __future__ import annotations

from datetime import datetime, timedelta

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
