"""How often the feed's changes are painted."""

from __future__ import annotations

import pytest

from tracker_tui.ui.terminal.frame_limiter import IDLE_FACTOR, MAX_INTERVAL, MIN_INTERVAL, FrameLimiter


def test_the_first_repaint_waits_for_nothing() -> None:
    assert FrameLimiter().seconds_to_next(0.0) == 0


def test_a_quick_repaint_is_followed_by_the_next_a_frame_later() -> None:
    pace = FrameLimiter()
    pace.record(10.0, 10.001)
    assert pace.seconds_to_next(10.001) == pytest.approx(MIN_INTERVAL - 0.001)
    assert pace.seconds_to_next(10.0 + MIN_INTERVAL) == 0


def test_a_slow_repaint_leaves_most_of_the_time_to_everything_else() -> None:
    pace = FrameLimiter()
    pace.record(10.0, 10.01)
    assert pace.seconds_to_next(10.01) == pytest.approx(0.01 * (IDLE_FACTOR - 1))


def test_however_slow_a_repaint_is_the_next_one_comes_before_it_seems_to_stutter() -> None:
    pace = FrameLimiter()
    pace.record(10.0, 12.0)
    assert pace.seconds_to_next(10.0 + MAX_INTERVAL / 2) == pytest.approx(MAX_INTERVAL / 2)
    assert pace.seconds_to_next(12.0) == 0
