"""Clients of streams over plain HTTP, written without the code of the server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from mock_server.server import MockServer
from tests.support.mock_servers import TIMEOUT

JSON = {"Accept": "application/json"}


@dataclass(frozen=True)
class Sent:
    """One server-sent event, or a block of fields without data."""

    fields: dict[str, str]

    @property
    def message(self) -> dict[str, Any]:
        """The message in its data."""
        found: dict[str, Any] = json.loads(self.fields["data"])
        return found


class SsePeer:
    """A client on server-sent events."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._pieces = response.aiter_bytes()
        self._received = b""

    async def block(self) -> Sent | None:
        """Read up to the next empty line; return None at the end of the stream."""
        async with asyncio.timeout(TIMEOUT):
            # Not httpx's line iterator, which also splits at characters that JSON may contain.
            while b"\n\n" not in self._received:
                try:
                    self._received += await anext(self._pieces)
                except StopAsyncIteration:
                    assert not self._received, "the stream ended within a message"
                    return None
        block, self._received = self._received.split(b"\n\n", 1)
        fields: dict[str, str] = {}
        for line in block.decode().split("\n"):
            name, _, value = line.partition(": ")
            assert name not in fields, f"two lines {name} in one message"
            fields[name] = value
        return Sent(fields)

    async def until(self, text: bytes) -> bytes:
        """Read up to `text`, and to the end of its block."""
        async with asyncio.timeout(TIMEOUT):
            while b"\n\n" not in self._received.partition(text)[2]:
                self._received += await anext(self._pieces)
        return self._received

    async def sent(self, *kinds: str) -> Sent:
        """Return the next event, or the next one of `kinds`."""
        while True:
            block = await self.block()
            assert block is not None, "the stream has ended"
            if "data" in block.fields and (not kinds or block.fields["event"] in kinds):
                return block

    async def next(self, *kinds: str) -> dict[str, Any]:
        """Return the next message, or the next one of `kinds`."""
        return (await self.sent(*kinds)).message

    async def rest(self) -> list[dict[str, Any]]:
        """Return all messages up to the end of the stream."""
        messages = []
        while (block := await self.block()) is not None:
            if "data" in block.fields:
                messages.append(block.message)
        return messages


@asynccontextmanager
async def sse(server: MockServer, query: str = "order=A1", **headers: str) -> AsyncIterator[SsePeer]:
    """Open a stream of server-sent events."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with (
        httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client,
        client.stream("GET", f"{server.url}/v1/stream?{query}", headers=named) as response,
    ):
        yield SsePeer(response)


async def ask(server: MockServer, query: str = "order=A1", **headers: str) -> httpx.Response:
    """Send one poll and return its answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client:
        return await client.get(f"{server.url}/v1/stream?{query}", headers=JSON | named)


async def poll(server: MockServer, query: str = "order=A1", **headers: str) -> list[dict[str, Any]]:
    """Return the messages of one poll."""
    answer = await ask(server, query, **headers)
    assert answer.status_code == 200, answer.text
    messages: list[dict[str, Any]] = answer.json()["messages"]
    return messages


def kinds(messages: list[dict[str, Any]]) -> list[str]:
    """Return the types of messages."""
    return [message["type"] for message in messages]
