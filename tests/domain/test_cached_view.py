"""A view as one message."""

from __future__ import annotations

from tests.support.orders import EPOCH, event, snapshot
from tracker_tui.domain.cached_view import as_snapshot
from tracker_tui.domain.order import Outcome
from tracker_tui.domain.view import OrderView, lift


def test_a_view_without_facts_is_nothing_to_keep() -> None:
    assert as_snapshot(OrderView("A1")) is None
    assert as_snapshot(OrderView("A1").join(event(3, "ready"))) is None


def test_a_view_comes_back_as_it_was() -> None:
    view = OrderView("A1").join(snapshot(4, "ready")).join(event(5, "picked_up")).join(event(6, "arriving", quiet=True))
    kept = as_snapshot(view)
    assert kept is not None
    again = lift(kept)
    assert (again.state and again.state.value) == (view.state and view.state.value)
    assert (again.facts and again.facts.value) == (view.facts and view.facts.value)
    assert [entry.milestone for entry in again.history] == [entry.milestone for entry in view.history]
    assert again.version == view.version
    assert again.whole_history


def test_a_history_that_is_not_whole_does_not_become_so() -> None:
    view = OrderView("A1").join(snapshot(20, history=(), history_from=15))
    kept = as_snapshot(view)
    assert kept is not None
    assert not lift(kept).whole_history


def test_of_a_long_history_the_newest_part_is_kept() -> None:
    view = OrderView("A1").join(snapshot(500, "ready"))
    for seq in range(501, 520):
        view = view.join(event(seq, "ready"))
    kept = as_snapshot(view)
    assert kept is not None
    assert (len(kept.history), kept.history[0].seq, kept.history_from) == (500, 20, 20)


def test_a_view_between_two_epochs_keeps_the_newest_state_with_the_older_history() -> None:
    view = (
        OrderView("A1")
        .join(snapshot(9, "ready"))
        .join(event(1, "delivered", epoch=EPOCH + 1, outcome=Outcome.DELIVERED))
    )
    kept = as_snapshot(view)
    assert kept is not None
    assert (kept.epoch, kept.seq, kept.state.status) == (EPOCH, 9, "delivered")
    assert [milestone.status for milestone in kept.history] == ["ready"] * 9
