"""When an order counts as out of sync, and what is done about it, when."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.orders import EPOCH, event, snapshot
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.view import OrderView
from tracker_tui.link.orders import repair
from tracker_tui.link.orders.repair import COMPLETE, Remedy, Repair
from tracker_tui.link.session import backoff

SUBSCRIBE, FETCH, BOTH = Remedy.SUBSCRIBE, Remedy.FETCH, Remedy.BOTH


class Desk:
    """One order's view and repair, fed by hand; `steps` is what was done, and when."""

    def __init__(self, seq: int = 3) -> None:
        self.view = OrderView("A1").join(snapshot(seq)).announce(Cursor(EPOCH, seq))
        self.repair = repair.observe(COMPLETE, self.view, 0.0)
        self.progress_at = 0.0
        self.steps: list[tuple[float, Remedy]] = []
        assert self.repair == Repair(resume=Cursor(EPOCH, seq))

    @property
    def reconciling(self) -> bool:
        return self.repair.reconciling

    def join(self, at: float, *messages: Event | Snapshot) -> None:
        self.run(at)
        for message in messages:
            self.view = self.view.join(message)
            state = repair.snapshot_arrived(self.repair) if message.type == "snapshot" else self.repair
            self.repair = repair.observe(state, self.view, at)

    def head(self, at: float, seq: int, epoch: int = EPOCH) -> None:
        """A heartbeat names the order, with this head."""
        self.run(at)
        head = Cursor(epoch, seq)
        self.view = self.view.announce(head)
        state = repair.subscription_answered(self.repair, self.view, at) if self.repair.unanswered else self.repair
        self.repair = repair.observe(repair.head_announced(state, self.view, head, at), self.view, at)

    def answer(self, at: float, seq: int, epoch: int = EPOCH) -> None:
        """`subscribed`, with this head."""
        self.run(at)
        head = Cursor(epoch, seq)
        self.view = self.view.announce(head)
        state = repair.subscription_answered(self.repair, self.view, at)
        self.repair = repair.observe(repair.head_announced(state, self.view, head, at), self.view, at)

    def reconnect(self, at: float) -> None:
        self.run(at)
        self.repair = repair.subscribed(self.view, at)

    def refuse(self, at: float, retry_after: float | None = None, draw: float = 0.0) -> None:
        self.run(at)
        self.repair = repair.refused_temporarily(self.repair, at, retry_after, draw)

    def unlist(self, at: float, grace: float = 10.0) -> None:
        self.run(at)
        self.repair = repair.absent_from_heartbeat(self.repair, at, grace)

    def run(self, until: float, draw: float = 0.0) -> None:
        """Let time pass, acting exactly when something is due."""
        while (due := self.repair.deadline) is not None and due < until:
            before = self.repair
            self.repair, remedy = repair.take_step(before, due, draw, progress_at=self.progress_at)
            if remedy is not None:
                self.steps.append((due, remedy))
            assert self.repair != before, "a timer that is due must change something"


# --- holes and heads --------------------------------------------------------------------------------------------------


def test_a_complete_order_needs_no_repair() -> None:
    desk = Desk()
    desk.join(1, event(4), event(5))
    desk.head(2, 5)
    assert desk.repair == Repair(resume=Cursor(EPOCH, 5))
    assert desk.repair.deadline is None


def test_a_gap_may_be_open_for_a_second() -> None:
    desk = Desk()
    desk.join(1, event(5))
    assert not desk.reconciling
    assert desk.repair.deadline == 2
    desk.run(2.1)
    assert desk.reconciling
    assert desk.steps == [(2, SUBSCRIBE)]


def test_a_gap_that_is_filled_in_time_needs_no_repair() -> None:
    desk = Desk()
    desk.join(1, event(5))
    desk.join(1.9, event(4))
    assert desk.repair == Repair(resume=Cursor(EPOCH, 5))


def test_an_announced_head_may_stay_unseen_for_two_seconds() -> None:
    desk = Desk()
    desk.head(1, 4)
    desk.run(2.9)
    assert not desk.reconciling
    desk.run(3.1)
    assert desk.reconciling
    assert desk.steps == [(3, SUBSCRIBE)]


def test_a_gap_below_an_announced_head_is_due_at_the_earlier_deadline() -> None:
    desk = Desk()
    desk.head(0, 6)
    desk.join(0.5, event(5))
    assert desk.repair.deadline == 1.5
    desk = Desk()
    desk.head(0, 6)
    desk.join(1.5, event(5))
    assert desk.repair.deadline == 2


def test_more_events_above_a_gap_delay_nothing() -> None:
    desk = Desk()
    for number in range(5):
        desk.join(1 + number * 0.2, event(5 + number))
    assert desk.repair.deadline == 2


def test_the_timer_restarts_whenever_the_cursor_advances() -> None:
    desk = Desk()
    desk.join(1, event(5), event(7))
    desk.join(1.8, event(4))
    assert desk.view.resume == Cursor(EPOCH, 5)
    desk.run(2.7)
    assert desk.steps == []
    desk.run(3)
    assert desk.steps == [(2.8, SUBSCRIBE)]


def test_a_step_follows_its_predecessor_as_the_protocol_says() -> None:
    desk = Desk()
    desk.join(1, event(5))
    desk.run(30)
    times = [at for at, _ in desk.steps]
    assert [remedy for _, remedy in desk.steps] == [SUBSCRIBE, *[FETCH] * (len(times) - 1)]
    assert times[:2] == [2, 4]
    waits = [later - earlier for earlier, later in pairwise(times[1:])]
    assert waits == pytest.approx([backoff.wait(n, 0) for n in range(len(waits))])
    assert desk.reconciling


def test_the_answer_to_a_repair_does_not_extend_its_timeout() -> None:
    desk = Desk()
    desk.join(1, event(5))
    desk.answer(3.5, 5)
    desk.run(4.1)
    assert desk.steps == [(2, SUBSCRIBE), (4, FETCH)]


def test_events_above_the_gap_do_not_delay_the_snapshot() -> None:
    desk = Desk()
    desk.join(1, event(5))
    desk.join(3, event(6))
    desk.join(3.9, event(7))
    desk.run(4.1)
    assert desk.steps == [(2, SUBSCRIBE), (4, FETCH)]


def test_an_advance_during_a_repair_restarts_it_and_a_complete_order_ends_it() -> None:
    desk = Desk()
    desk.join(1, event(5), event(7))
    desk.join(3, event(4))
    assert desk.reconciling
    desk.run(4.1)
    assert desk.steps == [(2, SUBSCRIBE), (4, SUBSCRIBE)]
    desk.join(4.2, event(6))
    assert desk.repair == Repair(resume=Cursor(EPOCH, 7))


def test_a_snapshot_ends_a_repair() -> None:
    desk = Desk()
    desk.join(1, event(5))
    desk.join(5, snapshot(6))
    assert desk.repair == Repair(resume=Cursor(EPOCH, 6))


def test_a_snapshot_below_the_newest_event_leaves_the_repair_going() -> None:
    desk = Desk()
    desk.join(1, event(8))
    desk.join(4.5, snapshot(6))
    assert desk.reconciling
    assert desk.repair.deadline == 5.5


# --- connections ------------------------------------------------------------------------------------------------------


def test_a_reconnect_cancels_the_running_repair() -> None:
    desk = Desk()
    desk.join(1, event(5))
    desk.run(10)
    assert desk.reconciling
    desk.reconnect(10)
    assert desk.repair == Repair(desk.view.resume, FETCH, 12, unanswered=True)


def test_a_subscription_without_an_answer_is_followed_by_a_get() -> None:
    desk = Desk()
    desk.reconnect(10)
    desk.progress_at = 10
    desk.run(12.1)
    assert desk.steps == [(12, FETCH)]


def test_an_order_that_waits_its_turn_behind_a_thousand_others_is_not_stuck() -> None:
    desk = Desk()
    desk.reconnect(10)
    desk.progress_at = 11.5
    desk.run(13)
    assert desk.steps == []
    desk.run(13.6)
    assert desk.steps == [(13.5, FETCH)]


def test_an_order_whose_snapshot_brought_nothing_does_not_wait_for_its_turn() -> None:
    desk = Desk()
    desk.reconnect(10)
    desk.run(12.1)
    assert desk.steps == [(12, FETCH)]
    desk.progress_at = 12.1
    desk.run(12.4)
    assert desk.steps == [(12, FETCH), (12.125, FETCH), (12.3125, BOTH)]


def test_a_subscription_that_is_not_answered_is_sent_again_with_every_third_get() -> None:
    desk = Desk()
    desk.reconnect(10)
    desk.run(30)
    remedies = [remedy for _, remedy in desk.steps]
    assert len(remedies) > 6
    assert remedies == [BOTH if number % 3 == 0 else FETCH for number in range(1, len(remedies) + 1)]
    desk.answer(30, 3)
    assert desk.repair == Repair(resume=Cursor(EPOCH, 3))


def test_a_stream_that_takes_no_subscription_is_sent_none() -> None:
    state = repair.subscribed(Desk().view, 10)
    remedies = []
    for _ in range(6):
        state, remedy = repair.take_step(state, state.due, 0.0, progress_at=0, resubscribes=False)
        remedies.append(remedy)
    assert remedies == [FETCH] * 6


def test_an_answer_with_nothing_to_bring_ends_the_wait() -> None:
    desk = Desk()
    desk.reconnect(10)
    desk.answer(10.1, 3)
    assert desk.repair == Repair(resume=Cursor(EPOCH, 3))


def test_a_replay_that_never_comes_is_followed_by_a_get() -> None:
    desk = Desk()
    desk.reconnect(10)
    desk.answer(10.5, 6)
    desk.run(12.6)
    assert desk.steps == [(12.5, FETCH)]


def test_a_heartbeat_that_lists_an_order_is_its_answer() -> None:
    desk = Desk()
    desk.reconnect(10)
    desk.head(11, 3)
    assert desk.repair == Repair(resume=Cursor(EPOCH, 3))


def test_a_fetched_snapshot_does_not_replace_the_streams_answer() -> None:
    desk = Desk()
    desk.reconnect(10)
    desk.join(11, snapshot(3))
    assert desk.repair.unanswered


def test_events_without_a_snapshot_are_followed_by_a_get() -> None:
    desk = Desk()
    desk.view = OrderView("A1")
    desk.reconnect(10)
    desk.answer(10.1, 5)
    desk.join(10.2, event(6))
    desk.run(12.2)
    assert desk.steps == [(12.1, FETCH)]


# --- epochs -----------------------------------------------------------------------------------------------------------


def test_the_first_event_of_a_new_epoch_subscribes_at_once_and_with_null() -> None:
    desk = Desk()
    desk.join(1, event(4, epoch=EPOCH + 1))
    assert (desk.repair.next, desk.repair.due) == (SUBSCRIBE, 1)
    assert desk.view.resume is None
    desk.run(3.1)
    assert desk.steps == [(1, SUBSCRIBE), (3, FETCH)]


def test_a_bare_head_of_a_new_epoch_does_the_same() -> None:
    desk = Desk()
    desk.head(1, 4, EPOCH + 1)
    assert (desk.repair.next, desk.repair.due) == (SUBSCRIBE, 1)


def test_more_signs_of_the_same_new_epoch_cause_no_second_subscription() -> None:
    desk = Desk()
    desk.join(1, event(4, epoch=EPOCH + 1))
    desk.join(1.5, event(5, epoch=EPOCH + 1))
    desk.head(2, 5, EPOCH + 1)
    desk.run(2.9)
    assert desk.steps == [(1, SUBSCRIBE)]
    desk.join(2.9, snapshot(5, epoch=EPOCH + 1))
    assert desk.repair == Repair(resume=Cursor(EPOCH + 1, 5))


def test_a_new_epoch_is_subscribed_at_once_even_while_a_snapshot_is_pending() -> None:
    desk = Desk()
    desk.join(1, event(5))
    desk.run(60)
    assert desk.repair.next is FETCH
    desk.join(60, event(2, epoch=EPOCH + 1))
    assert (desk.repair.next, desk.repair.due) == (SUBSCRIBE, 60)


def test_a_snapshot_that_the_server_announced_by_itself_is_waited_for() -> None:
    desk = Desk()
    desk.answer(1, 4, EPOCH + 1)
    assert (desk.repair.next, desk.repair.due) == (FETCH, 3)
    assert not desk.reconciling


# --- a node that lags -------------------------------------------------------------------------------------------------


def test_a_head_below_the_known_version_is_ignored_for_ten_seconds() -> None:
    desk = Desk()
    desk.head(1, 2)
    desk.head(6, 2)
    assert desk.repair.deadline == 11
    desk.run(10.9)
    assert not desk.reconciling
    desk.run(11.1)
    assert desk.reconciling
    assert desk.repair.deadline is None
    assert desk.steps == []


def test_answers_that_repeat_the_head_below_do_not_end_the_lag() -> None:
    desk = Desk()
    for second in range(1, 13):
        desk.answer(second, 2)
        desk.head(second, 2)
        assert desk.reconciling == (second > 11)
    desk.answer(20, 3)
    assert desk.repair == Repair(resume=Cursor(EPOCH, 3))


def test_a_head_that_catches_up_ends_the_lag() -> None:
    for seconds in (5, 60):
        desk = Desk()
        desk.head(1, 2)
        desk.head(1 + seconds, 3)
        assert desk.repair == Repair(resume=Cursor(EPOCH, 3))


def test_a_new_epoch_ends_the_lag() -> None:
    desk = Desk()
    desk.head(1, 2)
    desk.join(60, snapshot(2, epoch=EPOCH + 1))
    assert desk.repair == Repair(resume=Cursor(EPOCH + 1, 2))


def test_a_lag_continues_through_events_and_gaps() -> None:
    desk = Desk()
    desk.head(1, 2)
    desk.join(20, event(5))
    desk.join(20.5, event(4))
    assert desk.reconciling
    desk.head(21, 5)
    assert not desk.reconciling


def test_a_head_that_catches_up_does_not_end_the_repair_of_a_gap() -> None:
    desk = Desk()
    desk.join(1, event(5))
    desk.head(1.5, 4)
    desk.head(3, 5)
    assert desk.reconciling
    assert desk.repair.deadline == 4


def test_an_answer_with_a_new_epoch_ends_the_lag_of_the_old_one() -> None:
    desk = Desk()
    desk.head(1, 2)
    desk.answer(2, 4, EPOCH + 1)
    desk.join(2.1, snapshot(4, epoch=EPOCH + 1))
    assert desk.repair == Repair(resume=Cursor(EPOCH + 1, 4))


def test_a_short_lag_keeps_a_repaired_order_in_sync() -> None:
    desk = Desk()
    desk.join(1, event(5))
    desk.head(3, 4)
    desk.join(4, event(4))
    assert not desk.reconciling
    assert desk.repair.deadline == 13


# --- refused for now, unlisted, wrong anchor --------------------------------------------------------------------------


@pytest.mark.parametrize(("retry_after", "due"), [(None, 1.125), (0.0, 1.125), (20.0, 21), (1e6, 301)])
def test_a_temporarily_refused_order_is_subscribed_again_after_the_longer_of_backoff_and_server_floor(
    retry_after: float | None, due: float
) -> None:
    desk = Desk()
    desk.refuse(1, retry_after)
    assert desk.reconciling
    assert (desk.repair.next, desk.repair.due) == (SUBSCRIBE, due)


def test_an_order_that_is_refused_repeatedly_is_subscribed_less_and_less_often() -> None:
    desk = Desk()
    waits = []
    for _ in range(15):
        at = desk.repair.due
        desk.refuse(at)
        waits.append(desk.repair.due - at)
    assert waits == pytest.approx([backoff.wait(n, 0) for n in range(15)])


def test_messages_of_a_temporarily_refused_order_do_not_change_the_wait() -> None:
    desk = Desk()
    desk.refuse(1, 20.0)
    desk.join(1.1, event(5))
    desk.join(1.2, event(3, epoch=EPOCH + 1))
    desk.join(1.3, snapshot(4))
    desk.run(22)
    assert desk.steps == [(21, SUBSCRIBE)]


def test_a_snapshot_shows_the_end_of_a_refusal_only_if_fetched_after_the_wait() -> None:
    desk = Desk()
    assert not repair.shows_service_again(desk.repair)
    desk.refuse(1, 20.0)
    desk.join(2, snapshot(3))
    assert not repair.shows_service_again(desk.repair)
    desk.run(30)
    assert repair.shows_service_again(desk.repair)
    desk.answer(30, 3)
    assert not repair.shows_service_again(desk.repair)


def test_an_order_that_heartbeats_no_longer_list_is_subscribed_again() -> None:
    desk = Desk()
    desk.unlist(1)
    desk.unlist(6)
    desk.join(7, event(5))
    assert not desk.reconciling
    desk.run(11.1)
    assert desk.steps == [(11, SUBSCRIBE)]


def test_an_order_that_is_listed_again_needs_nothing() -> None:
    desk = Desk()
    desk.unlist(1)
    desk.head(6, 3)
    assert desk.repair == Repair(resume=Cursor(EPOCH, 3))


def test_a_heartbeat_without_the_order_puts_no_repair_off() -> None:
    desk = Desk()
    desk.join(1, event(5))
    desk.unlist(1.5)
    desk.run(2.1)
    assert desk.steps == [(2, SUBSCRIBE)]


def test_a_heartbeat_that_crossed_the_subscription_says_nothing() -> None:
    desk = Desk()
    desk.reconnect(1)
    before = desk.repair
    desk.unlist(1.1)
    assert desk.repair == before


def test_a_replay_from_another_anchor_is_answered_with_a_get_at_once_even_if_nothing_seems_to_be_missing() -> None:
    desk = Desk()
    desk.reconnect(1)
    desk.repair = repair.observe(repair.wrong_replay_start(desk.repair, 1.5), desk.view, 1.5)
    desk.run(1.6)
    assert desk.steps == [(1.5, FETCH)]
    desk.join(1.7, snapshot(3))
    assert desk.repair == Repair(resume=Cursor(EPOCH, 3))


# --- whatever happens -------------------------------------------------------------------------------------------------

_SEQS, _EPOCHS = st.integers(1, 8), st.sampled_from([EPOCH, EPOCH, EPOCH, EPOCH + 1])
_HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(["event", "event", "event", "snapshot", "head", "answer", "reconnect", "refuse", "unlist"]),
        st.floats(0, 6),
        _SEQS,
        _EPOCHS,
    ),
    max_size=25,
)


def _lived(happenings: list[tuple[str, float, int, int]]) -> tuple[Desk, float]:
    desk, at = Desk(), 0.0
    for what, after, seq, epoch in happenings:
        at += after
        match what:
            case "event":
                desk.join(at, event(seq, epoch=epoch))
            case "snapshot":
                desk.join(at, snapshot(seq, epoch=epoch))
            case "head":
                desk.head(at, seq, epoch)
            case "answer":
                desk.answer(at, seq, epoch)
            case "reconnect":
                desk.reconnect(at)
            case "refuse":
                desk.refuse(at)
            case _:
                desk.unlist(at)
    return desk, at


@given(_HAPPENINGS)
def test_an_incomplete_order_always_has_a_next_step_soon(happenings: list[tuple[str, float, int, int]]) -> None:
    desk, at = _lived(happenings)
    if not desk.view.complete or desk.repair.unanswered:
        assert desk.repair.next is not None
        assert desk.repair.deadline is not None
        assert desk.repair.deadline <= at + 30


@given(_HAPPENINGS)
def test_a_complete_answered_order_is_reconciling_only_during_a_lag(
    happenings: list[tuple[str, float, int, int]],
) -> None:
    desk, at = _lived(happenings)
    if desk.view.complete and not desk.repair.unanswered:
        assert desk.repair.next is None
        assert not desk.reconciling or (desk.repair.lagging_at is not None and desk.repair.lagging_at + 10 <= at)


@given(_HAPPENINGS)
def test_a_snapshot_and_its_head_complete_any_order(happenings: list[tuple[str, float, int, int]]) -> None:
    desk, at = _lived(happenings)
    desk.answer(at, 9, EPOCH + 1)
    desk.join(at, snapshot(9, epoch=EPOCH + 1))
    desk.head(at, 9, EPOCH + 1)
    assert desk.repair == Repair(resume=Cursor(EPOCH + 1, 9))


@given(_HAPPENINGS)
def test_snapshots_are_fetched_at_most_on_the_backoff_curve(happenings: list[tuple[str, float, int, int]]) -> None:
    desk, at = _lived(happenings)
    desk.steps.clear()
    desk.run(at + 60)
    assert sum(step is not SUBSCRIBE for _, step in desk.steps) <= 15
    assert sum(step is BOTH for _, step in desk.steps) <= 5
    assert sum(step is SUBSCRIBE for _, step in desk.steps) <= 1
