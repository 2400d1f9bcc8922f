"""Mock servers without a scenario, functions that add events, and a WebSocket client without the link's code."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import websockets

from mock_server.faults.fault_log import FaultRecord
from mock_server.orders.log.base import MilestoneDraft
from mock_server.server import MockServer, embed
from tests.support.orders import START, order, state
from tracker_tui.domain.event import Event
from tracker_tui.domain.order import MilestoneKind
from tracker_tui.wire.messages import SUBPROTOCOL

TIMEOUT = 20.0
"""Seconds within which a condition that a test waits for must hold."""


def empty_server(**options: Any) -> AbstractAsyncContextManager[MockServer]:
    """Run a server without orders, with rare heartbeats by default."""
    return embed(None, **{"heartbeat_seconds": 30, "seed": 1, **options})


async def create_orders(server: MockServer, *order_ids: str, events: int = 1) -> None:
    """Create orders with `events` events each."""
    for order_id in order_ids or ("A1",):
        await server.events.append(order_id, state("placed"), draft("placed"), order(order_id))
        await add_events(server, order_id, events - 1)


async def add_events(
    server: MockServer, order_id: str = "A1", times: int = 1, status: str = "preparing"
) -> list[Event]:
    """Add `times` milestones to an order."""
    return [(await server.events.append(order_id, state(status), draft(status))).message for _ in range(times)]


def draft(status: str = "placed", **fields: Any) -> MilestoneDraft:
    """Return a line of history."""
    return MilestoneDraft(**{"kind": MilestoneKind.UPDATE, "status": status, "occurred_at": START, **fields})


async def eventually(condition: Callable[[], object]) -> None:
    """Wait until `condition` holds."""
    async with asyncio.timeout(TIMEOUT):
        while not condition():
            await asyncio.sleep(0)


def fault_effects(server: MockServer, fault: str) -> list[FaultRecord]:
    """Return the recorded effects of a fault."""
    return [record for record in server.log.records() if record.fault == fault and record.effect != "injected"]


class WebSocketPeer:
    """A client on one WebSocket."""

    def __init__(self, connection: websockets.ClientConnection) -> None:
        self.connection = connection
        self.hello: dict[str, Any] = {}

    async def raw(self) -> str | bytes:
        """Return the payload of the next frame."""
        async with asyncio.timeout(TIMEOUT):
            return await self.connection.recv()

    async def next(self, *kinds: str) -> dict[str, Any]:
        """Return the next message, or the next one of `kinds`."""
        while True:
            message: dict[str, Any] = json.loads(await self.raw())
            if not kinds or message["type"] in kinds:
                return message

    async def take(self, count: int, *kinds: str) -> list[dict[str, Any]]:
        """Return the next `count` messages."""
        return [await self.next(*kinds) for _ in range(count)]

    async def seqs(self, count: int) -> list[int]:
        """Return the seqs of the next `count` events."""
        return [message["seq"] for message in await self.take(count, "event")]

    async def send(self, kind: str, **fields: Any) -> None:
        """Send a message."""
        await self.connection.send(json.dumps({"type": kind, **fields}))

    async def subscribe(self, *order_ids: str, **cursors: str | None) -> None:
        """Subscribe, with null for orders without a cursor."""
        await self.send("subscribe", orders={**dict.fromkeys(order_ids), **cursors})

    async def watch(self, order_id: str = "A1") -> dict[str, Any]:
        """Subscribe with null; return the snapshot."""
        await self.subscribe(order_id)
        await self.next("subscribed")
        return await self.next("snapshot")

    async def closed(self) -> tuple[int, str]:
        """Wait for the end of the stream; return its close code and reason."""
        async with asyncio.timeout(TIMEOUT):
            try:
                while True:
                    await self.connection.recv()
            except websockets.ConnectionClosed:
                await self.connection.wait_closed()
        return self.connection.close_code or 1006, self.connection.close_reason or ""


@asynccontextmanager
async def connect_peer(server: MockServer, query: str = "", **options: Any) -> AsyncIterator[WebSocketPeer]:
    """Connect and read hello."""
    async with connect_without_hello(server, query, **options) as client:
        client.hello = await client.next("hello")
        yield client


@asynccontextmanager
async def connect_without_hello(server: MockServer, query: str = "", **options: Any) -> AsyncIterator[WebSocketPeer]:
    """Connect without reading hello."""
    url = f"{server.url.replace('http', 'ws')}/v1/stream{query}"
    options = {"subprotocols": [SUBPROTOCOL], "proxy": None, "ping_interval": None, "close_timeout": 1, **options}
    async with websockets.connect(url, **options) as connection:
        yield WebSocketPeer(connection)
