"""Each fault as a client and the fault log see it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from typing import Any

import httpx
import pytest
import websockets

from mock_server.faults.server import EVIL_TEXT
from mock_server.server import MockServer
from tests.support.mock_servers import (
    TIMEOUT,
    WebSocketPeer,
    add_events,
    connect_peer,
    connect_without_hello,
    create_orders,
    empty_server,
    eventually,
    fault_effects,
)
from tests.support.orders import order, state
from tracker_tui.wire.codec import ProtocolViolation, decode
from tracker_tui.wire.messages import Unknown


@pytest.fixture
async def server() -> AsyncIterator[MockServer]:
    async with empty_server() as running:
        await create_orders(running, "A1", "B2")
        yield running


@pytest.fixture
async def client(server: MockServer) -> AsyncIterator[WebSocketPeer]:
    async with connect_peer(server) as connected:
        await connected.watch("A1")
        yield connected


async def heal_and_collect(server: MockServer, client: WebSocketPeer) -> list[Any]:
    """Heal, send one last event, and return all messages up to it."""
    server.heal()
    (last,) = await add_events(server)
    messages: list[Any] = []
    while not messages or messages[-1].get("seq") != last.seq:
        messages.append(await client.next())
    return messages


async def test_drop_drops_events_only(server: MockServer, client: WebSocketPeer) -> None:
    server.inject("drop:probability=1")
    await add_events(server, times=3)
    await server.events.append("A1", state(), None, order(title="A fact"))
    assert (await client.next())["type"] == "snapshot"
    assert [message["seq"] for message in await heal_and_collect(server, client)] == [6]
    assert [record.effect for record in fault_effects(server, "drop")] == ["dropped"] * 3
    assert fault_effects(server, "drop")[0].detail.endswith(":2")
    assert fault_effects(server, "drop")[0].order_id == "A1"


async def test_a_dropped_event_shows_in_the_next_heartbeat() -> None:
    async with empty_server(heartbeat_seconds=1) as server, connect_peer(server) as client:
        await create_orders(server)
        await client.watch()
        server.inject("lose-tail:count=1")
        await add_events(server)
        beat = await client.next()
        assert beat["heads"] == {"A1": f"{server.events.epoch}:2"}
        await client.subscribe(A1=f"{server.events.epoch}:1")
        assert (await client.next("event"))["seq"] == 2  # and it can be requested again


async def test_duplicate_sends_events_twice(server: MockServer, client: WebSocketPeer) -> None:
    server.inject("duplicate:probability=1")
    await add_events(server, times=2)
    assert await client.seqs(4) == [2, 2, 3, 3]


async def test_reorder_reorders_events_and_loses_none(server: MockServer, client: WebSocketPeer) -> None:
    server.inject("reorder:probability=0.7,window=6,seconds=3600")
    await add_events(server, times=40)
    seqs = [message["seq"] for message in await heal_and_collect(server, client)]
    assert sorted(seqs) == list(range(2, 43))
    assert seqs != sorted(seqs)


async def test_a_reordered_event_that_nothing_follows_arrives_too(server: MockServer, client: WebSocketPeer) -> None:
    server.inject("reorder:probability=1,window=6,seconds=0.1")
    await add_events(server)
    assert await client.seqs(1) == [2]


async def test_delay_sends_events_late_and_healing_releases_them_at_once(
    server: MockServer, client: WebSocketPeer
) -> None:
    server.inject("delay:probability=1,seconds=3600,jitter=0")
    await add_events(server, times=3)
    server.heal()
    assert await client.seqs(3) == [2, 3, 4]
    server.inject("delay:probability=1,seconds=0.05,jitter=0.02")
    await add_events(server)
    assert await client.seqs(1) == [5]


async def test_hole_in_replay_leaves_events_out_of_replays_only(server: MockServer, client: WebSocketPeer) -> None:
    server.inject("hole-in-replay:probability=1")
    await add_events(server, times=3)
    assert await client.seqs(3) == [2, 3, 4]
    await client.subscribe(A1=f"{server.events.epoch}:1")
    answer = await client.next()
    assert (answer["mode"], answer["head"]) == ("replay", f"{server.events.epoch}:4")
    await eventually(lambda: len(fault_effects(server, "hole-in-replay")) == 3)
    await add_events(server)
    assert await client.seqs(1) == [5]


@pytest.mark.parametrize("kind", ["junk", "types", "binary"])
async def test_corrupt_sends_an_invalid_message(server: MockServer, client: WebSocketPeer, kind: str) -> None:
    server.inject(f"corrupt:probability=1,kind={kind}")
    await add_events(server, times=20)
    for _ in range(20):
        raw = await client.raw()
        assert isinstance(raw, bytes) == (kind == "binary")
        with suppress(ProtocolViolation):
            assert isinstance(decode(raw), Unknown)
    assert len(fault_effects(server, "corrupt")) == 20
    assert [message["seq"] for message in await heal_and_collect(server, client)] == [22]


async def test_corrupt_can_send_the_event_too(server: MockServer, client: WebSocketPeer) -> None:
    server.inject("corrupt:probability=1,kind=binary,instead=false")
    await add_events(server)
    assert isinstance(await client.raw(), bytes)
    assert await client.seqs(1) == [2]


async def test_wrong_echo_names_another_anchor(server: MockServer, client: WebSocketPeer) -> None:
    await add_events(server, times=3)
    await client.seqs(3)
    server.inject("wrong-echo")
    await client.subscribe(A1=f"{server.events.epoch}:2")
    answer = await client.next("subscribed")
    assert (answer["mode"], answer["from"]) == ("replay", f"{server.events.epoch}:1")
    assert fault_effects(server, "wrong-echo")[0].order_id == "A1"


async def test_evil_text_is_a_note_in_history_that_arrives_untouched(server: MockServer, client: WebSocketPeer) -> None:
    server.inject("evil-text:order=A1")
    event = await client.next()
    assert (event["milestone"]["kind"], event["milestone"]["note"]) == ("note", EVIL_TEXT)
    for evil in ("[/b]", "[@click=app.quit]", "\x1b]0;x\x07", "\x1b[2J", "\x00", "\u202e"):
        assert evil in event["milestone"]["note"]


async def test_disconnect_ends_the_stream_without_a_close_frame(server: MockServer, client: WebSocketPeer) -> None:
    server.inject("disconnect")
    assert (await client.closed())[0] == 1006
    assert [record.effect for record in fault_effects(server, "disconnect")] == ["disconnected"]


async def test_disconnect_can_apply_to_one_stream_or_one_order(server: MockServer, client: WebSocketPeer) -> None:
    async with connect_peer(server) as other:
        await other.watch("B2")
        server.inject("disconnect:order=B2")
        assert (await other.closed())[0] == 1006
    async with connect_peer(server) as other:
        server.inject("disconnect:which=one")
        assert (await client.closed())[0] == 1006
        await other.watch("A1")


async def test_close_closes_with_the_code_and_reason(server: MockServer, client: WebSocketPeer) -> None:
    server.inject("close:code=4503,reason=go away")
    assert await client.closed() == (4503, "go away")


async def test_accept_then_close_accepts_and_sends_nothing(server: MockServer) -> None:
    server.inject("accept-then-close:code=1000")
    for _ in range(3):
        async with connect_without_hello(server) as client:
            assert await client.closed() == (1000, "")
    assert server.stats()["streamOpenings"] == 3
    assert len(fault_effects(server, "accept-then-close")) == 3
    server.heal()
    async with connect_peer(server) as client:
        await client.watch()


@pytest.mark.parametrize(
    ("spec", "status", "code", "retry_after"),
    [
        ("refuse", 503, "restarting", None),
        ("refuse:status=429,retry_after=7", 429, "rate_limited", "7"),
        ("refuse:status=502", 502, None, None),
        ("refuse:status=403,plain=true", 403, None, None),
    ],
)
async def test_refuse_answers_requests_and_upgrades_with_a_status(
    server: MockServer, spec: str, status: int, code: str | None, retry_after: str | None
) -> None:
    server.inject(spec)
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as web:
        answer = await web.get("/v1/orders/A1")
        assert (await web.get("/healthz")).status_code == 200
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with connect_without_hello(server):
            pass
    assert answer.status_code == refused.value.response.status_code == status
    assert answer.headers.get("Retry-After") == refused.value.response.headers.get("Retry-After") == retry_after
    if code is None:
        assert not answer.headers["Content-Type"].startswith("application/problem")
    else:
        assert answer.json()["code"] == json.loads(refused.value.response.body or b"")["code"] == code
    assert len(fault_effects(server, "refuse")) == 2


async def test_cut_resets_the_connection_in_the_middle_of_a_frame(server: MockServer) -> None:
    for _ in range(3):
        async with connect_peer(server) as client:
            await client.watch()
            server.inject("cut")
            await add_events(server)
            assert (await client.closed())[0] == 1006
            server.heal()
    assert [record.effect for record in fault_effects(server, "cut")] == ["cut"] * 3


async def test_freeze_keeps_the_socket_open_and_missed_events_follow(server: MockServer, client: WebSocketPeer) -> None:
    server.inject("freeze:seconds=3600,order=A1")
    await eventually(lambda: fault_effects(server, "freeze"))
    pong = asyncio.ensure_future(await client.connection.ping())
    await client.subscribe("B2")
    await add_events(server, times=3)
    async with connect_peer(server) as newcomer:  # is served
        await newcomer.watch("A1")
    assert not pong.done()
    assert client.connection.close_code is None
    server.heal()
    async with asyncio.timeout(TIMEOUT):
        await pong
    messages = await client.take(3, "snapshot", "subscribed")
    assert {(message["type"], message["orderId"]) for message in messages} == {
        ("snapshot", "A1"),
        ("subscribed", "B2"),
        ("snapshot", "B2"),
    }


async def test_freeze_can_leave_new_requests_unanswered(server: MockServer) -> None:
    server.inject("freeze:seconds=3600,new=hang")
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as web:
        request = asyncio.create_task(web.get("/v1/orders"))
        await eventually(lambda: server.connections == 1)
        assert (await web.get("/healthz")).status_code == 200
        assert not request.done()
        server.heal()
        async with asyncio.timeout(TIMEOUT):
            assert (await request).status_code == 200


async def test_a_frozen_client_that_leaves_is_forgotten(server: MockServer, client: WebSocketPeer) -> None:
    server.inject("freeze:seconds=3600")
    await eventually(lambda: fault_effects(server, "freeze"))
    client.connection.transport.abort()
    await eventually(lambda: server.connections == 0 and server.stats()["streams"] == 0)


async def test_slow_hello_accepts_at_once_and_sends_hello_late(server: MockServer) -> None:
    server.inject("slow-hello:seconds=3600")
    async with connect_without_hello(server) as client:
        await eventually(lambda: fault_effects(server, "slow-hello"))
        await add_events(server)
        server.heal()
        assert (await client.next())["type"] == "hello"


async def test_a_client_that_leaves_before_a_slow_hello_is_forgotten(server: MockServer) -> None:
    server.inject("slow-hello:seconds=3600")
    async with connect_without_hello(server) as client:
        await eventually(lambda: fault_effects(server, "slow-hello"))
        client.connection.transport.abort()
    await eventually(lambda: server.connections == 0 and server.stats()["streams"] == 0)


async def test_new_epoch_can_drop_the_connections_first(server: MockServer, client: WebSocketPeer) -> None:
    old = server.events.epoch
    server.inject("new-epoch:drop_connections=true")
    assert (await client.closed())[0] == 1006
    assert server.events.epoch > old
    async with connect_peer(server) as again:
        await again.subscribe(A1=f"{old}:1")
        assert (await again.next())["mode"] == "snapshot"
        assert (await again.next())["epoch"] == server.events.epoch


async def test_truncate_log_makes_old_cursors_too_old(server: MockServer, client: WebSocketPeer) -> None:
    await add_events(server, times=9)
    server.inject("truncate-log:keep=3,order=A1")
    await eventually(lambda: fault_effects(server, "truncate-log"))
    await client.subscribe(A1=f"{server.events.epoch}:2")
    assert (await client.next("subscribed"))["mode"] == "snapshot"
    snapshot = await client.next("snapshot")
    assert snapshot["historyFrom"] == 8
    assert [line["seq"] for line in snapshot["history"]] == [8, 9, 10]
    assert [record.detail for record in fault_effects(server, "truncate-log")] == ["7 events forgotten"]
    server.inject("truncate-log:keep=2,order=A1")
    await eventually(lambda: len(fault_effects(server, "truncate-log")) > 1)
    assert fault_effects(server, "truncate-log")[-1].detail == "1 event forgotten"


async def test_lagging_snapshot_is_older_than_the_head_on_the_stream_and_on_request(server: MockServer) -> None:
    await add_events(server, times=5)
    server.inject("lagging-snapshot:versions=2")
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as web, connect_peer(server) as client:
        assert (await web.get("/v1/orders/A1")).json()["seq"] == 4
        await client.subscribe("A1")
        assert (await client.next())["head"].endswith(":6")
        assert (await client.next())["seq"] == 4
    assert [record.effect for record in fault_effects(server, "lagging-snapshot")] == ["served old"] * 2


async def test_outage_resets_connections_refuses_new_ones_and_ends_on_the_same_port(
    server: MockServer, client: WebSocketPeer
) -> None:
    server.inject("outage:seconds=3600")
    assert (await client.closed())[0] == 1006
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", server.port)
    server.heal()
    await eventually(lambda: fault_effects(server, "outage")[-1].effect == "up")
    async with connect_peer(server) as again:
        await again.watch()


@pytest.mark.parametrize(("clients", "down"), [(1, "1 connection reset, for 9 s"), (2, "2 connections reset, for 9 s")])
async def test_the_log_counts_the_connections_that_an_outage_resets(clients: int, down: str) -> None:
    async with empty_server() as server, AsyncExitStack() as stack:
        for _ in range(clients):
            await stack.enter_async_context(connect_peer(server))
        server.inject("outage:seconds=9")
        await eventually(lambda: fault_effects(server, "outage"))
        assert fault_effects(server, "outage")[0].detail == down


async def test_an_outage_ends_by_itself(server: MockServer) -> None:
    server.inject("outage:seconds=0.1")
    await eventually(lambda: fault_effects(server, "outage") and fault_effects(server, "outage")[-1].effect == "up")
    async with connect_peer(server) as client:
        await client.watch()


@pytest.mark.parametrize("outcome", ["delivered", "cancelled", "rejected", "returned", "lost"])
async def test_terminal_while_watching_ends_the_watched_order(
    server: MockServer, client: WebSocketPeer, outcome: str
) -> None:
    server.inject(f"terminal-while-watching:outcome={outcome}")
    event = await client.next()
    assert (event["orderId"], event["state"]["outcome"], event["state"]["status"]) == ("A1", outcome, outcome)
    assert event["milestone"]["status"] == outcome


async def test_all_message_faults_together_lose_no_order(server: MockServer) -> None:
    for spec in (
        "drop:probability=0.3",
        "duplicate:probability=0.3",
        "reorder:probability=0.5,window=6",
        "delay:probability=0.2,seconds=0.02,jitter=0.02",
        "hole-in-replay:probability=0.3",
        "corrupt:probability=0.1",
        "wrong-echo:probability=0.5",
        "lagging-snapshot:probability=0.3",
        "cut:count=3,probability=0.2",
    ):
        server.inject(spec)
    for _ in range(6):
        try:
            async with connect_peer(server) as client:
                await client.subscribe("A1", "B2")
                await add_events(server, times=30)
                await client.subscribe(A1=f"{server.events.epoch}:5")
                for _ in range(10):
                    await client.raw()
        except websockets.ConnectionClosed:
            continue
    server.heal()
    async with connect_peer(server) as client:
        snapshot = await client.watch()
        assert snapshot["seq"] == 181
        assert [line["seq"] for line in snapshot["history"]] == list(range(1, 182))
    struck = {record.fault for record in server.log.records()}
    assert {"drop", "duplicate", "reorder", "delay", "hole-in-replay", "corrupt", "cut"} <= struck


async def test_an_invalid_injection_changes_nothing(server: MockServer) -> None:
    from mock_server.faults.spec import FaultError

    for spec in ("explode", "drop:x=1", "evil-text:order=UNKNOWN"):
        with pytest.raises(FaultError):
            server.inject(spec)
    assert server.log.records() == []
    assert server.armed == []
