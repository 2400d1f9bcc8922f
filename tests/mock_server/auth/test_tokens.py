"""Requests with `--auth jwt` over real sockets (PROTOCOL §6)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from mock_server.auth.tokens import MAX_TOKEN_LENGTH
from mock_server.control.api import record_json
from mock_server.server import MockServer
from tests.support.clocks import AdvancedClock
from tests.support.mock_servers import create_orders, empty_server, eventually, fault_effects
from tests.support.orders import START
from tests.support.tokens import KEY, bearer, signed, token, unsigned
from tracker_tui.wire.codec import decode_problem

CLAIMS = {"sub": "staff", "exp": START.timestamp() + 10**9}


@pytest.fixture
def clock() -> AdvancedClock:
    return AdvancedClock()


@pytest.fixture
async def server(clock: AdvancedClock) -> AsyncIterator[MockServer]:
    async with empty_server(auth=KEY, clock=clock) as running:
        await create_orders(running, "A1", "A2", "B1")
        yield running


@pytest.fixture
async def web(server: MockServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        yield client


def refused(answer: httpx.Response) -> tuple[int, str]:
    """Return the status and code of a problem response."""
    assert answer.headers["Content-Type"].startswith("application/problem+json"), answer.text
    problem = decode_problem(answer.content)
    assert problem is not None
    return answer.status_code, problem.code


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic c3RhZmY6c3RhZmY="},
        bearer("nonsense"),
        bearer(f"{token()} {token()}"),
        bearer(f"{token()}x"),
        bearer(unsigned(CLAIMS)),
        bearer(signed({**CLAIMS, "sub": 7})),
        bearer(signed(CLAIMS, b"another-secret-that-is-just-as-long-as-it")),
        bearer("x" * MAX_TOKEN_LENGTH),
        {"Authorization": f"Token {token()}"},
    ],
)
@pytest.mark.parametrize("path", ["/v1/orders", "/v1/orders/A1", "/v1/stream", "/v1/stream?order=A1"])
async def test_without_a_valid_token_every_request_is_refused(
    web: httpx.AsyncClient, headers: dict[str, str], path: str
) -> None:
    answer = await web.get(path, headers=headers)
    assert refused(answer) == (401, "auth_rejected")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Cache-Control"] == "no-store"


async def test_bytes_that_are_not_text_are_refused(web: httpx.AsyncClient) -> None:
    answer = await web.get("/v1/orders/A1", headers=[(b"Authorization", b"Bearer \xff\xfe.\xc3.\x80")])
    assert refused(answer) == (401, "auth_rejected")


async def test_two_authorization_headers_are_refused(web: httpx.AsyncClient) -> None:
    headers = [("Authorization", f"Bearer {token()}"), ("Authorization", f"Bearer {token()}")]
    assert refused(await web.get("/v1/orders/A1", headers=headers)) == (401, "auth_rejected")


async def test_a_token_in_the_url_is_ignored(web: httpx.AsyncClient) -> None:
    for name in ("token", "access_token", "authorization"):
        answer = await web.get("/v1/orders/A1", params={name: token()})
        assert refused(answer) == (401, "auth_rejected")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_scheme_is_case_insensitive(web: httpx.AsyncClient, scheme: str) -> None:
    answer = await web.get("/v1/orders/A1", headers={"Authorization": f"{scheme} {token()}"})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_health_and_readiness_need_no_token(web: httpx.AsyncClient, path: str) -> None:
    assert (await web.get(path)).status_code == 200


async def test_an_expired_token_and_an_invalid_one_have_different_codes(web: httpx.AsyncClient) -> None:
    old = KEY.sign("staff", lifetime=timedelta(seconds=1), now=START - timedelta(days=365))
    answer = await web.get("/v1/orders/A1", headers=bearer(old))
    assert refused(answer) == (401, "token_expired")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_an_uncovered_order_is_forbidden_whether_or_not_it_exists(web: httpx.AsyncClient) -> None:
    answers = [await web.get(f"/v1/orders/{order_id}", headers=bearer(token("A*"))) for order_id in ("B1", "NOBODY")]
    assert [refused(answer) for answer in answers] == [(403, "forbidden")] * 2
    assert answers[0].content == answers[1].content


async def test_a_covered_order_that_does_not_exist_is_not_found(web: httpx.AsyncClient) -> None:
    assert refused(await web.get("/v1/orders/A9", headers=bearer(token("A*")))) == (404, "order_not_found")
    assert (await web.get("/v1/orders/A1", headers=bearer(token("A*")))).status_code == 200


async def test_the_list_contains_covered_orders_only_in_full_pages(server: MockServer, web: httpx.AsyncClient) -> None:
    await create_orders(server, "B2", "C1")
    mine = bearer(token("A2", "B*"))
    first = (await web.get("/v1/orders", params={"limit": 2}, headers=mine)).json()
    assert [line["orderId"] for line in first["orders"]] == ["A2", "B1"]
    rest = (await web.get("/v1/orders", params={"limit": 2, "after": first["next"]}, headers=mine)).json()
    assert [line["orderId"] for line in rest["orders"]] == ["B2"]
    assert rest["next"] is None


async def test_a_header_that_is_too_long_for_a_token_is_refused(server: MockServer, web: httpx.AsyncClient) -> None:
    answer = await web.get("/v1/orders/A1", headers=bearer("x" * 100_000))
    assert answer.status_code in (400, 401, 431)
    assert (await web.get("/v1/orders/A1", headers=bearer(token()))).status_code == 200


async def test_without_authentication_tokens_are_ignored() -> None:
    async with empty_server() as server, httpx.AsyncClient(base_url=server.url, trust_env=False) as web:
        await create_orders(server)
        assert (await web.get("/v1/orders/A1")).status_code == 200
        assert (await web.get("/v1/orders/A1", headers=bearer("nonsense"))).status_code == 200


async def test_a_token_expires_while_it_is_in_use(web: httpx.AsyncClient, clock: AdvancedClock) -> None:
    short = bearer(token(seconds=100))
    assert (await web.get("/v1/orders/A1", headers=short)).status_code == 200
    clock.advance(101)
    assert refused(await web.get("/v1/orders/A1", headers=short)) == (401, "token_expired")


async def test_a_fault_expires_the_tokens_in_use_and_no_others(server: MockServer, web: httpx.AsyncClient) -> None:
    used, fresh = token(), token()
    assert (await web.get("/v1/orders/A1", headers=bearer(used))).status_code == 200
    server.inject("token-expiry")
    await eventually(lambda: fault_effects(server, "token-expiry"))
    assert refused(await web.get("/v1/orders/A1", headers=bearer(used))) == (401, "token_expired")
    assert (await web.get("/v1/orders/A1", headers=bearer(fresh))).status_code == 200
    assert refused(await web.get("/v1/orders", headers=bearer(used))) == (401, "token_expired")
    assert [record.detail for record in fault_effects(server, "token-expiry")] == ["1 token"]


async def test_a_fault_shortens_the_life_of_new_tokens(
    server: MockServer, web: httpx.AsyncClient, clock: AdvancedClock
) -> None:
    before, after, whole = token(), token(), token()
    assert (await web.get("/v1/orders/A1", headers=bearer(before))).status_code == 200
    server.inject("short-tokens:seconds=100")
    assert (await web.get("/v1/orders/A1", headers=bearer(after))).status_code == 200
    server.heal()
    clock.advance(101)
    assert refused(await web.get("/v1/orders/A1", headers=bearer(after))) == (401, "token_expired")
    for good in (before, whole):
        assert (await web.get("/v1/orders/A1", headers=bearer(good))).status_code == 200
    assert [record.effect for record in fault_effects(server, "short-tokens")] == ["shortened"]


async def test_no_token_appears_in_logs(
    server: MockServer, web: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    server.inject("short-tokens:count=1")
    text = token("A*")
    told = [
        (await web.get(path, headers=bearer(sent))).text
        for sent in (text, f"{text}x", text[:-1])
        for path in ("/v1/orders", "/v1/orders/B1", "/v1/stream")
    ]
    server.inject("token-expiry")
    await eventually(lambda: fault_effects(server, "token-expiry"))
    records = json.dumps([record_json(record) for record in server.log.records()])
    # Neither httpx nor the server may log a header.
    everything = "".join([*told, records, json.dumps(server.stats()), caplog.text])
    assert not any(part in everything for part in text.split(".")[1:])
