"""Detection of a sleep from the two clocks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.orders import START
from tracker_tui.link.wake import ClockReading, slept


def looks(loop: float, wall: float) -> tuple[ClockReading, ClockReading]:
    """Return two clock readings, between which the clocks advanced by `loop` and `wall` seconds."""
    return ClockReading(100, START), ClockReading(100 + loop, START + timedelta(seconds=wall))


@pytest.mark.parametrize(
    ("loop", "wall", "asleep"),
    [
        (2, 2, False),
        (2, 7, False),
        (2, 7.1, True),
        (2, 8 * 3600, True),
        (0, 5.1, True),
        (2, -3600, False),
        (7, 7, False),
        (7.1, 7.1, True),
        (600, 600, True),
    ],
    ids=[
        "nothing happened",
        "the wall's clock is five seconds ahead",
        "it is further ahead than that",
        "a night",
        "before the next look was due",
        "the wall's clock was set back",
        "a look that comes late",
        "a look that comes so late that the process must have been stopped",
        "SIGSTOP for ten minutes",
    ],
)
def test_a_sleep_is_a_jump_of_a_clock_by_more_than_five_seconds(loop: float, wall: float, asleep: bool) -> None:
    assert slept(*looks(loop, wall)) is asleep
