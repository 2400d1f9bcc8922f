"""Every message of PROTOCOL §4 on a real WebSocket, with a client from another library."""

from __future__ import annotations

import json

import pytest
import websockets

from tests.support.mock_servers import (
    add_events,
    connect_peer,
    connect_without_hello,
    create_orders,
    draft,
    empty_server,
    eventually,
    fault_effects,
)
from tests.support.orders import order, state
from tracker_tui.wire.codec import IgnoredCounts, decode


async def test_hello_is_first_and_contains_the_node_and_the_heartbeat() -> None:
    async with empty_server(heartbeat_seconds=7, node="north") as server, connect_peer(server) as client:
        assert client.hello["protocol"] == 1
        assert (client.hello["heartbeatSeconds"], client.hello["node"]) == (7, "north")
        assert client.hello["tokenExpiresAt"] is None
        assert client.hello["serverTime"].endswith("Z")
        assert client.connection.subprotocol == "order-stream.v1"
        assert "permessage-deflate" not in str(client.connection.response.headers)  # type: ignore[union-attr]


async def test_without_a_cursor_an_order_is_answered_with_a_snapshot() -> None:
    async with empty_server() as server, connect_peer(server) as client:
        await create_orders(server, events=3)
        await client.subscribe("A1")
        head = f"{server.events.epoch}:3"
        assert await client.next() == {
            "type": "subscribed", "orderId": "A1", "mode": "snapshot", "from": None, "head": head,
        }  # fmt: skip
        snapshot = await client.next()
        assert (snapshot["type"], snapshot["seq"], snapshot["historyFrom"]) == ("snapshot", 3, 1)
        assert [line["seq"] for line in snapshot["history"]] == [1, 2, 3]
        assert snapshot["order"]["id"] == "A1"


async def test_with_a_cursor_exactly_the_missing_events_are_replayed_before_live_ones() -> None:
    async with empty_server() as server, connect_peer(server) as client:
        await create_orders(server, events=5)
        cursor = f"{server.events.epoch}:2"
        await client.subscribe(A1=cursor)
        answer = await client.next()
        assert (answer["mode"], answer["from"], answer["head"]) == ("replay", cursor, f"{server.events.epoch}:5")
        assert await client.seqs(3) == [3, 4, 5]
        await add_events(server)
        event = await client.next()
        assert (event["type"], event["seq"], event["milestone"]["seq"]) == ("event", 6, 6)


async def test_an_event_without_a_milestone_contains_null() -> None:
    async with empty_server() as server, connect_peer(server) as client:
        await create_orders(server)
        await client.watch()
        await server.events.append("A1", state(), None)
        assert (await client.next())["milestone"] is None


@pytest.mark.parametrize("cursor", ["1:1", "9999999999999999:1", "EPOCH:7"])
async def test_a_cursor_of_another_epoch_or_ahead_is_answered_with_a_snapshot(cursor: str) -> None:
    async with empty_server() as server, connect_peer(server) as client:
        await create_orders(server, events=3)
        await client.subscribe(A1=cursor.replace("EPOCH", str(server.events.epoch)))
        assert (await client.next())["mode"] == "snapshot"
        assert (await client.next())["seq"] == 3


async def test_subscribing_again_in_band_replays_after_the_new_cursor() -> None:
    async with empty_server() as server, connect_peer(server) as client:
        await create_orders(server, events=4)
        await client.watch()
        await client.subscribe(A1=f"{server.events.epoch}:1")
        assert (await client.next())["mode"] == "replay"
        assert await client.seqs(3) == [2, 3, 4]


async def test_an_unsubscribed_order_is_silent() -> None:
    async with empty_server() as server, connect_peer(server) as client:
        await create_orders(server, "A1", "B2")
        await client.watch("A1")
        await client.watch("B2")
        await client.send("unsubscribe", orders=["A1"])
        await eventually(lambda: server.stats()["subscriptions"] == 1)
        await add_events(server, "A1")
        await add_events(server, "B2")
        assert (await client.next())["orderId"] == "B2"


async def test_heartbeats_carry_the_head_of_every_subscribed_order() -> None:
    async with empty_server(heartbeat_seconds=1) as server, connect_peer(server) as client:
        await create_orders(server, "A1", "B2", "C3", events=2)
        await client.watch("A1")
        await client.watch("B2")
        beat = await client.next("heartbeat")
        epoch = server.events.epoch
        assert beat["heads"] == {"A1": f"{epoch}:2", "B2": f"{epoch}:2"}
        await add_events(server, "B2")
        assert (await client.next("heartbeat"))["heads"]["B2"] == f"{epoch}:3"


async def test_a_refused_order_gets_a_problem_and_the_stream_continues_without_it() -> None:
    async with empty_server(heartbeat_seconds=1) as server, connect_peer(server) as client:
        await create_orders(server)
        await client.subscribe("NOPE", "A1")
        problem = await client.next("problem")
        assert (problem["code"], problem["orderId"]) == ("order_not_found", "NOPE")
        assert list((await client.next("heartbeat"))["heads"]) == ["A1"]


async def test_a_changed_fact_is_pushed_as_a_snapshot() -> None:
    async with empty_server() as server, connect_peer(server) as client:
        await create_orders(server)
        await client.watch()
        await server.events.append("A1", state(), None, order(title="Three pizzas"))
        pushed = await client.next()
        assert (pushed["type"], pushed["seq"], pushed["order"]["title"]) == ("snapshot", 2, "Three pizzas")


async def test_in_a_new_epoch_a_snapshot_comes_before_any_event_and_nothing_old_after_it() -> None:
    async with empty_server() as server, connect_peer(server) as client:
        await create_orders(server, events=3)
        await client.watch()
        await add_events(server)
        server.inject("new-epoch")
        await eventually(lambda: fault_effects(server, "new-epoch"))
        messages = await client.take(3)
        await add_events(server)
        messages.append(await client.next())
        assert [message["type"] for message in messages] == ["event", "subscribed", "snapshot", "event"]
        assert (messages[1]["mode"], messages[1]["from"]) == ("snapshot", None)
        assert messages[2]["epoch"] == messages[3]["epoch"] > messages[0]["epoch"]
        assert messages[3]["seq"] == messages[2]["seq"] + 1


async def test_orders_in_the_query_are_subscribed_right_after_hello() -> None:
    async with empty_server() as server:
        await create_orders(server, "A1", "B2", events=3)
        async with connect_peer(server, f"?order=A1&order=B2@{server.events.epoch}:2") as client:
            answers = {message["orderId"]: message["mode"] for message in await client.take(2, "subscribed")}
        assert answers == {"A1": "snapshot", "B2": "replay"}


async def test_orders_beyond_the_limit_of_a_query_are_refused_one_by_one() -> None:
    async with empty_server() as server:
        names = [f"A{number}" for number in range(53)]
        await create_orders(server, *names)
        async with connect_peer(server, "?" + "&".join(f"order={name}" for name in names)) as client:
            problems = await client.take(3, "problem")
            await client.take(50, "snapshot")
        assert [(problem["code"], problem["orderId"]) for problem in problems] == [
            ("too_large", "A50"),
            ("too_large", "A51"),
            ("too_large", "A52"),
        ]


async def test_unknown_messages_and_fields_are_ignored_and_counted() -> None:
    async with empty_server() as server, connect_peer(server) as client:
        await create_orders(server)
        await client.send("dance", tempo=120)
        await client.send("subscribe", orders={"A1": None}, mood="good")
        assert (await client.next())["type"] == "subscribed"
        stats = server.stats()
        assert (stats["unknownTypes"], stats["unknownFields"]) == (1, 1)


async def test_a_ping_is_answered() -> None:
    async with empty_server() as server, connect_peer(server) as client:
        await (await client.connection.ping(b"are you there"))


async def test_closing_the_server_sends_goodbye_and_a_close_frame() -> None:
    async with empty_server() as server, connect_without_hello(server) as client:
        await client.next("hello")
        await server.close()
        goodbye = await client.next()
        assert goodbye["type"] == "goodbye"
        assert goodbye["retryAfterSeconds"] > 0
        assert await client.closed() == (4012, "restarting")


async def test_a_client_that_closes_gets_a_close_frame_and_is_forgotten() -> None:
    async with empty_server() as server:
        async with connect_peer(server) as client:
            await create_orders(server)
            await client.watch()
            await client.connection.close(1000)
            assert client.connection.close_code == 1000
        await eventually(lambda: server.connections == 0)
        assert server.stats()["streams"] == 0


async def test_every_message_is_known_to_the_codec() -> None:
    async with empty_server(heartbeat_seconds=1) as server, connect_peer(server) as client:
        await server.events.append("A1", state(), draft(note="evil \x1b[2J\x00 \u202e", source="x"), order())
        await client.subscribe("A1", "NOPE")
        await client.send("authenticate", token="secret")
        tally = IgnoredCounts()
        seen: set[str] = set()
        while seen != {"subscribed", "snapshot", "problem", "authenticated", "heartbeat", "event"}:
            message = decode(await client.raw(), tally)
            seen.add(getattr(message, "type", "unknown"))
            if len(seen) == 5:
                await add_events(server)
        assert (tally.unknown_types, tally.unknown_fields) == (0, 0)


async def test_clients_that_watch_one_order_get_the_same_bytes() -> None:
    async with empty_server() as server, connect_peer(server) as one, connect_peer(server) as other:
        await create_orders(server)
        await one.watch()
        await other.watch()
        await add_events(server)
        assert await one.raw() == await other.raw()


@pytest.mark.parametrize("subprotocols", [None, ["something-else"]])
async def test_an_upgrade_without_the_subprotocol_is_refused(subprotocols: list[str] | None) -> None:
    async with empty_server() as server:
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with connect_without_hello(server, subprotocols=subprotocols):
                pass
        response = refused.value.response
        assert response.status_code == 400
        assert response.headers["Content-Type"].startswith("application/problem+json")
        assert json.loads(response.body or b"")["code"] == "unsupported_protocol"
