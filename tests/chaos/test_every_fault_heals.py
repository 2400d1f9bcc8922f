"""Every fault of the catalogue over real sockets, in virtual time: the client ends with the state of the server."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import product
from random import Random

import pytest

from mock_server.faults.catalogue import FAULTS
from mock_server.faults.commands import CommandFault
from mock_server.faults.spec import list_faults
from mock_server.server import embed
from tests.support.fault_schedule import EVENTS, append_version, ended, read, run_life, server_state, until
from tests.support.tokens import KEY, FreshTokens
from tests.support.virtual_time import SocketClock, virtual_sockets
from tracker_tui.domain.order import Outcome
from tracker_tui.link.changes import Change, OrderChanged, Phase
from tracker_tui.link.track import track

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
"""Fault specs to inject, by fault name, where the fault alone would have no visible effect within seconds."""

TRANSPORTS_OF = {"block-sse": "sse", "buffer-sse": "sse", "block-longpoll": "longpoll"}
"""Transport that the client must use, by name of a fault that affects only that transport."""

ON_EVERY_STREAM = ("drop", "reorder", "lose-tail", "corrupt", "hole-in-replay", "cut", "freeze", "new-epoch", "close")
"""Faults that affect every transport, or that each transport recovers from in its own way."""

CASES = [
    *(
        (TRANSPORTS_OF.get(entry.name, "auto"), entry.name)
        for entry in list_faults()
        # These tests send no commands.
        if not issubclass(FAULTS[entry.name], CommandFault)
    ),
    *product(("sse",), ON_EVERY_STREAM),
    # An instantaneous fault has no effect between two polls.
    *product(("longpoll",), [name for name in ON_EVERY_STREAM if name not in {"close", "freeze"}]),
    *product(("polling",), ("lagging-snapshot", "new-epoch", "outage", "refuse")),
]


@pytest.mark.parametrize(("transport", "name"), CASES)
@virtual_sockets
async def test_the_view_equals_the_state_of_the_server_after_any_fault(transport: str, name: str) -> None:
    key, credentials = (KEY, FreshTokens()) if "token" in name else (None, None)
    clock = SocketClock()
    async with embed(None, seed=7, heartbeat_seconds=1, controlled=False, auth=key, clock=clock) as server:
        await append_version(server, 0)
        feed = track(
            "A1", server=server.url, random=Random(7), transport=transport, credentials=credentials, clock=clock
        )
        received: list[Change] = []
        async with feed:
            reader = asyncio.create_task(read(feed, received))
            async with asyncio.timeout(60):
                await until(lambda: feed.link.phase is Phase.LIVE)
                await run_life(server, SPECS.get(name, [name]))
                if not await ended(server):
                    await append_version(server, EVENTS, Outcome.DELIVERED)
                await reader
            view = feed.views["A1"]
            version, seqs = await server_state(server)
            effects = [record for record in server.log.records() if record.effect not in {"injected", "healed"}]
        async with asyncio.timeout(2):
            await until(lambda: not server.connections)
    assert feed.link == replace(feed.link, phase=Phase.FINAL)
    assert view.complete
    assert view.version == version
    # After a truncation the client correctly keeps history lines that the server has dropped.
    assert [entry.milestone.seq for entry in view.history if entry.milestone.seq >= min(seqs)] == seqs
    changes = [change for change in received if isinstance(change, OrderChanged)]
    versions = [change.view.version for change in changes if change.view.version]
    assert versions == sorted(versions)
    arrivals = [entry.version for change in changes for entry in change.arrived]
    assert len(arrivals) == len(set(arrivals))
    assert effects, f"{name} had no effect"
