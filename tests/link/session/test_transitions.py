"""Falling back and climbing back: the session on transports that fail."""

from __future__ import annotations

import pytest

from tests.support import ladders
from tests.support.session_scripts import HELLO, SessionScript
from tracker_tui.link.changes import Phase
from tracker_tui.link.errors import (
    LinkError,
    Refused,
    ServerBusy,
    StreamClosed,
    StreamEnded,
    TransportBlocked,
    TransportDown,
)
from tracker_tui.link.session.events import (
    AbortStream,
    CloseStream,
    ConnectionEnded,
    GatewayProbed,
    OpenStream,
    OrdersAdded,
    OrdersServable,
    ProbeGateway,
    SubscribeSome,
    Tick,
    WokeUp,
)
from tracker_tui.wire.messages import Goodbye, Problem


def story() -> SessionScript:
    return SessionScript(ladder=ladders.ALL)


def on_sse(at: float = 1.0) -> SessionScript:
    made = story()
    made.block(at)
    made.live(at)
    return made


def test_a_refusal_by_something_else_is_checked_with_a_get_and_then_the_next_transport_is_opened_at_once() -> None:
    made = story()
    actions = made.step(ConnectionEnded(1, 0.1, TransportBlocked(403, "HTTP 403"), 0.5))
    assert actions == (ProbeGateway(1),)
    assert made.end_probe(0.2) == (OpenStream(2, "sse", 0),)
    assert made.session.link.fallback == "WebSocket: HTTP 403"


def test_when_the_get_is_not_answered_either_it_is_an_outage_and_no_block() -> None:
    made = story()
    made.step(ConnectionEnded(1, 0.1, TransportBlocked(200, "a web page"), 0.5))
    assert made.end_probe(0.2, answered=False) == ()
    assert (made.transport, made.phase()) == ("websocket", Phase.BACKOFF)


def test_two_timeouts_in_a_row_step_down_within_twelve_seconds() -> None:
    made = story()
    made.tick(5, draw=0.99)
    made.end_probe(5.1)
    assert made.transport == "websocket"
    again = made.wait.until
    made.retry()
    made.tick(again + 5)
    assert made.end_probe(again + 5.1) == (OpenStream(3, "sse", 0),)
    assert again + 5.1 < 11


@pytest.mark.parametrize(
    "error",
    [
        TransportDown("connection refused"),
        ServerBusy(503),
        ServerBusy(429, 2),
        Refused(Problem("restarting", "")),
        StreamClosed(4012),
        StreamClosed(1009, by_us=True),
    ],
    ids=repr,
)
def test_an_error_not_caused_by_the_transport_starts_no_probe(error: LinkError) -> None:
    made = story()
    actions = made.step(ConnectionEnded(1, 0.1, error, 0.5))
    assert not any(isinstance(action, ProbeGateway) for action in actions)
    assert made.session.unconfirmed_failure is None


@pytest.mark.parametrize("error", [StreamClosed(1006), StreamClosed(1000), StreamEnded(), TransportDown("reset")])
def test_three_short_lives_step_down(error: LinkError) -> None:
    made, at = story(), 0.0
    for nth in range(3):
        made.live(at)
        assert ProbeGateway(made.connection_id) in made.step(ConnectionEnded(made.connection_id, at + 9, error, 0.5))
        at = made.wait.until
        if nth < 2:
            made.end_probe(at - 0.01)
            made.retry()
    assert made.end_probe(at) == (OpenStream(made.connection_id, "sse", 0),)


@pytest.mark.parametrize("pause", [31.0, 0.0])
def test_short_lives_expire_after_a_minute_and_their_count_is_limited(pause: float) -> None:
    made, at = story(), 0.0
    for _ in range(50):
        made.live(at)
        made.step(ConnectionEnded(made.connection_id, at + 1, StreamClosed(1006), 0.5))
        at = made.wait.until + pause
        made.tick(at)
        made.live(at)
        made.end_probe(at)  # the GET is slow: the transport works again by then, and isn't left
        assert made.transport == "websocket"
        assert len(made.session.ladder.short_lives) <= (2 if pause else 3)


def test_a_life_that_the_server_ended_on_purpose_is_not_a_short_one() -> None:
    made = story()
    made.live(0)
    made.receive(1, Goodbye("restarting", 1))
    assert made.close_stream(1.5) == ()
    assert made.session.unconfirmed_failure is None


def test_a_late_answer_about_an_older_failure_counts_for_nothing() -> None:
    made = story()
    made.step(ConnectionEnded(1, 0.1, StreamClosed(1006), 0.5))
    made.retry()
    made.step(ConnectionEnded(2, 0.5, StreamClosed(1006), 0.5))
    before = made.session
    assert made.step(GatewayProbed(1, 0.6, True)) == ()
    assert made.session is before


def test_a_step_down_does_not_skip_the_servers_floor() -> None:
    made, at = story(), 0.0
    for _ in range(2):
        made.step(ConnectionEnded(made.connection_id, at, StreamEnded(retry_after=20), 0.0))
        floor = made.wait.retry_floor
        assert made.end_probe(at + 0.1) == ()
        at = floor
        if made.transport == "websocket":
            made.retry()
    assert (made.transport, made.wait.retry_floor) == ("sse", 40)
    assert made.tick(40) == (OpenStream(3, "sse", 0),)


def test_the_only_transport_and_the_last_one_are_never_left_nor_checked() -> None:
    made = SessionScript(ladder=ladders.ONE)
    assert made.step(ConnectionEnded(1, 0.1, TransportBlocked(403, "HTTP 403"), 0.5)) == ()
    assert made.phase() is Phase.BACKOFF


# --- climbing back ----------------------------------------------------------------------------------------------------


def test_a_better_transport_is_tried_as_a_candidate_and_takes_over_when_it_has_caught_up() -> None:
    made = on_sse()
    due = made.session.deadline(60.9)
    assert due == 61
    assert made.tick(61, heard=60.9) == (OpenStream(3, "websocket", 0),)
    assert (made.phase(), made.transport) == (Phase.LIVE, "sse")
    assert made.catch_up(61.2) == (CloseStream(2),)
    assert (made.phase(), made.transport, made.connection_id) == (Phase.LIVE, "websocket", 3)
    assert made.session.link.fallback is None
    assert made.session.ladder.probe_at is None


def test_a_try_that_fails_touches_neither_phase_nor_backoff() -> None:
    made = on_sse()
    made.tick(61, heard=60.9)
    before = made.session
    made.step(ConnectionEnded(3, 61.1, TransportBlocked(403, "HTTP 403"), 0.5))
    after = made.session
    assert (after.state, after.retries.failures, after.downtime.attempt, after.downtime.reason) == (
        before.state,
        before.retries.failures,
        0,
        None,
    )
    assert after.ladder.probe_at == 61.1 + 120


def test_a_try_without_hello_is_given_up_after_five_seconds() -> None:
    made = on_sse()
    made.tick(61, heard=60.9)
    assert made.tick(66, heard=65.9) == (AbortStream(3),)
    assert made.phase() is Phase.LIVE


def test_a_try_that_does_not_catch_up_is_given_up_too() -> None:
    made = on_sse()
    made.tick(61, heard=60.9)
    made.receive_on_candidate(61.5, HELLO)
    assert made.step(Tick(91.4, 91.3, 0.5, candidate_heard_at=91.3)) == ()
    assert made.step(Tick(91.5, 91.4, 0.5, candidate_heard_at=91.4)) == (AbortStream(3),)
    assert made.phase() is Phase.LIVE


def test_a_try_that_falls_silent_is_given_up_too() -> None:
    made = on_sse()
    made.tick(61, heard=60.9)
    made.receive_on_candidate(61.5, HELLO)
    assert made.step(Tick(73.5, 73.4, 0.5, candidate_heard_at=61.5)) == (AbortStream(3),)


def test_when_the_live_stream_ends_a_candidate_with_hello_takes_over_at_once() -> None:
    made = on_sse()
    made.tick(61, heard=60.9)
    made.receive_on_candidate(61.1, HELLO)
    assert made.step(ConnectionEnded(2, 61.2, StreamEnded(), 0.5)) == ()
    assert (made.connection_id, made.phase(), made.transport) == (3, Phase.SYNCING, "websocket")
    assert made.session.downtime.since == 61.2


def test_when_the_live_stream_ends_a_candidate_without_hello_is_aborted() -> None:
    made = on_sse()
    made.tick(61, heard=60.9)
    assert made.step(ConnectionEnded(2, 61.2, StreamEnded(), 0.5)) == (AbortStream(3),)
    assert (made.phase(), made.transport) == (Phase.BACKOFF, "sse")


def test_no_better_transport_is_tried_while_the_link_is_down_or_going() -> None:
    made = on_sse()
    made.receive(60.5, Goodbye("restarting"))
    assert made.tick(61, heard=60.9) == ()
    made.step(ConnectionEnded(2, 61.1, StreamEnded(), 0.5))
    assert isinstance(made.tick(made.wait.until)[0], OpenStream)
    assert made.transport == "sse"


def test_waking_on_a_stream_without_ping_opens_a_candidate() -> None:
    made = on_sse()
    assert made.step(WokeUp(30)) == (OpenStream(3, "sse", 0),)
    assert made.phase() is Phase.SYNCING
    assert made.catch_up(30.3) == (CloseStream(2),)
    assert (made.phase(), made.connection_id) == (Phase.LIVE, 3)


def test_a_server_that_refuses_the_candidate_after_a_sleep_gets_no_attempt_before_its_floor() -> None:
    made = on_sse()
    made.step(WokeUp(30))
    made.step(ConnectionEnded(made.candidate.connection_id, 30.1, ServerBusy(429, 20), 0.5))
    assert made.tick(31, heard=29.9) == (AbortStream(2),)
    assert made.tick(50, heard=29.9) == ()
    assert made.tick(50.1, heard=29.9) == (OpenStream(5, "sse", 0),)


def test_waking_on_a_stream_that_is_going_opens_nothing() -> None:
    made = on_sse()
    made.receive(30, Goodbye("restarting", 20))
    assert made.step(WokeUp(30.5)) == ()


def test_the_wait_that_sse_asks_for_is_kept_but_for_the_first_try_after_a_healthy_stream() -> None:
    made = on_sse()
    made.step(ConnectionEnded(made.connection_id, 30, StreamEnded(retry_after=3), 0.5))
    assert (made.wait.retry_floor, made.wait.until) == (0, 30.15)
    made.retry()
    made.step(ConnectionEnded(made.connection_id, 30.2, StreamEnded(retry_after=3), 0.0))
    assert made.wait.retry_floor == pytest.approx(33.2)


# --- more orders ------------------------------------------------------------------------------------------------------


def test_added_orders_are_subscribed_on_a_duplex_stream_and_the_link_stays_live() -> None:
    made = story()
    made.live(0)
    assert made.step(OrdersAdded(("B2",), 1)) == (SubscribeSome(1, ("B2",)),)
    assert made.phase() is Phase.LIVE
    assert made.session.resubscribe_due_at is None


def test_a_one_way_stream_is_replaced_by_one_that_names_all_orders() -> None:
    made = on_sse()
    made.step(OrdersAdded(("B2",), 10))
    made.step(OrdersAdded(("C3",), 10.2))
    assert made.session.deadline(10.3) == 10.7
    assert made.tick(10.7, heard=10.3) == (OpenStream(3, "sse", 0),)
    assert made.phase() is Phase.LIVE
    assert made.catch_up(10.9) == (CloseStream(2),)
    assert made.session.orders == ("A1", "B2", "C3")
    assert made.session.resubscribe_due_at is None


def test_a_stream_for_more_orders_that_can_not_be_had_is_tried_again_after_ten_seconds() -> None:
    made = on_sse()
    made.step(OrdersAdded(("B2",), 10))
    made.tick(10.5, heard=10.3)
    made.step(ConnectionEnded(3, 10.6, TransportDown("connection refused"), 0.5))
    assert made.phase() is Phase.LIVE
    assert made.session.resubscribe_due_at == pytest.approx(20.6)


def test_orders_added_while_a_stream_is_being_opened_are_requested_too() -> None:
    made = on_sse()
    made.step(OrdersAdded(("B2",), 10))
    made.tick(10.5, heard=10.3)
    made.step(OrdersAdded(("C3",), 10.6))
    made.catch_up(10.9)
    assert made.tick(11.1, heard=11) == (OpenStream(4, "sse", 0),)
    made = story()
    made.step(OrdersAdded(("B2",), 0.1))
    made.live(0.2)
    assert made.session.resubscribe_due_at is None


# --- orders that the open stream does not serve -----------------------------------------------------------------------


def test_all_orders_that_can_be_served_again_are_requested_on_one_new_stream() -> None:
    made = on_sse()
    made.step(OrdersServable(10))
    made.step(OrdersServable(10.4))
    assert made.session.deadline(10.3) == 10.5
    assert made.tick(10.5, heard=10.3) == (OpenStream(3, "sse", 0),)
    assert made.catch_up(10.9) == (CloseStream(2),)
    assert made.session.resubscribe_due_at is None


def test_a_stream_for_orders_that_are_not_served_comes_at_most_every_thirty_seconds() -> None:
    made = on_sse()
    made.step(OrdersServable(10))
    made.tick(10.5, heard=10.3)
    made.step(ConnectionEnded(3, 10.6, TransportDown("connection refused"), 0.5))
    assert made.session.resubscribe_due_at is None
    made.step(OrdersServable(12))
    assert made.session.resubscribe_due_at == 40.5


def test_orders_that_are_not_served_hold_up_no_stream_for_more_orders() -> None:
    made = on_sse()
    made.step(OrdersServable(10))
    made.tick(10.5, heard=10.3)
    made.catch_up(10.9)
    made.step(OrdersServable(12))
    made.step(OrdersAdded(("B2",), 13))
    assert made.session.resubscribe_due_at == 13.5
    made.tick(13.5, heard=13.3)
    made.catch_up(13.7)
    assert made.session.resubscribe_due_at is None


def test_a_server_that_turned_a_stream_for_orders_away_is_not_called_before_its_time() -> None:
    made = on_sse()
    made.step(OrdersAdded(("B2",), 10))
    made.tick(10.5, heard=10.3)
    made.step(ConnectionEnded(3, 10.6, ServerBusy(429, 50), 0.5))
    made.step(OrdersServable(20))
    assert made.session.resubscribe_due_at == pytest.approx(60.6)


def test_a_duplex_stream_needs_no_other() -> None:
    made = story()
    made.live(0)
    before = made.session
    assert made.step(OrdersServable(1)) == ()
    assert made.session is before


def test_a_new_stream_asks_for_every_order_anyway() -> None:
    made = on_sse()
    made.step(OrdersServable(10))
    made.close_stream(10.1)
    made.retry()
    made.live(11)
    assert made.session.resubscribe_due_at is None
