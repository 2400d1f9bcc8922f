"""The calm order of rows: at once when a class changes, else every 10 s, and never while the user aims."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker_tui.ui.board.calm_order import QUIET_FOR, SORT_EVERY, CalmOrder, SortPace

KEYS = st.sampled_from("ABCDEFGH")

STEPS = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([0.5, 1.5, 2.0, 9.0])),
    st.tuples(st.just("touch"), st.none()),
    st.tuples(st.just("put"), st.tuples(KEYS, st.integers(0, 3), st.integers(0, 5))),
    st.tuples(st.just("remove"), KEYS),
)


@dataclass
class Board:
    """Rows with a class and a severity each, and their calm order."""

    rows: dict[str, tuple[int, int]] = field(default_factory=dict)
    order: CalmOrder = field(default_factory=CalmOrder)
    pace: SortPace = field(default_factory=SortPace)

    def ranked(self) -> list[str]:
        """Return the keys sorted by class, severity and key."""
        return sorted(self.rows, key=lambda key: (*self.rows[key], key))

    def paint(self, time: float) -> bool:
        """Update the order, and return whether all rows were sorted."""
        is_due = self.pace.is_due(time)
        classes = {key: each for key, (each, _) in self.rows.items()}
        self.order = self.order.follow(classes, self.ranked, is_due=is_due)
        if is_due:
            self.pace = self.pace.sorted(time)
        return is_due


@given(st.lists(STEPS, max_size=30))
def test_rows_move_when_their_class_changes_and_else_only_when_a_sort_is_due(steps: list[tuple[str, object]]) -> None:
    board, time = Board(), 0.0
    sorted_at, touched_at = 0.0, -QUIET_FOR
    board.paint(time)
    for step in steps:
        before, classes = board.order.keys, dict(board.order.classes)
        match step:
            case ("wait", float(seconds)):
                time += seconds
            case ("touch", _):
                board.pace, touched_at = board.pace.touched(time), time
            case ("put", (str(key), int(attention), int(severity))):
                board.rows[key] = attention, severity
            case ("remove", str(key)):
                board.rows.pop(key, None)
        is_sorted = board.paint(time)
        after = board.order.keys
        assert sorted(after) == sorted(board.rows)
        # Classes are in order at every moment.
        assert [board.rows[key][0] for key in after] == sorted(each for each, _ in board.rows.values())
        same = [key for key in before if key in board.rows and classes[key] == board.rows[key][0]]
        if is_sorted:
            assert time - sorted_at >= SORT_EVERY
            assert time - touched_at >= QUIET_FOR
            assert list(after) == board.ranked()
            sorted_at = time
        else:
            assert [key for key in after if key in same] == same
            # A sort is never put off for longer than it must be.
            assert time - sorted_at < SORT_EVERY or time - touched_at < QUIET_FOR


def test_a_row_whose_class_changes_gets_its_sorted_place_among_rows_that_stay() -> None:
    board = Board({"A": (1, 1), "B": (1, 2), "C": (1, 3), "D": (2, 0)})
    board.paint(0)
    # C became worse than A and B, which is not shown yet; D joins their class between A and B.
    board.rows |= {"C": (1, 0), "D": (1, 1)}
    board.paint(1)
    assert board.order.keys == ("A", "D", "B", "C")
    board.paint(9.9)
    assert board.order.keys == ("A", "D", "B", "C")
    board.paint(10)
    assert board.order.keys == ("C", "A", "D", "B")


def test_a_user_at_work_is_not_disturbed_and_a_sort_that_the_user_asks_for_is_immediate() -> None:
    board = Board({"A": (1, 1), "B": (1, 2)})
    board.paint(0)
    board.rows["B"] = (1, 0)
    for time in (9.0, 10.0, 11.5, 13.0, 14.5):
        board.pace = board.pace.touched(time)
        board.paint(time + 1)
        assert board.order.keys == ("A", "B")
    board.pace = board.pace.sort_now()
    board.paint(15.5)
    assert board.order.keys == ("B", "A")


def test_an_unchanged_board_keeps_its_order_without_sorting() -> None:
    board = Board({"A": (1, 1), "B": (1, 2)})
    board.paint(0)
    before = board.order
    assert before.follow(dict(before.classes), pytest.fail) is before
    assert before.follow({"A": 1}, pytest.fail).keys == ("A",)


def test_rows_are_sorted_at_once_when_a_replay_goes_back_and_every_10_s_from_then_on() -> None:
    board = Board({"A": (1, 1), "B": (1, 2)})
    board.paint(100)
    board.pace = board.pace.touched(100)
    board.rows["B"] = (1, 0)
    assert board.paint(40)
    assert board.order.keys == ("B", "A")
    assert not board.paint(49)
    assert board.paint(50)
