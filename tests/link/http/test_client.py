"""Redirects, sign-in pages and dead addresses, over every transport."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from tests.link.http.test_tls import EVERY_WAY, Open, by_get, gateway, over_sse, over_websocket
from tests.support.http_servers import client_for, web_server
from tests.support.stream_requests import stream_request
from tests.support.task_factories import LAZY_AND_EAGER, set_task_factory
from tests.support.tcp_servers import hang, resolve_to_two, tcp_server
from tracker_tui.link.auth.token import Token
from tracker_tui.link.errors import ServerBusy, TransportBlocked, TransportDown
from tracker_tui.link.http.client import HttpClient
from tracker_tui.link.http.server import Server
from tracker_tui.link.transports.sse import SseTransport
from tracker_tui.link.transports.websocket import WebSocketTransport


@asynccontextmanager
async def redirecting(
    location: str, status: int = 302, times: int = 1
) -> AsyncIterator[tuple[HttpClient, list[web.Request]]]:
    """Run a gateway that redirects the first requests; yield its client and the requests."""
    seen: list[web.Request] = []

    async def serve(request: web.Request) -> web.StreamResponse:
        seen.append(request)
        if len(seen) <= times:
            where = location.format(host=request.host, path=request.path_qs)
            return web.Response(status=status, headers={"Location": where})
        return await gateway(request)

    async with client_for(serve) as network:
        yield network, seen


@EVERY_WAY
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_within_the_server_is_followed(open_it: Open, status: int) -> None:
    async with redirecting("{path}", status) as (network, seen):
        assert await open_it(network)
    assert len(seen) >= 2


@EVERY_WAY
@pytest.mark.parametrize("location", ["http://{host}{path}", "//{host}{path}"])
async def test_so_is_one_that_names_the_server(open_it: Open, location: str) -> None:
    async with redirecting(location) as (network, _):
        assert await open_it(network)


async def test_the_token_goes_along_within_the_server() -> None:
    async with redirecting("{path}") as (network, seen):
        for connect in (SseTransport(network).connect, WebSocketTransport(network).connect):
            seen.clear()
            connection = await connect(stream_request({"A1": None}, Token("s3cret")))
            connection.abort()
            assert [request.headers["Authorization"] for request in seen] == ["Bearer s3cret"] * 2


@EVERY_WAY
async def test_five_redirects_are_enough(open_it: Open) -> None:
    async with redirecting("{path}", times=5) as (network, _):
        assert await open_it(network)
    async with redirecting("{path}", times=1_000) as (network, seen):
        with pytest.raises(TransportBlocked, match="more than 5 redirects"):
            await open_it(network)
        assert len(seen) == 6


@EVERY_WAY
async def test_a_redirect_to_another_host_is_never_followed_and_names_it(open_it: Open) -> None:
    asked: list[web.Request] = []

    async def elsewhere(request: web.Request) -> web.StreamResponse:
        asked.append(request)
        return await gateway(request)

    async with web_server(elsewhere) as other:
        port = other.base.rpartition(":")[2]
        async with redirecting(f"http://localhost:{port}{{path}}") as (network, _):
            with pytest.raises(TransportBlocked, match=r"redirects to localhost: a sign-in page\?$") as blocked:
                await open_it(network)
        assert blocked.value.status == 302
        async with redirecting(f"http://127.0.0.1:{port}{{path}}") as (network, _):
            with pytest.raises(TransportBlocked, match=rf"redirects to http://127\.0\.0\.1:{port}$"):
                await open_it(network)
    assert asked == []


@EVERY_WAY
@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("https://{host}{path}", "redirects to https://127"),
        ("ftp://{host}{path}", "redirects to an invalid address"),
        ("http://[::1", "redirects to an invalid address"),
        ("http://h:port/", "redirects to an invalid address"),
    ],
)
async def test_an_invalid_redirect_counts_as_a_blocked_transport(open_it: Open, location: str, words: str) -> None:
    async with redirecting(location) as (network, _):
        with pytest.raises(TransportBlocked, match=words):
            await open_it(network)


@EVERY_WAY
async def test_a_redirect_without_a_location_counts_as_a_blocked_transport(open_it: Open) -> None:
    async def serve(_: web.Request) -> web.StreamResponse:
        return web.Response(status=302)

    async with client_for(serve) as network:
        with pytest.raises(TransportBlocked):
            await open_it(network)


@EVERY_WAY
@pytest.mark.parametrize("status", [200, 403, 404])
async def test_a_web_page_is_named_in_the_error(open_it: Open, status: int) -> None:
    async def portal(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text="<html>Welcome to our network!</html>", content_type="text/html")

    words = rf"a web page answered \(HTTP {status}\): a sign-in page of the network\?$"
    async with client_for(portal) as network:
        with pytest.raises(TransportBlocked, match=words) as blocked:
            await open_it(network)
    assert blocked.value.status == status


@EVERY_WAY
async def test_a_web_page_of_a_busy_server_is_no_portal(open_it: Open) -> None:
    async def busy(_: web.Request) -> web.StreamResponse:
        return web.Response(status=502, text="<html>Bad gateway</html>", content_type="text/html")

    async with client_for(busy) as network:
        with pytest.raises(ServerBusy):
            await open_it(network)


@EVERY_WAY
async def test_a_server_on_ipv6_is_reached_by_its_address(open_it: Open) -> None:
    async with web_server(gateway, host="::1") as server:
        network = HttpClient(server, environ={})
        assert await open_it(network)
        await network.aclose()


@EVERY_WAY
@LAZY_AND_EAGER
@pytest.mark.parametrize("dead", ["refused", "silent"])
async def test_a_name_with_a_dead_address_first_is_reached_by_the_other(
    open_it: Open, eager: bool, dead: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_task_factory(eager=eager)
    names = resolve_to_two(monkeypatch, dead)
    async with web_server(gateway) as server:
        network = HttpClient(Server(server.base.replace("127.0.0.1", "orders.example")), environ={})
        async with asyncio.timeout(5):
            assert await open_it(network)
        await network.aclose()
    assert set(names) == {"orders.example"}


@pytest.mark.parametrize("open_it", [over_websocket, over_sse, by_get])
async def test_where_every_address_refuses_it_is_said_in_plain_words(open_it: Open) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, never listening: connections are refused
        network = HttpClient(Server(f"http://localhost:{taken.getsockname()[1]}"), environ={})
        with pytest.raises(TransportDown, match=r"^connection refused$") as down:
            await open_it(network)
        await network.aclose()
    assert not down.value.connected


async def test_closing_leaves_nothing_open_even_with_requests_in_flight() -> None:
    async with tcp_server(hang) as server:
        network = HttpClient(server, environ={})
        request = asyncio.ensure_future(network.get(f"{server.base}/x", {}))
        while not network.http._transport._pool.connections:  # type: ignore[attr-defined]
            await asyncio.sleep(0)
        request.cancel()
        await asyncio.gather(request, return_exceptions=True)
        await network.aclose()
        await network.aclose()
