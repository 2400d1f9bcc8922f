"""Tokens that expire within seconds, over real sockets in virtual time: renewals leave no gap, failures no loop."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

from mock_server.server import embed
from tests.support import tokens
from tests.support.fault_schedule import append_version, read, server_state, until
from tests.support.tokens import KEY
from tests.support.virtual_time import SocketClock, virtual_sockets
from tracker_tui.link.auth.credentials import FromFile
from tracker_tui.link.auth.token import Token
from tracker_tui.link.changes import Change, LinkChanged, OrderChanged, Phase
from tracker_tui.link.track import track

LIFETIME = 2.0
"""Seconds until a token expires."""

RENEWALS = 5
"""Token lifetimes that a test watches through."""


class Issuer:
    """Credentials that issue a token valid for `LIFETIME` seconds per request, and count them."""

    def __init__(self, clock: SocketClock) -> None:
        self.issued = 0
        self._clock = clock

    async def fetch(self) -> Token:
        """Return a new token."""
        self.issued += 1
        return Token(tokens.token(seconds=LIFETIME, now=self._clock.now()))

    def changed(self) -> bool:
        """Return False: this issuer never announces a new token."""
        return False


TRANSPORTS = ("websocket", "sse", "longpoll", "polling")


@virtual_sockets
async def test_renewed_tokens_leave_no_gap() -> None:
    async with asyncio.TaskGroup() as group:
        for transport in TRANSPORTS:
            group.create_task(watch_through_renewals(transport), name=transport)


async def watch_through_renewals(transport: str) -> None:
    """Watch an order while its token is renewed many times."""
    clock = SocketClock()
    issuer = Issuer(clock)
    async with embed(None, seed=7, heartbeat_seconds=1, controlled=False, auth=KEY, clock=clock) as server:
        await append_version(server, 0)
        feed = track("A1", server=server.url, transport=transport, credentials=issuer, random=Random(7), clock=clock)
        received: list[Change] = []
        async with feed:
            reader = asyncio.create_task(read(feed, received))
            async with asyncio.timeout(5):
                await until(lambda: feed.link.phase is Phase.LIVE)
            first = len(received)
            for number in range(1, round(RENEWALS * LIFETIME / 0.1)):
                await append_version(server, number)
                await asyncio.sleep(0.1)
            version, seqs = await server_state(server)
            async with asyncio.timeout(10):
                await until(lambda: feed.views["A1"].version == version)
            phases = {change.link.phase for change in received[first:] if isinstance(change, LinkChanged)}
            openings = feed.counters.openings
        await reader
    assert [e.milestone.seq for c in received if isinstance(c, OrderChanged) for e in c.arrived] == seqs
    # A token is renewed at four fifths of its lifetime; allow two more, for the first token and the last one.
    assert issuer.issued <= RENEWALS / 0.8 + 2
    if transport == "polling":
        return  # a GET response carries no expiry: the refused round ends, and the next one succeeds
    assert issuer.issued >= RENEWALS
    assert phases <= {Phase.LIVE}
    assert openings == (1 if transport == "websocket" else issuer.issued)


@virtual_sockets
async def test_an_expired_token_signs_out_within_three_seconds_until_its_file_is_replaced(
    tmp_path: Path,
) -> None:
    async with asyncio.TaskGroup() as group:
        for transport in TRANSPORTS:
            group.create_task(sign_out_and_in(transport, tmp_path / transport), name=transport)


async def sign_out_and_in(transport: str, path: Path) -> None:
    """Let the token in `path` expire, then write a valid one there."""
    clock = SocketClock()
    path.write_text(tokens.token(seconds=LIFETIME, now=clock.now()))
    async with embed(None, seed=7, heartbeat_seconds=1, controlled=False, auth=KEY, clock=clock) as server:
        await append_version(server, 0)
        async with track("A1", server=server.url, transport=transport, credentials=FromFile(path), clock=clock) as feed:
            async with asyncio.timeout(5):
                await until(lambda: feed.link.phase is Phase.LIVE)
            await asyncio.sleep(LIFETIME)
            refused = server.stats()["refusals"]
            async with asyncio.timeout(3 + (6 if transport == "polling" else 0)):
                await until(lambda: feed.link.phase is Phase.SIGNED_OUT)
            assert feed.link.code == "token_expired"
            view = feed.views["A1"]
            assert view.state is not None
            await asyncio.sleep(3)  # time for requests that must not happen
            assert server.stats()["refusals"] - refused <= 3
            assert server.stats()["streams"] == 0

            await append_version(server, 1)
            path.write_text(tokens.token(seconds=60, now=clock.now()))
            version, _ = await server_state(server)
            async with asyncio.timeout(5):
                await until(lambda: feed.link.phase is Phase.LIVE and feed.views["A1"].version == version)
