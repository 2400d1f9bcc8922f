"""Numbers as bars."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tracker_tui.ui.cells.sparkline import profile, sparkline
from tracker_tui.ui.terminal.charset import transliterate


def test_bars_are_between_the_least_and_the_greatest_value() -> None:
    assert profile([45, 51, 57], 12) == "▁▅█"
    assert profile([57, 45], 12) == "█▁"
    assert profile([5, 5], 12) == "▁▁"
    assert profile([], 12) == profile([1, 2], 0) == ""


def test_the_newest_values_are_shown_where_not_all_fit() -> None:
    assert profile([9, 0, 7], 2) == "▁█"
    assert sparkline((1, 4, 8), 2, 8) == "▄█"
    assert sparkline((0, 8), 4, 8) == "   █"


def test_one_event_among_many_is_visible() -> None:
    assert sparkline((1, 0), 2, 1000) == "▁ "


def test_a_terminal_without_unicode_gets_a_different_sign_for_each_bar() -> None:
    bars = transliterate("▁▂▃▄▅▆▇█", "ascii")
    assert bars.isascii()
    assert len(set(bars)) == 8


@given(st.lists(st.floats(-1e9, 1e9), max_size=30), st.integers(0, 20))
def test_a_profile_is_never_wider_than_its_room(values: list[float], width: int) -> None:
    assert len(profile(values, width)) == min(len(values), width)
