"""Detection of a sleep of the machine or the process: the wall clock went on while the loop's clock stood still."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tracker_tui.link.clock import Clock

TICK = 2.0
"""Seconds between two readings of the clocks."""

JUMP = 5.0
"""Seconds by which the wall clock must get ahead of the loop's clock to count as a sleep."""


@dataclass(frozen=True, slots=True)
class ClockReading:
    """One reading of both clocks."""

    time: float
    wall: datetime

    @classmethod
    def of(cls, clock: Clock) -> ClockReading:
        """Return the present reading of a clock."""
        return cls(clock.time(), clock.wall())


def slept(before: ClockReading, now: ClockReading) -> bool:
    """Return whether the machine or the process slept between two readings.

    The loop's clock goes on while a process is stopped: a reading that is more than `JUMP` seconds late counts as well.
    """
    elapsed = now.time - before.time
    ahead = (now.wall - before.wall).total_seconds() - elapsed
    return ahead > JUMP or elapsed > TICK + JUMP
