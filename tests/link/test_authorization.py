"""Tokens of requests sent in addition to the stream, against an in-process gateway, in virtual time."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from tests.support.fake_gateway import FakeGateway
from tests.support.fake_transports import FakeCredentials, FakeOrdersApi, FakeTransport
from tests.support.orders_apis import UnimplementedOrdersApi
from tests.support.virtual_time import VirtualClock, virtual
from tests.support.watch import Watch, gateway, watching
from tracker_tui.domain.command import Verb
from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.overlay import CommandStatus
from tracker_tui.link.auth.token import Token
from tracker_tui.link.auth.token_store import MAX_TOKENS
from tracker_tui.link.changes import OrderChanged, Phase, Standing
from tracker_tui.link.errors import Refused, TransportBlocked, TransportDown
from tracker_tui.link.feed import OrderFeed
from tracker_tui.wire.messages import Problem


def hole(watch: Watch) -> None:
    """Lose an event that only a GET can recover, as subscriptions are not answered."""
    watch.gateway.answers = False
    watch.gateway.append("A1", "accepted", lost=True)
    watch.gateway.append("A1", "preparing")


@virtual
async def test_a_get_presents_the_current_token_while_the_gateway_rejects_fresh_ones() -> None:
    keys = FakeCredentials(life=100)
    async with watching(gateway(), keys=keys) as watch:
        await watch.live()
        keys.issues_rejected_tokens = True
        await asyncio.sleep(85)
        assert keys.fetches >= 2
        hole(watch)
        await watch.until(watch.is_up_to_date, within=4)
        assert watch.feed.link.phase is Phase.LIVE


@virtual
async def test_the_token_in_use_is_presented_however_many_fresh_ones_were_refused() -> None:
    keys = FakeCredentials(life=10_000)
    async with watching(gateway(), keys=keys) as watch:
        await watch.live()
        keys.reject_on_requests()
        keys.issues_rejected_tokens = True
        hole(watch)
        await asyncio.sleep(60)
        assert keys.fetches > MAX_TOKENS + 2
        watch.gateway.answers = True
        watch.gateway.close(1006)
        await watch.until(lambda: watch.feed.link.phase is not Phase.LIVE)
        await watch.live()
        assert watch.is_up_to_date()


@virtual
async def test_a_get_that_is_refused_for_its_token_has_a_fresh_one_fetched() -> None:
    keys = FakeCredentials(life=1_000)
    async with watching(gateway(), keys=keys) as watch:
        await watch.live()
        keys.reject_on_requests()
        hole(watch)
        await watch.until(watch.is_up_to_date, within=7)
        assert (keys.fetches, keys.refreshes) == (2, 1)
        assert watch.feed.link.phase is Phase.LIVE


@virtual
async def test_a_refused_get_is_retried_once_if_its_token_was_replaced_meanwhile() -> None:
    keys = FakeCredentials(life=1_000)
    made = gateway()
    presented: list[Token | None] = []
    answers = asyncio.Event()

    async def slow(order_id: str, token: Token | None = None) -> Snapshot:
        presented.append(token)
        if len(presented) == 1:
            await answers.wait()
            raise Refused(Problem("token_expired", "it has expired"))
        return made.snapshot_of(order_id)

    async with watching(made, keys=keys) as watch:
        await watch.live()
        watch.feed._loop._orders_api.snapshot = slow  # type: ignore[method-assign]
        hole(watch)
        await watch.until(lambda: presented)
        # The user asks for something meanwhile, which brings a fresh token.
        keys.reject_on_requests()
        watch.feed.send("A1", Verb.NOTE, "x")
        await watch.until(lambda: keys.refreshes == 1)
        answers.set()
        await watch.until(watch.is_up_to_date, within=0.1)
        assert len(set(presented)) == len(presented) == 2
        assert keys.fetches == 2


@virtual
async def test_a_get_waits_for_a_token_while_the_session_has_none() -> None:
    keys = FakeCredentials(life=20)
    async with watching(gateway(), keys=keys) as watch:
        await watch.live()
        keys.exhausted = True
        await watch.until(lambda: watch.feed.link.phase is Phase.SIGNED_OUT)
        requests = keys.requests
        get = asyncio.create_task(watch.feed._loop._effects._snapshots.get("A1"))
        await asyncio.sleep(100)
        assert keys.requests == requests
        assert not get.done()
        keys.exhausted = False
        await watch.live()
        await get


@virtual
async def test_closing_does_not_wait_for_a_token() -> None:
    keys = FakeCredentials(life=20)
    async with watching(gateway(), keys=keys) as watch:
        await watch.live()
        keys.exhausted = True
        await watch.until(lambda: watch.feed.link.phase is Phase.SIGNED_OUT)
        watch.feed.send("A1", Verb.NOTE, "x")
        get = asyncio.create_task(watch.feed._loop._effects._snapshots.get("A1"))
        await asyncio.sleep(10)
        left_at = watch.clock.time()
    assert watch.clock.time() - left_at < 0.5
    await get
    assert watch.feed.pending_commands("A1")[-1].status is CommandStatus.PENDING


@virtual
async def test_an_order_whose_get_is_forbidden_is_kept_while_the_stream_serves_it() -> None:
    async with watching(gateway()) as watch:
        await watch.live()
        watch.gateway.requests_fail_with = Refused(Problem("forbidden", "not with this token"))
        hole(watch)
        await asyncio.sleep(30)
        assert watch.feed.refused == {}
        assert watch.feed.standing("A1") is Standing.RECONCILING
        watch.gateway.requests_fail_with = None
        await watch.until(watch.is_up_to_date, within=31)


@virtual
async def test_an_order_whose_get_is_forbidden_is_refused_without_a_stream_that_serves_it() -> None:
    made = gateway()
    made.requests_fail_with = Refused(Problem("forbidden", "not with this token"))
    keys = FakeCredentials(life=1_000)
    async with watching(made, keys=keys) as watch:
        for road in watch.transports:
            road.blocked = TransportBlocked(403, "a proxy")
        await watch.until(lambda: watch.feed.refused)
    standings = [change.standing for change in watch.changes if isinstance(change, OrderChanged)]
    assert standings[-1] is Standing.REFUSED


@virtual
async def test_a_blocked_transport_does_not_hide_that_the_gateway_rejects_the_token() -> None:
    keys = FakeCredentials(life=1_000)
    keys.issues_rejected_tokens = True
    async with watching(gateway(), keys=keys) as watch:
        for road in watch.transports:
            road.blocked = TransportDown("no hello", connected=True)
        await watch.until(lambda: watch.feed.link.phase is Phase.SIGNED_OUT, within=5)
        assert watch.feed.link.code == "token_expired"


@pytest.mark.parametrize("tells", [False, True], ids=["command", "file"])
@virtual
async def test_a_pending_command_causes_one_token_fetch_and_one_stream_per_backoff_period(tells: bool) -> None:
    keys = FakeCredentials(life=20)
    if not tells:
        keys.changed = lambda: False  # type: ignore[method-assign]
    async with watching(gateway(), keys=keys) as watch:
        await watch.live()
        keys.issues_rejected_tokens = True
        keys.expire_all()
        watch.gateway.close(4001)
        await asyncio.sleep(0.1)
        fetches, openings = keys.fetches, watch.feed.counters.openings
        watch.feed.send("A1", Verb.NOTE, "x")
        watch.feed.send("A1", Verb.NOTE, "y")
        await asyncio.sleep(60)
        assert keys.fetches - fetches <= 16
        assert watch.feed.counters.openings - openings <= 16
        keys.issues_rejected_tokens = False
        await watch.until(lambda: all(not pending.is_open for pending in watch.feed.pending_commands("A1")))
        assert {pending.status for pending in watch.feed.pending_commands("A1")} == {CommandStatus.CONFIRMED}


@virtual
async def test_refused_commands_on_a_healthy_stream_cause_one_token_fetch_per_backoff_period() -> None:
    keys = FakeCredentials(life=10_000)
    async with watching(gateway(), keys=keys) as watch:
        await watch.live()
        keys.rejected_on_requests = True
        keys.reject_on_requests()
        fetches, requests = keys.fetches, keys.requests
        watch.feed.send("A1", Verb.NOTE, "x")
        await asyncio.sleep(60)
        assert keys.fetches - fetches <= 16
        assert keys.requests - requests <= 48  # each token once on the stream, and for the command
        assert watch.feed.link.phase is Phase.LIVE
        assert watch.feed.counters.openings == 1


@virtual
async def test_the_list_is_read_with_the_sessions_token_and_fetches_none_of_its_own() -> None:
    keys = FakeCredentials(life=1_000)
    read: list[Token | None] = []

    class Listed(UnimplementedOrdersApi):
        async def open_orders(self, token: Token | None = None) -> list[str]:
            keys.admit_request(token)
            read.append(token)
            return ["A1"]

        async def probe_list(self, token: Token | None = None) -> None:
            raise NotImplementedError

    made: FakeGateway = gateway()
    async with watching(made, keys=keys, listing=Listed()) as watch:
        await watch.live()
        assert (keys.fetches, len(read)) == (1, 1)
        keys.reject_on_requests()
        await watch.until(lambda: len(read) == 2)
        assert keys.fetches == 2
        assert read[0] != read[1]


@virtual
async def test_without_an_order_the_list_is_read_once_as_soon_as_there_is_a_token() -> None:
    keys = FakeCredentials(life=1_000)
    read: list[Token | None] = []

    class Empty(UnimplementedOrdersApi):
        async def open_orders(self, token: Token | None = None) -> list[str]:
            keys.admit_request(token)
            read.append(token)
            return []

        async def probe_list(self, token: Token | None = None) -> None:
            raise NotImplementedError

    feed = OrderFeed(
        (),
        [FakeTransport(FakeGateway(), "sse", keys=keys)],
        FakeOrdersApi(FakeGateway(), keys),
        credentials=keys,
        clock=VirtualClock(),
        random=Random(1),
        listing=Empty(),
    )
    async with feed:
        await asyncio.sleep(5)
        assert feed.link.phase is Phase.LIVE
        assert len(read) == 1
        keys.reject_on_requests()
        await asyncio.sleep(10)
        assert feed.link.phase is Phase.LIVE
        assert (keys.fetches, len(read)) == (2, 2)
