"""Long-polling on real sockets (PROTOCOL §5)."""

from __future__ import annotations

import asyncio
import socket
import time

import httpx
import pytest

from tests.support.http_stream_clients import JSON, ask, kinds, poll
from tests.support.mock_servers import add_events, create_orders, draft, empty_server, eventually
from tests.support.orders import order, state


async def test_a_poll_without_a_cursor_gets_everything_at_once() -> None:
    async with empty_server() as server:
        await create_orders(server, events=3)
        answer = await ask(server)
        assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
        assert (answer.headers["Cache-Control"], answer.headers["Vary"]) == ("no-store", "Accept")
        messages = answer.json()["messages"]
        assert kinds(messages) == ["hello", "subscribed", "snapshot", "heartbeat"]
        assert messages[-1]["heads"] == {"A1": f"{server.events.epoch}:3"}


async def test_a_poll_with_cursors_gets_the_missing_versions_of_each_order() -> None:
    async with empty_server() as server:
        await create_orders(server, "A1", "B2", events=3)
        epoch = server.events.epoch
        messages = await poll(server, f"order=A1@{epoch}:1&order=B2@{epoch}:3")
        assert kinds(messages) == ["hello", "subscribed", "event", "event", "subscribed", "heartbeat"]
        assert [message["seq"] for message in messages if message["type"] == "event"] == [2, 3]


async def test_a_poll_waits_for_the_next_event_and_includes_those_right_after_it() -> None:
    async with empty_server() as server:
        await create_orders(server)
        asking = asyncio.create_task(poll(server, f"order=A1@{server.events.epoch}:1&wait=60"))
        await eventually(lambda: server.stats()["replays"] == 1)
        await add_events(server, times=3)
        messages = await asking
        assert kinds(messages) == ["hello", "subscribed", "event", "event", "event", "heartbeat"]


@pytest.mark.parametrize("wait", ["&wait=0", "&wait=0.2", ""])
async def test_an_empty_poll_is_answered_after_its_wait(wait: str) -> None:
    async with empty_server(heartbeat_seconds=1) as server:
        await create_orders(server)
        began = time.monotonic()
        messages = await poll(server, f"order=A1@{server.events.epoch}:1{wait}")
        assert time.monotonic() - began >= {"&wait=0": 0, "&wait=0.2": 0.2, "": 1}[wait]
        assert kinds(messages) == ["hello", "subscribed", "heartbeat"]
        assert server.stats()["streams"] == 0


async def test_a_refused_order_answers_a_poll() -> None:
    async with empty_server() as server:
        await create_orders(server)
        messages = await poll(server, f"order=NOPE&order=A1@{server.events.epoch}:1&wait=60")
        assert kinds(messages) == ["hello", "problem", "subscribed", "heartbeat"]
        assert list(messages[-1]["heads"]) == ["A1"]


async def test_each_order_beyond_fifty_is_refused() -> None:
    async with empty_server() as server:
        names = [f"N{number}" for number in range(52)]
        await create_orders(server, *names)
        messages = await poll(server, "&".join(f"order={name}" for name in names))
        refused = [message["orderId"] for message in messages if message["type"] == "problem"]
        assert refused == ["N50", "N51"]
        assert kinds(messages).count("subscribed") == 50


async def test_a_long_response_ends_at_a_whole_message_and_the_next_poll_continues() -> None:
    async with empty_server() as server:
        names = [f"N{number}" for number in range(12)]
        for name in names:
            await server.events.append(name, state(), draft(note="n" * 100_000), order(name))
        cursors: dict[str, str] = {}
        for _ in range(10):
            query = "&".join(f"order={name}" + (f"@{cursors[name]}" if name in cursors else "") for name in names)
            answer = await ask(server, f"{query}&wait=0")
            assert len(answer.content) <= 512 << 10
            messages = answer.json()["messages"]
            assert kinds(messages).count("subscribed") == 12
            found = [message for message in messages if message["type"] == "snapshot"]
            cursors |= {message["orderId"]: f"{message['epoch']}:{message['seq']}" for message in found}
            assert messages[-1]["type"] == "heartbeat"
            if not found:
                break
        assert list(cursors) == names


async def test_a_long_replay_is_split_between_events_without_a_gap() -> None:
    async with empty_server() as server:
        await create_orders(server)
        for _ in range(60):
            await server.events.append("A1", state(), draft(note="n" * 20_000))
        seqs = [1]
        polls = 0
        while seqs[-1] < 61:
            messages = await poll(server, f"order=A1@{server.events.epoch}:{seqs[-1]}&wait=0")
            seqs += [message["seq"] for message in messages if message["type"] == "event"]
            polls += 1
        assert seqs == list(range(1, 62))
        assert polls > 1


async def test_after_the_first_event_that_does_not_fit_no_event_follows() -> None:
    async with empty_server() as server:
        await create_orders(server)
        for size in (400_000, 200_000, 1):
            await server.events.append("A1", state(), draft(note="n" * size))
        messages = await poll(server, f"order=A1@{server.events.epoch}:1&wait=0")
        assert [message["seq"] for message in messages if message["type"] == "event"] == [2]
        assert messages[-1]["heads"] == {"A1": f"{server.events.epoch}:4"}


async def test_a_full_response_still_contains_the_answer_to_each_subscription() -> None:
    async with empty_server() as server:
        names = [f"N{number}" for number in range(49)]
        await create_orders(server, "A1", *names)
        for _ in range(499):
            await server.events.append("A1", state(), draft(note="n" * 1_000))
        cursor = f"{server.events.epoch}:1"
        answer = await ask(server, "&".join(f"order={name}@{cursor}" for name in ("A1", *names)) + "&wait=0")
        messages = answer.json()["messages"]
        assert len(answer.content) <= 512 << 10
        assert kinds(messages).count("event") < 499
        assert kinds(messages).count("subscribed") == 50
        assert len(messages[-1]["heads"]) == 50


@pytest.mark.parametrize("wait", ["-1", "61", "1e1", "", "x", "1_0", "5\n", "\u0661"])
async def test_a_malformed_wait_is_refused(wait: str) -> None:
    async with empty_server() as server, httpx.AsyncClient(trust_env=False) as web:
        answer = await web.get(f"{server.url}/v1/stream", params={"order": "A1", "wait": wait}, headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


async def test_the_last_event_id_takes_precedence_in_polls() -> None:
    async with empty_server() as server:
        await create_orders(server, events=3)
        messages = await poll(server, "order=A1", Last_Event_ID=f"A1@{server.events.epoch}:2")
        assert kinds(messages) == ["hello", "subscribed", "event", "heartbeat"]


@pytest.mark.parametrize("accept", ["application/json", "text/html, Application/JSON;q=0.5"])
async def test_accepting_json_selects_long_polling(accept: str) -> None:
    async with empty_server() as server:
        await create_orders(server)
        assert (await poll(server, Accept=accept))[0]["type"] == "hello"
        assert (server.stats()["polls"], server.stats()["streamOpenings"]) == (1, 1)


async def test_polls_of_one_client_share_a_connection() -> None:
    async with empty_server() as server, httpx.AsyncClient(trust_env=False) as web:
        await create_orders(server)
        for _ in range(3):
            await web.get(f"{server.url}/v1/stream?order=A1", headers=JSON)
            assert server.connections == 1


async def test_a_client_that_disconnects_during_a_poll_is_forgotten() -> None:
    async with empty_server() as server:
        await create_orders(server)
        asking = asyncio.create_task(poll(server, f"order=A1@{server.events.epoch}:1&wait=60"))
        await eventually(lambda: server.stats()["replays"] == 1)
        asking.cancel()
        await eventually(lambda: server.stats()["streams"] == server.connections == 0)
        assert server.stats()["subscriptions"] == 0


async def test_draining_answers_a_poll_with_goodbye() -> None:
    async with empty_server() as server:
        await create_orders(server)
        asking = asyncio.create_task(poll(server, f"order=A1@{server.events.epoch}:1&wait=60"))
        await eventually(lambda: server.stats()["replays"] == 1)
        await server.close()
        assert kinds(await asking) == ["hello", "subscribed", "goodbye"]


async def test_a_client_that_does_not_read_a_long_response_is_evicted() -> None:
    async with empty_server() as server:
        for name in ("A1", "B2"):
            await server.events.append(name, state(), draft(note="n" * 200_000), order(name))
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(("127.0.0.1", server.port))
            deaf.sendall(
                b"GET /v1/stream?order=A1&order=B2 HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n"
            )
            await eventually(lambda: server.stats()["snapshots"] == 2)
            await eventually(lambda: server.stats()["evictions"] == 1)
            await eventually(lambda: server.connections == server.stats()["streams"] == 0)
