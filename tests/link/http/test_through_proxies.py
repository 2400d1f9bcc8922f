"""Every transport through real proxies, plain and over TLS."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.link.http.test_tls import EVERY_WAY, Open, by_get, gateway, over_sse, over_websocket
from tests.support.certificates import Authority
from tests.support.http_servers import web_server
from tests.support.task_factories import LAZY_AND_EAGER, set_task_factory
from tests.support.tcp_servers import resolve_to_two
from tests.support.third_party_servers import HERE, proxy_py, refusing_port, tinyproxy
from tracker_tui.link.errors import LinkError, ServerBusy, TransportBlocked, TransportDown
from tracker_tui.link.http.client import HttpClient
from tracker_tui.link.http.server import Server

PASSWORD = "hunter2"
SIGN_IN = f"user:{PASSWORD}@"


@pytest.fixture(params=["proxy.py", "tinyproxy"], scope="module")
def proxy(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a proxy that requires a user and a password; return its HOST:PORT."""
    folder = tmp_path_factory.mktemp("proxy")
    started: AbstractContextManager[str] = (
        proxy_py(folder, "--basic-auth", f"user:{PASSWORD}")
        if request.param == "proxy.py"
        else tinyproxy(folder, f"BasicAuth user {PASSWORD}")
    )
    with started as address:
        yield address


@asynccontextmanager
async def behind(proxy: str, tls: Path | None = None, serve: Any = gateway) -> AsyncIterator[HttpClient]:
    """Run a gateway behind a proxy; yield its client."""
    authority = Authority()
    context = authority.server(HERE) if tls is not None else None
    async with web_server(serve, context) as server:
        network = HttpClient(
            Server(server.base.replace("127.0.0.1", HERE)),
            ca_file=authority.file(tls) if tls is not None else None,
            environ={"HTTP_PROXY": f"http://{proxy}", "HTTPS_PROXY": f"http://{proxy}"},
        )
        try:
            yield network
        finally:
            await network.aclose()


@EVERY_WAY
@pytest.mark.parametrize("secure", [False, True])
async def test_a_proxy_is_gone_through_with_its_credentials(
    open_it: Open, secure: bool, proxy: str, tmp_path: Path
) -> None:
    async with behind(f"{SIGN_IN}{proxy}", tmp_path if secure else None) as network:
        assert await open_it(network)


@EVERY_WAY
@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize("credentials", ["", "user:wrong@"])
async def test_a_proxy_that_requires_a_sign_in_counts_as_a_blocked_transport(
    open_it: Open, secure: bool, credentials: str, proxy: str, tmp_path: Path
) -> None:
    async with behind(f"{credentials}{proxy}", tmp_path if secure else None) as network:
        with pytest.raises(TransportBlocked) as blocked:
            await open_it(network)
    assert blocked.value.status in {401, 407}
    assert "wrong" not in str(blocked.value)


@EVERY_WAY
@LAZY_AND_EAGER
@pytest.mark.parametrize(("secure", "dead"), [(False, "silent"), (True, "silent"), (True, "refused")])
async def test_a_proxy_with_a_dead_address_first_is_reached_by_the_other(
    open_it: Open, eager: bool, secure: bool, dead: str, proxy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_task_factory(eager=eager)
    named = f"{SIGN_IN}proxy.example:{proxy.rpartition(':')[2]}"
    async with behind(named, tmp_path if secure else None) as network:
        names = resolve_to_two(monkeypatch, dead)
        async with asyncio.timeout(5):
            assert await open_it(network)
    assert set(names) == {"proxy.example"}


@pytest.mark.parametrize("open_it", [over_websocket, over_sse, by_get])
async def test_a_server_that_the_proxy_cannot_reach_is_busy_and_not_blocked(open_it: Open, proxy: str) -> None:
    for scheme in ("http", "https"):
        environ = {"HTTP_PROXY": f"http://{SIGN_IN}{proxy}", "HTTPS_PROXY": f"http://{SIGN_IN}{proxy}"}
        with refusing_port() as closed:
            network = HttpClient(Server(f"{scheme}://{HERE}:{closed}"), environ=environ)
            with pytest.raises(LinkError) as error:
                await open_it(network)
        assert isinstance(error.value, ServerBusy | TransportDown)
        assert PASSWORD not in str(error.value)
        await network.aclose()


@EVERY_WAY
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_is_down_is_named_without_its_password(open_it: Open, scheme: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, never listening: connections are refused
        address = f"http://{SIGN_IN}127.0.0.1:{taken.getsockname()[1]}"
        network = HttpClient(Server(f"{scheme}://{HERE}:9"), environ={f"{scheme}_proxy": address})
        with pytest.raises(TransportDown, match=r"^connection refused \(through the proxy 127\.0\.0\.1\)$") as down:
            await open_it(network)
        await network.aclose()
    assert not down.value.connected


@pytest.mark.parametrize("open_it", [over_websocket, over_sse, by_get])
async def test_a_proxy_whose_name_is_unknown_is_named(open_it: Open) -> None:
    network = HttpClient(Server(f"http://{HERE}:9"), environ={"http_proxy": "http://nobody.invalid:3128"})
    with pytest.raises(
        TransportDown, match=r"^the host name nobody\.invalid .* \(through the proxy nobody\.invalid\)$"
    ):
        await open_it(network)
    await network.aclose()


@pytest.mark.parametrize("names", [{"NO_PROXY": HERE}, {"no_proxy": "*"}])
@EVERY_WAY
async def test_an_exception_goes_past_the_proxy(open_it: Open, names: dict[str, str]) -> None:
    async with web_server(gateway) as server:
        environ = {"HTTP_PROXY": "http://127.0.0.1:9", **names}
        network = HttpClient(Server(server.base.replace("127.0.0.1", HERE)), environ=environ)
        assert await open_it(network)
        await network.aclose()


async def test_the_processs_environment_is_used_by_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("http_proxy", raising=False)
    read: Callable[[HttpClient], str | None] = lambda network: network.proxy.address if network.proxy else None  # noqa: E731
    assert read(HttpClient(Server("http://orders.example"))) == "http://proxy.example:3128"
    assert read(HttpClient(Server("http://orders.example"), environ={})) is None


async def test_libraries_find_no_proxy_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    async with web_server(gateway) as server:
        network = HttpClient(Server(server.base.replace("127.0.0.1", HERE)), environ={})
        for open_it in (over_websocket, over_sse, by_get):
            assert await open_it(network)
        await network.aclose()
