"""The board's rows: their order, their counts, and the reuse of unchanged rows."""

from __future__ import annotations

from typing import Any

from tests.support.orders import at, event, order, snapshot
from tests.ui.board_fixtures import MEAL_STATUSES, NOW, board_snapshots, eta_to_the_minute, order_snapshot
from tracker_tui.domain.view import OrderView, lift
from tracker_tui.link.changes import Standing
from tracker_tui.ui.board.arrangement import Arrangement
from tracker_tui.ui.board.counts import BoardCounts
from tracker_tui.ui.model.board_view import BoardView, Grouping, Sort
from tracker_tui.ui.model.scene import TrackedOrder
from tracker_tui.wording.filter import Filter


def row(view: OrderView) -> TrackedOrder:
    return TrackedOrder(view, Standing.IN_SYNC, None)


def rows() -> list[TrackedOrder]:
    return [*(row(lift(each)) for each in board_snapshots()), row(OrderView("X9"))]


def ids(arrangement: Arrangement) -> list[str]:
    return [entry.order_id for entry in arrangement.rows]


def test_the_counts_include_filtered_orders() -> None:
    arrangement = Arrangement(BoardView(filter=Filter.parse("late")))
    arrangement.toggle_mark("A1001")
    arrangement.arrange(rows(), at(NOW))
    assert arrangement.counts == BoardCounts(
        late=1, needs_action=1, at_risk=1, stuck=1, done=2, marked=1, total=9, shown=1
    )


def test_an_order_becomes_late_without_an_event() -> None:
    ui = [
        row(lift(order_snapshot("B1", MEAL_STATUSES[:2], 100))),
        row(lift(order_snapshot("B2", MEAL_STATUSES[:3], 100, promised_at=at(2000)))),
    ]
    arrangement = Arrangement()
    arrangement.arrange(ui, at(2039))
    assert ids(arrangement) == ["B1", "B2"]
    arrangement.arrange(ui, at(2040))
    assert ids(arrangement) == ["B2", "B1"]


def test_marks_stay_when_orders_disappear_and_return() -> None:
    arrangement = Arrangement()
    every = rows()
    arrangement.arrange(every, at(NOW))
    arrangement.toggle_mark("A1002")
    arrangement.arrange(every[2:], at(NOW))
    assert "A1002" not in ids(arrangement)
    assert arrangement.counts.marked == 0
    arrangement.arrange(every, at(NOW))
    assert [entry.order_id for entry in arrangement.rows if entry.is_marked] == ["A1002"]
    arrangement.toggle_mark("A1002")
    arrangement.arrange(every, at(NOW))
    assert arrangement.counts.marked == 0


def test_the_row_of_an_unchanged_order_is_the_same_object() -> None:
    arrangement = Arrangement()
    every = rows()
    before = {entry.order_id: entry for entry in arrangement.arrange(every, at(NOW))}
    every[0] = row(every[0].view.join(event(9, "ready", order_id="A1001", eta=eta_to_the_minute(2800, 3000))))
    after = {entry.order_id: entry for entry in arrangement.arrange(every, at(NOW + 1))}
    assert {order_id for order_id in after if after[order_id] is not before[order_id]} == {"A1001"}


def with_position(view: OrderView, seq: int, **more: Any) -> OrderView:
    return view.join(event(seq, "preparing", quiet=True, **more))


def test_the_timeline_is_kept_until_the_stage_changes() -> None:
    arrangement = Arrangement()
    view = lift(snapshot(3, "preparing", facts=order()))
    (first,) = arrangement.arrange([row(view)], at(10))
    assert first.progress == "▰▰▰▱▱▱▱▱"
    view = with_position(view, 4)
    (second,) = arrangement.arrange([row(view)], at(11))
    assert second.timeline is first.timeline
    (third,) = arrangement.arrange([row(view.join(event(5, "ready")))], at(12))
    assert third.progress == "▰▰▰▰▰▱▱▱"


def test_a_snoozed_order_is_the_last_of_its_class_and_still_counted() -> None:
    late = [
        row(lift(order_snapshot(order_id, MEAL_STATUSES[:3], 1800, promised_at=at(NOW - minutes * 60))))
        for order_id, minutes in (("B1", 30), ("B2", 20), ("B3", 10))
    ]
    ui = [*late, row(lift(order_snapshot("B4", MEAL_STATUSES[:2], 1800)))]
    arrangement = Arrangement()
    arrangement.arrange(ui, at(NOW))
    assert arrangement.toggle_snooze("B1", at(NOW))
    arrangement.arrange(ui, at(NOW))
    assert ids(arrangement) == ["B2", "B3", "B1", "B4"]
    assert [each.snoozed_for for each in arrangement.rows] == [None, None, 600, None]
    assert (arrangement.counts.late, arrangement.counts.snoozed) == (3, 1)
    arrangement.arrange(ui, at(NOW + 61))
    assert [each.snoozed_for for each in arrangement.rows] == [None, None, 540, None]
    # Five minutes later than at the snooze.
    arrangement.arrange(ui, at(NOW + 259))
    assert ids(arrangement) == ["B2", "B3", "B1", "B4"]
    arrangement.arrange(ui, at(NOW + 260))
    assert ids(arrangement) == ["B1", "B2", "B3", "B4"]
    assert arrangement.counts.snoozed == 0


def test_a_second_snooze_ends_the_first_and_ended_orders_cannot_be_snoozed() -> None:
    arrangement = Arrangement()
    arrangement.arrange(rows(), at(NOW))
    before = ids(arrangement)
    for _ in range(2):
        assert arrangement.toggle_snooze("A1002", at(NOW))
    arrangement.arrange(rows(), at(NOW))
    assert ids(arrangement) == before
    for order_id in ("A1005", "X9", "nobody"):
        assert not arrangement.toggle_snooze(order_id, at(NOW))


def test_rows_are_sorted_again_after_ten_seconds_and_never_within_two_seconds_of_a_key() -> None:
    def late(order_id: str, minutes: float) -> TrackedOrder:
        return row(lift(order_snapshot(order_id, MEAL_STATUSES[:3], 1800, promised_at=at(NOW - minutes * 60))))

    arrangement = Arrangement()
    arrangement.arrange([late("B1", 10), late("B2", 20)], at(NOW))
    worse = [late("B1", 30), late("B2", 20)]
    for seconds, expected in ((1, ["B2", "B1"]), (9, ["B2", "B1"])):
        arrangement.arrange(worse, at(NOW + seconds))
        assert ids(arrangement) == expected
    arrangement.touch(at(NOW + 9).timestamp())
    arrangement.arrange(worse, at(NOW + 10))
    assert ids(arrangement) == ["B2", "B1"]
    arrangement.arrange(worse, at(NOW + 11))
    assert ids(arrangement) == ["B1", "B2"]
    arrangement.toggle_sort(Sort.ATTENTION)
    arrangement.arrange(worse, at(NOW + 11))
    assert ids(arrangement) == ["B2", "B1"]


def test_a_view_replaces_filter_sort_key_and_grouping() -> None:
    arrangement = Arrangement()
    arrangement.apply(BoardView("x", "1", Filter.parse("a100"), Sort.ID, True, Grouping.STAGE))
    arrangement.arrange(rows(), at(NOW))
    assert (arrangement.filter.text, arrangement.sort, arrangement.reversed) == ("a100", Sort.ID, True)
    assert arrangement.grouping is Grouping.STAGE
    assert len(arrangement.lines) > len(arrangement.rows) == 6
