"""Polling: plain GETs that look like a stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from itertools import pairwise
from random import Random

import pytest
from aiohttp import web

from tests.support.http_servers import client_for, problem, read_to_end
from tests.support.orders import EPOCH, snapshot
from tests.support.stream_requests import stream_request
from tests.support.virtual_time import virtual
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Snapshot
from tracker_tui.link.auth.token import Token
from tracker_tui.link.errors import (
    LinkError,
    Oversized,
    Refused,
    ServerBusy,
    StreamClosed,
    TransportBlocked,
    TransportDown,
)
from tracker_tui.link.http.orders_api import HttpOrdersApi
from tracker_tui.link.http.server import MAX_CONCURRENT_FETCHES
from tracker_tui.link.transports.base import ReceivedMessage
from tracker_tui.link.transports.polling import PollingConnection, PollingTransport
from tracker_tui.wire.codec import IgnoredCounts, encode
from tracker_tui.wire.messages import Heartbeat, Hello, Mode, Problem, ServerMessage, Subscribed

HAVE = Cursor(EPOCH, 3)


class FakeApi:
    """A fake orders API that answers after `takes` seconds."""

    def __init__(self, *order_ids: str) -> None:
        self.seqs = dict.fromkeys(order_ids or ("A1",), 3)
        self.errors: dict[str, LinkError] = {}
        self.takes = 0.0
        self.stuck: set[str] = set()
        self.asked: list[tuple[float, str, Cursor | None]] = []
        self.busy = self.most = 0
        self.tally = IgnoredCounts()

    async def snapshot_unless(self, order_id: str, have: Cursor | None, token: Token | None = None) -> Snapshot | None:
        """Answer a GET."""
        self.asked.append((asyncio.get_running_loop().time(), order_id, have))
        self.busy += 1
        self.most = max(self.most, self.busy)
        try:
            await asyncio.sleep(1_000 if order_id in self.stuck else self.takes)
        finally:
            self.busy -= 1
        if order_id in self.errors:
            raise self.errors[order_id]
        seq = self.seqs[order_id]
        return None if have == Cursor(EPOCH, seq) else snapshot(seq, order_id=order_id)

    def times(self, order_id: str) -> list[float]:
        return [at for at, asked, _ in self.asked if asked == order_id]


def poll(api: FakeApi, orders: Mapping[str, Cursor | None] | None = None) -> PollingConnection:
    wanted: Mapping[str, Cursor | None] = dict.fromkeys(api.seqs, None) if orders is None else orders
    return PollingConnection(api, stream_request(wanted), Random(1))  # type: ignore[arg-type]


async def until(messages: AsyncIterator[ReceivedMessage], seconds: float) -> list[ServerMessage]:
    """Return the messages of the next seconds; the stream ends then."""
    told: list[ServerMessage] = []
    try:
        async with asyncio.timeout(seconds):
            async for each in messages:
                told.append(each.message)
    except TimeoutError:
        pass
    return told


def kinds(messages: list[ServerMessage]) -> list[type]:
    return [type(message) for message in messages]


@virtual
async def test_an_unknown_order_is_subscribed_with_its_snapshot() -> None:
    hello, subscribed, first = await until(poll(FakeApi()).messages(), 1)
    assert isinstance(hello, Hello)
    assert (hello.heartbeat_seconds, hello.token_expires_at, hello.node) == (5, None, "")
    assert subscribed == Subscribed("A1", Mode.SNAPSHOT, None, HAVE)
    assert first == snapshot(3)


@virtual
async def test_a_known_order_is_subscribed_with_an_empty_replay() -> None:
    api = FakeApi()
    assert (await until(poll(api, {"A1": HAVE}).messages(), 1))[1:] == [Subscribed("A1", Mode.REPLAY, HAVE, HAVE)]
    assert api.asked == [(0, "A1", HAVE)]


@virtual
async def test_later_answers_are_heartbeats_and_changed_snapshots() -> None:
    api, orders = FakeApi(), {"A1": HAVE}
    messages = poll(api, orders).messages()
    for _ in range(2):
        await anext(messages)
    same = (await anext(messages)).message
    assert isinstance(same, Heartbeat)
    assert same.heads == {"A1": HAVE}
    api.seqs["A1"] = 5
    changed, heartbeat = [(await anext(messages)).message for _ in range(2)]
    assert changed == snapshot(5)
    assert isinstance(heartbeat, Heartbeat)
    assert heartbeat.heads == {"A1": Cursor(EPOCH, 5)}


@virtual
async def test_every_message_names_its_order() -> None:
    messages = poll(FakeApi("A1", "B2")).messages()
    told = [await anext(messages) for _ in range(5)]
    assert told[0].orders is None
    assert [each.orders for each in told[1:]] == [("A1",), ("A1",), ("B2",), ("B2",)]


@virtual
async def test_a_few_at_once_and_all_of_them_first() -> None:
    api = FakeApi(*(f"A{number}" for number in range(40)))
    api.takes = 0.1
    told = await until(poll(api).messages(), 1.05)
    assert api.most == MAX_CONCURRENT_FETCHES
    assert kinds(told).count(Snapshot) == 40


@virtual
async def test_later_polls_are_spread_over_the_interval() -> None:
    api = FakeApi(*(f"A{number}" for number in range(10)))
    await until(poll(api).messages(), 60)
    later = [at for at, _, _ in api.asked[10:]]
    gaps = [after - before for before, after in pairwise(later)]
    assert all(0.4 <= gap <= 0.6 for gap in gaps)
    assert max(gaps) - min(gaps) > 0.05  # not all alike
    for order_id in api.seqs:
        times = api.times(order_id)[1:]
        assert all(4 <= after - before <= 6 for before, after in pairwise(times))


@pytest.mark.parametrize(("count", "interval"), [(1, 5), (50, 5), (51, 5.1), (1000, 100)])
@virtual
async def test_the_interval_grows_with_the_orders(count: int, interval: float) -> None:
    api = FakeApi(*(f"A{number}" for number in range(count)))
    told = await until(poll(api, dict.fromkeys(api.seqs, HAVE)).messages(), 3 * interval)
    assert isinstance(told[0], Hello)
    assert told[0].heartbeat_seconds == pytest.approx(interval)
    assert 2 * count * 0.8 <= len(api.asked) - count <= 3 * count * 1.25


@virtual
async def test_the_order_unanswered_longest_is_the_sign_of_life() -> None:
    api = FakeApi("A1", "B2")
    connection = poll(api)
    messages = connection.messages()
    for _ in range(5):
        await anext(messages)
    assert connection.heard_at == 0
    waiting = asyncio.ensure_future(until(messages, 60))
    await asyncio.sleep(20)
    assert 13 <= connection.heard_at <= 20
    api.stuck.add("B2")
    await asyncio.sleep(30)
    assert connection.heard_at <= 20
    assert api.times("A1")[-1] > 40  # the other goes on
    await waiting


@virtual
async def test_a_refused_order_is_yielded_as_a_problem_and_not_polled_again() -> None:
    api, orders = FakeApi("A1", "B2"), dict.fromkeys(["A1", "B2"], HAVE)
    api.errors["B2"] = Refused(Problem("order_not_found", "no such order"))
    connection = poll(api, orders)
    messages = connection.messages()
    told = [(await anext(messages)).message for _ in range(3)]
    assert told[2] == Problem("order_not_found", "no such order", "B2")
    del orders["B2"]
    await until(messages, 60)
    assert len(api.times("B2")) == 1
    assert len(api.times("A1")) > 8
    assert connection.heard_at > 50


@virtual
async def test_an_order_too_large_is_refused_alone() -> None:
    api = FakeApi("A1", "B2")
    api.errors["B2"] = Oversized()
    told = await until(poll(api).messages(), 1)
    assert Problem("too_large", "the answer is over 1 MiB", "B2") in told
    assert snapshot(3) in told


@pytest.mark.parametrize(
    "error",
    [
        TransportDown("no answer in time"),
        TransportBlocked(200, "a web page"),
        ServerBusy(503, 7),
        Refused(Problem("token_expired", "")),
        Refused(Problem("auth_rejected", "")),
        Refused(Problem("restarting", "", None, 2)),
    ],
)
@virtual
async def test_an_error_of_more_than_one_order_ends_the_stream(error: LinkError) -> None:
    api = FakeApi(*(f"A{number}" for number in range(10)))
    api.takes = 0.1
    api.errors["A5"] = error
    _, ended = await read_to_end(poll(api))
    assert ended is error
    assert api.busy == 0


@virtual
async def test_without_an_order_nothing_is_polled_and_the_stream_is_not_silent() -> None:
    api, orders = FakeApi(), {"A1": HAVE}
    connection = poll(api, orders)
    messages = connection.messages()
    await anext(messages)
    await anext(messages)
    orders.clear()
    waiting = asyncio.ensure_future(anext(messages))
    await asyncio.sleep(100)
    assert connection.heard_at == 100
    assert len(api.asked) == 1
    await connection.close()
    with pytest.raises(StreamClosed):
        await waiting


@pytest.mark.parametrize(
    "leave", [PollingConnection.abort, lambda connection: asyncio.ensure_future(connection.close())]
)
@virtual
async def test_closing_ends_the_stream_and_its_polls(leave: Callable[[PollingConnection], object]) -> None:
    api = FakeApi("A1", "B2")
    api.takes = 10
    connection = poll(api)
    waiting = asyncio.ensure_future(read_to_end(connection))
    await asyncio.sleep(1)
    leave(connection)
    _, error = await waiting
    assert isinstance(error, StreamClosed)
    assert (error.code, error.by_us) == (1000, True)
    assert api.busy == 0


async def test_over_http_a_poll_is_one_conditional_get_with_the_token() -> None:
    seen: list[web.Request] = []

    async def serve(request: web.Request) -> web.StreamResponse:
        seen.append(request)
        if request.path.endswith("B2"):
            return problem(404, "order_not_found")
        if request.headers.get("If-None-Match") == f'"{HAVE}"':
            return web.Response(status=304)
        return web.Response(text=encode(snapshot(3, order_id="C3")), content_type="application/json")

    async with client_for(serve) as client:
        orders = {"A1": HAVE, "B2": None, "C3": None}
        connection = await PollingTransport(client, Random(1)).connect(stream_request(orders, Token("s3cret")))
        messages = connection.messages()
        told = [(await anext(messages)).message for _ in range(5)]
        connection.abort()
    assert {type(message) for message in told} == {Hello, Subscribed, Problem, Snapshot}
    assert {request.headers["Authorization"] for request in seen} == {"Bearer s3cret"}
    assert {request.path_qs: request.headers.get("If-None-Match") for request in seen} == {
        "/v1/orders/A1": f'"{HAVE}"',
        "/v1/orders/B2": None,
        "/v1/orders/C3": None,
    }


async def test_an_unrequested_304_counts_as_a_blocked_transport() -> None:
    async def serve(_: web.Request) -> web.StreamResponse:
        return web.Response(status=304)

    async with client_for(serve) as client:
        with pytest.raises(TransportBlocked):
            await HttpOrdersApi(client).snapshot_unless("A1", None)
        assert await HttpOrdersApi(client).snapshot_unless("A1", HAVE) is None
