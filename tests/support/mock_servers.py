"""A mock server without a scenario, changes to its orders, and a WebSocket client from another library."""

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

PATIENCE = 20.0
"""Seconds after which a condition that a test waits for has failed."""


def empty_server(**options: Any) -> AbstractAsyncContextManager[MockServer]:
    """Return a server without orders, by default with rare heartbeats."""
    return embed(None, **{"heartbeat_seconds": 30, "seed": 1, **options})


async def create(server: MockServer, *order_ids: str, events: int = 1) -> None:
    """Create orders with `events` events each."""
    for order_id in order_ids or ("A1",):
        await server.events.append(order_id, state("placed"), draft("placed"), order(order_id))
        await happen(server, order_id, events - 1)


async def happen(server: MockServer, order_id: str = "A1", times: int = 1, status: str = "preparing") -> list[Event]:
    """Append milestones to an order."""
    return [(await server.events.append(order_id, state(status), draft(status))).message for _ in range(times)]


def draft(status: str = "placed", **fields: Any) -> MilestoneDraft:
    """Return a draft of a milestone."""
    return MilestoneDraft(**{"kind": MilestoneKind.UPDATE, "status": status, "occurred_at": START, **fields})


async def eventually(condition: Callable[[], object]) -> None:
    """Wait until `condition` holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0)


def effects(server: MockServer, fault: str) -> list[FaultRecord]:
    """Return the records of the effects of `fault`."""
    return [record for record in server.log.records() if record.fault == fault and record.effect != "injected"]


class Peer:
    """A client on one WebSocket."""

    def __init__(self, connection: websockets.ClientConnection) -> None:
        self.connection = connection
        self.hello: dict[str, Any] = {}

    async def raw(self) -> str | bytes:
        """Return the payload of the next frame."""
        async with asyncio.timeout(PATIENCE):
            return await self.connection.recv()

    async def next(self, *kinds: str) -> dict[str, Any]:
        """Return the next message, or the next one of these kinds."""
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
        """Wait for the end of the stream; return the close code that a client sees, and the reason."""
        async with asyncio.timeout(PATIENCE):
            try:
                while True:
                    await self.connection.recv()
            except websockets.ConnectionClosed:
                await self.connection.wait_closed()
        return self.connection.close_code or 1006, self.connection.close_reason or ""


@asynccontextmanager
async def peer(server: MockServer, query: str = "", **options: Any) -> AsyncIterator[Peer]:
    """Connect and receive hello."""
    async with stranger(server, query, **options) as speaker:
        speaker.hello = await speaker.next("hello")
        yield speaker


@asynccontextmanager
async def stranger(server: MockServer, query: str = "", **options: Any) -> AsyncIterator[Peer]:
    """Connect without receiving hello."""
    url = f"{server.url.replace('http', 'ws')}/v1/stream{query}"
    options = {"subprotocols": [SUBPROTOCOL], "proxy": None, "ping_interval": None, "close_timeout": 1, **options}
    async with websockets.connect(url, **options) as connection:
        yield Peer(connection)
