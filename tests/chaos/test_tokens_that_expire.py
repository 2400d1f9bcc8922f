"""Tokens that live for seconds, on real sockets: no gap where they can be renewed, no loop where they can't."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

from mock_server.server import embed
from tests.support import tokens
from tests.support.fault_schedule import append_version, read, server_state, until
from tests.support.tokens import KEY
from tracker_tui.link.auth.credentials import FromFile
from tracker_tui.link.auth.token import Token
from tracker_tui.link.changes import Change, LinkChanged, OrderChanged, Phase
from tracker_tui.link.track import track

LIFE = 2.0
LIVES = 5


class Issuer:
    """Gives a token for `LIFE` seconds each time, and counts them."""

    def __init__(self) -> None:
        self.issued = 0

    async def fetch(self) -> Token:
        """Issue one."""
        self.issued += 1
        return Token(tokens.token(seconds=LIFE))

    def changed(self) -> bool:
        """Nothing tells."""
        return False


TRANSPORTS = ("websocket", "sse", "longpoll", "polling")


async def test_tokens_that_expire_all_the_time_leave_no_gap() -> None:
    async with asyncio.TaskGroup() as group:
        for transport in TRANSPORTS:
            group.create_task(live_through(transport), name=transport)


async def live_through(transport: str) -> None:
    """Watch an order through many lives of a token."""
    issuer = Issuer()
    async with embed(None, seed=7, heartbeat_seconds=1, controlled=False, auth=KEY) as server:
        await append_version(server, 0)
        feed = track("A1", server=server.url, transport=transport, credentials=issuer, random=Random(7))
        told: list[Change] = []
        async with feed:
            reader = asyncio.create_task(read(feed, told))
            async with asyncio.timeout(5):
                await until(lambda: feed.link.phase is Phase.LIVE)
            began = len(told)
            for number in range(1, round(LIVES * LIFE / 0.1)):
                await append_version(server, number)
                await asyncio.sleep(0.1)
            version, seqs = await server_state(server)
            async with asyncio.timeout(10):
                await until(lambda: feed.views["A1"].version == version)
            phases = {change.link.phase for change in told[began:] if isinstance(change, LinkChanged)}
            openings = feed.counters.openings
        await reader
    assert [e.milestone.seq for c in told if isinstance(c, OrderChanged) for e in c.arrived] == seqs
    # A token is looked for at four fifths of its life: once each, and one more for what the last one is.
    assert issuer.issued <= LIVES / 0.8 + 2
    if transport == "polling":
        return  # a GET tells no expiry: it ends the round with a refusal, and the next one goes on
    assert issuer.issued >= LIVES
    assert phases <= {Phase.LIVE}
    assert openings == (1 if transport == "websocket" else issuer.issued)


async def test_a_token_that_cannot_be_renewed_is_signed_out_within_three_seconds_and_comes_back_with_its_file(
    tmp_path: Path,
) -> None:
    async with asyncio.TaskGroup() as group:
        for transport in TRANSPORTS:
            group.create_task(sign_out_and_in(transport, tmp_path / transport), name=transport)


async def sign_out_and_in(transport: str, path: Path) -> None:
    """Let the token in `path` expire, and later another one be written there."""
    path.write_text(tokens.token(seconds=LIFE))
    async with embed(None, seed=7, heartbeat_seconds=1, controlled=False, auth=KEY) as server:
        await append_version(server, 0)
        async with track("A1", server=server.url, transport=transport, credentials=FromFile(path)) as feed:
            async with asyncio.timeout(5):
                await until(lambda: feed.link.phase is Phase.LIVE)
            await asyncio.sleep(LIFE)
            refused = server.stats()["refusals"]
            async with asyncio.timeout(3 + (6 if transport == "polling" else 0)):
                await until(lambda: feed.link.phase is Phase.SIGNED_OUT)
            assert feed.link.code == "token_expired"
            view = feed.views["A1"]
            assert view.state is not None
            await asyncio.sleep(3)  # for requests that there should be none of
            assert server.stats()["refusals"] - refused <= 3
            assert server.stats()["streams"] == 0

            await append_version(server, 1)
            path.write_text(tokens.token(seconds=60))
            version, _ = await server_state(server)
            async with asyncio.timeout(5):
                await until(lambda: feed.link.phase is Phase.LIVE and feed.views["A1"].version == version)
