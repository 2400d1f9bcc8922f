"""The waits between two connection attempts, and the number of attempts that follows from them."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from statistics import median, quantiles

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support import ladders
from tests.support.orders import EPOCH, START
from tracker_tui.domain.cursor import Cursor
from tracker_tui.link.changes import Phase
from tracker_tui.link.errors import LinkError, StreamClosed, TransportDown
from tracker_tui.link.session import backoff
from tracker_tui.link.session.events import ConnectionEnded, MessageReceived, OpenStream, Tick
from tracker_tui.link.session.machine import start, step
from tracker_tui.link.session.session import Session
from tracker_tui.wire.messages import Hello, Mode, Subscribed

DRAWS = st.floats(0, 1, exclude_max=True)
HEAD = Cursor(EPOCH, 5)
REFUSED = TransportDown("connection refused")
DROPPED = StreamClosed(1000)

Draw = Callable[[], float]


@pytest.mark.parametrize(
    ("n", "longest"), [(0, 0.25), (1, 0.375), (2, 0.5625), (5, 1.8984375), (11, 21.624), (12, 30), (10_000, 30)]
)
def test_a_wait_is_between_half_and_all_of_a_quarter_second_times_one_and_a_half_to_the_n(
    n: int, longest: float
) -> None:
    assert backoff.wait(n, 0) == pytest.approx(longest / 2, rel=1e-4)
    assert backoff.wait(n, 1) == pytest.approx(longest, rel=1e-4)


@given(st.integers(0, 10**9), DRAWS)
def test_no_number_of_failures_makes_a_wait_fail_or_longer_than_thirty_seconds(n: int, draw: float) -> None:
    assert 0.125 <= backoff.wait(n, draw) <= 30


@given(DRAWS)
def test_the_first_wait_after_a_healthy_stream_is_below_a_third_of_a_second(draw: float) -> None:
    assert 0 <= backoff.first_wait(draw) <= 0.3


@given(st.floats(0), DRAWS)
def test_a_servers_wait_is_capped_spread_by_a_tenth_and_never_shortened(asked: float, draw: float) -> None:
    wait = backoff.floor(asked, draw)
    assert min(asked, 300) <= wait <= 1.1 * min(asked, 300)


def test_the_spread_of_a_servers_wait_reaches_a_tenth() -> None:
    assert backoff.floor(100, 0) == 100
    assert backoff.floor(100, 1) == pytest.approx(110)
    assert backoff.floor(1e9, 0) == 300


# --- what it comes to -------------------------------------------------------------------------------------------------


def _live(session: Session, at: float) -> Session:
    session, _ = step(session, MessageReceived(session.connection_id, at, Hello(1, START, None, "n1")))
    session, _ = step(
        session, MessageReceived(session.connection_id, at, Subscribed("A1", Mode.REPLAY, HEAD, HEAD), HEAD)
    )
    assert session.phase is Phase.LIVE
    return session


def _healthy() -> tuple[Session, float]:
    """Return a session that was live for a minute, and the time."""
    session, _ = start(("A1",), ladders.ONE, -60.0)
    return _live(session, -60.0), 0.0


def _openings(session: Session, seconds: float, draw: Draw, error: LinkError, *, accepted: bool) -> list[float]:
    """Return when connections are opened within `seconds` while each ends at once, live before or not."""
    at = 0.0
    opened: list[float] = []
    while True:
        session, _ = step(session, ConnectionEnded(session.connection_id, at, error, draw()))
        due = session.deadline(at)
        assert due is not None
        at = max(at, due)
        if at >= seconds:
            return opened
        session, actions = step(session, Tick(at, at, draw()))
        assert actions == (OpenStream(session.connection_id, "websocket", 0),)
        opened.append(at)
        if accepted:
            session = _live(session, at)


def _drawing(draws: list[float]) -> Draw:
    """Return these draws over and over; hypothesis covers every draw over the examples of a test."""
    waiting = iter(draws * 100)
    return lambda: next(waiting)


MANY_DRAWS = st.lists(DRAWS, min_size=1, max_size=40).map(_drawing)
LOWEST: Draw = lambda: 0.0  # noqa: E731


@given(MANY_DRAWS)
def test_accept_then_close_gets_at_most_14_openings_in_its_first_30_seconds(draw: Draw) -> None:
    session, _ = start(("A1",), ladders.ONE, 0.0)
    assert 1 + len(_openings(_live(session, 0.0), 30, draw, DROPPED, accepted=True)) <= 14


@given(MANY_DRAWS)
def test_accept_then_close_without_hello_gets_no_more(draw: Draw) -> None:
    session, _ = start(("A1",), ladders.ONE, 0.0)
    assert 1 + len(_openings(session, 30, draw, DROPPED, accepted=False)) <= 14


@given(MANY_DRAWS)
def test_a_minute_of_outage_costs_at_most_15_openings(draw: Draw) -> None:
    session, at = _healthy()
    assert len(_openings(session, at + 60, draw, REFUSED, accepted=False)) <= 15


@given(MANY_DRAWS)
def test_a_server_that_is_down_from_the_start_sees_at_most_15_openings_in_a_minute(draw: Draw) -> None:
    session, _ = start(("A1",), ladders.ONE, 0.0)
    assert 1 + len(_openings(session, 60, draw, REFUSED, accepted=False)) <= 15


def test_the_lowest_draws_keep_within_the_bounds_and_come_near_them() -> None:
    healthy, at = _healthy()
    assert 13 <= len(_openings(healthy, at + 60, LOWEST, REFUSED, accepted=False)) <= 15
    fresh, _ = start(("A1",), ladders.ONE, 0.0)
    assert 12 <= 1 + len(_openings(fresh, 30, LOWEST, DROPPED, accepted=False)) <= 14


def test_after_an_hour_of_outage_a_try_still_comes_every_half_minute() -> None:
    session, _ = start(("A1",), ladders.ONE, 0.0)
    times = _openings(session, 3600, Random(1).random, REFUSED, accepted=False)
    assert all(15 <= later - earlier <= 30 for earlier, later in zip(times[-20:], times[-19:], strict=False))


def test_a_node_back_after_three_to_four_seconds_is_found_soon() -> None:
    random = Random(20)
    waits: list[float] = []
    for _ in range(2000):
        back = random.uniform(3, 4)
        session, _ = _healthy()
        found = next(at for at in _openings(session, 60, random.random, REFUSED, accepted=False) if at >= back)
        waits.append(found - back)
    assert median(waits) <= 1.0
    assert quantiles(waits, n=20)[-1] <= 2.5


# --- streams that reached live ----------------------------------------------------------------------------------------


def _openings_of_lives(lives: list[float], seconds: float, draw: Draw) -> tuple[list[float], list[float]]:
    """Return the times of the openings within `seconds`, and the waits, while each stream is live for so long."""
    session, _ = start(("A1",), ladders.ONE, 0.0)
    at, opened, waits = 0.0, [0.0], list[float]()
    remaining = iter(lives * 100)
    while True:
        session = _live(session, at)
        at += next(remaining)
        session, _ = step(session, ConnectionEnded(session.connection_id, at, DROPPED, draw()))
        due = session.deadline(at)
        assert due is not None
        waits.append(due - at)
        at = due
        if at >= seconds:
            return opened, waits
        session, _ = step(session, Tick(at, at, draw()))
        opened.append(at)


@given(st.lists(st.sampled_from([0.0, 0.999, 1.0, 2.5]) | st.floats(0, 9.99), min_size=1, max_size=60), MANY_DRAWS)
@example([0.0] * 9 + [1.0] * 20, LOWEST)
@example([1.0], LOWEST)
@example([0.0], LOWEST)
def test_any_schedule_of_short_lives_opens_at_most_24_connections_in_a_minute(lives: list[float], draw: Draw) -> None:
    opened, _ = _openings_of_lives(lives, 60, draw)
    assert len(opened) <= 24


@given(MANY_DRAWS)
def test_a_line_that_is_cut_every_two_and_a_half_seconds_never_makes_a_wait_longer_than_five_seconds(
    draw: Draw,
) -> None:
    _, waits = _openings_of_lives([2.5], 120, draw)
    assert max(waits) <= 5 + 1e-9
    assert all(wait >= 2.49 for wait in waits[9:])


@given(st.integers(0, 10**9), st.floats(0, 1e6), DRAWS)
def test_a_wait_after_a_live_stream_never_exceeds_the_ordinary_wait_or_the_lifetime(
    n: int, lived: float, draw: float
) -> None:
    wait = backoff.wait_after_live(n, lived, draw)
    assert wait <= min(backoff.wait(n, draw), max(10.0, lived))
