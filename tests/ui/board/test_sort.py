"""The sort keys of the board, in both directions."""

from __future__ import annotations

import pytest

from tests.support.orders import at, order, snapshot
from tests.ui.board_fixtures import MEAL_STATUSES, NOW, board_snapshots, eta_to_the_minute, order_snapshot
from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.order import Courier
from tracker_tui.domain.view import OrderView, lift
from tracker_tui.link.changes import Standing
from tracker_tui.ui.board.arrangement import Arrangement
from tracker_tui.ui.model.board_view import SORT_WORDS, BoardView, Sort
from tracker_tui.ui.model.scene import TrackedOrder


def sorted_ids(sort: Sort, *snapshots: Snapshot, is_reversed: bool = False, now: float = NOW) -> list[str]:
    orders = [TrackedOrder(lift(each), Standing.IN_SYNC, None) for each in snapshots or board_snapshots()]
    if not snapshots:
        orders.append(TrackedOrder(OrderView("X9"), Standing.WAITING, None))
    arrangement = Arrangement(BoardView(sort=sort, is_reversed=is_reversed))
    return [row.order_id for row in arrangement.arrange(orders, at(now))]


@pytest.mark.parametrize(
    ("sort", "valued", "rest"),
    [
        (Sort.ATTENTION, "A1002 P2002 A1004 A1003 A1001 P2001", "X9 A1005 A1006"),
        (Sort.ID, "A1001 A1002 A1003 A1004 A1005 A1006 P2001 P2002 X9", ""),
        (Sort.ETA, "A1004 A1002 A1001 A1003 P2002 P2001", "X9 A1005 A1006"),
        (Sort.PROMISE, "A1002 A1004 A1001 A1003 P2002 P2001", "X9 A1005 A1006"),
        (Sort.UPDATED, "A1001 A1002 A1003 A1004 A1005 P2002 P2001 A1006", "X9"),
        (Sort.STAGE, "A1004 A1002 P2001 A1001 A1003 P2002", "X9 A1005 A1006"),
        (Sort.CUSTOMER, "A1005 P2002 A1001 A1004 A1003 P2001 A1002", "X9 A1006"),
        (Sort.COURIER, "A1002", "P2002 A1004 A1003 A1001 P2001 X9 A1005 A1006"),
    ],
)
def test_each_sort_key_has_its_order_with_missing_values_last_in_both_directions(
    sort: Sort, valued: str, rest: str
) -> None:
    assert sorted_ids(sort) == [*valued.split(), *rest.split()]
    backward = sorted_ids(sort, is_reversed=True)
    assert backward[len(valued.split()) :] == rest.split()
    assert sorted(backward) == sorted(sorted_ids(sort))
    if sort not in {Sort.STAGE, Sort.UPDATED, Sort.PROMISE}:
        assert backward[: len(valued.split())] == valued.split()[::-1]


@pytest.mark.parametrize("sort", [sort for sort in Sort if sort is not Sort.ID])
@pytest.mark.parametrize("is_reversed", [False, True])
def test_of_equal_rows_the_smaller_id_is_first_with_numbers_compared_as_numbers(sort: Sort, is_reversed: bool) -> None:
    ids = ["P4", "A10", "A2", "B-1", "A2-10", "A2-9", "P10"]
    equal = [snapshot(3, "preparing", order_id=order_id, updated_at=at(0)) for order_id in ids]
    assert sorted_ids(sort, *equal, is_reversed=is_reversed, now=10) == [
        "A2",
        "A2-9",
        "A2-10",
        "A10",
        "B-1",
        "P4",
        "P10",
    ]


def test_the_worst_of_each_class_is_first_and_the_latest_end_leads_the_ended_ones() -> None:
    late = [
        order_snapshot(order_id, MEAL_STATUSES[:3], 1800, promised_at=at(NOW - minutes * 60))
        for order_id, minutes in (("A9", 1), ("A10", 21), ("A11", 900), ("A12", 3))
    ]
    assert sorted_ids(Sort.ATTENTION, *late) == ["A11", "A10", "A12", "A9"]
    assert sorted_ids(Sort.PROMISE, *late) == ["A11", "A10", "A12", "A9"]
    assert sorted_ids(Sort.ATTENTION, *late, is_reversed=True) == ["A9", "A12", "A10", "A11"]


def test_the_stage_sorts_by_progress_and_couriers_by_name() -> None:
    eta = eta_to_the_minute(2800, 3000)
    riders = [
        snapshot(3, "preparing", order_id=order_id, courier=Courier(name, "en_route"), facts=order(order_id), eta=eta)
        for order_id, name in (("A1", "ravi"), ("A2", "Jonas"), ("A3", "Ana"))
    ]
    assert sorted_ids(Sort.COURIER, *riders) == ["A3", "A2", "A1"]
    assert sorted_ids(Sort.STAGE, *riders, snapshot(4, "ready", order_id="A4"), now=10)[0] == "A4"


def test_choosing_the_present_key_again_reverses_it_and_another_key_starts_forwards() -> None:
    arrangement = Arrangement()
    directions = []
    for sort in (Sort.ETA, Sort.ETA, Sort.ETA, Sort.ETA, Sort.ID, Sort.ID, Sort.ATTENTION):
        arrangement.toggle_sort(sort)
        directions.append((arrangement.sort, arrangement.reversed))
    assert directions == [
        (Sort.ETA, False),
        (Sort.ETA, True),
        (Sort.ETA, False),
        (Sort.ETA, True),
        (Sort.ID, False),
        (Sort.ID, True),
        (Sort.ATTENTION, False),
    ]


def test_every_sort_key_has_words_for_both_directions() -> None:
    assert SORT_WORDS.keys() == set(Sort)
    assert all(forwards != backwards for forwards, backwards in SORT_WORDS.values())
