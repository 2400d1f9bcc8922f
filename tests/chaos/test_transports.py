"""Block transports over real sockets: on any transport left, the client ends with the state of the server."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from mock_server.server import embed
from tests.support.fault_schedule import EVENTS, append_version, ended, read, run_life, server_state, until
from tests.support.virtual_time import SocketClock, virtual_sockets
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

BLOCKED: dict[str, tuple[str, list[str], float]] = {
    **{f"WebSocket: {how}": ("sse", [fault], 12.0) for how, fault in WEBSOCKET.items()},
    **{f"SSE: {how}": ("longpoll", [WEBSOCKET["403"], fault], 13.0) for how, fault in SSE.items()},
    **{
        f"long-poll: {how}": ("polling", [WEBSOCKET["403"], SSE["403"], fault], 14.0) for how, fault in LONGPOLL.items()
    },
    "nothing": ("websocket", [], 1.0),
}
"""Remaining transport, faults, and seconds until the first complete state, by what is blocked and how."""

FAULTS = ["drop:probability=0.2", "duplicate:probability=0.3", "cut:probability=0.05,count=2"]


def is_live(feed: OrderFeed) -> bool:
    """Return whether the link is live and the view complete."""
    view = feed.views["A1"]
    return view.complete and feed.link.phase is Phase.LIVE


SLOW = [case for case in BLOCKED if case.endswith(("hang", "silence", "buffer"))]
"""Cases that end by a timeout of the client; they run concurrently."""


@pytest.mark.parametrize("case", [case for case in BLOCKED if case not in SLOW])
@virtual_sockets
async def test_a_refused_transport_still_ends_with_the_state_of_the_server(case: str) -> None:
    await watch_blocked(case)


@virtual_sockets
async def test_a_silent_transport_still_ends_with_the_state_of_the_server() -> None:
    async with asyncio.TaskGroup() as group:
        for case in SLOW:
            group.create_task(watch_blocked(case), name=case)


async def watch_blocked(case: str) -> None:
    """Watch an order to its end under faults, with the transports of `case` blocked."""
    transport, blocks, within = BLOCKED[case]
    clock = SocketClock()
    async with embed(None, seed=7, heartbeat_seconds=1, controlled=False, faults=blocks, clock=clock) as server:
        await append_version(server, 0)
        feed = track("A1", server=server.url, random=Random(7), clock=clock)
        received: list[Change] = []
        start = clock.time()
        async with feed:
            reader = asyncio.create_task(read(feed, received))
            async with asyncio.timeout(within):
                await until(lambda: is_live(feed))
            print(f"\nblocked {case:28} first state after {clock.time() - start:5.2f} s over {feed.link.transport}")
            assert feed.link.transport == transport
            assert (feed.link.fallback is not None) == bool(blocks)
            async with asyncio.timeout(60):
                await run_life(server, FAULTS)
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
    arrivals = [entry.version for change in received if isinstance(change, OrderChanged) for entry in change.arrived]
    assert len(arrivals) == len(set(arrivals))


@pytest.mark.parametrize("how", ["403", "a web page"])
@virtual_sockets
async def test_a_refused_websocket_costs_less_than_a_second_and_a_half(how: str) -> None:
    clock = SocketClock()
    async with embed(None, seed=7, controlled=False, faults=[WEBSOCKET[how]], clock=clock) as server:
        await append_version(server, 0)
        async with track("A1", server=server.url, clock=clock) as feed:
            start = clock.time()
            async with asyncio.timeout(1.5):
                await until(lambda: is_live(feed))
            print(f"\n{how} → SSE in {clock.time() - start:.2f} s")
            assert feed.link.transport == "sse"


@pytest.mark.parametrize("transport", ["sse", "longpoll", "polling"])
@virtual_sockets
async def test_an_unblocked_websocket_is_used_again_with_nothing_lost_or_repeated(transport: str) -> None:
    blocks = {"sse": 1, "longpoll": 2, "polling": 3}[transport]
    faults = [WEBSOCKET["403"], SSE["403"], LONGPOLL["403"]][:blocks]
    clock = SocketClock()
    async with embed(None, seed=7, heartbeat_seconds=1, controlled=False, faults=faults, clock=clock) as server:
        await append_version(server, 0)
        feed = track("A1", server=server.url, random=Random(7), probes=(1.0,), clock=clock)
        received: list[Change] = []
        async with feed:
            reader = asyncio.create_task(read(feed, received))
            async with asyncio.timeout(30):
                await until(lambda: is_live(feed))
                assert feed.link.transport == transport
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
    arrivals = [
        entry.milestone.seq for change in received if isinstance(change, OrderChanged) for entry in change.arrived
    ]
    assert sorted(arrivals) == seqs
    phases = [change.link.phase for change in received if isinstance(change, LinkChanged)]
    # Only from the first live phase on: the reader lags slightly behind the feed.
    assert set(phases[phases.index(Phase.LIVE) :]) <= {Phase.LIVE, Phase.FINAL}


@virtual_sockets
async def test_the_client_is_back_on_the_websocket_after_an_outage() -> None:
    clock = SocketClock()
    async with embed(None, seed=7, heartbeat_seconds=1, controlled=False, clock=clock) as server:
        await append_version(server, 0)
        async with track("A1", server=server.url, clock=clock) as feed:
            async with asyncio.timeout(90):
                await until(lambda: is_live(feed))
                server.inject("outage:seconds=8")
                await until(lambda: feed.link.phase is Phase.BACKOFF)
                await append_version(server, 1)
                await until(lambda: is_live(feed) and feed.views["A1"].version is not None)
            version, _ = await server_state(server)
            assert (feed.link.transport, feed.views["A1"].version) == ("websocket", version)
