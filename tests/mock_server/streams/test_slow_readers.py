"""Slow, stalled and silent clients, and many orders (PROTOCOL §4, §7)."""

from __future__ import annotations

import asyncio
import socket

from mock_server.server import MockServer
from tests.support.mock_servers import TIMEOUT, add_events, connect_peer, create_orders, draft, empty_server, eventually
from tests.support.orders import order, state

UPGRADE = (
    "GET /v1/stream?order=A1 HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: order-stream.v1\r\n\r\n"
)


def non_reading_client(server: MockServer) -> socket.socket:
    """A client that subscribes to A1 and never reads, with a small window."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", server.port))
    connection.sendall(UPGRADE.encode())
    return connection


async def test_a_client_that_stops_reading_is_evicted_without_affecting_others() -> None:
    async with empty_server() as server, connect_peer(server) as reader:
        await create_orders(server)
        await reader.watch()
        with non_reading_client(server):
            await eventually(lambda: server.stats()["subscriptions"] == 2)
            seq = 1
            async with asyncio.timeout(TIMEOUT):
                while server.stats()["streams"] == 2:
                    (event,) = await append_large_event(server)
                    seq += 1
                    assert event == seq
                    assert (await reader.next("event"))["seq"] == seq
            await eventually(lambda: server.connections == 1)
        assert server.stats()["evictions"] == 1
        assert server.stats()["skipped"] >= 1


async def append_large_event(server: MockServer) -> list[int]:
    """Append an event with a long note; return its seq."""
    event = await server.events.append("A1", state(), draft(note="x" * 20_000))
    return [event.message.seq]


async def test_a_slow_reader_gets_a_snapshot_for_skipped_events_and_stays() -> None:
    async with empty_server() as server, connect_peer(server, max_queue=1) as client:
        await create_orders(server, "A1", "B2")
        await client.watch("A1")
        client.connection.transport.pause_reading()
        while not server.stats()["skipped"]:
            await append_large_event(server)
            await asyncio.sleep(0)
        client.connection.transport.resume_reading()
        head = (await add_events(server))[-1].seq
        reached = 0
        while reached < head:
            message = await client.next("event", "snapshot")
            assert message["seq"] > reached
            assert message["type"] == "snapshot" or message["seq"] == reached + 1 or reached == 0
            reached = message["seq"]
        assert server.stats()["evictions"] == 0


async def test_a_client_that_never_answers_a_ping_is_reset_after_three_heartbeats() -> None:
    async with empty_server(heartbeat_seconds=1) as server, connect_peer(server) as lively:
        await create_orders(server)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(UPGRADE.encode())
        async with asyncio.timeout(TIMEOUT):
            heard = b""
            while not reader.at_eof():
                try:
                    heard += await reader.read(65536)
                except ConnectionResetError:
                    break
        writer.close()
        assert heard.count(b"\x89\x00") >= 2
        assert server.stats()["evictions"] == 1
        await lively.watch()


async def test_a_thousand_orders_on_one_socket_all_arrive_without_eviction() -> None:
    async with empty_server() as server, connect_peer(server) as bystander, connect_peer(server) as client:
        names = [f"N{number}" for number in range(1000)]
        for name in names:
            await server.events.append(name, state(), draft(note="n" * 2000), order(name))
        await create_orders(server, "A1")
        await bystander.watch("A1")
        await client.subscribe(*names)
        snapshots = await client.take(1000, "snapshot")
        assert [snapshot["orderId"] for snapshot in snapshots] == names
        await add_events(server, "A1")
        assert await bystander.seqs(1) == [2]
        await add_events(server, "N500")
        assert (await client.next())["orderId"] == "N500"
        assert server.stats()["evictions"] == 0
        assert server.stats()["skipped"] == 0
