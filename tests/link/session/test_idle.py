"""A session whose orders come from a list, without an order to watch, on a transport that must name one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support import ladders
from tests.support.orders import START
from tests.support.session_scripts import HEAD, HELLO, SessionScript
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
    CredentialsChanged,
    FetchToken,
    ListFailed,
    ListRead,
    OpenStream,
    OrderRemoved,
    OrdersAdded,
    ProbeGateway,
    ReadList,
    ReconnectRequested,
    RequestUnauthorized,
    WokeUp,
)
from tracker_tui.link.session.ladder import Ladder
from tracker_tui.link.session.list_state import MAX_AGE
from tracker_tui.link.session.machine import start
from tracker_tui.link.session.states import Backoff, Idle
from tracker_tui.wire.messages import Goodbye, Hello, Mode, Problem, Subscribed

BUSY = ServerBusy(503)
EXPIRED = Refused(Problem("token_expired", "it has expired"))


def listed(ladder: Ladder = ladders.SSE, *, keyed: bool = False) -> SessionScript:
    story = SessionScript(ladder=ladder)
    story.session, story.actions = start((), ladder, 0.0, has_credentials=keyed, reads_list=True)
    return story


def idle(at: float = 0.1, *, keyed: bool = False) -> SessionScript:
    """A session that is idle and live since `at`."""
    story = listed(keyed=keyed)
    if keyed:
        story.end_token_fetch(0.05, 1)
    story.step(ListRead(at))
    assert is_live(story)
    return story


def watched(*order_ids: str, at: float = 0.1) -> SessionScript:
    """A session whose stream is live with the orders that the list named."""
    story = listed()
    story.step(OrdersAdded(order_ids, at))
    story.step(ListRead(at))
    story.live(at)
    return story


def is_live(story: SessionScript) -> bool:
    link = story.session.link
    shown = (link.phase, link.list_every, link.reason, link.down_at, link.attempt)
    return story.session.state == Idle(is_current=True) and shown == (Phase.LIVE, 10.0, None, None, 0)


def is_reconnecting(story: SessionScript) -> bool:
    link = story.session.link
    return story.session.state == Idle() and link.phase is Phase.CONNECTING and link.attempt > 0


def test_the_list_is_read_before_the_first_stream_is_opened() -> None:
    story = listed()
    assert story.actions == (ReadList(),)
    assert (story.phase(), story.transport) == (Phase.CONNECTING, "sse")
    assert story.step(OrdersAdded(("A1", "B2"), 0.2)) == (OpenStream(2, "sse", 0),)
    story.step(ListRead(0.2))
    story.live(0.3)
    assert story.session.link.list_every is None


def test_an_empty_list_makes_the_link_live_without_a_stream() -> None:
    story = listed()
    assert story.step(ListRead(0.2)) == ()
    assert is_live(story)
    link = story.session.link
    assert (link.connected_at, link.down_at, link.reason, link.transport) == (None, None, None, "sse")


def test_over_websocket_the_stream_is_opened_at_once_and_nothing_is_idle() -> None:
    story = listed(ladders.ALL)
    assert story.actions == (OpenStream(1, "websocket", 0),)
    story.receive(0.1, HELLO)
    assert story.phase() is Phase.LIVE
    for failure in range(5):
        story.step(ListFailed(float(failure), BUSY))
    assert (story.phase(), story.session.link.list_every) == (Phase.LIVE, None)


def test_one_failed_reading_is_no_loss_and_two_in_a_row_are() -> None:
    story = idle()
    story.step(ListFailed(10, BUSY))
    assert is_live(story)
    story.step(ListRead(20))
    story.step(ListFailed(30, BUSY))
    assert is_live(story)
    story.step(ListFailed(40, BUSY))
    assert is_reconnecting(story)
    assert (story.session.link.reason, story.session.link.down_at) == (str(BUSY), 40)
    story.step(ListRead(50))
    assert is_live(story)


def test_a_list_that_was_not_read_for_25_seconds_is_a_loss() -> None:
    story = idle(at=3)
    assert story.session.deadline(0) == 3 + MAX_AGE == 28
    story.tick(27.9)
    assert is_live(story)
    story.tick(28)
    assert is_reconnecting(story)
    assert story.session.link.reason == "the list of orders was not read for 25 s"
    assert story.session.deadline(0) is None


def test_a_first_reading_that_fails_says_why() -> None:
    story = listed()
    story.step(ListFailed(0.2, TransportDown("connection refused")))
    assert is_reconnecting(story)
    assert story.session.link.reason == "connection refused"


def test_the_first_order_leaves_by_an_ordinary_opening() -> None:
    story = idle()
    assert story.step(OrdersAdded(("A1",), 9)) == (OpenStream(story.connection_id, "sse", 0),)
    assert story.phase() is Phase.CONNECTING
    story.fail(9.1)
    assert (story.phase(), story.session.link.attempt) == (Phase.BACKOFF, 1)


def test_when_the_last_order_leaves_the_stream_is_closed_in_good_order() -> None:
    story = watched("A1", "B2")
    connection_id = story.connection_id
    assert story.step(OrderRemoved("A1", 5)) == ()
    assert story.step(OrderRemoved("B2", 6)) == (CloseStream(connection_id),)
    assert is_live(story)
    story.step(ConnectionEnded(connection_id, 6.1, StreamClosed(1000, by_us=True), 0.5))
    assert is_live(story)
    assert story.step(OrdersAdded(("C3",), 12)) == (OpenStream(story.connection_id, "sse", 0),)


def test_when_the_last_order_leaves_and_the_list_is_out_of_date_it_is_read_at_once() -> None:
    story = watched("A1")
    connection_id = story.connection_id
    assert story.step(OrderRemoved("A1", 40)) == (CloseStream(connection_id), ReadList())
    assert story.phase() is Phase.CONNECTING
    story.step(ListRead(40.1))
    assert is_live(story)


def test_a_stream_being_opened_is_aborted_when_its_orders_are_removed() -> None:
    story = listed()
    story.step(OrdersAdded(("A1",), 1))
    connection_id = story.connection_id
    story.step(ListRead(1))
    assert story.step(OrderRemoved("A1", 2)) == (AbortStream(connection_id),)
    assert is_live(story)


def test_orders_that_leave_while_a_try_is_waited_for_leave_the_servers_floor_in_force() -> None:
    story = watched("A1")
    story.step(ConnectionEnded(story.connection_id, 5, StreamEnded(retry_after=20), 0.0))
    floor = story.wait.retry_floor
    assert story.step(OrderRemoved("A1", 6)) == ()
    assert is_live(story)
    assert story.step(OrdersAdded(("B2",), 7)) == ()
    assert story.wait.retry_floor == floor


def test_a_floor_of_a_goodbye_is_kept_too() -> None:
    story = watched("A1")
    story.receive(5, Goodbye("restarting", 20))
    story.step(OrderRemoved("A1", 6))
    assert story.step(OrdersAdded(("B2",), 7)) == ()
    assert isinstance(story.session.state, Backoff)
    assert story.session.state.retry_floor >= 25


def test_a_candidate_dropped_with_the_stream_is_no_failed_probe() -> None:
    story = listed(ladders.ALL)
    story.block(0.1)
    story.step(OrdersAdded(("A1",), 1))
    story.step(ListRead(1))
    story.live(1.1)
    story.tick(62, heard=61.5)
    stream, candidate, ladder = story.connection_id, story.candidate.connection_id, story.session.ladder
    story.step(ListRead(62))
    assert story.step(OrderRemoved("A1", 63)) == (CloseStream(stream), AbortStream(candidate))
    assert is_live(story)
    assert story.session.ladder == ladder


def test_a_step_down_without_an_order_waits_for_the_first_one() -> None:
    story = listed(ladders.ALL)
    story.step(ListRead(0.1))
    assert story.step(ConnectionEnded(1, 0.2, TransportDown("reset", connected=True), 0.5)) == (ProbeGateway(1),)
    story.end_probe(0.3)
    at = story.wait.until
    story.retry()
    story.step(ConnectionEnded(story.connection_id, at + 0.1, TransportDown("reset", connected=True), 0.5))
    assert story.end_probe(at + 0.2) == ()
    assert story.transport == "sse"
    assert is_live(story)
    assert story.session.link.fallback == "WebSocket: reset"


def test_a_step_down_while_the_next_try_is_under_way_drops_that_try_once() -> None:
    story = listed(ladders.ALL)
    story.step(ConnectionEnded(1, 0.1, TransportBlocked(403, "HTTP 403"), 0.5))
    story.retry()
    story.step(ListRead(story.session.downtime.since or 0.0))
    connection_id = story.connection_id
    assert story.end_probe(0.9) == (AbortStream(connection_id),)
    assert is_live(story)


def test_a_step_down_without_an_order_needs_no_wait_but_the_first_stream_keeps_the_servers_floor() -> None:
    story = listed(ladders.ALL)
    at = 0.1
    for _ in range(2):
        story.step(ConnectionEnded(story.connection_id, at, StreamEnded(retry_after=20), 0.0))
        floor = story.wait.retry_floor
        story.end_probe(at + 0.1)
        if story.transport == "websocket":
            story.retry()
            at = floor
    assert story.session.state == Idle()
    assert story.step(OrdersAdded(("A1",), at + 1)) == ()
    assert story.wait.retry_floor == floor


@pytest.mark.parametrize("error", [BUSY, TransportDown("reset", connected=True)])
def test_nothing_counts_for_or_against_a_transport_while_idle(error: LinkError) -> None:
    story = listed(ladders.ALL)
    story.block(0.1)
    before = story.session.ladder
    for at in range(1, 2000, 10):
        assert story.step(ListFailed(at, error)) == ()
        story.step(ListRead(at + 1))
        story.tick(at + 9)
    assert story.session.ladder == before


def test_the_key_has_the_list_read_at_most_once_a_second() -> None:
    story = idle()
    assert story.step(ReconnectRequested(5)) == (ReadList(),)
    assert story.step(ReconnectRequested(5.5)) == ()
    assert is_live(story)


def test_after_a_sleep_the_list_is_read_before_the_link_is_live() -> None:
    story = idle()
    assert story.step(WokeUp(5)) == (ReadList(),)
    assert is_reconnecting(story)
    story.step(ListRead(5.1))
    assert is_live(story)


# --- tokens -----------------------------------------------------------------------------------------------------------


def test_the_list_is_read_as_soon_as_there_is_a_token() -> None:
    story = listed(keyed=True)
    assert story.actions == (FetchToken(1),)
    assert story.end_token_fetch(0.1, 1) == (ReadList(),)
    assert story.step(OrdersAdded(("A1",), 0.2)) == (OpenStream(story.connection_id, "sse", 1),)


def test_an_expired_token_is_renewed_without_a_loss() -> None:
    story = idle(keyed=True)
    assert story.step(RequestUnauthorized(1, 10, EXPIRED)) == (FetchToken(2),)
    assert is_live(story)
    assert story.end_token_fetch(10.1, 2) == (ReadList(),)
    story.step(ListRead(10.2))
    assert is_live(story)
    assert story.step(RequestUnauthorized(2, 20, EXPIRED)) == (FetchToken(3),)


def test_a_reading_that_fails_while_a_token_is_looked_for_asks_for_no_other() -> None:
    story = idle(keyed=True)
    story.step(RequestUnauthorized(1, 10, EXPIRED))
    assert story.step(RequestUnauthorized(1, 20, EXPIRED)) == ()
    assert is_live(story)


def test_without_a_fresh_token_it_is_signed_out() -> None:
    story = idle(keyed=True)
    story.step(RequestUnauthorized(1, 10, EXPIRED))
    assert story.end_token_fetch(10.1, 1) == ()
    link = story.session.link
    assert (link.phase, link.code) == (Phase.SIGNED_OUT, "token_expired")
    story.step(CredentialsChanged(30))
    assert story.end_token_fetch(30.1, 2) == (ReadList(),)
    story.step(ListRead(30.2))
    assert is_live(story)


def test_two_tokens_refused_in_a_row_are_no_loop() -> None:
    story = idle(keyed=True)
    story.step(RequestUnauthorized(1, 10, EXPIRED))
    story.end_token_fetch(10.1, 2)
    assert story.step(RequestUnauthorized(2, 10.2, EXPIRED)) == ()
    assert story.phase() is Phase.SIGNED_OUT


def test_a_late_refusal_of_a_token_that_was_replaced_is_no_news() -> None:
    story = idle(keyed=True)
    story.step(RequestUnauthorized(1, 10, EXPIRED))
    story.end_token_fetch(10.1, 2)
    assert story.step(RequestUnauthorized(1, 10.2, EXPIRED)) == ()
    assert is_live(story)


def test_an_order_that_comes_while_the_token_is_refused_waits_for_a_fresh_one() -> None:
    story = idle(keyed=True)
    story.step(RequestUnauthorized(1, 10, EXPIRED))
    assert story.step(OrdersAdded(("A1",), 10.05)) == ()
    assert story.end_token_fetch(10.1, 2) == (OpenStream(story.connection_id, "sse", 2),)


def test_a_refusal_for_good_is_final() -> None:
    story = idle()
    story.step(ListFailed(10, Refused(Problem("forbidden", "not for you"))))
    link = story.session.link
    assert (link.phase, link.code, link.reason) == (Phase.FAILED, "forbidden", "forbidden: not for you")


def test_a_token_that_a_stream_presented_and_that_expired_while_idle_is_not_presented_again() -> None:
    story = listed(keyed=True)
    story.end_token_fetch(0.1, 1)
    story.step(OrdersAdded(("A1",), 0.2))
    story.receive(0.3, Hello(1, START, START + timedelta(seconds=60), "n1"))
    story.receive(0.3, Subscribed("A1", Mode.REPLAY, HEAD, HEAD), HEAD)
    story.step(ListRead(0.4))
    story.step(OrderRemoved("A1", 5))
    for at in range(10, 90, 10):
        story.step(ListRead(float(at)))
    assert story.step(OrdersAdded(("B2",), 90)) == (FetchToken(2),)
