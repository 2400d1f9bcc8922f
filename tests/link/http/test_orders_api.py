"""The orders API over HTTP, with valid and invalid answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.support.orders import event, snapshot
from tests.support.tcp_servers import Talk, hang, tcp_server
from tracker_tui.domain.command import Command, Verb
from tracker_tui.domain.cursor import Cursor
from tracker_tui.link.auth.token import Token
from tracker_tui.link.errors import LinkError, Oversized, Refused, ServerBusy, TransportBlocked, TransportDown
from tracker_tui.link.http.client import HttpClient
from tracker_tui.link.http.orders_api import HttpOrdersApi
from tracker_tui.link.http.server import Server
from tracker_tui.wire.codec import encode

PROBLEM = "application/problem+json"


def answer(status: int, body: str = "", kind: str = "application/json", **headers: str) -> bytes:
    """Return an HTTP answer."""
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    length = len(body.encode())
    return f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{more}\r\n{body}".encode()


@asynccontextmanager
async def serving(*answers: bytes) -> AsyncIterator[HttpOrdersApi]:
    """Run a server that sends one of `answers` per request and closes; yield its API."""
    waiting = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(waiting.pop(0))

    async with listening(serve) as resource:
        yield resource


@asynccontextmanager
async def listening(talk: Talk) -> AsyncIterator[HttpOrdersApi]:
    """Run a server with `talk`; yield its API."""
    async with tcp_server(talk) as server, HttpOrdersApi(HttpClient(server)) as resource:
        yield resource


async def test_a_snapshot_is_decoded() -> None:
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


async def test_the_wait_of_a_busy_server_is_read() -> None:
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


async def test_a_request_times_out_after_three_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker_tui.link.http.orders_api.TIMEOUT", 0.05)

    async with listening(hang) as resource:
        with pytest.raises(TransportDown, match="no answer in time"):
            await resource.snapshot("A1")


async def test_the_list_is_probed_with_one_request_for_one_order() -> None:
    asked = list[bytes]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer(200, '{"orders":[],"next":null}'))
        writer.close()
        await writer.wait_closed()

    async with listening(serve) as resource:
        await resource.probe_list()
    assert [head.split(b"\r\n")[0] for head in asked] == [b"GET /v1/orders?status=open&limit=1 HTTP/1.1"]


async def test_a_list_that_is_no_list_fails_the_probe() -> None:
    async with serving(answer(200, "<html>", "text/html")) as resource:
        with pytest.raises(TransportBlocked):
            await resource.probe_list()


async def test_a_probe_of_the_list_times_out_after_three_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker_tui.link.http.orders_api.TIMEOUT", 0.05)
    async with listening(hang) as resource:
        with pytest.raises(TransportDown, match="no answer in time"):
            await resource.probe_list()


# --- commands ---------------------------------------------------------------------------------------------------------

ID = "0b5c3f0a-6d5e-4a86-9d52-3a1f0c1d2e3f"
NOTE = Command(ID, Verb.NOTE, "läutet zweimal")
TAKEN = f'{{"commandId":"{ID}","epoch":5,"seq":7}}'


@asynccontextmanager
async def taking(*answers: bytes) -> AsyncIterator[tuple[HttpOrdersApi, list[bytes]]]:
    """Run a server that answers complete requests; yield its API and the requests."""
    waiting, asked = list(answers), list[bytes]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while waiting:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
            asked.append(head + await reader.readexactly(length))
            writer.write(waiting.pop(0))

    async with listening(serve) as resource:
        yield resource, asked


async def test_a_command_is_one_post_as_json_and_its_answer_is_a_version() -> None:
    async with taking(answer(202, TAKEN)) as (resource, asked):
        accepted = await resource.command("A1", NOTE, Token("secret"))
    assert accepted.version == Cursor(5, 7)
    head, _, body = asked[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/orders/A1/commands HTTP/1.1\r\n")
    assert b"\r\nContent-Type: application/json\r\n" in head
    assert b"\r\nAuthorization: Bearer secret\r\n" in head + b"\r\n"
    assert json.loads(body) == {"commandId": ID, "command": "note", "text": "läutet zweimal"}


@pytest.mark.parametrize(
    ("code", "status"), [("conflict", 409), ("forbidden", 403), ("order_not_found", 404), ("invalid", 422)]
)
async def test_a_refused_command_has_the_gateways_words(code: str, status: int) -> None:
    async with taking(answer(status, f'{{"code":"{code}","detail":"because"}}', PROBLEM)) as (resource, _):
        with pytest.raises(Refused) as refused:
            await resource.command("A1", NOTE)
    assert (refused.value.problem.code, refused.value.problem.detail) == (code, "because")


@pytest.mark.parametrize(
    "other",
    [
        answer(200, TAKEN),
        answer(202, "{}"),
        answer(202, "null"),
        answer(202, TAKEN.replace("0b5c", "ffff")),
        answer(202, "<html>", "text/html"),
        answer(409, "conflict", "text/plain"),
        answer(302, "", Location="/v1/orders/A1/commands"),
        answer(307, "", Location="http://elsewhere.invalid/"),
    ],
)
async def test_an_invalid_answer_to_a_command_is_rejected(other: bytes) -> None:
    async with taking(other) as (resource, asked):
        with pytest.raises(TransportBlocked):
            await resource.command("A1", NOTE)
    assert len(asked) == 1


async def test_a_redirect_that_keeps_the_request_is_followed_with_the_same_body() -> None:
    moved = answer(308, "", Location="/elsewhere")
    async with taking(moved, answer(202, TAKEN)) as (resource, asked):
        await resource.command("A1", NOTE)
    assert asked[1].startswith(b"POST /elsewhere ")
    assert asked[0].partition(b"\r\n\r\n")[2] == asked[1].partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("broken", [b"", b"HTTP/1.1 202 OK\r\nContent-Length: 10\r\n\r\n{"])
async def test_a_command_whose_answer_breaks_off_may_have_been_applied(broken: bytes) -> None:
    async with serving(broken) as resource:
        with pytest.raises(TransportDown) as error:
            await resource.command("A1", NOTE)
    assert error.value.connected


async def test_a_command_that_is_not_answered_in_time_may_have_been_applied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker_tui.link.http.orders_api.TIMEOUT", 0.05)
    async with listening(hang) as resource:
        with pytest.raises(TransportDown, match="no answer in time") as error:
            await resource.command("A1", NOTE)
    assert error.value.connected


async def test_a_command_without_a_connection_was_not_applied() -> None:
    async with HttpOrdersApi(HttpClient(Server.parse("http://127.0.0.1:1"))) as resource:
        with pytest.raises(TransportDown) as error:
            await resource.command("A1", NOTE)
    assert not error.value.connected


def page(first: int, count: int, *, more: bool) -> bytes:
    """Return a page of the list of orders."""
    order_ids = [f"A{number}" for number in range(first, first + count)]
    following = order_ids[-1] if more else None
    return answer(200, json.dumps({"orders": [{"orderId": each} for each in order_ids], "next": following}))


@asynccontextmanager
async def listing(*pages: bytes) -> AsyncIterator[HttpOrdersApi]:
    """Run a server that sends one page per connection, then hangs; yield its API."""
    waiting = list(pages)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if not waiting:
            await asyncio.sleep(60)
        writer.write(waiting.pop(0))

    async with listening(serve) as resource:
        yield resource


async def test_the_list_is_read_past_the_maximum_number_of_watched_orders() -> None:
    async with listing(page(0, 500, more=True), page(500, 500, more=True), page(1_000, 340, more=False)) as resource:
        assert await resource.open_orders() == [f"A{number}" for number in range(1_340)]


async def test_a_list_without_an_end_is_read_up_to_ten_thousand_orders() -> None:
    async with listing(*(page(first, 500, more=True) for first in range(0, 11_000, 500))) as resource:
        assert len(await resource.open_orders()) == 10_000


async def test_a_slow_list_is_cut_off_once_it_has_the_maximum_number_of_orders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tracker_tui.link.http.orders_api.LIST_TIMEOUT", 0.3)
    async with listing(page(0, 500, more=True)) as resource:
        with pytest.raises(TransportDown):
            await resource.open_orders()
    async with listing(page(0, 1_000, more=True)) as resource:
        assert len(await resource.open_orders()) == 1_000
