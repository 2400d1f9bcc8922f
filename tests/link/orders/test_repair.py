"""When an order counts as out of sync, and the repair steps that follow."""

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


class RepairDriver:
    """One order's view and repair; `steps` are the steps that were taken, with their times."""

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
        """Receive a heartbeat that names the order with this head."""
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
        """Let time pass, taking steps exactly when they are due."""
        while (due := self.repair.deadline) is not None and due < until:
            before = self.repair
            self.repair, remedy = repair.take_step(before, due, draw, progress_at=self.progress_at)
            if remedy is not None:
                self.steps.append((due, remedy))
            assert self.repair != before, "a timer that is due must change something"


# --- gaps and heads ---------------------------------------------------------------------------------------------------


def test_a_complete_order_needs_no_repair() -> None:
    driver = RepairDriver()
    driver.join(1, event(4), event(5))
    driver.head(2, 5)
    assert driver.repair == Repair(resume=Cursor(EPOCH, 5))
    assert driver.repair.deadline is None


def test_a_gap_may_be_open_for_a_second() -> None:
    driver = RepairDriver()
    driver.join(1, event(5))
    assert not driver.reconciling
    assert driver.repair.deadline == 2
    driver.run(2.1)
    assert driver.reconciling
    assert driver.steps == [(2, SUBSCRIBE)]


def test_a_gap_that_is_filled_in_time_needs_no_repair() -> None:
    driver = RepairDriver()
    driver.join(1, event(5))
    driver.join(1.9, event(4))
    assert driver.repair == Repair(resume=Cursor(EPOCH, 5))


def test_an_announced_head_may_stay_unseen_for_two_seconds() -> None:
    driver = RepairDriver()
    driver.head(1, 4)
    driver.run(2.9)
    assert not driver.reconciling
    driver.run(3.1)
    assert driver.reconciling
    assert driver.steps == [(3, SUBSCRIBE)]


def test_a_gap_below_an_announced_head_is_due_at_the_earlier_deadline() -> None:
    driver = RepairDriver()
    driver.head(0, 6)
    driver.join(0.5, event(5))
    assert driver.repair.deadline == 1.5
    driver = RepairDriver()
    driver.head(0, 6)
    driver.join(1.5, event(5))
    assert driver.repair.deadline == 2


def test_more_events_above_a_gap_delay_nothing() -> None:
    driver = RepairDriver()
    for number in range(5):
        driver.join(1 + number * 0.2, event(5 + number))
    assert driver.repair.deadline == 2


def test_the_timer_restarts_whenever_the_cursor_advances() -> None:
    driver = RepairDriver()
    driver.join(1, event(5), event(7))
    driver.join(1.8, event(4))
    assert driver.view.resume == Cursor(EPOCH, 5)
    driver.run(2.7)
    assert driver.steps == []
    driver.run(3)
    assert driver.steps == [(2.8, SUBSCRIBE)]


def test_a_step_follows_its_predecessor_as_the_protocol_specifies() -> None:
    driver = RepairDriver()
    driver.join(1, event(5))
    driver.run(30)
    times = [at for at, _ in driver.steps]
    assert [remedy for _, remedy in driver.steps] == [SUBSCRIBE, *[FETCH] * (len(times) - 1)]
    assert times[:2] == [2, 4]
    waits = [later - earlier for earlier, later in pairwise(times[1:])]
    assert waits == pytest.approx([backoff.wait(n, 0) for n in range(len(waits))])
    assert driver.reconciling


def test_the_answer_to_a_repair_does_not_extend_its_timeout() -> None:
    driver = RepairDriver()
    driver.join(1, event(5))
    driver.answer(3.5, 5)
    driver.run(4.1)
    assert driver.steps == [(2, SUBSCRIBE), (4, FETCH)]


def test_events_above_the_gap_do_not_delay_the_snapshot() -> None:
    driver = RepairDriver()
    driver.join(1, event(5))
    driver.join(3, event(6))
    driver.join(3.9, event(7))
    driver.run(4.1)
    assert driver.steps == [(2, SUBSCRIBE), (4, FETCH)]


def test_an_advance_during_a_repair_restarts_it_and_a_complete_order_ends_it() -> None:
    driver = RepairDriver()
    driver.join(1, event(5), event(7))
    driver.join(3, event(4))
    assert driver.reconciling
    driver.run(4.1)
    assert driver.steps == [(2, SUBSCRIBE), (4, SUBSCRIBE)]
    driver.join(4.2, event(6))
    assert driver.repair == Repair(resume=Cursor(EPOCH, 7))


def test_a_snapshot_ends_a_repair() -> None:
    driver = RepairDriver()
    driver.join(1, event(5))
    driver.join(5, snapshot(6))
    assert driver.repair == Repair(resume=Cursor(EPOCH, 6))


def test_a_snapshot_below_the_newest_event_leaves_the_repair_going() -> None:
    driver = RepairDriver()
    driver.join(1, event(8))
    driver.join(4.5, snapshot(6))
    assert driver.reconciling
    assert driver.repair.deadline == 5.5


# --- connections ------------------------------------------------------------------------------------------------------


def test_a_reconnect_cancels_the_running_repair() -> None:
    driver = RepairDriver()
    driver.join(1, event(5))
    driver.run(10)
    assert driver.reconciling
    driver.reconnect(10)
    assert driver.repair == Repair(driver.view.resume, FETCH, 12, unanswered=True)


def test_a_subscription_without_an_answer_is_followed_by_a_get() -> None:
    driver = RepairDriver()
    driver.reconnect(10)
    driver.progress_at = 10
    driver.run(12.1)
    assert driver.steps == [(12, FETCH)]


def test_an_order_that_waits_its_turn_behind_a_thousand_others_is_not_stuck() -> None:
    driver = RepairDriver()
    driver.reconnect(10)
    driver.progress_at = 11.5
    driver.run(13)
    assert driver.steps == []
    driver.run(13.6)
    assert driver.steps == [(13.5, FETCH)]


def test_an_order_whose_snapshot_brought_nothing_does_not_wait_for_its_turn() -> None:
    driver = RepairDriver()
    driver.reconnect(10)
    driver.run(12.1)
    assert driver.steps == [(12, FETCH)]
    driver.progress_at = 12.1
    driver.run(12.4)
    assert driver.steps == [(12, FETCH), (12.125, FETCH), (12.3125, BOTH)]


def test_a_subscription_that_is_not_answered_is_sent_again_with_every_third_get() -> None:
    driver = RepairDriver()
    driver.reconnect(10)
    driver.run(30)
    remedies = [remedy for _, remedy in driver.steps]
    assert len(remedies) > 6
    assert remedies == [BOTH if number % 3 == 0 else FETCH for number in range(1, len(remedies) + 1)]
    driver.answer(30, 3)
    assert driver.repair == Repair(resume=Cursor(EPOCH, 3))


def test_no_subscription_is_sent_on_a_stream_that_cannot_accept_one() -> None:
    state = repair.subscribed(RepairDriver().view, 10)
    remedies = []
    for _ in range(6):
        state, remedy = repair.take_step(state, state.due, 0.0, progress_at=0, resubscribes=False)
        remedies.append(remedy)
    assert remedies == [FETCH] * 6


def test_an_answer_with_nothing_to_bring_ends_the_wait() -> None:
    driver = RepairDriver()
    driver.reconnect(10)
    driver.answer(10.1, 3)
    assert driver.repair == Repair(resume=Cursor(EPOCH, 3))


def test_a_replay_that_never_comes_is_followed_by_a_get() -> None:
    driver = RepairDriver()
    driver.reconnect(10)
    driver.answer(10.5, 6)
    driver.run(12.6)
    assert driver.steps == [(12.5, FETCH)]


def test_a_heartbeat_that_lists_an_order_is_its_answer() -> None:
    driver = RepairDriver()
    driver.reconnect(10)
    driver.head(11, 3)
    assert driver.repair == Repair(resume=Cursor(EPOCH, 3))


def test_a_fetched_snapshot_does_not_replace_the_streams_answer() -> None:
    driver = RepairDriver()
    driver.reconnect(10)
    driver.join(11, snapshot(3))
    assert driver.repair.unanswered


def test_events_without_a_snapshot_are_followed_by_a_get() -> None:
    driver = RepairDriver()
    driver.view = OrderView("A1")
    driver.reconnect(10)
    driver.answer(10.1, 5)
    driver.join(10.2, event(6))
    driver.run(12.2)
    assert driver.steps == [(12.1, FETCH)]


# --- epochs -----------------------------------------------------------------------------------------------------------


def test_the_first_event_of_a_new_epoch_subscribes_at_once_and_with_null() -> None:
    driver = RepairDriver()
    driver.join(1, event(4, epoch=EPOCH + 1))
    assert (driver.repair.next, driver.repair.due) == (SUBSCRIBE, 1)
    assert driver.view.resume is None
    driver.run(3.1)
    assert driver.steps == [(1, SUBSCRIBE), (3, FETCH)]


def test_a_bare_head_of_a_new_epoch_does_the_same() -> None:
    driver = RepairDriver()
    driver.head(1, 4, EPOCH + 1)
    assert (driver.repair.next, driver.repair.due) == (SUBSCRIBE, 1)


def test_more_signs_of_the_same_new_epoch_cause_no_second_subscription() -> None:
    driver = RepairDriver()
    driver.join(1, event(4, epoch=EPOCH + 1))
    driver.join(1.5, event(5, epoch=EPOCH + 1))
    driver.head(2, 5, EPOCH + 1)
    driver.run(2.9)
    assert driver.steps == [(1, SUBSCRIBE)]
    driver.join(2.9, snapshot(5, epoch=EPOCH + 1))
    assert driver.repair == Repair(resume=Cursor(EPOCH + 1, 5))


def test_a_new_epoch_is_subscribed_at_once_even_while_a_snapshot_is_pending() -> None:
    driver = RepairDriver()
    driver.join(1, event(5))
    driver.run(60)
    assert driver.repair.next is FETCH
    driver.join(60, event(2, epoch=EPOCH + 1))
    assert (driver.repair.next, driver.repair.due) == (SUBSCRIBE, 60)


def test_a_snapshot_that_the_server_announced_by_itself_is_waited_for() -> None:
    driver = RepairDriver()
    driver.answer(1, 4, EPOCH + 1)
    assert (driver.repair.next, driver.repair.due) == (FETCH, 3)
    assert not driver.reconciling


# --- a node that lags -------------------------------------------------------------------------------------------------


def test_a_head_below_the_known_version_is_ignored_for_ten_seconds() -> None:
    driver = RepairDriver()
    driver.head(1, 2)
    driver.head(6, 2)
    assert driver.repair.deadline == 11
    driver.run(10.9)
    assert not driver.reconciling
    driver.run(11.1)
    assert driver.reconciling
    assert driver.repair.deadline is None
    assert driver.steps == []


def test_answers_that_repeat_the_head_below_do_not_end_the_lag() -> None:
    driver = RepairDriver()
    for second in range(1, 13):
        driver.answer(second, 2)
        driver.head(second, 2)
        assert driver.reconciling == (second > 11)
    driver.answer(20, 3)
    assert driver.repair == Repair(resume=Cursor(EPOCH, 3))


def test_a_head_that_catches_up_ends_the_lag() -> None:
    for seconds in (5, 60):
        driver = RepairDriver()
        driver.head(1, 2)
        driver.head(1 + seconds, 3)
        assert driver.repair == Repair(resume=Cursor(EPOCH, 3))


def test_a_new_epoch_ends_the_lag() -> None:
    driver = RepairDriver()
    driver.head(1, 2)
    driver.join(60, snapshot(2, epoch=EPOCH + 1))
    assert driver.repair == Repair(resume=Cursor(EPOCH + 1, 2))


def test_a_lag_continues_through_events_and_gaps() -> None:
    driver = RepairDriver()
    driver.head(1, 2)
    driver.join(20, event(5))
    driver.join(20.5, event(4))
    assert driver.reconciling
    driver.head(21, 5)
    assert not driver.reconciling


def test_a_head_that_catches_up_does_not_end_the_repair_of_a_gap() -> None:
    driver = RepairDriver()
    driver.join(1, event(5))
    driver.head(1.5, 4)
    driver.head(3, 5)
    assert driver.reconciling
    assert driver.repair.deadline == 4


def test_an_answer_with_a_new_epoch_ends_the_lag_of_the_old_one() -> None:
    driver = RepairDriver()
    driver.head(1, 2)
    driver.answer(2, 4, EPOCH + 1)
    driver.join(2.1, snapshot(4, epoch=EPOCH + 1))
    assert driver.repair == Repair(resume=Cursor(EPOCH + 1, 4))


def test_a_short_lag_keeps_a_repaired_order_in_sync() -> None:
    driver = RepairDriver()
    driver.join(1, event(5))
    driver.head(3, 4)
    driver.join(4, event(4))
    assert not driver.reconciling
    assert driver.repair.deadline == 13


# --- temporary refusals, missing in heartbeats, wrong replays ---------------------------------------------------------


@pytest.mark.parametrize(("retry_after", "due"), [(None, 1.125), (0.0, 1.125), (20.0, 21), (1e6, 301)])
def test_a_temporarily_refused_order_is_subscribed_again_after_the_longer_of_backoff_and_server_floor(
    retry_after: float | None, due: float
) -> None:
    driver = RepairDriver()
    driver.refuse(1, retry_after)
    assert driver.reconciling
    assert (driver.repair.next, driver.repair.due) == (SUBSCRIBE, due)


def test_an_order_that_is_refused_repeatedly_is_subscribed_less_and_less_often() -> None:
    driver = RepairDriver()
    waits = []
    for _ in range(15):
        at = driver.repair.due
        driver.refuse(at)
        waits.append(driver.repair.due - at)
    assert waits == pytest.approx([backoff.wait(n, 0) for n in range(15)])


def test_messages_of_a_temporarily_refused_order_do_not_change_the_wait() -> None:
    driver = RepairDriver()
    driver.refuse(1, 20.0)
    driver.join(1.1, event(5))
    driver.join(1.2, event(3, epoch=EPOCH + 1))
    driver.join(1.3, snapshot(4))
    driver.run(22)
    assert driver.steps == [(21, SUBSCRIBE)]


def test_a_snapshot_shows_the_end_of_a_refusal_only_if_fetched_after_the_wait() -> None:
    driver = RepairDriver()
    assert not repair.shows_service_again(driver.repair)
    driver.refuse(1, 20.0)
    driver.join(2, snapshot(3))
    assert not repair.shows_service_again(driver.repair)
    driver.run(30)
    assert repair.shows_service_again(driver.repair)
    driver.answer(30, 3)
    assert not repair.shows_service_again(driver.repair)


def test_an_order_that_heartbeats_no_longer_list_is_subscribed_again() -> None:
    driver = RepairDriver()
    driver.unlist(1)
    driver.unlist(6)
    driver.join(7, event(5))
    assert not driver.reconciling
    driver.run(11.1)
    assert driver.steps == [(11, SUBSCRIBE)]


def test_an_order_that_is_listed_again_needs_nothing() -> None:
    driver = RepairDriver()
    driver.unlist(1)
    driver.head(6, 3)
    assert driver.repair == Repair(resume=Cursor(EPOCH, 3))


def test_a_heartbeat_without_the_order_puts_no_repair_off() -> None:
    driver = RepairDriver()
    driver.join(1, event(5))
    driver.unlist(1.5)
    driver.run(2.1)
    assert driver.steps == [(2, SUBSCRIBE)]


def test_a_heartbeat_sent_before_the_subscription_arrived_is_ignored() -> None:
    driver = RepairDriver()
    driver.reconnect(1)
    before = driver.repair
    driver.unlist(1.1)
    assert driver.repair == before


def test_a_replay_from_another_anchor_is_answered_with_a_get_at_once_even_if_nothing_seems_to_be_missing() -> None:
    driver = RepairDriver()
    driver.reconnect(1)
    driver.repair = repair.observe(repair.wrong_replay_start(driver.repair, 1.5), driver.view, 1.5)
    driver.run(1.6)
    assert driver.steps == [(1.5, FETCH)]
    driver.join(1.7, snapshot(3))
    assert driver.repair == Repair(resume=Cursor(EPOCH, 3))


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


def _lived(happenings: list[tuple[str, float, int, int]]) -> tuple[RepairDriver, float]:
    driver, at = RepairDriver(), 0.0
    for what, after, seq, epoch in happenings:
        at += after
        match what:
            case "event":
                driver.join(at, event(seq, epoch=epoch))
            case "snapshot":
                driver.join(at, snapshot(seq, epoch=epoch))
            case "head":
                driver.head(at, seq, epoch)
            case "answer":
                driver.answer(at, seq, epoch)
            case "reconnect":
                driver.reconnect(at)
            case "refuse":
                driver.refuse(at)
            case _:
                driver.unlist(at)
    return driver, at


@given(_HAPPENINGS)
def test_an_incomplete_order_always_has_a_next_step_soon(happenings: list[tuple[str, float, int, int]]) -> None:
    driver, at = _lived(happenings)
    if not driver.view.complete or driver.repair.unanswered:
        assert driver.repair.next is not None
        assert driver.repair.deadline is not None
        assert driver.repair.deadline <= at + 30


@given(_HAPPENINGS)
def test_a_complete_answered_order_is_reconciling_only_during_a_lag(
    happenings: list[tuple[str, float, int, int]],
) -> None:
    driver, at = _lived(happenings)
    if driver.view.complete and not driver.repair.unanswered:
        assert driver.repair.next is None
        assert not driver.reconciling or (driver.repair.lagging_at is not None and driver.repair.lagging_at + 10 <= at)


@given(_HAPPENINGS)
def test_a_snapshot_and_its_head_complete_any_order(happenings: list[tuple[str, float, int, int]]) -> None:
    driver, at = _lived(happenings)
    driver.answer(at, 9, EPOCH + 1)
    driver.join(at, snapshot(9, epoch=EPOCH + 1))
    driver.head(at, 9, EPOCH + 1)
    assert driver.repair == Repair(resume=Cursor(EPOCH + 1, 9))


@given(_HAPPENINGS)
def test_snapshots_are_fetched_at_most_on_the_backoff_curve(happenings: list[tuple[str, float, int, int]]) -> None:
    driver, at = _lived(happenings)
    driver.steps.clear()
    driver.run(at + 60)
    assert sum(step is not SUBSCRIBE for _, step in driver.steps) <= 15
    assert sum(step is BOTH for _, step in driver.steps) <= 5
    assert sum(step is SUBSCRIBE for _, step in driver.steps) <= 1
