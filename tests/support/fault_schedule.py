"""The life of an order on a real server, the server's view of it, and a real client that watches it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from mock_server.orders.log.base import MilestoneDraft
from mock_server.server import MockServer
from tests.support.orders import at, order, state
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.order import MilestoneKind, Outcome
from tracker_tui.link.changes import Change
from tracker_tui.link.feed import OrderFeed

EVENTS = 60
PACE = 0.02
"""Seconds between two events. The life takes over a second, so that every fault affects some traffic."""


async def append_version(server: MockServer, number: int, outcome: Outcome | None = None) -> None:
    """Append one version; every third one adds a milestone."""
    status = "delivered" if outcome else "preparing"
    line = MilestoneDraft(MilestoneKind.UPDATE, status, at(number)) if number % 3 == 0 or outcome else None
    now = state(status, outcome, updated_at=at(number), flags=(f"n{number}",))
    await server.events.append("A1", now, line, order("A1") if number == 0 else None)


async def run_life(server: MockServer, faults: Sequence[str]) -> None:
    """Run the life of an order; inject `faults` after a third of it and never disarm them."""
    for number in range(1, EVENTS):
        if number == EVENTS // 3:
            for spec in faults:
                server.inject(spec)
        if await ended(server):
            return
        await append_version(server, number)
        await asyncio.sleep(PACE)  # the interval between events, not a wait for a condition


async def server_state(server: MockServer) -> tuple[Cursor, list[int]]:
    """Return the server's version and the seqs of its history."""
    whole = await server.events.snapshot("A1")
    assert whole is not None
    return whole.message.version, [line.seq for line in whole.message.history]


async def ended(server: MockServer) -> bool:
    """Return whether the order has an outcome."""
    whole = await server.events.snapshot("A1")
    return whole is not None and whole.message.state.outcome is not None


async def until(condition: Callable[[], bool]) -> None:
    """Wait for `condition`; the caller sets the time limit."""
    while not condition():
        await asyncio.sleep(0.01)


async def read(feed: OrderFeed, changes: list[Change]) -> None:
    """Collect the changes of a feed to its end."""
    async for change in feed:
        changes.append(change)
