"""The resources of PROTOCOL §5, and problems (RFC 9457)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from mock_server.server import MockServer
from tests.support.mock_servers import add_events, create_orders, empty_server
from tests.support.orders import order, state
from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.order import Outcome
from tracker_tui.wire.codec import decode, decode_problem


@pytest.fixture
async def server() -> AsyncIterator[MockServer]:
    async with empty_server() as running:
        yield running


@pytest.fixture
async def web(server: MockServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        yield client


async def test_an_order_is_a_snapshot_message_with_an_etag_and_private_caching(
    server: MockServer, web: httpx.AsyncClient
) -> None:
    await create_orders(server, events=3)
    answer = await web.get("/v1/orders/A1")
    message = decode(answer.content)
    assert isinstance(message, Snapshot)
    assert message.seq == 3
    assert answer.headers["ETag"] == f'"{server.events.epoch}:3"'
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", W/{}', "*"])
async def test_a_client_with_the_current_version_gets_304(
    server: MockServer, web: httpx.AsyncClient, form: str
) -> None:
    await create_orders(server)
    tag = (await web.get("/v1/orders/A1")).headers["ETag"]
    answer = await web.get("/v1/orders/A1", headers={"If-None-Match": form.format(tag)})
    assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag)
    await add_events(server)
    changed = await web.get("/v1/orders/A1", headers={"If-None-Match": tag})
    assert changed.status_code == 200


async def test_the_list_has_pages(server: MockServer, web: httpx.AsyncClient) -> None:
    await create_orders(server, "B2", "A1", "C3")
    first = (await web.get("/v1/orders", params={"limit": 2})).json()
    assert [line["orderId"] for line in first["orders"]] == ["A1", "B2"]
    assert set(first["orders"][0]) == {"orderId", "epoch", "seq", "title", "state", "promisedAt"}
    rest = (await web.get("/v1/orders", params={"limit": 2, "after": first["next"]})).json()
    assert [line["orderId"] for line in rest["orders"]] == ["C3"]
    assert rest["next"] is None


async def test_the_list_can_be_limited_to_open_orders(server: MockServer, web: httpx.AsyncClient) -> None:
    await create_orders(server, "A1")
    await server.events.append("B2", state("delivered", Outcome.DELIVERED), None, order("B2"))
    answer = await web.get("/v1/orders", params={"status": "open"})
    assert [line["orderId"] for line in answer.json()["orders"]] == ["A1"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/orders/UNKNOWN", 404, "order_not_found"),
        ("GET", "/v1/orders/-bad", 400, "invalid"),
        ("GET", "/v1/orders/A1%0A", 400, "invalid"),
        ("GET", "/v1/orders/" + "A" * 65, 400, "invalid"),
        ("GET", "/v1/orders?limit=0", 400, "invalid"),
        ("GET", "/v1/orders?limit=1_0", 400, "invalid"),
        ("GET", "/v1/orders?status=shut", 400, "invalid"),
        ("GET", "/v1/orders?after=%2F", 400, "invalid"),
        ("GET", "/v1/stream", 400, "invalid"),
        ("GET", "/nowhere", 404, "invalid"),
        ("PUT", "/v1/orders/A1", 405, "invalid"),
        ("DELETE", "/healthz", 405, "invalid"),
        ("GET", "/v1/orders/A1/commands", 405, "invalid"),
    ],
)
async def test_a_refusal_is_a_problem_with_a_code(
    web: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await web.request(method, path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.json()["status"] == status
    assert {"type", "title", "detail"} <= set(answer.json())
    problem = decode_problem(answer.content)
    assert problem is not None
    assert problem.code == code


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_health_and_readiness_are_reported(web: httpx.AsyncClient, path: str) -> None:
    assert (await web.get(path)).status_code == 200


async def test_a_query_with_a_malformed_order_or_cursor_is_refused_before_the_upgrade(web: httpx.AsyncClient) -> None:
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Protocol": "order-stream.v1",
    }
    for query in ("order=.A", "order=A1@", "order=A1@1", "order=A1@01:1"):
        answer = await web.get(f"/v1/stream?{query}", headers=upgrade)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid"), query
    old = await web.get("/v1/stream", headers={**upgrade, "Sec-WebSocket-Version": "1"})
    assert (old.status_code, old.json()["code"]) == (400, "unsupported_protocol")
