"""Message and connection faults on server-sent events and long-polling."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from mock_server.server import MockServer
from tests.support.http_stream_clients import SsePeer, ask, kinds, poll, sse
from tests.support.mock_servers import add_events, create_orders, empty_server, eventually, fault_effects


@pytest.fixture
async def server() -> AsyncIterator[MockServer]:
    async with empty_server() as running:
        await create_orders(running)
        yield running


@pytest.fixture
async def client(server: MockServer) -> AsyncIterator[SsePeer]:
    async with sse(server) as connected:
        await connected.next("snapshot")
        yield connected


def since(server: MockServer, seq: int) -> str:
    """Poll for versions after `seq`, and wait for them."""
    return f"order=A1@{server.events.epoch}:{seq}&wait=60"


async def seqs(client: SsePeer, count: int) -> list[int]:
    return [(await client.next("event"))["seq"] for _ in range(count)]


async def test_drop_duplicate_and_reorder_affect_server_sent_events(server: MockServer, client: SsePeer) -> None:
    server.inject("drop:count=1,probability=1")
    await add_events(server, times=2)
    assert await seqs(client, 1) == [3]
    server.inject("duplicate:probability=1,count=1")
    await add_events(server)
    assert await seqs(client, 2) == [4, 4]
    server.inject("reorder:probability=1,count=1,window=1,seconds=3600")
    await add_events(server, times=2)
    assert await seqs(client, 2) == [6, 5]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [("drop:count=1,probability=1", [3]), ("duplicate:count=1,probability=1", [2, 2, 3]),
     ("reorder:count=1,probability=1,window=9,seconds=3600", [3, 2])],
)  # fmt: skip
async def test_drop_duplicate_and_reorder_affect_polls(server: MockServer, fault: str, expected: list[int]) -> None:
    await add_events(server, times=2)
    server.inject(fault)
    messages = await poll(server, since(server, 1))
    assert [message["seq"] for message in messages if message["type"] == "event"] == expected
    assert kinds(messages)[-1] == "heartbeat"


async def test_a_poll_that_lost_its_only_event_contains_its_head(server: MockServer) -> None:
    await add_events(server)
    server.inject("drop:probability=1,count=1")
    messages = await poll(server, f"order=A1@{server.events.epoch}:1&wait=0")
    assert kinds(messages) == ["hello", "subscribed", "heartbeat"]
    assert messages[-1]["heads"] == {"A1": f"{server.events.epoch}:2"}


@pytest.mark.parametrize("kind", ["junk", "types", "binary"])
async def test_corrupt_sends_an_invalid_message_and_the_stream_continues(
    server: MockServer, client: SsePeer, kind: str
) -> None:
    server.inject(f"corrupt:probability=1,kind={kind}")
    await add_events(server)
    await eventually(lambda: fault_effects(server, "corrupt"))
    server.heal()
    await add_events(server)
    heard = await client.until(b'"seq":3')
    (sound,) = [block for block in heard.split(b"\n\n") if b'"seq":3' in block]
    assert json.loads(sound.split(b"data: ")[1].split(b"\n")[0])["seq"] == 3
    assert len(heard.split(b"event: event\n")) == 3


@pytest.mark.parametrize("kind", ["junk", "types", "binary"])
async def test_corrupt_keeps_the_response_of_a_poll_valid_json(server: MockServer, kind: str) -> None:
    await add_events(server, times=10)
    server.inject(f"corrupt:probability=1,kind={kind},count=9")
    messages = await poll(server, since(server, 1))
    sound = [message for message in messages if isinstance(message, dict) and message.get("type") == "heartbeat"]
    assert len(messages) == 13
    assert len(sound) == 1
    assert len(fault_effects(server, "corrupt")) == 9


async def test_cut_ends_server_sent_events_in_the_middle_of_one(server: MockServer, client: SsePeer) -> None:
    server.inject("cut")
    await add_events(server)
    with pytest.raises(httpx.TransportError):
        await client.rest()


async def test_cut_ends_a_poll_in_the_middle_of_its_response(server: MockServer) -> None:
    server.inject("cut")
    with pytest.raises(httpx.TransportError):
        await ask(server)
    assert kinds(await poll(server)) == ["hello", "subscribed", "snapshot", "heartbeat"]


async def test_disconnect_ends_server_sent_events_without_an_end(server: MockServer, client: SsePeer) -> None:
    server.inject("disconnect:order=A1")
    with pytest.raises(httpx.TransportError):
        await client.rest()
    await eventually(lambda: server.stats()["streams"] == 0)


async def test_disconnect_ends_a_poll_that_waits(server: MockServer) -> None:
    asking = asyncio.create_task(ask(server, since(server, 1)))
    await eventually(lambda: server.stats()["replays"] == 1)
    server.inject("disconnect")
    with pytest.raises(httpx.TransportError):
        await asking


@pytest.mark.parametrize(
    ("code", "problem"), [(1011, None), (4029, "rate_limited"), (4501, "auth_rejected"), (4506, "too_large")]
)
async def test_close_sends_the_problem_of_its_code_and_ends_the_response(
    server: MockServer, client: SsePeer, code: int, problem: str | None
) -> None:
    asking = asyncio.create_task(poll(server, since(server, 1)))
    await eventually(lambda: server.stats()["replays"] == 1)
    server.inject(f"close:code={code},reason=so")
    last = await client.rest()
    assert [message["code"] for message in last] == ([] if problem is None else [problem])
    told = await asking
    assert kinds(told) == ["hello", "subscribed"] + ([] if problem is None else ["problem"])


async def test_accept_then_close_comes_before_hello(server: MockServer) -> None:
    server.inject("accept-then-close:count=2")
    async with sse(server) as client:
        assert client.response.status_code == 200
        assert await client.rest() == []
    assert await poll(server) == []
    assert kinds(await poll(server))[0] == "hello"


async def test_hello_can_be_slow_until_healed(server: MockServer) -> None:
    server.inject("slow-hello:seconds=3600")
    async with sse(server) as client:
        reading = asyncio.create_task(client.next())
        asking = asyncio.create_task(poll(server))
        await eventually(lambda: len(fault_effects(server, "slow-hello")) == 2)
        assert not reading.done()
        server.heal()
        assert (await reading)["type"] == "hello"
        assert kinds(await asking)[0] == "hello"


async def test_a_frozen_stream_sends_nothing_until_it_is_healed(server: MockServer, client: SsePeer) -> None:
    asking = asyncio.create_task(poll(server, since(server, 1)))
    await eventually(lambda: server.stats()["replays"] == 1)
    server.inject("freeze:seconds=3600")
    await eventually(lambda: len(fault_effects(server, "freeze")) == 2)
    await add_events(server)
    reading = asyncio.create_task(client.next())
    async with sse(server) as fresh:
        await fresh.next("snapshot")
    assert not reading.done()
    assert not asking.done()
    server.heal()
    # A frozen client gets a snapshot for its skipped events.
    assert (await reading)["seq"] == 2
    assert kinds(await asking) == ["hello", "subscribed", "snapshot", "heartbeat"]


async def test_a_frozen_poll_is_not_answered_when_its_wait_is_over(server: MockServer) -> None:
    began = asyncio.get_running_loop().time()
    asking = asyncio.create_task(poll(server, f"order=A1@{server.events.epoch}:1&wait=0.5"))
    await eventually(lambda: server.stats()["replays"] == 1)
    server.inject("freeze:seconds=1.5")
    assert kinds(await asking) == ["hello", "subscribed", "heartbeat"]
    assert asyncio.get_running_loop().time() - began >= 1.5


async def test_a_frozen_poll_whose_client_disconnects_is_forgotten(server: MockServer) -> None:
    asking = asyncio.create_task(poll(server, since(server, 1)))
    await eventually(lambda: server.stats()["replays"] == 1)
    server.inject("freeze:seconds=3600")
    await eventually(lambda: fault_effects(server, "freeze"))
    asking.cancel()
    await eventually(lambda: server.stats()["streams"] == 0)


async def test_seeded_faults_treat_polls_of_one_client_as_one_stream(server: MockServer) -> None:
    for _ in range(3):
        assert kinds(await poll(server))[0] == "hello"
    server.inject("drop:probability=0.5")
    await add_events(server, times=30)
    got: list[list[int]] = []
    for _ in range(2):
        messages = await poll(server, since(server, 1))
        got.append([message["seq"] for message in messages if message["type"] == "event"])
    # Each delivery is a new draw, so that another poll contains a lost event.
    assert got[0] != got[1]
    assert json.dumps(got) != "[[],[]]"
