"""Messages of a candidate, whether it takes over or not, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.support.fake_gateway import FakeGateway
from tests.support.fake_transports import FakeTransport
from tests.support.orders import EPOCH, START
from tests.support.virtual_time import virtual
from tests.support.watch import Watch, watching
from tracker_tui.domain.cursor import Cursor
from tracker_tui.link.changes import Phase, Standing
from tracker_tui.link.errors import ServerBusy, StreamClosed, TransportBlocked
from tracker_tui.wire.messages import Heartbeat, Mode, Problem, ServerMessage, Subscribed

IDS = ("A1", "B2", "C3")
LOST = StreamClosed(1006)


@asynccontextmanager
async def beside(*refused: str) -> AsyncIterator[Watch]:
    """Yield a feed that is live on SSE, with a WebSocket candidate that has not answered for C3.

    The SSE stream is the gateway's first and refuses the `refused` orders. No snapshot is available.
    """
    made = FakeGateway(heartbeat=30, busy=set(refused), busy_for=None)
    for order_id in IDS:
        made.append(order_id)
    websocket, sse = FakeTransport(made, "websocket", duplex=True), FakeTransport(made, "sse")
    websocket.blocked = TransportBlocked(403, "HTTP 403")
    async with watching(made, *IDS, transports=[websocket, sse]) as watch:
        await watch.until(lambda: len(made.streams) == 1)
        made.requests_fail_with = ServerBusy(503)
        await watch.live()
        websocket.blocked = None
        made.busy.clear()
        made.deaf.add("C3")
        await watch.until(lambda: len(made.streams) == 2, within=65)
        await asyncio.sleep(0.1)
        assert watch.feed.link.transport == "sse"
        yield watch


def standings(watch: Watch) -> list[Standing]:
    return [watch.feed.standing(order_id) for order_id in IDS]


@pytest.mark.parametrize(
    "message",
    [
        Subscribed("A1", Mode.REPLAY, Cursor(EPOCH, 1), Cursor(EPOCH, 2)),
        Subscribed("A1", Mode.SNAPSHOT, None, Cursor(EPOCH, 2)),
        Heartbeat(START, {"A1": Cursor(EPOCH, 2)}),
    ],
    ids=lambda message: f"{message.type} {getattr(message, 'mode', '')}".strip(),
)
@virtual
async def test_a_head_announced_by_an_aborted_candidate_is_requested_within_the_grace_period(
    message: ServerMessage,
) -> None:
    async with beside() as watch:
        watch.gateway.append("A1", "accepted", lost=True)
        candidate = watch.gateway.streams[1]
        candidate.put(message)
        await asyncio.sleep(0.01)
        candidate.end(LOST)
        await asyncio.sleep(1.9)
        assert watch.feed.standing("A1") is Standing.IN_SYNC
        await watch.until(lambda: watch.feed.standing("A1") is Standing.RECONCILING, within=0.2)
        watch.gateway.requests_fail_with = None
        await watch.until(lambda: watch.is_up_to_date("A1"), within=5)


@virtual
async def test_events_of_a_candidate_are_shown_at_once_and_kept() -> None:
    async with beside() as watch:
        candidate = watch.gateway.streams[1]
        candidate.put(watch.gateway.append("A1", "accepted", lost=True))
        await watch.until(lambda: watch.is_up_to_date("A1"), within=0.1)
        candidate.end(LOST)
        await asyncio.sleep(10)
        assert watch.is_up_to_date("A1")
        assert standings(watch) == [Standing.IN_SYNC] * 3


@virtual
async def test_the_answer_of_an_aborted_candidate_ends_no_repair() -> None:
    async with beside("B2") as watch:
        assert watch.feed.standing("B2") is Standing.RECONCILING
        watch.gateway.streams[1].end(LOST)
        await asyncio.sleep(1)
        assert standings(watch) == [Standing.IN_SYNC, Standing.RECONCILING, Standing.IN_SYNC]
        watch.gateway.deaf.clear()
        watch.gateway.requests_fail_with = None
        await watch.until(lambda: standings(watch) == [Standing.IN_SYNC] * 3, within=31)
        watch.gateway.append("B2", "accepted")
        await watch.until(lambda: watch.is_up_to_date("B2"), within=0.1)


@virtual
async def test_the_answer_of_a_candidate_ends_a_repair_once_it_takes_over() -> None:
    async with beside("B2") as watch:
        gateway = watch.gateway
        gateway.deaf.clear()
        gateway.streams[1].answer("C3", Cursor(EPOCH, 1))
        await watch.until(lambda: watch.feed.link.transport == "websocket", within=0.1)
        await watch.until(lambda: standings(watch) == [Standing.IN_SYNC] * 3, within=0.1)
        gets = len(gateway.gets)
        await asyncio.sleep(60)
        assert standings(watch) == [Standing.IN_SYNC] * 3
        assert (len(gateway.gets), len(gateway.streams)) == (gets, 1)


@pytest.mark.parametrize("takes_over", [False, True])
@virtual
async def test_the_lag_of_a_candidate_counts_only_if_it_takes_over(takes_over: bool) -> None:
    async with beside() as watch:
        gateway = watch.gateway
        stream = gateway.streams[1]
        for seconds in (0, 9):
            await asyncio.sleep(seconds)
            stream.put(Heartbeat(stream.now, {"A1": Cursor(EPOCH, 0), "B2": Cursor(EPOCH, 1)}))
        await asyncio.sleep(2)
        assert watch.feed.standing("A1") is Standing.IN_SYNC
        if takes_over:
            gateway.deaf.clear()
            stream.answer("C3", Cursor(EPOCH, 1))
            await watch.until(lambda: watch.feed.standing("A1") is Standing.RECONCILING, within=0.1)
        else:
            stream.end(LOST)
            await asyncio.sleep(20)
            assert watch.feed.standing("A1") is Standing.IN_SYNC


@virtual
async def test_an_order_unanswered_by_a_candidate_at_takeover_is_fetched() -> None:
    async with beside() as watch:
        gateway = watch.gateway
        gateway.requests_fail_with = None
        gets = len(gateway.gets)
        gateway.append("C3", "accepted", lost=True)
        gateway.streams[0].end(LOST)
        await watch.until(lambda: watch.feed.link.phase is Phase.SYNCING, within=0.1)
        await watch.until(lambda: watch.is_up_to_date("C3"), within=2.1)
        assert len(gateway.gets) == gets + 1


@pytest.mark.parametrize("takes_over", [False, True])
@virtual
async def test_an_order_that_a_candidate_refuses_for_now_is_out_of_sync_only_if_it_takes_over(takes_over: bool) -> None:
    made = FakeGateway(heartbeat=30, busy_for=None)
    for order_id in IDS:
        made.append(order_id)
    sse = FakeTransport(made, "sse")
    async with watching(made, "A1", "B2", transports=[sse]) as watch:
        await watch.live()
        made.requests_fail_with = ServerBusy(503)
        made.busy.add("B2")
        made.deaf.add("C3")
        watch.feed.add(["C3"])
        await watch.until(lambda: len(made.streams) == 2, within=1)
        await asyncio.sleep(0.1)
        assert watch.feed.standing("B2") is Standing.IN_SYNC
        if takes_over:
            made.deaf.clear()
            made.streams[1].answer("C3", None)
            await watch.until(lambda: watch.feed.standing("B2") is Standing.RECONCILING, within=0.1)
        else:
            made.streams[1].end(LOST)
            await asyncio.sleep(9)
            assert watch.feed.standing("B2") is Standing.IN_SYNC


@virtual
async def test_late_messages_of_an_aborted_connection_are_ignored() -> None:
    async with beside() as watch:
        gateway = watch.gateway
        candidate = gateway.streams[1]
        candidate.put(Problem("restarting", "later"))
        candidate.put(gateway.append("A1", "accepted", lost=True))
        candidate.put(Problem("forbidden", "not yours", "B2"))
        await asyncio.sleep(1)
        assert candidate.aborted
        assert watch.feed.views["A1"].version == Cursor(EPOCH, 1)
        assert watch.feed.standing("B2") is Standing.IN_SYNC
        assert watch.feed.counters.events == 0
