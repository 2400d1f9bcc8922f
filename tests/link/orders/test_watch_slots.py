"""The choice of watched orders, without a feed."""

from __future__ import annotations

from collections.abc import Sequence

from tests.support.orders import snapshot
from tracker_tui.domain.order import Outcome
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Coverage, Standing
from tracker_tui.link.orders.watch_slots import MAX_COOLDOWN, MAX_REMOVED, RELEASE_DELAY, WatchSlots
from tracker_tui.wire.messages import Problem

UNKNOWN = Problem("order_not_found", "no such order")


def ids(views: Sequence[OrderView]) -> list[str]:
    return [view.order_id for view in views]


def ended(order_id: str, seq: int = 3) -> OrderView:
    return OrderView(order_id).join(snapshot(seq, "delivered", order_id=order_id, outcome=Outcome.DELIVERED))


def full(*order_ids: str, capacity: int = 2, max_released: int = 3) -> WatchSlots:
    slots = WatchSlots(capacity=capacity, max_released=max_released)
    slots.update_list(order_ids)
    slots.fill_free(0)
    return slots


def test_the_first_orders_of_the_list_get_the_slots_and_the_others_are_counted() -> None:
    slots = WatchSlots(capacity=2)
    slots.update_list(["A1", "B2", "C3", "D4", "E5"])
    assert ids(slots.fill_free(0)) == ["A1", "B2"]
    assert slots.coverage == Coverage(2, 5)
    assert not slots.coverage.is_whole


def test_an_order_that_is_no_longer_listed_does_not_wait_and_keeps_its_slot_until_it_has_ended() -> None:
    slots = full("A1", "B2", "C3", capacity=1)
    slots.update_list(["C3"])
    assert slots.fill_free(1) == []
    assert slots.coverage == Coverage(1, 2)


def test_a_finished_order_is_due_after_a_minute_and_an_unsettled_one_later() -> None:
    slots = full("A1", "B2")
    over = {"A1": 10.0, "B2": 20.0}
    settled = {"A1", "B2"}
    assert slots.due_for_release(over, 10 + RELEASE_DELAY - 0.1, settled.__contains__) == []
    assert slots.due_for_release(over, 10 + RELEASE_DELAY, settled.__contains__) == ["A1"]
    assert slots.due_for_release(over, 20 + RELEASE_DELAY, settled.__contains__) == ["A1", "B2"]
    settled.remove("A1")
    assert slots.due_for_release(over, 20 + RELEASE_DELAY, settled.__contains__) == ["B2"]


def test_a_named_order_is_never_due() -> None:
    slots = WatchSlots(["A1"])
    assert ids(slots.add_named(["B2", "A1"])) == ["B2"]
    slots.update_list(["A1", "B2", "C3"])
    assert ids(slots.fill_free(0)) == ["C3"]
    assert slots.due_for_release({"A1": 0.0, "B2": 0.0, "C3": 0.0}, 1e6, lambda _: True) == ["C3"]


def test_naming_an_order_that_is_watched_keeps_it_too() -> None:
    slots = full("A1")
    assert slots.add_named(["A1"]) == []
    assert slots.due_for_release({"A1": 0.0}, 1e6, lambda _: True) == []


def test_a_free_slot_is_filled_from_the_last_list_but_not_by_the_released_order() -> None:
    slots = full("A1", "B2", "C3")
    slots.release(ended("A1"), None, 70)
    assert ids(slots.fill_free(70)) == ["C3"]
    assert slots.coverage == Coverage(2, 2)
    assert slots.standing("A1") is Standing.FINAL
    assert slots.standing("C3") is None


def test_a_later_list_brings_an_order_back_with_its_view() -> None:
    slots = full("A1")
    view = ended("A1")
    slots.release(view, None, 70)
    slots.update_list(["A1"])
    [back] = slots.fill_free(71)
    assert back is view
    assert slots.standing("A1") is None


def test_a_released_refused_order_keeps_its_standing_until_it_is_watched_again() -> None:
    slots = full("A1")
    slots.release(OrderView("A1"), UNKNOWN, 70)
    assert (slots.standing("A1"), slots.refused) == (Standing.REFUSED, {"A1": UNKNOWN})
    slots.update_list(["A1"])
    assert ids(slots.fill_free(71)) == ["A1"]
    assert slots.refused == {}


def test_an_order_that_stays_listed_without_a_new_version_gets_a_slot_less_and_less_often() -> None:
    slots = full("A1")
    at, rests = 0.0, []
    for _ in range(10):
        slots.release(ended("A1"), None, at)
        left_at = at
        while True:
            slots.update_list(["A1"])
            if slots.fill_free(at):
                break
            at += 10
        rests.append(at - left_at)
    assert rests == [0, 60, 120, 240, 480, 960, 1920, MAX_COOLDOWN, MAX_COOLDOWN, MAX_COOLDOWN]
    slots.release(ended("A1", seq=5), None, at)
    slots.update_list(["A1"])
    assert ids(slots.fill_free(at)) == ["A1"]


def test_an_order_in_cooldown_is_not_counted_as_waiting() -> None:
    slots = full("A1")
    for _ in range(2):
        slots.release(ended("A1"), None, 0)
        slots.update_list(["A1"])
        slots.fill_free(0)
    assert slots.coverage == Coverage(0, 0)


def test_the_newest_released_orders_are_kept_and_the_others_dropped() -> None:
    slots = WatchSlots(capacity=9, max_released=2)
    slots.update_list(["A1", "B2", "C3"])
    slots.fill_free(0)
    assert slots.release(ended("A1"), None, 1) == []
    assert slots.release(OrderView("B2"), UNKNOWN, 2) == []
    assert slots.release(ended("C3"), None, 3) == ["A1"]
    assert list(slots.views) == ["B2", "C3"]


def test_a_count_that_may_be_too_low_ends_with_a_plus() -> None:
    assert Coverage(1_000, 1_340).words == "1,340"
    assert Coverage(1_000, 10_000).words == "10,000+"


def test_a_removed_order_gets_a_slot_only_when_it_is_named() -> None:
    slots = full("A1", "B2")
    slots.hide(ended("A1"))
    slots.remove("A1")
    slots.update_list(["A1", "B2"])
    assert slots.fill_free(1e6) == []
    assert slots.coverage == Coverage(1, 1)
    assert slots.add_named(["A1"]) == [ended("A1")]
    slots.release(ended("A1"), None, 100)
    slots.update_list(["A1", "B2"])
    assert ids(slots.fill_free(101)) == ["A1"]


def test_only_as_many_listed_orders_make_room_as_are_needed_and_named_ones_never_do() -> None:
    slots = full("A1", "B2", "C3", capacity=3)
    slots.add_named(["C3"])
    assert slots.crowded_out(["A1"], lambda _: True) == []
    assert slots.crowded_out(["D4"], lambda _: True) == ["B2"]
    assert slots.crowded_out(["D4"], lambda order_id: order_id != "B2") == ["A1"]
    assert slots.crowded_out(["D4", "E5", "F6"], lambda _: True) == ["B2", "A1"]


def test_hidden_views_and_removed_ids_are_bounded() -> None:
    slots = WatchSlots(max_released=2)
    for number in range(MAX_REMOVED + 5):
        slots.hide(ended(f"A{number}"))
        slots.remove(f"A{number}")
    slots.update_list([f"A{number}" for number in range(10)])
    assert ids(slots.fill_free(0)) == [f"A{number}" for number in range(5)]
    assert slots.add_named(["A7"]) == [OrderView("A7")]
