"""Tests of a client's view of an order after each message."""

from __future__ import annotations

import pytest

from tests.support.orders import EPOCH, event, milestone, order, snapshot
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.view import Arrival, OrderView, classify, lift, merge

NEXT = EPOCH + 1


def view_of(*messages: Event | Snapshot | Cursor) -> OrderView:
    view = OrderView("A1")
    for message in messages:
        view = view.announce(message) if isinstance(message, Cursor) else view.join(message)
    return view


def status(view: OrderView) -> str | None:
    return view.state.value.status if view.state else None


def title(view: OrderView) -> str | None:
    return view.facts.value.title if view.facts else None


def lines(view: OrderView) -> list[tuple[int, int]]:
    return [entry.version for entry in view.history]


def test_an_empty_view_needs_a_snapshot() -> None:
    view = OrderView("A1")
    assert (view.version, view.resume, view.target, view.complete, view.gaps) == (None, None, None, False, ())


def test_a_view_gives_state_facts_outcome_and_stages_without_their_versions() -> None:
    empty, view = OrderView("A1"), view_of(snapshot(3, "accepted"))
    assert (empty.current, empty.order, empty.outcome, empty.stages) == (None, None, None, ())
    assert view.state is not None
    assert view.facts is not None
    assert (view.current, view.order) == (view.state.value, view.facts.value)
    assert (view.outcome, view.stages) == (view.state.value.outcome, view.facts.value.flow.stages)


def test_a_snapshot_makes_a_view_complete() -> None:
    view = view_of(snapshot(3, "accepted"))
    assert (status(view), view.version, view.resume) == ("accepted", Cursor(EPOCH, 3), Cursor(EPOCH, 3))
    assert view.complete
    assert view.whole_history


def test_a_view_of_one_event_shows_its_state_and_is_incomplete() -> None:
    view = view_of(event(1, "placed"))
    assert status(view) == "placed"
    assert view.resume is None
    assert not view.complete


def test_an_event_after_a_gap_is_shown_at_once_and_the_gap_is_known() -> None:
    view = view_of(snapshot(3), event(6, "ready"))
    assert status(view) == "ready"
    assert view.gaps == ((4, 5),)
    assert view.resume == Cursor(EPOCH, 3)
    assert not view.complete


def test_late_events_close_the_gap_and_do_not_change_the_state() -> None:
    view = view_of(snapshot(3), event(6, "ready"), event(5, "preparing"), event(4, "accepted"))
    assert status(view) == "ready"
    assert view.gaps == ()
    assert view.complete
    assert lines(view) == [(EPOCH, seq) for seq in range(1, 7)]


def test_the_highest_version_wins_for_any_status() -> None:
    assert status(view_of(snapshot(5, "delivered"), event(6, "returning"))) == "returning"


def test_an_announced_head_reveals_a_gap() -> None:
    view = view_of(snapshot(3), Cursor(EPOCH, 5))
    assert view.gaps == ((4, 5),)
    assert view.target == Cursor(EPOCH, 5)
    assert not view.complete


def test_a_head_below_the_known_version_changes_nothing() -> None:
    view = view_of(snapshot(3), Cursor(EPOCH, 2))
    assert view.version == Cursor(EPOCH, 3)
    assert view.complete


def test_announcing_a_known_head_gives_the_same_object() -> None:
    view = view_of(snapshot(3), Cursor(EPOCH, 5))
    assert view.announce(Cursor(EPOCH, 5)) is view
    assert view.announce(Cursor(EPOCH, 4)) is view


def test_a_snapshot_closes_every_gap_up_to_its_seq() -> None:
    view = view_of(snapshot(1), event(4), event(8), snapshot(6))
    assert view.gaps == ((7, 7),)
    assert view.resume == Cursor(EPOCH, 6)


def test_an_older_snapshot_does_not_change_the_state_but_may_add_history() -> None:
    before = view_of(snapshot(5, "ready", history=(), history_from=6, facts=order(title="New")))
    after = before.join(snapshot(3, "placed", facts=order(title="Old")))
    assert (status(after), title(after), after.version) == ("ready", "New", Cursor(EPOCH, 5))
    assert lines(after) == [(EPOCH, 1), (EPOCH, 2), (EPOCH, 3)]


def test_at_one_version_a_snapshot_wins_over_an_event() -> None:
    snapshot_, event_ = snapshot(3, "accepted"), event(3, "zzz")
    assert status(view_of(snapshot_, event_)) == status(view_of(event_, snapshot_)) == "accepted"


def test_at_one_version_the_event_with_the_greater_json_wins() -> None:
    assert status(view_of(event(3, "a"), event(3, "b"))) == status(view_of(event(3, "b"), event(3, "a"))) == "b"


def test_a_newer_snapshot_updates_the_facts() -> None:
    assert title(view_of(snapshot(3), snapshot(4, facts=order(title="Three pizzas")))) == "Three pizzas"


def test_late_events_below_the_history_of_a_snapshot_complete_it() -> None:
    before = view_of(snapshot(5, history_from=4))
    assert not before.whole_history
    after = before.join(event(1)).join(event(2, quiet=True)).join(event(3))
    assert lines(after) == [(EPOCH, seq) for seq in (1, 3, 4, 5)]
    assert after.whole_history
    assert after.version == before.version


def test_a_view_with_a_truncated_history_is_complete() -> None:
    view = view_of(snapshot(9, history_from=7))
    assert view.complete
    assert not view.whole_history


def test_an_order_with_an_empty_log_is_complete_at_zero() -> None:
    view = view_of(snapshot(0, history=()), Cursor(EPOCH, 0))
    assert view.resume == Cursor(EPOCH, 0)
    assert view.complete


def test_a_head_of_a_new_epoch_drops_nothing_and_requires_a_snapshot() -> None:
    before = view_of(snapshot(3, "ready"))
    after = before.announce(Cursor(NEXT, 2))
    assert (status(after), title(after), after.history) == ("ready", "Two pizzas", before.history)
    assert after.superseded_epoch
    assert after.resume is None
    assert not after.complete


def test_an_event_of_a_new_epoch_is_shown_with_the_facts_and_the_history_of_the_old_one() -> None:
    view = view_of(snapshot(3, "ready"), event(2, "arriving", epoch=NEXT))
    assert status(view) == "arriving"
    assert title(view) == "Two pizzas"
    assert lines(view) == [(EPOCH, 1), (EPOCH, 2), (EPOCH, 3), (NEXT, 2)]
    assert view.superseded_epoch
    assert view.resume is None
    assert view.gaps == ((1, 1),)


def test_the_snapshot_of_a_new_epoch_replaces_the_old_history() -> None:
    view = view_of(snapshot(3, "ready"), event(2, "arriving", epoch=NEXT), snapshot(1, "ready", epoch=NEXT))
    assert lines(view) == [(NEXT, 1), (NEXT, 2)]
    assert not view.superseded_epoch
    assert view.complete


def test_messages_of_an_old_epoch_are_ignored_after_the_new_snapshot() -> None:
    view = view_of(snapshot(3), snapshot(1, epoch=NEXT))
    for late in (event(4, "delivered"), snapshot(9, "delivered")):
        assert view.join(late) is view
    after = view.announce(Cursor(EPOCH, 99))
    assert (after.target, after.complete, after.gaps) == (Cursor(NEXT, 1), True, ())


def test_a_message_of_another_order_is_rejected() -> None:
    with pytest.raises(ValueError, match="A2 cannot be joined into A1"):
        OrderView("A1").join(event(1, order_id="A2"))
    with pytest.raises(ValueError, match="cannot be merged"):
        merge(OrderView("A1"), OrderView("A2"))


def test_an_event_and_its_milestone_have_one_seq() -> None:
    with pytest.raises(ValueError, match="must have the event's seq"):
        Event("A1", EPOCH, 2, event(2).state, milestone(3))


def test_a_snapshot_has_the_id_of_its_order_and_a_history_up_to_its_seq() -> None:
    with pytest.raises(ValueError, match="must have the snapshot's orderId"):
        snapshot(1, facts=order("A2"))
    with pytest.raises(ValueError, match="must end at its seq"):
        snapshot(1, history=(milestone(2),))


def test_lift_equals_a_join_into_an_empty_view() -> None:
    for message in (event(3), snapshot(3)):
        assert OrderView("A1").join(message) == lift(message)


@pytest.mark.parametrize(
    ("known", "message", "kind"),
    [
        ((), event(1), Arrival.NEW),
        ((), event(7), Arrival.NEW),
        ((), snapshot(7), Arrival.NEW),
        ((snapshot(3),), event(4), Arrival.NEW),
        ((snapshot(3),), event(6), Arrival.GAP),
        ((snapshot(3),), snapshot(6), Arrival.NEW),
        ((snapshot(3), event(6)), event(7), Arrival.GAP),
        ((snapshot(3), event(6)), event(5), Arrival.LATE),
        ((snapshot(3), event(6)), event(6), Arrival.DUPLICATE),
        ((snapshot(3), event(6)), event(2), Arrival.DUPLICATE),
        ((snapshot(3),), snapshot(3), Arrival.DUPLICATE),
        ((snapshot(3),), snapshot(2), Arrival.DUPLICATE),
        ((snapshot(3),), event(3, "ready"), Arrival.DUPLICATE),
        ((snapshot(3),), snapshot(3, "ready"), Arrival.CONFLICT),
        ((event(3),), event(3, "ready"), Arrival.CONFLICT),
        ((snapshot(3),), event(1, epoch=NEXT), Arrival.NEW),
        ((snapshot(3, epoch=NEXT),), event(9), Arrival.DUPLICATE),
    ],
)
def test_the_arrival_class_of_a_message(
    known: tuple[Event | Snapshot, ...], message: Event | Snapshot, kind: Arrival
) -> None:
    assert classify(view_of(*known), message) is kind
