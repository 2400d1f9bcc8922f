"""The life of a connection, step by step."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.support.orders import EPOCH, START, event
from tests.support.session_scripts import HEAD, HELLO, SessionScript
from tracker_tui.domain.cursor import Cursor
from tracker_tui.link.changes import Phase
from tracker_tui.link.errors import Refused, ServerBusy
from tracker_tui.link.session import events
from tracker_tui.link.session.events import (
    AbortStream,
    BytesReceived,
    CloseStream,
    ConnectionEnded,
    MessageReceived,
    OpenStream,
    OrderAdvanced,
    OrderRemoved,
    Ping,
    ReconnectRequested,
    SubscribeAll,
    Tick,
    WokeUp,
)
from tracker_tui.link.session.machine import step
from tracker_tui.link.session.states import Backoff
from tracker_tui.wire.messages import Goodbye, Heartbeat, Mode, Problem, Subscribed

# --- getting live -----------------------------------------------------------------------------------------------------


def test_the_first_connection_is_opened_at_once() -> None:
    assert SessionScript().actions == (OpenStream(1, "websocket", 0),)


def test_after_hello_every_order_is_subscribed_but_the_link_is_not_yet_live() -> None:
    story = SessionScript()
    assert story.receive(1, HELLO) == (SubscribeAll(1),)
    assert story.phase() is Phase.SYNCING


def test_the_link_is_live_when_every_order_has_reached_the_head_in_its_answer() -> None:
    story = SessionScript("A1", "B2")
    story.receive(1, HELLO)
    story.receive(1, Subscribed("A1", Mode.REPLAY, HEAD, HEAD), HEAD)
    story.receive(1, Subscribed("B2", Mode.REPLAY, HEAD, Cursor(EPOCH, 9)), HEAD)
    story.step(OrderAdvanced("B2", 2, Cursor(EPOCH, 8)))
    assert story.phase() is Phase.SYNCING
    story.step(OrderAdvanced("B2", 2, Cursor(EPOCH, 9)))
    assert story.phase() is Phase.LIVE


def test_a_snapshot_of_a_newer_epoch_reaches_any_head_of_the_old_one() -> None:
    story = SessionScript()
    story.receive(1, HELLO)
    story.receive(1, Subscribed("A1", Mode.REPLAY, HEAD, Cursor(EPOCH, 9)), HEAD)
    story.step(OrderAdvanced("A1", 2, None))
    assert story.phase() is Phase.SYNCING
    story.step(OrderAdvanced("A1", 2, Cursor(EPOCH + 1, 3)))
    assert story.phase() is Phase.LIVE


def test_a_head_in_a_heartbeat_replaces_a_lost_answer() -> None:
    story = SessionScript()
    story.receive(1, HELLO)
    story.receive(6, Heartbeat(START, {"A1": HEAD}))
    story.step(OrderAdvanced("A1", 6, HEAD))
    assert story.phase() is Phase.LIVE


def test_a_later_head_does_not_delay_the_live_phase() -> None:
    story = SessionScript()
    story.receive(1, HELLO)
    story.receive(1, Subscribed("A1", Mode.REPLAY, None, HEAD), None)
    story.receive(6, Heartbeat(START, {"A1": Cursor(EPOCH, 9)}))
    story.step(OrderAdvanced("A1", 6, HEAD))
    assert story.phase() is Phase.LIVE


def test_a_refused_order_is_not_waited_for() -> None:
    story = SessionScript("A1", "B2")
    story.receive(1, HELLO)
    story.receive(1, Subscribed("A1", Mode.REPLAY, HEAD, HEAD), HEAD)
    story.receive(1, Problem("forbidden", "", "B2"))
    assert story.phase() is Phase.LIVE


def test_no_hello_for_five_seconds_is_a_failure() -> None:
    story = SessionScript()
    assert story.tick(4.9) == ()
    assert story.tick(5.0) == (AbortStream(1),)
    assert story.phase() is Phase.BACKOFF
    assert story.session.downtime.reason == "no hello within 5 s"


def test_another_protocol_version_is_final() -> None:
    story = SessionScript()
    story.receive(1, replace(HELLO, protocol=2))
    assert story.phase() is Phase.FAILED
    assert story.session.downtime.reason == "the server speaks protocol 2, not 1"


def test_an_order_dropped_while_signed_out_is_not_waited_for_afterwards() -> None:
    story = SessionScript("A1", "B2")
    story.live(1)
    story.close_stream(2, code=4001)
    story.step(OrderRemoved("B2", 3))
    story.step(ReconnectRequested(4))
    story.receive(5, HELLO)
    story.receive(5, Subscribed("A1", Mode.REPLAY, HEAD, HEAD), HEAD)
    assert story.phase() is Phase.LIVE


# --- silence ----------------------------------------------------------------------------------------------------------


def test_a_link_is_quiet_after_a_heartbeat_and_two_seconds_and_dead_after_two_and_two() -> None:
    story = SessionScript()
    story.live(1)
    story.tick(7.9, heard=1)
    assert story.phase() is Phase.LIVE
    story.tick(8.0, heard=1)
    assert story.phase() is Phase.QUIET
    assert story.tick(12.9, heard=1) == ()
    assert story.tick(13.0, heard=1) == (AbortStream(1),)
    assert story.phase() is Phase.BACKOFF
    assert story.session.downtime.reason == "silent for 12 s"


@given(st.integers(1_000, 10**9))
def test_a_timer_that_goes_off_exactly_when_due_is_never_too_early(milliseconds: int) -> None:
    heard = milliseconds / 1000
    story = SessionScript()
    story.live(heard)
    for phase in (Phase.QUIET, Phase.BACKOFF):
        due = story.session.deadline(heard)
        assert due is not None
        story.tick(due, heard)
        story.tick(due, heard)
        assert story.phase() is phase


def test_any_byte_ends_the_quiet_a_message_or_not() -> None:
    story = SessionScript()
    story.live(1)
    for sign in (
        BytesReceived(1, 9),
        MessageReceived(1, 9, event(6)),
        MessageReceived(1, 9, Problem("x", "")),
        Tick(9, heard_at=8.5, draw=0),
    ):
        quiet, _ = step(story.session, Tick(8, heard_at=1, draw=0))
        assert quiet.phase is Phase.QUIET
        assert step(quiet, sign)[0].phase is Phase.LIVE


def test_a_snapshot_from_a_get_does_not_count_as_stream_activity() -> None:
    story = SessionScript()
    story.live(1)
    story.tick(8, heard=1)
    story.step(OrderAdvanced("A1", 9, Cursor(EPOCH, 6)))
    assert story.phase() is Phase.QUIET


def test_an_order_that_a_quiet_link_no_longer_wants_leaves_it_quiet() -> None:
    story = SessionScript("A1", "B2")
    story.live(1)
    story.tick(8, heard=1)
    story.step(OrderRemoved("B2", 9))
    assert story.phase() is Phase.QUIET


# --- losing it --------------------------------------------------------------------------------------------------------


def test_the_first_retry_after_a_healthy_stream_comes_within_a_third_of_a_second_and_costs_no_n() -> None:
    story = SessionScript()
    at = story.fail_often(8)
    story.live(at)
    story.close_stream(at + 10, draw=0.999)
    assert at + 10 <= story.wait.until <= at + 10.3
    story.retry()
    story.fail(at + 11, draw=0.999)
    assert story.wait.until <= at + 11.25


def test_a_stream_that_lived_less_than_ten_seconds_resets_nothing() -> None:
    story = SessionScript()
    at = story.fail_often(8)
    story.live(at)
    story.close_stream(at + 9.9, draw=0)
    assert story.wait.until >= at + 9.9 + 0.125 * 1.5**8


def test_a_stream_that_was_never_in_sync_resets_nothing_however_old() -> None:
    story = SessionScript()
    at = story.fail_often(8)
    story.receive(at, HELLO)
    story.close_stream(at + 600, draw=0)
    assert story.wait.until >= at + 600 + 0.125 * 1.5**8


def test_a_healthy_stream_given_up_by_key_or_after_sleep_resets_the_backoff_as_well() -> None:
    story = SessionScript()
    at = story.fail_often(8)
    story.live(at)
    story.step(ReconnectRequested(at + 3600))
    story.fail(at + 3600, draw=0.999)
    assert story.wait.until <= at + 3600.25
    at = story.fail_often(8, at + 3601)
    story.live(at)
    story.step(WokeUp(at + 3600))
    assert story.tick(at + 3601, heard=at + 3600)[-1] == OpenStream(story.connection_id, "websocket", 0)
    story.fail(at + 3601, draw=0.999)
    assert story.wait.until <= at + 3601.25


def test_a_servers_floor_holds_for_one_wait() -> None:
    story = SessionScript()
    story.step(ConnectionEnded(1, 1, ServerBusy(503, 20), 0.5))
    assert story.wait.retry_floor == 1 + 20 * 1.05
    assert story.session.link.retry_at == 22
    story.retry()
    story.fail(22)
    assert story.wait.retry_floor == 0


def test_a_problem_outranks_the_close_code() -> None:
    story = SessionScript()
    story.live(1)
    story.receive(2, Problem("forbidden", "not yours"))
    story.close_stream(3, code=1011)
    assert story.phase() is Phase.FAILED
    assert story.session.downtime.reason == "forbidden: not yours"


def test_of_two_problems_of_a_stream_the_first_one_counts() -> None:
    for greeted in (True, False):
        story = SessionScript()
        if greeted:
            story.live(1)
        story.receive(2, Problem("forbidden", "not yours"))
        story.receive(2, Problem("restarting", ""))
        story.close_stream(2, code=1000)
        assert story.phase() is Phase.FAILED


def test_a_problem_before_hello_outranks_the_close_code_too() -> None:
    story = SessionScript()
    story.receive(1, Problem("rate_limited", "", retry_after_seconds=30))
    story.close_stream(1, draw=0, code=1000)
    assert story.wait.retry_floor == 31


def test_a_stream_that_stays_open_after_its_problem_is_left() -> None:
    story = SessionScript()
    story.live(1)
    story.receive(2, Problem("forbidden", "not yours"))
    assert story.tick(3.9, heard=3.5) == ()
    assert story.tick(4.0, heard=3.5) == (AbortStream(1),)
    assert story.session.downtime.reason == "forbidden: not yours"
    assert story.phase() is Phase.FAILED


def test_a_goodbye_without_a_close_is_left_after_two_seconds_and_its_wait_is_kept() -> None:
    story = SessionScript()
    story.live(1)
    story.receive(2, Goodbye("restarting", retry_after_seconds=30))
    story.receive(3, Goodbye("restarting"))
    assert story.tick(4.0, heard=3, draw=0) == (AbortStream(1),)
    assert story.wait.retry_floor == 34


def test_the_longest_wait_requested_by_a_stream_applies() -> None:
    story = SessionScript()
    story.live(1)
    story.receive(2, Goodbye("restarting", retry_after_seconds=30))
    story.receive(2, Problem("restarting", "", retry_after_seconds=5))
    story.close_stream(2, draw=0, code=4012)
    assert story.wait.retry_floor == 32


def test_the_same_fault_of_ours_twice_is_final_unless_a_healthy_stream_lies_between() -> None:
    story = SessionScript()
    story.live(1)
    story.close_stream(12, code=1002)
    story.retry()
    story.live(13)
    story.close_stream(30, code=1007)
    assert story.phase() is Phase.BACKOFF
    story.retry()
    story.close_stream(31, code=1003)
    assert story.phase() is Phase.FAILED


def test_a_missing_token_signs_out_and_a_key_tries_again() -> None:
    story = SessionScript()
    story.step(ConnectionEnded(1, 1, Refused(Problem("auth_rejected", "unknown key")), 0.5))
    assert story.phase() is Phase.SIGNED_OUT
    assert story.session.deadline(1) is None
    story.step(ReconnectRequested(60))
    assert story.phase() is Phase.CONNECTING


def test_an_ended_connection_is_not_closed_once_more() -> None:
    for code in (4001, 4503):
        story = SessionScript()
        story.live(1)
        assert story.close_stream(2, code=code) == ()


def test_attempts_are_counted_until_live_and_the_outage_is_dated_from_its_start() -> None:
    story = SessionScript()
    story.live(1)
    story.close_stream(20)
    story.retry()
    story.fail(21)
    assert (story.session.downtime.attempt, story.session.downtime.since) == (2, 20)
    story.retry()
    story.live(23)
    assert (story.session.downtime.attempt, story.session.downtime.since, story.session.downtime.reason) == (
        0,
        None,
        None,
    )


# --- keys and sleep ---------------------------------------------------------------------------------------------------


def test_r_skips_our_own_wait_at_most_once_a_second() -> None:
    story = SessionScript()
    story.fail(1)
    assert story.step(ReconnectRequested(1)) == (OpenStream(2, "websocket", 0),)
    story.fail(1.5)
    assert story.step(ReconnectRequested(1.75)) == ()
    assert story.step(ReconnectRequested(2)) == (OpenStream(3, "websocket", 0),)


def test_r_never_skips_a_servers_floor() -> None:
    story = SessionScript()
    story.step(ConnectionEnded(1, 1, ServerBusy(429, 20), 0))
    assert story.step(ReconnectRequested(2)) == ()
    assert story.wait == Backoff(21, 21)
    assert story.tick(20.9) == ()
    assert story.tick(21) == (OpenStream(2, "websocket", 0),)


def test_neither_r_nor_waking_skips_the_floor_of_a_goodbye_whose_close_is_still_to_come() -> None:
    story = SessionScript()
    story.live(1)
    story.receive(2, Goodbye("draining", retry_after_seconds=60))
    assert story.step(ReconnectRequested(2.1)) == ()
    assert story.step(WokeUp(2.2)) == (Ping(1),)
    assert story.tick(3.2, heard=2, draw=0) == (AbortStream(1),)
    assert story.wait.retry_floor >= 62


def test_waking_shows_no_live_link_until_the_link_has_answered() -> None:
    story = SessionScript()
    story.live(1)
    assert story.step(WokeUp(100)) == (Ping(1),)
    assert story.phase() is Phase.SYNCING
    story.step(BytesReceived(1, 100.2))
    assert story.phase() is Phase.LIVE


def test_a_ping_after_waking_has_a_second() -> None:
    story = SessionScript()
    story.live(1)
    story.step(WokeUp(100))
    assert story.tick(100.9, heard=100) == ()
    assert story.tick(101, heard=100) == (AbortStream(1), OpenStream(2, "websocket", 0))


def test_a_goodbye_survives_a_sleep() -> None:
    story = SessionScript()
    story.live(1)
    story.step(WokeUp(100))
    story.receive(100.1, Goodbye("restarting", retry_after_seconds=30))
    assert story.phase() is Phase.LIVE
    assert story.tick(101.5, heard=100.1) == ()
    assert story.tick(102.1, heard=100.1, draw=0) == (AbortStream(1),)
    assert story.wait.retry_floor == 132.1


def test_waking_skips_our_own_wait_but_no_floor() -> None:
    story = SessionScript()
    story.fail_often(8)
    story.fail(50)
    assert story.step(WokeUp(50.5)) == (OpenStream(story.connection_id, "websocket", 0),)
    story.step(ConnectionEnded(story.connection_id, 51, ServerBusy(503, 20), 0))
    assert story.step(WokeUp(52)) == ()
    assert story.session.link.retry_at == 71


# --- leaving ----------------------------------------------------------------------------------------------------------


def test_when_every_order_has_ended_the_connection_is_closed_politely() -> None:
    story = SessionScript()
    story.live(1)
    assert story.step(events.AllOrdersEnded(9)) == (CloseStream(1),)
    assert story.phase() is Phase.FINAL


def test_quitting_while_connecting_leaves_nothing_behind() -> None:
    story = SessionScript()
    assert story.step(events.CloseRequested()) == (AbortStream(1),)
    assert story.phase() is Phase.CLOSED
    assert story.receive(1, HELLO) == ()
