"""On whatever road is open, the client ends with exactly what the server has: real sockets, blocks and faults."""

from __future__ import annotations

import asyncio
from random import Random
from time import perf_counter

import pytest

from mock_server.server import embed
from tests.support.fault_schedule import EVENTS, append_version, ended, read, run_life, server_state, until
from tracker_tui.domain.order import Outcome
from tracker_tui.link.changes import Change, LinkChanged, OrderChanged, Phase
from tracker_tui.link.feed import OrderFeed
from tracker_tui.link.track import track

WEBSOCKET = {
    "403": "block-websocket:mode=refuse",
    "a web page": "block-websocket:mode=portal",
    "a hang": "block-websocket:mode=hang",
    "silence": "block-websocket:mode=silent",
}
SSE = {
    "403": "block-sse:mode=refuse",
    "a web page": "block-sse:mode=portal",
    "a hang": "block-sse:mode=hang",
    "a buffer": "buffer-sse",
}
LONGPOLL = {
    "403": "block-longpoll:mode=refuse",
    "a web page": "block-longpoll:mode=portal",
    "a hang": "block-longpoll:mode=hang",
}

ROADS: dict[str, tuple[str, list[str], float]] = {
    **{f"WebSocket: {why}": ("sse", [fault], 12.0) for why, fault in WEBSOCKET.items()},
    **{f"SSE: {why}": ("longpoll", [WEBSOCKET["403"], fault], 13.0) for why, fault in SSE.items()},
    **{
        f"long-poll: {why}": ("polling", [WEBSOCKET["403"], SSE["403"], fault], 14.0) for why, fault in LONGPOLL.items()
    },
    "nothing": ("websocket", [], 1.0),
}
"""By what is blocked, and how: the transport that is left, and seconds within which there must be a true state."""

TROUBLE = ["drop:probability=0.2", "duplicate:probability=0.3", "cut:probability=0.05,count=2"]


def true(feed: OrderFeed) -> bool:
    view = feed.views["A1"]
    return view.complete and feed.link.phase is Phase.LIVE


SLOW = [road for road in ROADS if road.endswith(("hang", "silence", "buffer"))]
"""What nobody refuses has to be waited for: these are tried side by side."""


@pytest.mark.parametrize("road", [road for road in ROADS if road not in SLOW])
async def test_behind_a_refusal_the_view_ends_as_the_servers(road: str) -> None:
    await behind(road)


async def test_behind_silence_the_view_ends_as_the_servers() -> None:
    async with asyncio.TaskGroup() as group:
        for road in SLOW:
            group.create_task(behind(road), name=road)


async def behind(road: str) -> None:
    """Watch a life through trouble with something blocked."""
    transport, blocks, within = ROADS[road]
    async with embed(None, seed=7, heartbeat_seconds=1, controlled=False, faults=blocks) as server:
        await append_version(server, 0)
        feed = track("A1", server=server.url, random=Random(7))
        told: list[Change] = []
        start = perf_counter()
        async with feed:
            reader = asyncio.create_task(read(feed, told))
            async with asyncio.timeout(within):
                await until(lambda: true(feed))
            print(
                f"\nblocked {road:28} first true state after {perf_counter() - start:5.2f} s over {feed.link.transport}"
            )
            assert feed.link.transport == transport
            assert (feed.link.fallback is not None) == bool(blocks)
            async with asyncio.timeout(60):
                await run_life(server, TROUBLE)
                if not await ended(server):
                    await append_version(server, EVENTS, Outcome.DELIVERED)
                await reader
            view = feed.views["A1"]
            version, seqs = await server_state(server)
        async with asyncio.timeout(2):
            await until(lambda: not server.connections)
    assert feed.link.phase is Phase.FINAL
    assert (view.complete, view.version) == (True, version)
    assert [entry.milestone.seq for entry in view.history] == seqs
    arrivals = [entry.version for change in told if isinstance(change, OrderChanged) for entry in change.arrived]
    assert len(arrivals) == len(set(arrivals))


@pytest.mark.parametrize("why", ["403", "a web page"])
async def test_a_refused_websocket_costs_less_than_a_second_and_a_half(why: str) -> None:
    async with embed(None, seed=7, controlled=False, faults=[WEBSOCKET[why]]) as server:
        await append_version(server, 0)
        async with track("A1", server=server.url) as feed:
            start = perf_counter()
            async with asyncio.timeout(1.5):
                await until(lambda: true(feed))
            print(f"\n{why} → SSE in {perf_counter() - start:.2f} s")
            assert feed.link.transport == "sse"


@pytest.mark.parametrize("left", ["sse", "longpoll", "polling"])
async def test_when_a_block_is_lifted_it_climbs_back_with_nothing_lost_or_shown_twice(left: str) -> None:
    blocks = {"sse": 1, "longpoll": 2, "polling": 3}[left]
    faults = [WEBSOCKET["403"], SSE["403"], LONGPOLL["403"]][:blocks]
    async with embed(None, seed=7, heartbeat_seconds=1, controlled=False, faults=faults) as server:
        await append_version(server, 0)
        feed = track("A1", server=server.url, random=Random(7), probes=(1.0,))
        told: list[Change] = []
        async with feed:
            reader = asyncio.create_task(read(feed, told))
            async with asyncio.timeout(30):
                await until(lambda: true(feed))
                assert feed.link.transport == left
                server.heal()
                number = 0
                while feed.link.transport != "websocket":
                    number += 1
                    await append_version(server, number)
                    await asyncio.sleep(0.05)
                await append_version(server, number + 1, Outcome.DELIVERED)
                await reader
            view = feed.views["A1"]
            version, seqs = await server_state(server)
    assert (view.complete, view.version) == (True, version)
    arrivals = [entry.milestone.seq for change in told if isinstance(change, OrderChanged) for entry in change.arrived]
    assert sorted(arrivals) == seqs
    phases = [change.link.phase for change in told if isinstance(change, LinkChanged)]
    # From the first time on: what the reader has been told lags a moment behind what the feed knows.
    assert set(phases[phases.index(Phase.LIVE) :]) <= {Phase.LIVE, Phase.FINAL}


async def test_after_an_outage_it_is_back_on_the_websocket() -> None:
    async with embed(None, seed=7, heartbeat_seconds=1, controlled=False) as server:
        await append_version(server, 0)
        async with track("A1", server=server.url) as feed:
            async with asyncio.timeout(90):
                await until(lambda: true(feed))
                server.inject("outage:seconds=8")
                await until(lambda: feed.link.phase is Phase.BACKOFF)
                await append_version(server, 1)
                await until(lambda: true(feed) and feed.views["A1"].version is not None)
            version, _ = await server_state(server)
            assert (feed.link.transport, feed.views["A1"].version) == ("websocket", version)
