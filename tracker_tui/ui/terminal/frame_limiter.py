"""A limit for repaints: soon after a change, but only a small share of the time."""

from __future__ import annotations

MIN_INTERVAL = 0.05
"""Least seconds from the start of one repaint to the next; more often would be invisible."""

IDLE_FACTOR = 16
"""Seconds from the start of a repaint to the next, per second that it took: 15/16 of the time stay free."""

MAX_INTERVAL = 0.2
"""Longest wait for a due repaint, even if repaints are slow; a longer one would look jerky."""


class FrameLimiter:
    """Decides when to repaint next; times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._began, self._took = float("-inf"), 0.0

    def record(self, began: float, ended: float) -> None:
        """Record the begin and the end of a repaint."""
        self._began, self._took = began, ended - began

    def seconds_to_next(self, now: float) -> float:
        """Return the seconds to wait before the next repaint; 0 if it may start at once."""
        interval = min(MAX_INTERVAL, max(MIN_INTERVAL, IDLE_FACTOR * self._took))
        return max(0.0, self._began + interval - now)
