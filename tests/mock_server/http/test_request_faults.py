"""Request faults: blocked, redirected, rate limited, unanswered, buffered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import pytest
import websockets

from mock_server.server import MockServer
from tests.support.http_stream_clients import JSON, ask, kinds, poll, sse
from tests.support.mock_servers import (
    TIMEOUT,
    connect_peer,
    connect_without_hello,
    create_orders,
    empty_server,
    eventually,
    fault_effects,
)

POLL = "/v1/stream?order=A1&wait=0"
SSE = {"Accept": "text/event-stream"}


@pytest.fixture
async def server() -> AsyncIterator[MockServer]:
    async with empty_server() as running:
        await create_orders(running)
        yield running


@pytest.fixture
async def web(server: MockServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=TIMEOUT) as client:
        yield client


async def test_a_blocked_websocket_is_refused_by_an_intermediary_and_other_requests_succeed(
    server: MockServer, web: httpx.AsyncClient
) -> None:
    server.inject("block-websocket")
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with connect_without_hello(server):
            pass
    assert refused.value.response.status_code == 403
    assert "problem" not in refused.value.response.headers["Content-Type"]
    assert kinds(await poll(server))[0] == "hello"
    async with sse(server) as client:
        assert (await client.next())["type"] == "hello"
    assert (await web.get("/v1/orders/A1")).status_code == 200
    assert [record.effect for record in fault_effects(server, "block-websocket")] == ["refused"]


async def test_a_sign_in_page_replaces_the_upgrade(server: MockServer) -> None:
    server.inject("block-websocket:mode=portal")
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with connect_without_hello(server):
            pass
    assert refused.value.response.status_code == 200
    assert refused.value.response.headers["Content-Type"].startswith("text/html")


async def test_healing_answers_a_hanging_upgrade(server: MockServer) -> None:
    server.inject("block-websocket:mode=hang")
    connecting = asyncio.create_task(connect_peer(server).__aenter__())
    await eventually(lambda: fault_effects(server, "block-websocket"))
    assert (server.stats()["webSocketOpenings"], connecting.done()) == (0, False)
    server.heal()
    client = await connecting
    assert client.hello["protocol"] == 1
    await client.connection.close()


async def test_a_silent_websocket_is_open_without_frames_until_healed(server: MockServer) -> None:
    server.inject("block-websocket:mode=silent")
    async with connect_without_hello(server) as client:
        await client.subscribe("A1")
        with pytest.raises(TimeoutError):
            # Listen for a while to detect silence; a ping would be answered at once.
            await asyncio.wait_for(await client.connection.ping(), 0.3)
        server.heal()
        assert (await client.closed())[0] == 1006


@pytest.mark.parametrize(
    ("fault", "blocked", "free"), [("block-sse", SSE, JSON), ("block-longpoll", JSON, SSE)], ids=["sse", "longpoll"]
)
async def test_one_encoding_can_be_blocked(
    server: MockServer, web: httpx.AsyncClient, fault: str, blocked: dict[str, str], free: dict[str, str]
) -> None:
    server.inject(fault)
    answer = await web.get(POLL, headers=blocked)
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "text/plain; charset=utf-8")
    async with web.stream("GET", POLL, headers=free) as other:
        assert other.status_code == 200
    async with connect_peer(server) as client:
        await client.watch()
    server.heal()
    server.inject(f"{fault}:mode=portal")
    answer = await web.get(POLL, headers=blocked)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize("fault", ["block-sse:mode=hang", "block-longpoll:mode=hang"])
async def test_healing_answers_a_hanging_request(server: MockServer, web: httpx.AsyncClient, fault: str) -> None:
    server.inject(fault)
    name = fault.partition(":")[0]
    request = web.build_request("GET", POLL, headers=SSE if name == "block-sse" else JSON)
    asking = asyncio.create_task(web.send(request, stream=True))
    await eventually(lambda: fault_effects(server, name))
    assert server.stats()["streamOpenings"] == 0
    server.heal()
    answer = await asking
    assert answer.status_code == 200
    assert await anext(answer.aiter_bytes())
    await answer.aclose()


async def test_a_hanging_request_does_not_delay_the_end_of_the_server() -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=TIMEOUT) as web:
        async with empty_server() as server:
            await create_orders(server)
            server.inject("block-longpoll:mode=hang")
            asking = asyncio.create_task(web.get(f"{server.url}{POLL}", headers=JSON))
            await eventually(lambda: fault_effects(server, "block-longpoll"))
        with suppress(httpx.TransportError):
            assert (await asking).status_code == 503


async def test_a_client_that_disconnects_from_a_hanging_request_leaves_nothing_behind(server: MockServer) -> None:
    server.inject("block-longpoll:mode=hang")
    before = len(asyncio.all_tasks())
    asking = asyncio.create_task(ask(server))
    await eventually(lambda: fault_effects(server, "block-longpoll"))
    assert len(asyncio.all_tasks()) > before + 1
    asking.cancel()
    await eventually(lambda: len(asyncio.all_tasks()) <= before)


async def test_a_block_armed_for_a_time_ends_by_itself(server: MockServer) -> None:
    server.inject("block-longpoll:mode=hang,for=1")
    assert kinds(await poll(server))[0] == "hello"
    assert fault_effects(server, "block-longpoll")


async def test_buffer_sse_sends_the_head_and_holds_back_the_body_until_healed(server: MockServer) -> None:
    server.inject("buffer-sse")
    async with sse(server) as client:
        assert client.response.status_code == 200
        reading = asyncio.create_task(client.block())
        await eventually(lambda: fault_effects(server, "buffer-sse"))
        assert kinds(await poll(server))[0] == "hello"
        assert not reading.done()
        server.heal()
        assert await reading is not None
        assert (await client.next())["type"] == "hello"


async def test_buffer_sse_can_hold_back_the_head_too_and_for_a_time(server: MockServer) -> None:
    server.inject("buffer-sse:head=true,seconds=0.3")
    began = asyncio.get_running_loop().time()
    async with sse(server):
        assert asyncio.get_running_loop().time() - began >= 0.3


async def test_a_client_that_leaves_a_buffered_stream_is_forgotten(server: MockServer) -> None:
    server.inject("buffer-sse")
    async with sse(server):
        pass
    await eventually(lambda: server.connections == 0)


async def test_a_redirect_applies_to_all_requests(server: MockServer, web: httpx.AsyncClient) -> None:
    server.inject("redirect")
    for path, headers in (("/v1/orders/A1", {}), ("/v1/orders", {}), (POLL, JSON), (POLL, {"Upgrade": "websocket"})):
        answer = await web.get(path, headers=headers)
        assert (answer.status_code, answer.headers["Location"]) == (302, "http://sign-in.invalid/")


async def test_a_redirect_can_apply_to_streams_only_with_a_target_and_status(
    server: MockServer, web: httpx.AsyncClient
) -> None:
    server.inject("redirect:which=streams,status=307,to=https://other.invalid/x?y=1")
    assert (await web.get("/v1/orders/A1")).status_code == 200
    answer = await web.get(POLL)
    assert (answer.status_code, answer.headers["Location"]) == (307, "https://other.invalid/x?y=1")
    assert "307 to https://other.invalid/x?y=1" in fault_effects(server, "redirect")[0].detail


async def test_a_rate_limit_is_a_problem_with_retry_after_in_seconds(
    server: MockServer, web: httpx.AsyncClient
) -> None:
    server.inject("rate-limit:retry_after=2.5")
    answer = await web.get("/v1/orders/A1")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
    assert (answer.json()["code"], answer.json()["retryAfterSeconds"]) == ("rate_limited", 2.5)


async def test_a_rate_limit_can_give_a_date_that_is_never_too_early(server: MockServer, web: httpx.AsyncClient) -> None:
    server.inject("rate-limit:retry_after=2.5,form=date")
    asked = datetime.now(UTC)
    until = parsedate_to_datetime((await web.get("/v1/orders/A1")).headers["Retry-After"])
    assert 2.5 <= (until - asked).total_seconds() < 2.5 + 2


async def test_a_rate_limit_can_come_from_an_intermediary_and_apply_to_streams_only(
    server: MockServer, web: httpx.AsyncClient
) -> None:
    server.inject("rate-limit:plain=true,which=streams,count=1")
    assert (await web.get("/v1/orders/A1")).status_code == 200
    answer = await ask(server)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert (await ask(server)).status_code == 200
