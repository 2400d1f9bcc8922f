"""Whatever the server does on purpose, the client ends with exactly what the server has: real sockets, real faults."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from mock_server.faults.spec import catalogue
from mock_server.log.base import MilestoneDraft
from mock_server.server import MockServer, embed
from tests.support.orders import at, order, state
from tests.support.tokens import KEY, FreshTokens
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.order import MilestoneKind, Outcome
from tracker_tui.link.feed import OrderFeed
from tracker_tui.link.state import OrderChanged, Phase
from tracker_tui.link.track import TRANSPORTS, track

EVENTS = 60
PACE = 0.02
"""Seconds between two events: a story of a little over a second, so that a fault always has something to hit."""

SPECS = {
    "delay": ["delay:probability=0.5,seconds=0.3,jitter=0.2"],
    "hole-in-replay": ["drop:probability=0.3", "hole-in-replay:probability=0.3", "disconnect"],
    "wrong-echo": ["wrong-echo", "drop:probability=0.2", "disconnect"],
    "lagging-snapshot": ["lagging-snapshot:count=3", "hole-in-replay:probability=0.5", "drop:probability=0.3"],
    "accept-then-close": ["accept-then-close:count=4", "disconnect"],
    "refuse": ["refuse:count=3,status=503,retry_after=1", "disconnect"],
    "cut": ["cut:count=3"],
    "freeze": ["freeze:seconds=30"],
    "slow-hello": ["slow-hello:seconds=2", "disconnect"],
    "outage": ["outage:seconds=2"],
    "block-websocket": ["block-websocket:count=2", "disconnect"],
    "block-sse": ["block-sse:count=2", "disconnect"],
    "block-longpoll": ["block-longpoll:count=2"],
    "buffer-sse": ["buffer-sse:seconds=1,count=2", "disconnect"],
    "redirect": ["redirect:count=3", "disconnect"],
    "rate-limit": ["rate-limit:count=3,retry_after=1", "disconnect"],
    "short-tokens": ["short-tokens:seconds=1", "token-expiry"],
    "truncate-log": ["lose-tail:count=5", "truncate-log:keep=3", "disconnect"],
}
"""What is injected for a fault that needs company, or milder times, to show what it does in a few seconds."""

TRANSPORTS_OF = {"block-sse": "sse", "buffer-sse": "sse", "block-longpoll": "longpoll"}
"""What the client is told to use for a fault that strikes one transport alone, and not the first."""

OF_TOKENS = ("token-expiry", "short-tokens")
"""Faults that need a server that asks for tokens."""


async def write(server: MockServer, number: int, outcome: Outcome | None = None) -> None:
    """Append one version; every third leaves a line of history."""
    status = "delivered" if outcome else "preparing"
    line = MilestoneDraft(MilestoneKind.UPDATE, status, at(number)) if number % 3 == 0 or outcome else None
    now = state(status, outcome, updated_at=at(number), flags=(f"n{number}",))
    await server.events.append("A1", now, line, order("A1") if number == 0 else None)


async def story(server: MockServer, faults: list[str]) -> None:
    """The life of an order, struck by `faults` after a third of it, and never healed by hand."""
    for number in range(1, EVENTS):
        if number == EVENTS // 3:
            for spec in faults:
                server.inject(spec)
        if await ended(server):
            return
        await write(server, number)
        await asyncio.sleep(PACE)  # the pace of the story, not a wait for anything


async def truth(server: MockServer) -> tuple[Cursor, list[int]]:
    """The server's version, and the seqs of its history."""
    whole = await server.events.snapshot("A1")
    assert whole is not None
    return whole.message.version, [line.seq for line in whole.message.history]


async def ended(server: MockServer) -> bool:
    """Whether the order has an outcome."""
    whole = await server.events.snapshot("A1")
    return whole is not None and whole.message.state.outcome is not None


async def until(condition: Callable[[], bool]) -> None:
    """Wait for `condition`; the caller sets the limit."""
    while not condition():
        await asyncio.sleep(0.01)


async def read(feed: OrderFeed, told: list[OrderChanged]) -> None:
    async for change in feed:
        if isinstance(change, OrderChanged):
            told.append(change)


@pytest.mark.parametrize("name", [entry.name for entry in catalogue()])
async def test_after_any_fault_the_view_is_the_servers(name: str) -> None:
    transport = TRANSPORTS_OF.get(name, "auto")
    if transport not in ("auto", *TRANSPORTS):
        pytest.skip(f"the client doesn't know {transport}")
    key, credentials = (KEY, FreshTokens()) if name in OF_TOKENS else (None, None)
    async with embed(None, seed=7, heartbeat_seconds=1, controlled=False, auth=key) as server:
        await write(server, 0)
        feed = track("A1", server=server.url, transport=transport, credentials=credentials, random=Random(7))
        told: list[OrderChanged] = []
        async with feed:
            reader = asyncio.create_task(read(feed, told))
            async with asyncio.timeout(60):
                await until(lambda: feed.link.phase is Phase.LIVE)
                await story(server, SPECS.get(name, [name]))
                if not await ended(server):
                    await write(server, EVENTS, Outcome.DELIVERED)
                await reader
            view = feed.views["A1"]
            version, seqs = await truth(server)
            effects = [record for record in server.log.records() if record.effect not in {"injected", "healed"}]
        async with asyncio.timeout(2):
            await until(lambda: not server.connections)
    assert feed.link == replace(feed.link, phase=Phase.FINAL)
    assert view.complete
    assert view.version == version
    # After a truncation the client rightly keeps older lines than the server does.
    assert [entry.milestone.seq for entry in view.history if entry.milestone.seq >= min(seqs)] == seqs
    versions = [change.view.version for change in told if change.view.version]
    assert versions == sorted(versions)
    arrivals = [entry.version for change in told for entry in change.arrived]
    assert len(arrivals) == len(set(arrivals))
    assert effects, f"{name} had no effect"
