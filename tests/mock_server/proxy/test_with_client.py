"""The real client and a real server, through a proxy with faults."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from mock_server.orders.log.base import MilestoneDraft
from mock_server.proxy.proxy import run_proxy
from mock_server.server import MockServer
from tests.support.fault_proxy import effects_of
from tests.support.mock_servers import empty_server, eventually
from tests.support.orders import at, order, state
from tracker_tui.domain.order import MilestoneKind, Outcome
from tracker_tui.link.changes import Phase
from tracker_tui.link.track import track

EVENTS = 60
"""The minimum; more are sent until all faults have been triggered."""

PACE = 0.03
"""Seconds between two events, so that faults have messages to act on."""


async def write(server: MockServer, number: int, outcome: Outcome | None = None) -> None:
    status = "delivered" if outcome else "preparing"
    now = state(status, outcome, updated_at=at(number), flags=(f"n{number}",))
    line = MilestoneDraft(MilestoneKind.UPDATE, status, at(number))
    await server.events.append("A1", now, line, order("A1") if number == 0 else None)


@pytest.mark.parametrize(
    ("faults", "effective"),
    [
        (
            [
                "latency:seconds=0.05,jitter=0.05",
                "slicer:size=7,seconds=0.0005,direction=down",
                "cut:at=9000,count=3,match=websocket",
            ],
            {"latency", "slicer", "cut"},
        ),
        (["bandwidth:rate=40000", "reset-peer:seconds=0.5,count=2,match=websocket"], {"bandwidth", "reset-peer"}),
        (["limit-data:size=6000,count=3,direction=down,match=websocket"], {"limit-data"}),
    ],
)
async def test_the_client_ends_with_exactly_the_servers_state(faults: list[str], effective: set[str]) -> None:
    async with (
        empty_server(heartbeat_seconds=1, controlled=False) as server,
        run_proxy(server.url, faults=faults, seed=7, controlled=False) as proxy,
    ):
        await write(server, 0)
        async with asyncio.timeout(60), track("A1", server=proxy.url, random=Random(7)) as feed:
            await eventually(lambda: feed.link.phase is Phase.LIVE)
            number = 0
            while (number := number + 1) < EVENTS or not all(effects_of(proxy, name) for name in effective):
                await write(server, number)
                await asyncio.sleep(PACE)  # the pace of the events, not a wait for a condition
            await write(server, number, Outcome.DELIVERED)
            async for _ in feed:
                pass
            view = feed.views["A1"]
        truth = await server.events.snapshot("A1")
        assert truth is not None
        assert view.complete
        assert view.state is not None
        assert (view.version, view.state.value) == (truth.message.version, truth.message.state)
        assert [entry.milestone for entry in view.history] == list(truth.message.history)
        await eventually(lambda: proxy.connections == 0)
