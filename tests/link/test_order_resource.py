"""Getting snapshots, from servers that answer as they please."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.support.orders import event, snapshot
from tests.support.tcp import Talk, hang, tcp_server
from tracker_tui.link.errors import LinkError, Oversized, Refused, ServerBusy, TransportBlocked, TransportDown
from tracker_tui.link.network import Network
from tracker_tui.link.resource import OrderResource
from tracker_tui.wire import encode

PROBLEM = "application/problem+json"


def answer(status: int, body: str = "", kind: str = "application/json", **headers: str) -> bytes:
    """An HTTP answer."""
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    length = len(body.encode())
    return f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{more}\r\n{body}".encode()


@asynccontextmanager
async def serving(*answers: bytes) -> AsyncIterator[OrderResource]:
    """A resource whose server gives `answers`, one a request, and then closes."""
    waiting = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(waiting.pop(0))

    async with listening(serve) as resource:
        yield resource


@asynccontextmanager
async def listening(talk: Talk) -> AsyncIterator[OrderResource]:
    """A resource whose server talks like that."""
    async with tcp_server(talk) as server, OrderResource(Network(server)) as resource:
        yield resource


async def test_a_snapshot_is_what_it_says() -> None:
    async with serving(answer(200, encode(snapshot(3)))) as resource:
        assert await resource.snapshot("A1") == snapshot(3)


@pytest.mark.parametrize(
    ("code", "status"), [("order_not_found", 404), ("forbidden", 403), ("auth_rejected", 401), ("too_large", 413)]
)
async def test_a_problem_of_the_gateways_is_a_refusal(code: str, status: int) -> None:
    async with serving(answer(status, f'{{"code":"{code}","detail":"because"}}', PROBLEM)) as resource:
        with pytest.raises(Refused) as refused:
            await resource.snapshot("A1")
    assert refused.value.problem.code == code


@pytest.mark.parametrize(
    "other",
    [
        answer(404, "<html>", "text/html"),
        answer(404, '{"code":"page_not_found"}', PROBLEM),
        answer(200, "<html>Welcome to our network</html>", "text/html"),
        answer(200, "{}"),
        answer(200, encode(event(1))),
        answer(200, encode(snapshot(1, order_id="B2"))),
        answer(302, "", Location="http://elsewhere.invalid/"),
        answer(204),
    ],
)
async def test_anything_else_is_not_the_gateway(other: bytes) -> None:
    async with serving(other) as resource:
        with pytest.raises(TransportBlocked, match=r"HTTP|redirects"):
            await resource.snapshot("A1")


async def test_a_busy_server_says_when_to_come_back() -> None:
    async with serving(answer(503, "x", "text/plain", Retry_After="9")) as resource:
        with pytest.raises(ServerBusy) as busy:
            await resource.snapshot("A1")
    assert busy.value.retry_after == 9


async def test_a_snapshot_over_a_mebibyte_is_not_read_to_its_end() -> None:
    async with serving(answer(200, " " * ((1 << 20) + 1))) as resource:
        with pytest.raises(Oversized):
            await resource.snapshot("A1")


@pytest.mark.parametrize("broken", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{", b"SSH-2.0-x\r\n"])
async def test_a_broken_answer_is_a_transport_that_is_down(broken: bytes) -> None:
    async with serving(broken) as resource:
        with pytest.raises(LinkError) as error:
            await resource.snapshot("A1")
    assert isinstance(error.value, TransportDown)


async def test_a_server_that_never_answers_is_given_three_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker_tui.link.resource.TIMEOUT", 0.05)

    async with listening(hang) as resource:
        with pytest.raises(TransportDown, match="no answer in time"):
            await resource.snapshot("A1")
