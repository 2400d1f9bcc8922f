"""Tests of a view as one snapshot, for the cache."""

from __future__ import annotations

from tests.support.orders import EPOCH, event, snapshot
from tracker_tui.domain.cached_view import as_snapshot
from tracker_tui.domain.order import Outcome
from tracker_tui.domain.view import OrderView, lift


def test_a_view_without_facts_has_no_snapshot() -> None:
    assert as_snapshot(OrderView("A1")) is None
    assert as_snapshot(OrderView("A1").join(event(3, "ready"))) is None


def test_a_view_survives_the_round_trip() -> None:
    view = OrderView("A1").join(snapshot(4, "ready")).join(event(5, "picked_up")).join(event(6, "arriving", quiet=True))
    cached = as_snapshot(view)
    assert cached is not None
    restored = lift(cached)
    assert (restored.state and restored.state.value) == (view.state and view.state.value)
    assert (restored.facts and restored.facts.value) == (view.facts and view.facts.value)
    assert [entry.milestone for entry in restored.history] == [entry.milestone for entry in view.history]
    assert restored.version == view.version
    assert restored.whole_history


def test_a_truncated_history_stays_truncated() -> None:
    view = OrderView("A1").join(snapshot(20, history=(), history_from=15))
    cached = as_snapshot(view)
    assert cached is not None
    assert not lift(cached).whole_history


def test_the_newest_part_of_a_long_history_is_kept() -> None:
    view = OrderView("A1").join(snapshot(500, "ready"))
    for seq in range(501, 520):
        view = view.join(event(seq, "ready"))
    cached = as_snapshot(view)
    assert cached is not None
    assert (len(cached.history), cached.history[0].seq, cached.history_from) == (500, 20, 20)


def test_a_view_between_two_epochs_keeps_the_newest_state_with_the_older_history() -> None:
    view = (
        OrderView("A1")
        .join(snapshot(9, "ready"))
        .join(event(1, "delivered", epoch=EPOCH + 1, outcome=Outcome.DELIVERED))
    )
    cached = as_snapshot(view)
    assert cached is not None
    assert (cached.epoch, cached.seq, cached.state.status) == (EPOCH, 9, "delivered")
    assert [milestone.status for milestone in cached.history] == ["ready"] * 9
