"""How often the feed's changes are painted: soon, and never so often that painting is most of what is done."""

from __future__ import annotations

MIN_INTERVAL = 0.05
"""Seconds between two repaints: more often is not seen."""

IDLE_FACTOR = 16
"""How many times as long as a repaint took nothing is painted after it: a flood leaves most of a slow core, too."""

MAX_INTERVAL = 0.2
"""Seconds after which a repaint comes in any case: what comes less often is seen to stutter."""


class FrameLimiter:
    """When the next repaint may come; times are in seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._began, self._took = float("-inf"), 0.0

    def record(self, began: float, ended: float) -> None:
        """Note a repaint."""
        self._began, self._took = began, ended - began

    def seconds_to_next(self, now: float) -> float:
        """Seconds until the next repaint may come; 0 if it may at once."""
        apart = min(MAX_INTERVAL, max(MIN_INTERVAL, IDLE_FACTOR * self._took))
        return max(0.0, self._began + apart - now)
