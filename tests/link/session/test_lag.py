"""A stream that always delivers bytes, all of them old: a slow line with a backlog."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.support import ladders
from tests.support.fake_gateway import FakeGateway
from tests.support.orders import START
from tests.support.session_scripts import SessionScript
from tests.support.virtual_time import virtual
from tests.support.watch import gateway, watching
from tracker_tui.link.changes import Phase
from tracker_tui.link.errors import ServerBusy
from tracker_tui.link.session.events import AbortStream, CloseStream, ConnectionEnded, OpenStream
from tracker_tui.wire.messages import Heartbeat, Hello

FAR_OFF = timedelta(days=3)
"""The server's clock is wrong, or ours is; neither matters."""


def beat(made: SessionScript, at: float, late: float) -> None:
    """A heartbeat arrives that was so long under way."""
    made.receive(at, Heartbeat(START + FAR_OFF + timedelta(seconds=at - late), {}))


def hello(at: float, late: float = 0.0) -> Hello:
    return Hello(1, START + FAR_OFF + timedelta(seconds=at - late), None, "n1")


def live(late: float = 0.1, *, sse: bool = False) -> SessionScript:
    made = SessionScript(ladder=ladders.ALL if sse else ladders.ONE)
    if sse:
        made.block(0)
    made.live(10, hello(10, late))
    return made


def late_by_eight(made: SessionScript, *beats: float) -> None:
    """Heartbeats arrive that are each 8 s late, or come from a clock that was set back by 8 s."""
    for at in beats:
        beat(made, at, late=8)
        assert made.phase() is Phase.QUIET


def test_a_stream_with_growing_lag_is_not_live_and_is_then_closed() -> None:
    made = live()
    beat(made, 18, late=3)
    assert made.phase() is Phase.LIVE
    beat(made, 27, late=7.2)
    assert made.phase() is Phase.QUIET
    assert round(made.session.link.lag) == 7
    beat(made, 36, late=12.2)
    due = made.session.deadline(36)
    assert due is not None
    assert due <= 36
    assert made.tick(36, heard=36) == (AbortStream(1),)
    assert made.phase() is Phase.BACKOFF
    assert made.session.downtime.reason == "what arrives is 12 s old"


def test_a_stream_is_live_again_after_its_backlog_is_processed() -> None:
    made = live()
    beat(made, 27, late=8)
    assert made.phase() is Phase.QUIET
    assert made.tick(28, heard=28) == ()
    assert made.phase() is Phase.QUIET  # a byte alone says nothing
    beat(made, 30, late=0.3)
    assert made.phase() is Phase.LIVE
    assert made.session.link.lag == 0


def test_a_long_way_is_no_lag() -> None:
    made = live(late=6)
    for at in (15, 20, 25):
        beat(made, at, late=6)
        assert made.phase() is Phase.LIVE


def test_a_hello_that_was_long_under_way_hides_no_lag_once_something_was_faster() -> None:
    made = live(late=9)
    beat(made, 15, late=0.1)
    beat(made, 27, late=8)
    assert made.phase() is Phase.QUIET


def test_one_heartbeat_that_newer_ones_overtook_is_no_lag() -> None:
    made = live()
    beat(made, 30, late=0.1)
    beat(made, 31, late=20)
    assert made.phase() is Phase.LIVE


BOTH = pytest.mark.parametrize("sse", [False, True], ids=["duplex", "one-way"])


@BOTH
def test_a_constant_lag_is_a_clock_set_back_if_another_hello_confirms_it(sse: bool) -> None:
    made = live(sse=sse)
    first = made.connection_id
    late_by_eight(made, 20, 25)
    assert made.tick(25.1, heard=25) == ()
    late_by_eight(made, 30)
    assert made.session.deadline(30) is not None
    assert made.tick(30, heard=30) == (OpenStream(first + 1, made.transport, 0),)
    assert made.phase() is Phase.QUIET  # until the server has told its time
    assert made.receive_on_candidate(30.1, hello(30.1, late=8.05)) == (CloseStream(first + 1),)
    assert (made.phase(), made.connection_id, made.session.candidate) == (Phase.LIVE, first, None)
    beat(made, 35, late=8)
    assert made.phase() is Phase.LIVE
    beat(made, 44, late=15.5)
    assert made.phase() is Phase.QUIET  # measured by the new clock


@BOTH
def test_a_lag_that_does_not_grow_stays_a_lag_while_the_servers_clock_is_as_it_was(sse: bool) -> None:
    made = live(sse=sse)
    late_by_eight(made, 20, 25, 30)
    made.tick(30, heard=30)
    connection_id = made.candidate.connection_id
    assert made.receive_on_candidate(30.1, hello(30.1, late=0.1)) == (CloseStream(connection_id),)
    assert made.phase() is Phase.QUIET
    for at in range(35, 90, 5):
        late_by_eight(made, at)
        assert made.tick(at, heard=at) == ()  # it is asked once a minute
    late_by_eight(made, 90)
    assert made.tick(90, heard=90) == (OpenStream(connection_id + 1, made.transport, 0),)


def test_a_hello_that_arrives_too_late_is_ignored() -> None:
    made = live()
    late_by_eight(made, 20, 25, 30)
    made.tick(30, heard=30)
    connection_id = made.candidate.connection_id
    assert made.tick(35, heard=34.9) == (AbortStream(connection_id),)
    assert made.phase() is Phase.QUIET


def test_a_hello_counts_from_when_its_connection_was_started() -> None:
    made = live(late=0)
    for at in (20, 25, 30):
        beat(made, at, late=11)
    made.tick(30, heard=30)
    # It may have been 4.5 s under way: then the clock was set back by 6.5 s, and the rest is a lag.
    made.receive_on_candidate(34.5, hello(34.5, late=11))
    assert made.phase() is Phase.LIVE
    beat(made, 35, late=14.5)
    assert made.phase() is Phase.QUIET


def test_a_lag_that_grows_asks_for_no_hello() -> None:
    made = live()
    for at, late in ((20, 7.1), (25, 8.2), (30, 9.3), (35, 10.4), (40, 11.5)):
        beat(made, at, late)
        assert made.tick(at, heard=at) == ()
    assert made.phase() is Phase.QUIET


def test_no_hello_is_requested_before_the_minimum_wait_of_the_server() -> None:
    made = live()
    late_by_eight(made, 20, 25, 30)
    made.tick(30, heard=30)
    made.step(ConnectionEnded(made.candidate.connection_id, 30.1, ServerBusy(429, 100), 0.5))
    late_by_eight(made, 90)
    assert made.tick(90, heard=90) == ()
    late_by_eight(made, 130.1)
    assert isinstance(made.tick(130.1, heard=130.1)[0], OpenStream)


def test_the_lag_is_reported_in_whole_seconds() -> None:
    made = live(late=0)
    told = []
    for at, late in ((20, 8.004), (25, 7.996), (30, 8.1)):
        beat(made, at, late)
        told.append(made.session.link)
    assert told[0] == told[1] == told[2]
    assert told[0].lag == 8


def one_way(made: FakeGateway) -> FakeGateway:
    made.duplex = made.resubscribes = False
    return made


@BOTH
@virtual
async def test_a_servers_clock_that_is_set_back_costs_four_heartbeats(sse: bool) -> None:
    async with watching(one_way(gateway()) if sse else gateway()) as watch:
        await watch.live()
        watch.gateway.clock_shift = -8
        started = watch.clock.time()
        await watch.until(lambda: watch.feed.link.phase is Phase.QUIET)
        await watch.live()
        assert watch.clock.time() - started <= 4 * watch.gateway.heartbeat + 0.1
        changes = len(watch.changes)
        await asyncio.sleep(300)
        assert len(watch.changes) == changes
        assert len(watch.gateway.streams) == 1


@pytest.mark.parametrize("late_hello", [0, 8], ids=["prompt hello", "late hello"])
@BOTH
@virtual
async def test_a_stream_is_not_live_while_it_is_eight_seconds_late(sse: bool, late_hello: float) -> None:
    async with watching(one_way(gateway()) if sse else gateway()) as watch:
        await watch.live()
        watch.gateway.late_hello = late_hello
        for watch.gateway.late in (4, 8):  # in two steps, as a longer silence is the end of a stream
            await asyncio.sleep(10)
        await watch.until(lambda: watch.feed.link.lag == 8)
        await asyncio.sleep(0.1)
        changes, openings = len(watch.changes), len(watch.gateway.openings)
        await asyncio.sleep(300)
        assert len(watch.changes) == changes
        assert len(watch.gateway.openings) - openings <= 6
        watch.gateway.late = watch.gateway.late_hello = 0
        await watch.live()
