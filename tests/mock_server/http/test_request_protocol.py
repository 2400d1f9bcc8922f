"""Malformed, incomplete and absolute-form request heads: no token in a log, no connection kept open."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiohttp import web

from mock_server.control.endpoint_file import read_endpoint
from mock_server.http.app_runner import protocol_factory, start_runner
from mock_server.http.request_protocol import HEAD_SECONDS, IDLE_SECONDS
from mock_server.proxy.proxy import run_proxy
from mock_server.server import MockServer
from tests.support.mock_servers import TIMEOUT, create_orders, empty_server
from tests.support.virtual_time import virtual

TOKEN = "eyJhbGciOiJIUzI1NiJ9"

MALFORMED = {
    "a space before the colon": f"Authorization : Bearer {TOKEN}",
    "a control character": f"Authorization: Bearer {TOKEN}\x01",
    "a folded header": f"Authorization: Bearer\r\n {TOKEN}",
    "no colon": f"Authorization Bearer {TOKEN}",
    "a doubled Host": f"Host: {TOKEN}.example",
    "a length that is no number": f"Content-Length: {TOKEN}",
}


@pytest.fixture
async def server() -> AsyncIterator[MockServer]:
    async with empty_server() as running:
        await create_orders(running, "A1")
        yield running


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG):
        yield caplog


async def exchange(port: int, request: str) -> tuple[str, str]:
    """Send bytes; return head and body of everything that is received until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.encode("latin-1"))
    async with asyncio.timeout(TIMEOUT):
        answer = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    head, _, body = answer.partition("\r\n\r\n")
    return head, body


def assert_refused_without_token(head: str, body: str, logged: pytest.LogCaptureFixture) -> None:
    assert " 400 " in head.splitlines()[0]
    assert "application/problem+json" in head
    assert json.loads(body)["code"] == "invalid"
    assert TOKEN not in head + body
    lines = [record for record in logged.records if record.name != "asyncio"]
    assert [record.levelname for record in lines] == ["DEBUG"]
    assert TOKEN not in logged.text
    assert "Traceback" not in logged.text


@pytest.mark.parametrize("line", MALFORMED.values(), ids=MALFORMED)
async def test_a_malformed_head_is_a_problem_without_its_token(
    server: MockServer, logged: pytest.LogCaptureFixture, line: str
) -> None:
    answer = await exchange(server.port, f"GET /v1/orders HTTP/1.1\r\nHost: localhost\r\n{line}\r\n\r\n")
    assert_refused_without_token(*answer, logged)


@pytest.mark.parametrize(
    "request_line",
    [f"GET http://[::1/{TOKEN} HTTP/1.1", f"GET /{TOKEN} HTTP/9.9", f"{TOKEN}", f"GET /\xff{TOKEN} HTTP/1.1"],
)
async def test_a_malformed_request_line_is_a_problem_without_it(
    server: MockServer, logged: pytest.LogCaptureFixture, request_line: str
) -> None:
    answer = await exchange(server.port, f"{request_line}\r\nHost: localhost\r\n\r\n")
    assert_refused_without_token(*answer, logged)


async def test_a_malformed_body_is_a_problem_without_it(server: MockServer, logged: pytest.LogCaptureFixture) -> None:
    head = "POST /v1/orders/A1/commands HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    encoding = f"Content-Encoding: gzip\r\nContent-Length: {len(TOKEN)}\r\n"
    answer = await exchange(server.port, f"{head}{encoding}\r\n{TOKEN}")
    assert_refused_without_token(*answer, logged)


async def test_the_control_port_does_not_repeat_tokens_either(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch, logged: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    async with empty_server() as server:
        port = int(read_endpoint(server.port).url.rpartition(":")[2])
        line = MALFORMED["a space before the colon"]
        answer = await exchange(port, f"POST /control/heal HTTP/1.1\r\nHost: localhost\r\n{line}\r\n\r\n")
    assert_refused_without_token(*answer, logged)


async def test_a_proxy_forwards_a_malformed_head_and_records_no_token(
    server: MockServer, logged: pytest.LogCaptureFixture
) -> None:
    async with run_proxy(server.url, controlled=False, faults=["latency:seconds=0.01"]) as proxy:
        line = MALFORMED["a space before the colon"]
        answer = await exchange(proxy.port, f"GET /v1/orders HTTP/1.1\r\nHost: localhost\r\n{line}\r\n\r\n")
        assert TOKEN not in str(proxy.log.records())
    assert_refused_without_token(*answer, logged)


async def test_a_failed_handler_is_logged_without_client_data(logged: pytest.LogCaptureFixture) -> None:
    async def fail(request: web.Request) -> web.Response:
        raise ValueError(request.headers["Authorization"])

    app = web.Application()
    app.router.add_get("/", fail)
    async with AsyncExitStack() as stack:
        runner = await start_runner(stack, app)
        listening = await asyncio.get_running_loop().create_server(protocol_factory(runner), "127.0.0.1", 0)
        stack.callback(listening.close)
        port = listening.sockets[0].getsockname()[1]
        head, _ = await exchange(port, f"GET / HTTP/1.0\r\nHost: a\r\nAuthorization: Bearer {TOKEN}\r\n\r\n")
    assert " 500 " in head.splitlines()[0]
    assert "failed with ValueError" in logged.text
    assert "test_request_protocol.py" in logged.text
    assert TOKEN not in logged.text


@pytest.mark.parametrize(
    ("target", "host", "status"),
    [
        ("http://evil.example/v1/orders", "localhost", 403),
        ("http://localhost.evil.example/v1/orders", "localhost", 403),
        ("http://localhost@evil.example/v1/orders", "localhost", 403),
        ("ftp://localhost/v1/orders", "localhost", 403),
        ("http://localhost:8765/v1/orders", "localhost", 200),
        ("http://localhost/v1/orders", "evil.example", 200),
        ("//evil.example/v1/orders", "localhost", 404),
        ("//localhost/v1/orders", "evil.example", 403),
    ],
)
async def test_an_absolute_request_target_replaces_the_host_header(
    server: MockServer, target: str, host: str, status: int
) -> None:
    head, body = await exchange(server.port, f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
    assert f" {status} " in head.splitlines()[0]
    if status == 403:
        assert json.loads(body)["code"] == "forbidden"


@asynccontextmanager
async def dialogue() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Connect to a server that answers every request, over a pair of sockets."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=await request.text())

    app = web.Application()
    app.router.add_route("*", "/", answer)
    async with AsyncExitStack() as stack:
        protocols = protocol_factory(await start_runner(stack, app))
        theirs, ours = socket.socketpair()
        theirs.setblocking(False)
        await asyncio.get_running_loop().connect_accepted_socket(protocols, theirs)
        reader, writer = await asyncio.open_connection(sock=ours)
        yield reader, writer
        writer.close()
        await writer.wait_closed()


async def closed_after(reader: asyncio.StreamReader) -> float:
    """Return the seconds until the server closes without sending anything more."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await reader.read() == b""
    return loop.time() - began


@virtual
async def test_an_incomplete_head_closes_the_connection_however_slowly_it_arrives() -> None:
    async with dialogue() as (reader, writer):
        closed = asyncio.create_task(closed_after(reader))
        writer.write(b"GET / HTTP/1.1\r\n")
        for _ in range(int(HEAD_SECONDS) - 1):
            await asyncio.sleep(1)
            writer.write(b"X: y\r\n")
        assert await closed == pytest.approx(HEAD_SECONDS)


@virtual
async def test_a_second_head_has_as_much_time_as_the_first_one() -> None:
    async with dialogue() as (reader, writer):
        for _ in range(3):
            writer.write(b"GET / HTTP/1.1\r\n")
            await asyncio.sleep(HEAD_SECONDS - 1)
            writer.write(b"Host: a\r\n\r\n")
            await reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(IDLE_SECONDS - 1)
        writer.write(b"GET / HTTP/1.1\r\n")
        assert await closed_after(reader) == pytest.approx(HEAD_SECONDS)


@virtual
async def test_a_body_is_not_timed_as_a_head() -> None:
    async with dialogue() as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n")
        for byte in b"slow":
            await asyncio.sleep(HEAD_SECONDS)
            writer.write(bytes([byte]))
        assert (await reader.readuntil(b"slow")).startswith(b"HTTP/1.1 200")


@virtual
async def test_a_connection_without_a_request_is_closed_by_the_idle_limit() -> None:
    async with dialogue() as (reader, _):
        assert await closed_after(reader) == pytest.approx(IDLE_SECONDS)
