"""A session whose orders have ended or were refused, and orders that are added afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support import ladders
from tests.support.orders import START
from tests.support.session_scripts import HELLO, SessionScript
from tracker_tui.link.changes import Phase
from tracker_tui.link.errors import Refused, StreamClosed
from tracker_tui.link.session.events import (
    AllOrdersEnded,
    AllOrdersRefused,
    CloseStream,
    ConnectionEnded,
    FetchToken,
    OpenStream,
    OrderRemoved,
    OrdersAdded,
    ReconnectRequested,
    Tick,
)
from tracker_tui.link.session.ladder import Ladder
from tracker_tui.link.session.states import Backoff
from tracker_tui.wire.messages import Goodbye, Hello, Problem


def ended(*orders: str, ladder: Ladder = ladders.ONE) -> SessionScript:
    """Return a session whose orders ended 10 s after the start."""
    made = SessionScript(*orders, ladder=ladder)
    made.live(1)
    assert made.step(AllOrdersEnded(10)) == (CloseStream(1),)
    assert made.phase() is Phase.FINAL
    return made


@pytest.mark.parametrize("ladder", [ladders.ONE, ladders.SSE])
def test_an_added_order_opens_a_new_connection_for_all_orders(ladder: Ladder) -> None:
    made = ended("A1", ladder=ladder)
    [opening] = made.step(OrdersAdded(("B2",), 500))
    assert isinstance(opening, OpenStream)
    assert opening.connection_id == made.connection_id > 1
    assert made.session.orders == ("A1", "B2")
    assert (made.session.link.attempt, made.session.link.down_at) == (0, 500)
    made.live(501)
    made.step(AllOrdersEnded(510))
    assert made.phase() is Phase.FINAL


def test_the_first_connection_afterwards_replaces_no_lost_one() -> None:
    made = ended()
    assert made.session.was_live
    made.step(OrdersAdded(("B2",), 500))
    assert not made.session.was_live


def test_an_order_that_was_removed_after_the_end_is_not_watched_again() -> None:
    made = ended("A1", "B2")
    assert made.step(OrderRemoved("A1", 20)) == ()
    assert made.phase() is Phase.FINAL
    made.step(OrdersAdded(("C3",), 30))
    assert made.session.orders == ("B2", "C3")


def test_messages_of_the_connection_before_the_end_are_ignored() -> None:
    made = ended()
    made.step(OrdersAdded(("B2",), 500))
    before = made.session
    assert made.step(ConnectionEnded(1, 501, StreamClosed(1006), 0.5)) == ()
    assert made.session is before


def test_a_key_and_time_change_nothing_after_the_end() -> None:
    made = ended()
    before = made.session
    for given in (ReconnectRequested(500), Tick(500, 0, 0.5)):
        assert made.step(given) == ()
    assert made.session is before
    assert before.deadline(0) is None


def test_a_refused_session_starts_again_without_its_reason() -> None:
    made = SessionScript("A1")
    made.step(OrderRemoved("A1", 1))
    made.step(AllOrdersRefused("forbidden", 1))
    assert (made.phase(), made.session.link.reason) == (Phase.FAILED, "forbidden")
    [opening] = made.step(OrdersAdded(("B2",), 20))
    assert isinstance(opening, OpenStream)
    assert (made.phase(), made.session.link.reason, made.session.orders) == (Phase.CONNECTING, None, ("B2",))


def test_without_its_refused_orders_a_session_is_not_refused_any_more() -> None:
    made = SessionScript("A1")
    made.step(OrderRemoved("A1", 1))
    made.step(AllOrdersRefused("forbidden", 1))
    made.step(AllOrdersEnded(2))
    assert (made.phase(), made.session.link.reason) == (Phase.FINAL, None)


def test_a_connection_that_was_refused_stays_so_until_an_order_is_added() -> None:
    made = SessionScript("A1")
    made.step(ConnectionEnded(1, 1, Refused(Problem("forbidden", "")), 0.5))
    made.step(AllOrdersEnded(2))
    assert made.phase() is Phase.FAILED
    made.step(OrdersAdded(("B2",), 20))
    made.receive(21, HELLO)
    assert made.session.orders == ("A1", "B2")


@pytest.mark.parametrize("kind", ["goodbye", "refusal"])
def test_the_servers_floor_holds_for_the_connection_afterwards(kind: str) -> None:
    made = SessionScript("A1")
    made.live(1)
    if kind == "goodbye":
        made.receive(5, Goodbye("restarting", 100))
        made.step(AllOrdersEnded(5))
    else:
        made.step(ConnectionEnded(1, 5, Refused(Problem("forbidden", "", None, 100)), 0.0))
    assert made.step(OrdersAdded(("B2",), 20)) == ()
    assert isinstance(made.session.state, Backoff)
    assert made.session.deadline(0) == 105
    assert made.step(Tick(104, 0, 0.5)) == ()
    [opening] = made.step(Tick(105, 0, 0.5))
    assert isinstance(opening, OpenStream)


def test_a_token_that_arrives_after_the_end_is_presented_afterwards() -> None:
    made = SessionScript("A1", keyed=True)
    made.end_token_fetch(0, 1)
    made.live(1, Hello(1, START, START + timedelta(seconds=30), "n1"))
    made.tick(26, heard=25)
    assert isinstance(made.actions[0], FetchToken)
    made.step(AllOrdersEnded(26))
    assert made.end_token_fetch(27, 2) == ()
    [opening] = made.step(OrdersAdded(("B2",), 500))
    assert isinstance(opening, OpenStream)
    assert opening.token == 2


def test_a_token_that_expired_after_the_end_is_renewed_first() -> None:
    made = SessionScript("A1", keyed=True)
    made.end_token_fetch(0, 1)
    made.live(1, Hello(1, START, START + timedelta(seconds=30), "n1"))
    made.step(AllOrdersEnded(5))
    [fetching] = made.step(OrdersAdded(("B2",), 500))
    assert isinstance(fetching, FetchToken)
    [opening] = made.end_token_fetch(501, 2)
    assert isinstance(opening, OpenStream)
    assert opening.token == 2
