"""Noticing that the machine or the process slept: the wall clock ran on while the loop's clock stood still."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

TICK = 2.0
"""Seconds between two looks at the clocks."""

JUMP = 5.0
"""Seconds by which the wall clock must be ahead of the loop's clock to count as a sleep."""


@dataclass(frozen=True, slots=True)
class ClockReading:
    """One look at both clocks."""

    time: float
    wall: datetime


def slept(before: ClockReading, now: ClockReading) -> bool:
    """Whether something stood still between two looks.

    The clock of a stopped process runs on while it does not: a look that comes more than `JUMP` after it was due counts
    as well.
    """
    elapsed = now.time - before.time
    ahead = (now.wall - before.wall).total_seconds() - elapsed
    return ahead > JUMP or elapsed > TICK + JUMP
