"""A proxy in front of a TLS server: it verifies the certificate, and uses plain TCP towards clients."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mock_server.proxy.proxy import Proxy, run_proxy
from tests.support.certificates import Authority
from tests.support.fault_proxy import connect_to_proxy, echo, effects_of
from tests.support.mock_servers import eventually


@asynccontextmanager
async def in_front_of_tls(authority: Authority, *faults: str) -> AsyncIterator[Proxy]:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await echo(reader, writer)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=authority.server("localhost"))
    async with server:
        upstream = f"https://localhost:{server.sockets[0].getsockname()[1]}"
        async with run_proxy(upstream, faults=faults, controlled=False) as proxy:
            yield proxy


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """A CA that this process trusts."""
    trusted = Authority()
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted.file(tmp_path)))
    return trusted


async def test_the_client_uses_plain_tcp_and_the_server_tls(authority: Authority) -> None:
    async with in_front_of_tls(authority) as proxy:
        assert proxy.url.startswith("http://127.0.0.1:")
        async with connect_to_proxy(proxy) as caller:
            assert await caller.round_trip(b"x" * 100_000) == b"x" * 100_000
        await eventually(lambda: proxy.connections == 0)


async def test_faults_apply_to_tls_upstreams_too(authority: Authority) -> None:
    async with in_front_of_tls(authority, "cut:at=70000") as proxy, connect_to_proxy(proxy) as caller:
        await caller.send(b"x" * 100_000)
        assert await caller.read_to_end() == (b"x" * 70_000, "rst")
        await eventually(lambda: proxy.connections == 0)


@pytest.mark.usefixtures("authority")
async def test_a_server_with_an_untrusted_certificate_is_refused() -> None:
    async with in_front_of_tls(Authority()) as proxy, connect_to_proxy(proxy) as caller:
        await caller.send(b"secret")
        assert await caller.read_to_end() == (b"", "rst")
        assert effects_of(proxy, "upstream") == ["unreachable"]
        assert "certificate" in proxy.log.records()[-1].detail
