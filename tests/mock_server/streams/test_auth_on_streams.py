"""Tokens on streams: rights, renewal, and expiry (PROTOCOL §4, §6)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import websockets

from mock_server.server import MockServer
from tests.support.clocks import AdvancedClock
from tests.support.http_stream_clients import ask, kinds, poll, sse
from tests.support.mock_servers import (
    TIMEOUT,
    WebSocketPeer,
    add_events,
    connect_peer,
    create_orders,
    empty_server,
    eventually,
    fault_effects,
)
from tests.support.orders import START
from tests.support.tokens import KEY, bearer, signed, token, unsigned
from tracker_tui.wire.codec import decode_problem

LONG_AGO = START - timedelta(days=365)


@pytest.fixture
def clock() -> AdvancedClock:
    return AdvancedClock()


@pytest.fixture
async def server(clock: AdvancedClock) -> AsyncIterator[MockServer]:
    async with empty_server(auth=KEY, clock=clock, heartbeat_seconds=1) as running:
        await create_orders(running, "A1", "A2", "B1")
        yield running


def peer_with_token(server: MockServer, text: str, query: str = "") -> AbstractAsyncContextManager[WebSocketPeer]:
    """A peer with a token."""
    return connect_peer(server, query, additional_headers=bearer(text))


def time_of(text: str) -> datetime:
    """Parse a time of a message."""
    return datetime.fromisoformat(text)


def problems(*messages: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the codes of problems with their orders."""
    return [(message["code"], message.get("orderId", "")) for message in messages]


async def refusal_of_upgrade(server: MockServer, query: str = "", **headers: str) -> tuple[int, str]:
    """Return status and code of a refused upgrade."""
    with pytest.raises(websockets.InvalidStatus) as caught:
        async with connect_peer(server, query, additional_headers=headers):
            pass
    response = caught.value.response
    assert response.headers["Content-Type"].startswith("application/problem+json")
    problem = decode_problem(bytes(response.body or b""))
    assert problem is not None
    return response.status_code, problem.code


class TestTheUpgrade:
    async def test_without_a_valid_token_no_stream_opens(self, server: MockServer) -> None:
        bad = signed({"sub": "staff"})
        assert await refusal_of_upgrade(server) == (401, "auth_rejected")
        assert await refusal_of_upgrade(server, **bearer(bad)) == (401, "auth_rejected")
        assert await refusal_of_upgrade(server, f"?access_token={token()}") == (401, "auth_rejected")
        old = KEY.sign("staff", lifetime=timedelta(seconds=1), now=LONG_AGO)
        assert await refusal_of_upgrade(server, **bearer(old)) == (401, "token_expired")

    async def test_a_query_of_uncovered_orders_only_is_forbidden(self, server: MockServer) -> None:
        for query in ("?order=B1", "?order=NOBODY", "?order=B1&order=NOBODY"):
            assert await refusal_of_upgrade(server, query, **bearer(token("A*"))) == (403, "forbidden")

    async def test_hello_contains_the_expiry_of_the_token(self, server: MockServer) -> None:
        text = token(seconds=100)
        async with peer_with_token(server, text) as client:
            ends = KEY.verify(text, datetime.now(UTC)).expires_at
            assert time_of(client.hello["tokenExpiresAt"]) == ends

    async def test_without_authentication_hello_contains_no_expiry(self) -> None:
        async with empty_server() as server, peer_with_token(server, "nonsense") as client:
            assert client.hello["tokenExpiresAt"] is None


class TestSubscribing:
    @pytest.mark.parametrize("order_id", ["B1", "NOBODY"])
    async def test_an_uncovered_order_is_forbidden_and_the_stream_continues(
        self, server: MockServer, order_id: str
    ) -> None:
        async with peer_with_token(server, token("A*")) as client:
            await client.subscribe(order_id, "A1")
            assert problems(await client.next("problem")) == [("forbidden", order_id)]
            assert (await client.next("snapshot"))["orderId"] == "A1"
            await add_events(server, order_id="B1")
            await add_events(server, order_id="A1")
            assert (await client.next("event", "snapshot", "problem"))["orderId"] == "A1"

    async def test_an_uncovered_order_in_the_query_does_not_affect_the_others(self, server: MockServer) -> None:
        async with peer_with_token(server, token("A*"), "?order=B1&order=A1") as client:
            assert problems(await client.next("problem")) == [("forbidden", "B1")]
            assert (await client.next("snapshot"))["orderId"] == "A1"

    async def test_a_refused_order_is_not_in_the_heads(self, server: MockServer) -> None:
        async with peer_with_token(server, token("A*"), "?order=B1&order=A1") as client:
            assert list((await client.next("heartbeat"))["heads"]) == ["A1"]

    async def test_rights_are_checked_before_limits(self, server: MockServer) -> None:
        async with peer_with_token(server, token("A*")) as client:
            await client.send("subscribe", orders={f"B{number}": None for number in range(1001)})
            refused = await client.take(1001, "problem")
            assert {problem["code"] for problem in refused} == {"forbidden"}


class TestRenewing:
    async def test_a_fresh_token_extends_the_stream(self, server: MockServer, clock: AdvancedClock) -> None:
        fresh = token(seconds=1000)
        async with peer_with_token(server, token(seconds=100)) as client:
            await client.watch()
            await client.send("authenticate", token=fresh)
            answer = await client.next("authenticated")
            assert set(answer) == {"type", "tokenExpiresAt"}
            assert time_of(answer["tokenExpiresAt"]) == KEY.verify(fresh, datetime.now(UTC)).expires_at
            clock.advance(500)
            await client.take(2, "heartbeat")
            clock.advance(600)
            assert await client.closed() == (4001, "token_expired")

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "auth_rejected"),
            ("nonsense", "auth_rejected"),
            ("é\u0000", "auth_rejected"),
            ("x" * 100_000, "auth_rejected"),
            (token(subject="anna"), "auth_rejected"),
            (unsigned({"sub": "staff", "exp": 9_999_999_999}), "auth_rejected"),
            (signed({"sub": "staff", "exp": 1}), "token_expired"),
        ],
    )
    async def test_an_invalid_token_keeps_the_old_expiry(
        self, server: MockServer, clock: AdvancedClock, text: str, code: str
    ) -> None:
        async with peer_with_token(server, token(seconds=100)) as client:
            await client.watch()
            await client.send("authenticate", token=text)
            assert await client.next("authenticated") == {"type": "authenticated", "error": code}
            await add_events(server)
            await client.next("event")
            clock.advance(101)
            assert problems(await client.next("problem")) == [("token_expired", "")]

    async def test_orders_that_the_fresh_token_does_not_cover_are_unsubscribed(self, server: MockServer) -> None:
        async with peer_with_token(server, token()) as client:
            for order_id in ("A1", "A2", "B1"):
                await client.watch(order_id)
            await client.send("authenticate", token=token("A2"))
            assert (await client.next("authenticated", "problem"))["type"] == "authenticated"
            assert problems(*await client.take(2, "problem")) == [("forbidden", "A1"), ("forbidden", "B1")]
            for order_id in ("A1", "B1", "A2"):
                await add_events(server, order_id)
            assert (await client.next("event"))["orderId"] == "A2"
            await client.subscribe("B1")
            assert problems(await client.next("problem")) == [("forbidden", "B1")]

    async def test_a_token_with_more_rights_allows_forbidden_orders(self, server: MockServer) -> None:
        async with peer_with_token(server, token("A*")) as client:
            await client.subscribe("B1")
            await client.next("problem")
            await client.send("authenticate", token=token("*"))
            await client.next("authenticated")
            assert (await client.watch("B1"))["orderId"] == "B1"

    async def test_without_authentication_any_token_is_accepted_and_never_expires(self) -> None:
        async with empty_server() as server:
            await create_orders(server)
            async with connect_peer(server) as client:
                await client.watch()
                await client.send("authenticate", token="nonsense")
                assert await client.next("authenticated") == {"type": "authenticated", "tokenExpiresAt": None}
                await add_events(server)
                await client.next("event")


class TestExpiring:
    async def test_an_expired_web_socket_gets_the_problem_and_close_code_4001(
        self, server: MockServer, clock: AdvancedClock
    ) -> None:
        async with peer_with_token(server, token(seconds=100)) as client:
            await client.watch()
            clock.advance(101)
            assert problems(await client.next("problem")) == [("token_expired", "")]
            assert await client.closed() == (4001, "token_expired")

    async def test_server_sent_events_end_with_the_problem(self, server: MockServer, clock: AdvancedClock) -> None:
        async with sse(server, **bearer(token(seconds=100))) as client:
            await client.next("snapshot")
            clock.advance(101)
            messages = await client.rest()
            assert kinds(messages)[-1] == "problem"
            assert problems(messages[-1]) == [("token_expired", "")]

    async def test_a_poll_ends_with_the_problem_and_the_next_one_is_refused(
        self, server: MockServer, clock: AdvancedClock
    ) -> None:
        short = bearer(token(seconds=100))
        head = (await poll(server, **short))[1]["head"]
        waiting = asyncio.create_task(poll(server, f"order=A1@{head}&wait=30", **short))
        await eventually(lambda: server.stats()["subscriptions"] == 1)
        clock.advance(101)
        messages = await waiting
        assert messages[0]["tokenExpiresAt"] is not None
        assert problems(messages[-1]) == [("token_expired", "")]
        answer = await ask(server, **short)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")

    async def test_a_stream_is_open_until_its_token_expires(self, server: MockServer) -> None:
        async with peer_with_token(server, token(seconds=1)) as client:
            problem = await client.next("problem")
            assert problems(problem) == [("token_expired", "")]
            assert datetime.now(UTC) >= time_of(client.hello["tokenExpiresAt"])

    async def test_a_fault_expires_the_tokens_of_all_open_streams_now(self, server: MockServer) -> None:
        texts = [token(), token()]
        async with (
            peer_with_token(server, texts[0]) as one,
            peer_with_token(server, texts[1]) as other,
            sse(server, **bearer(texts[0])) as third,
        ):
            await one.watch()
            await other.watch()
            await third.next("snapshot")
            server.inject("token-expiry")
            assert await one.closed() == (4001, "token_expired")
            assert await other.closed() == (4001, "token_expired")
            assert problems((await third.rest())[-1]) == [("token_expired", "")]
        assert [record.detail for record in fault_effects(server, "token-expiry")] == ["2 tokens"]
        for text in texts:
            assert await refusal_of_upgrade(server, **bearer(text)) == (401, "token_expired")
        async with peer_with_token(server, token()) as client:
            await client.watch()

    async def test_a_stream_survives_many_short_tokens(self, server: MockServer, clock: AdvancedClock) -> None:
        server.inject("short-tokens:seconds=100")
        async with peer_with_token(server, token()) as client:
            await client.watch()
            ends = [time_of(client.hello["tokenExpiresAt"])]
            for _ in range(4):
                clock.advance(80)
                await client.send("authenticate", token=token())
                ends.append(time_of((await client.next("authenticated"))["tokenExpiresAt"]))
                assert timedelta(seconds=80) <= ends[-1] - ends[-2] < timedelta(seconds=80 + TIMEOUT)
            await client.take(2, "heartbeat")
            clock.advance(101)
            assert await client.closed() == (4001, "token_expired")


class TestPlainHttp:
    @pytest.mark.parametrize("accept", ["text/event-stream", "application/json"])
    async def test_without_a_token_no_plain_stream_opens(self, server: MockServer, accept: str) -> None:
        async with httpx.AsyncClient(base_url=server.url, trust_env=False) as web:
            answer = await web.get("/v1/stream?order=A1", headers={"Accept": accept})
            assert (answer.status_code, answer.json()["code"]) == (401, "auth_rejected")
            assert answer.headers["WWW-Authenticate"] == "Bearer"

    async def test_server_sent_events_refuse_single_orders(self, server: MockServer) -> None:
        async with sse(server, "order=B1&order=A1", **bearer(token("A*"))) as client:
            assert problems(await client.next("problem")) == [("forbidden", "B1")]
            assert (await client.next("snapshot"))["orderId"] == "A1"

    async def test_polls_refuse_single_orders(self, server: MockServer) -> None:
        messages = await poll(server, "order=B1", **bearer(token("A*")))
        assert kinds(messages) == ["hello", "problem", "heartbeat"]
        assert problems(messages[1]) == [("forbidden", "B1")]
        assert messages[2]["heads"] == {}
