"""Valid and invalid server certificates, over every transport."""

from __future__ import annotations

import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from socket import SO_LINGER, SOL_SOCKET

import pytest
from aiohttp import web

from tests.support.certificates import PAST, Authority
from tests.support.http_servers import HELLO, batch, event_stream, read_first, web_server
from tests.support.orders import snapshot
from tests.support.stream_requests import stream_request
from tests.support.tcp_servers import tcp_server
from tracker_tui.link.errors import TransportDown
from tracker_tui.link.http.client import HttpClient
from tracker_tui.link.http.orders_api import HttpOrdersApi
from tracker_tui.link.http.server import Server
from tracker_tui.link.transports.longpoll import LongPollTransport
from tracker_tui.link.transports.polling import PollingTransport
from tracker_tui.link.transports.sse import SseTransport
from tracker_tui.link.transports.websocket import WebSocketTransport
from tracker_tui.wire.codec import encode
from tracker_tui.wire.messages import SUBPROTOCOL

ORDER = stream_request({"A1": None})
Open = Callable[[HttpClient], Awaitable[object]]


async def over_websocket(network: HttpClient) -> object:
    connection = await WebSocketTransport(network).connect(ORDER)
    told = await read_first(connection, 1)
    await connection.close()
    return told


async def over_sse(network: HttpClient) -> object:
    return await read_first(await SseTransport(network).connect(ORDER), 1)


async def over_long_polls(network: HttpClient) -> object:
    return await read_first(await LongPollTransport(network).connect(ORDER), 1)


async def over_polling(network: HttpClient) -> object:
    return await read_first(await PollingTransport(network, Random(1)).connect(ORDER), 1)


async def by_get(network: HttpClient) -> object:
    return await HttpOrdersApi(network).snapshot("A1")


EVERY_WAY = pytest.mark.parametrize("open_it", [over_websocket, over_sse, over_long_polls, over_polling, by_get])


async def gateway(request: web.Request) -> web.StreamResponse:
    """Answer the first request of every transport."""
    if request.headers.get("Upgrade") == "websocket":
        socket = web.WebSocketResponse(protocols=[SUBPROTOCOL])
        await socket.prepare(request)
        await socket.send_str(encode(HELLO))
        await socket.receive()
        return socket
    if request.path == "/v1/orders/A1":
        return web.Response(text=encode(snapshot(1)), content_type="application/json")
    if request.headers["Accept"] == "text/event-stream":
        return await event_stream(request, HELLO)
    return batch(HELLO)


@asynccontextmanager
async def secured(
    context: ssl.SSLContext, host: str = "localhost", ca_file: Path | None = None
) -> AsyncIterator[HttpClient]:
    """Run a gateway with the certificate in `context`; yield its client, which requests `host`."""
    async with web_server(gateway, context) as server:
        network = HttpClient(Server(server.base.replace("127.0.0.1", host)), ca_file=ca_file, environ={})
        try:
            yield network
        finally:
            await network.aclose()


@EVERY_WAY
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_a_certificate_of_a_trusted_authority_is_good(open_it: Open, host: str, tmp_path: Path) -> None:
    authority = Authority()
    async with secured(authority.server(host), host, authority.file(tmp_path)) as network:
        assert await open_it(network)


@EVERY_WAY
async def test_an_unknown_authority_is_an_outage_that_says_so(open_it: Open) -> None:
    async with secured(Authority().server("localhost")) as network:
        with pytest.raises(TransportDown) as down:
            await open_it(network)
    assert str(down.value) == "the certificate of localhost was signed by a CA that is unknown here (--ca-file)"
    assert not down.value.connected


@EVERY_WAY
async def test_an_expired_certificate_is_named_as_one(open_it: Open, tmp_path: Path) -> None:
    authority = Authority()
    async with secured(authority.server("localhost", not_after=PAST), ca_file=authority.file(tmp_path)) as network:
        with pytest.raises(TransportDown) as down:
            await open_it(network)
    assert str(down.value) == "the certificate of localhost has expired"
    assert not down.value.connected


@EVERY_WAY
async def test_a_certificate_for_another_host_names_the_hosts_it_is_for(open_it: Open, tmp_path: Path) -> None:
    authority = Authority()
    async with secured(authority.server("a.example", "b.example"), ca_file=authority.file(tmp_path)) as network:
        with pytest.raises(TransportDown) as down:
            await open_it(network)
    assert str(down.value) == "the certificate of localhost is for another host: a.example, b.example"
    assert not down.value.connected


@EVERY_WAY
async def test_a_certificate_that_signed_itself_is_named_as_one(open_it: Open, self_signed: ssl.SSLContext) -> None:
    async with secured(self_signed) as network:
        with pytest.raises(TransportDown, match=r"^the certificate of localhost is self-signed \(--ca-file\)$"):
            await open_it(network)


@EVERY_WAY
async def test_a_server_without_tls_is_recognized(open_it: Open) -> None:
    async with web_server(gateway) as server:
        network = HttpClient(Server(server.base.replace("http:", "https:")), environ={})
        with pytest.raises(TransportDown, match=r"^the server does not speak TLS: is it http\?$") as down:
            await open_it(network)
        await network.aclose()
    assert not down.value.connected


@EVERY_WAY
@pytest.mark.parametrize("reset", [False, True])
async def test_a_connection_that_dies_in_the_handshake_had_not_been_made(open_it: Open, reset: bool) -> None:
    async def die(reader: object, writer: object) -> None:
        await reader.read(10)  # type: ignore[attr-defined]
        if reset:
            sock = writer.get_extra_info("socket")  # type: ignore[attr-defined]
            sock.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()  # type: ignore[attr-defined]

    async with tcp_server(die) as server:
        network = HttpClient(Server(server.base.replace("http:", "https:")), environ={})
        with pytest.raises(TransportDown) as down:
            await open_it(network)
        await network.aclose()
    assert not down.value.connected
    assert str(down.value) in {"connection reset", "the connection ended early"}


@pytest.mark.parametrize(
    ("content", "why"), [(None, "No such file or directory"), (b"hello", "no certificates are in it")]
)
async def test_an_unusable_ca_file_fails_the_first_request(content: bytes | None, why: str, tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    network = HttpClient(Server("https://localhost:1"), ca_file=path, environ={})
    for open_it in (over_websocket, by_get):
        with pytest.raises(TransportDown, match=f"^the CA file .*ca.pem can't be used: {why}$"):
            await open_it(network)


async def test_a_name_that_is_unknown_is_named() -> None:
    network = HttpClient(Server("https://nobody.invalid"), environ={})
    for open_it in (over_websocket, by_get):
        with pytest.raises(TransportDown, match=r"^the host name nobody\.invalid (is unknown|can't be looked up now)$"):
            await open_it(network)
    await network.aclose()


def test_without_tls_no_ca_is_loaded_and_none_is_trusted() -> None:
    network = HttpClient(Server("http://localhost"), environ={})
    assert network.tls is None
    assert HttpClient(Server("https://localhost"), environ={}).tls is not None


@pytest.fixture
def self_signed(tmp_path: Path) -> ssl.SSLContext:
    """Return a self-signed certificate."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "self.pem"
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    return context
