"""Groups of rows: titles ordered by the worst order, which shows also when a group is collapsed."""

from __future__ import annotations

from typing import Any

from tests.support.orders import at, milestone, order, snapshot
from tests.ui.board_fixtures import NOW, board_snapshots, eta_to_the_minute
from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.order import Courier
from tracker_tui.domain.view import OrderView, lift
from tracker_tui.link.changes import Standing
from tracker_tui.ui.board.arrangement import Arrangement
from tracker_tui.ui.board.group_title import group_title_parts
from tracker_tui.ui.board.groups import GroupTitle
from tracker_tui.ui.model.board_view import BoardView, Grouping, Sort
from tracker_tui.ui.model.scene import TrackedOrder
from tracker_tui.wording.filter import Filter


def ride(order_id: str, courier: str | None, promised: float, **more: Any) -> Snapshot:
    """Return an order of a courier, promised at `promised` seconds and expected five minutes from now."""
    more.setdefault("eta", eta_to_the_minute(NOW + 300, NOW + 300))
    return snapshot(
        3,
        "preparing",
        order_id=order_id,
        facts=order(order_id, promised_at=at(promised)),
        courier=Courier(courier) if courier else None,
        history=(milestone(3, "preparing", occurred_at=at(NOW)),),
        updated_at=at(NOW),
        **more,
    )


RIDES = [
    ride("A1", "Ana", 5000),
    ride("A2", "Jonas", NOW + 60),
    ride("A3", "Jonas", 5000),
    ride("A4", "Ravi", NOW + 180),
    ride("A5", None, 5000),
]


def tracked(snapshots: list[Snapshot]) -> list[TrackedOrder]:
    return [TrackedOrder(lift(each), Standing.IN_SYNC, None) for each in snapshots]


def lines(arrangement: Arrangement) -> list[str]:
    """Return the names of titles and the ids of orders, as listed."""
    return [f"{line.name}:" if isinstance(line, GroupTitle) else line.order_id for line in arrangement.lines]


def titles(arrangement: Arrangement) -> list[GroupTitle]:
    return [line for line in arrangement.lines if isinstance(line, GroupTitle)]


def by_courier() -> Arrangement:
    arrangement = Arrangement(BoardView(grouping=Grouping.COURIER))
    arrangement.arrange(tracked(RIDES), at(NOW))
    return arrangement


def test_groups_are_ordered_by_their_worst_order_and_hold_their_rows_sorted() -> None:
    arrangement = by_courier()
    assert lines(arrangement) == ["Jonas:", "A2", "A3", "Ravi:", "A4", "Ana:", "A1", "No courier:", "A5"]
    assert [title.worst.order_id for title in titles(arrangement)] == ["A2", "A4", "A1", "A5"]
    assert [row.order_id for row in arrangement.rows] == ["A2", "A3", "A4", "A1", "A5"]


def test_a_sort_key_orders_the_rows_of_a_group_and_not_the_groups() -> None:
    arrangement = by_courier()
    arrangement.toggle_sort(Sort.ID)
    arrangement.toggle_sort(Sort.ID)
    arrangement.arrange(tracked(RIDES), at(NOW))
    assert lines(arrangement) == ["Jonas:", "A3", "A2", "Ravi:", "A4", "Ana:", "A1", "No courier:", "A5"]


def test_a_collapsed_group_hides_its_rows_and_shows_its_worst_order_and_its_counts() -> None:
    arrangement = by_courier()
    arrangement.toggle_group(titles(arrangement)[0])
    arrangement.arrange(tracked(RIDES), at(NOW))
    assert lines(arrangement) == ["Jonas:", "Ravi:", "A4", "Ana:", "A1", "No courier:", "A5"]
    text = "".join(part for part, _ in group_title_parts(titles(arrangement)[0], at(NOW)))
    assert text == "▹ Jonas  2 orders  ▲ 1 late  worst A2 late 4m"
    arrangement.toggle_group(titles(arrangement)[0])
    arrangement.arrange(tracked(RIDES), at(NOW))
    assert "A2" in lines(arrangement)
    text = "".join(part for part, _ in group_title_parts(titles(arrangement)[-1], at(NOW)))
    assert text == "▾ No courier  1 order"


def test_all_groups_collapse_at_once_also_later_ones_and_expand_again() -> None:
    arrangement = by_courier()
    arrangement.toggle_all_groups()
    arrangement.arrange(tracked([*RIDES, ride("A6", "Zoe", 5000)]), at(NOW))
    assert lines(arrangement) == ["Jonas:", "Ravi:", "Ana:", "No courier:", "Zoe:"]
    arrangement.toggle_group(titles(arrangement)[1])
    arrangement.arrange(tracked(RIDES), at(NOW))
    assert lines(arrangement) == ["Jonas:", "Ravi:", "A4", "Ana:", "No courier:"]
    arrangement.toggle_all_groups()
    arrangement.arrange(tracked(RIDES), at(NOW))
    assert lines(arrangement) == ["Jonas:", "Ravi:", "Ana:", "No courier:"]
    arrangement.toggle_all_groups()
    arrangement.arrange(tracked(RIDES), at(NOW))
    assert len(lines(arrangement)) == 9


def test_a_filter_hides_groups_without_a_match_and_counts_what_is_shown() -> None:
    arrangement = by_courier()
    arrangement.filter = Filter.parse("late")
    arrangement.arrange(tracked(RIDES), at(NOW))
    assert lines(arrangement) == ["Jonas:", "A2", "Ravi:", "A4"]
    assert [title.counts.total for title in titles(arrangement)] == [1, 1]


def test_a_group_moves_at_once_when_the_class_of_its_worst_order_changes_and_else_calmly() -> None:
    arrangement = by_courier()
    later = [*RIDES[:3], ride("A4", "Ravi", NOW + 180, eta=eta_to_the_minute(NOW + 900, NOW + 900)), *RIDES[4:]]
    arrangement.arrange(tracked(later), at(NOW + 1))
    assert lines(arrangement)[:2] == ["Jonas:", "A2"]
    arrangement.arrange(tracked(later), at(NOW + 10))
    assert lines(arrangement)[:2] == ["Ravi:", "A4"]
    worse = [*RIDES[:4], ride("A5", None, 5000, flags=("held",))]
    arrangement.arrange(tracked(worse), at(NOW + 11))
    assert lines(arrangement)[-4:] == ["No courier:", "A5", "Ana:", "A1"]


def test_a_snoozed_order_does_not_keep_its_group_at_the_top() -> None:
    arrangement = by_courier()
    arrangement.toggle_snooze("A2", at(NOW))
    arrangement.arrange(tracked(RIDES), at(NOW))
    assert lines(arrangement)[:3] == ["Ravi:", "A4", "Jonas:"]


def test_stages_group_every_order_even_one_of_which_nothing_is_known() -> None:
    arrangement = Arrangement(BoardView(grouping=Grouping.STAGE))
    unknown = TrackedOrder(OrderView("X9"), Standing.WAITING, None)
    arrangement.arrange([*tracked(board_snapshots()), unknown], at(NOW))
    assert [title.name for title in titles(arrangement)] == [
        "Picked up",
        "Attempt failed",
        "Arriving",
        "Preparing",
        "In transit",
        "No data yet",
        "Delivered",
        "Cancelled",
    ]
    (failed,) = (title for title in titles(arrangement) if title.name == "Attempt failed")
    text = "".join(part for part, _ in group_title_parts(failed, at(NOW)))
    assert text == "▾ Attempt failed  1 order  ! 1 action  worst P2002 attempt failed"


def test_the_title_above_a_line_is_that_of_its_group() -> None:
    arrangement = by_courier()
    (row,) = (row for row in arrangement.rows if row.order_id == "A3")
    title = arrangement.title_above(row)
    assert title is not None
    assert title.name == "Jonas"
    assert arrangement.title_above(title) is title
    arrangement.group_by(Grouping.NONE)
    arrangement.arrange(tracked(RIDES), at(NOW))
    assert arrangement.title_above(row) is None
