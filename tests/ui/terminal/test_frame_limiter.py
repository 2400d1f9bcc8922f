"""The pauses between repaints."""

from __future__ import annotations

import pytest

from tracker_tui.ui.terminal.frame_limiter import IDLE_FACTOR, MAX_INTERVAL, MIN_INTERVAL, FrameLimiter


def test_the_first_repaint_is_immediate() -> None:
    assert FrameLimiter().seconds_to_next(0.0) == 0


def test_repaints_are_at_least_an_interval_apart() -> None:
    pace = FrameLimiter()
    pace.record(10.0, 10.001)
    assert pace.seconds_to_next(10.001) == pytest.approx(MIN_INTERVAL - 0.001)
    assert pace.seconds_to_next(10.0 + MIN_INTERVAL) == 0


def test_a_slow_repaint_is_followed_by_a_longer_pause() -> None:
    pace = FrameLimiter()
    pace.record(10.0, 10.01)
    assert pace.seconds_to_next(10.01) == pytest.approx(0.01 * (IDLE_FACTOR - 1))


def test_the_pause_after_a_repaint_has_a_maximum() -> None:
    pace = FrameLimiter()
    pace.record(10.0, 12.0)
    assert pace.seconds_to_next(10.0 + MAX_INTERVAL / 2) == pytest.approx(MAX_INTERVAL / 2)
    assert pace.seconds_to_next(12.0) == 0
