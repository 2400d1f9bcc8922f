"""Send commands over real sockets under real faults: each command takes effect at most once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random

import pytest

from mock_server.server import embed
from tests.support.fault_schedule import append_version, read, until
from tests.support.tokens import KEY, FreshTokens
from tests.support.virtual_time import SocketClock, virtual_sockets
from tracker_tui.domain.command import Verb
from tracker_tui.domain.overlay import CommandStatus
from tracker_tui.link.changes import Change, Phase
from tracker_tui.link.track import track


@pytest.mark.parametrize(
    ("transport", "faults", "expected"),
    [
        ("auto", ["refuse-command"], CommandStatus.REFUSED),
        ("auto", ["lose-command-answer:count=3", "lose-tail:count=1"], CommandStatus.CONFIRMED),
        ("auto", ["lose-command-answer", "duplicate:probability=1"], CommandStatus.CONFIRMED),
        ("auto", ["slow-command:seconds=1", "disconnect"], CommandStatus.CONFIRMED),
        ("auto", ["outage:seconds=1.5", "lose-command-answer:count=2"], CommandStatus.CONFIRMED),
        ("auto", ["lose-command-answer:count=2", "new-epoch:drop_connections=true"], CommandStatus.CONFIRMED),
        ("auto", ["refuse:count=2,status=503,retry_after=1"], CommandStatus.CONFIRMED),
        ("auto", ["token-expiry", "lose-command-answer:count=1"], CommandStatus.CONFIRMED),
        ("sse", ["lose-command-answer:count=1", "block-sse:count=1", "disconnect"], CommandStatus.CONFIRMED),
        ("longpoll", ["lose-command-answer:count=1", "drop:probability=0.5"], CommandStatus.CONFIRMED),
    ],
)
@virtual_sockets
async def test_a_confirmed_note_is_in_the_history_once_and_a_refused_one_never(
    transport: str, faults: Sequence[str], expected: CommandStatus
) -> None:
    clock = SocketClock()
    async with embed(None, seed=7, heartbeat_seconds=1, controlled=False, auth=KEY, clock=clock) as server:
        await append_version(server, 0)
        credentials = FreshTokens()
        feed = track(
            "A1", server=server.url, random=Random(7), transport=transport, credentials=credentials, clock=clock
        )
        changes: list[Change] = []
        async with feed:
            reader = asyncio.create_task(read(feed, changes))
            async with asyncio.timeout(40):
                await until(lambda: feed.link.phase is Phase.LIVE)
                for fault in faults:
                    server.inject(fault)
                command_id = feed.send("A1", Verb.NOTE, "ring twice")
                await until(lambda: not feed.pending_commands("A1")[0].is_open)
                server.heal()
                await until(lambda: feed.link.phase is Phase.LIVE and feed.views["A1"].complete)
            (pending,) = feed.pending_commands("A1")
            view = feed.views["A1"]
        await reader
        snapshot = await server.events.snapshot("A1")
        assert snapshot is not None
    assert pending.status is expected
    noted = [line for line in snapshot.message.history if line.command_id == command_id]
    assert len(noted) == (expected is CommandStatus.CONFIRMED)
    shown = [(entry.milestone.seq, entry.milestone.command_id) for entry in view.history if entry.milestone.command_id]
    assert shown == [(line.seq, command_id) for line in noted]
