"""Peers on the encodings that plain HTTP carries, spoken to with other code than the server's."""

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
        """Its data."""
        found: dict[str, Any] = json.loads(self.fields["data"])
        return found


class SsePeer:
    """A client on server-sent events."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._pieces = response.aiter_bytes()
        self._heard = b""

    async def block(self) -> Sent | None:
        """Everything up to the next empty line; None at the end of the stream."""
        async with asyncio.timeout(TIMEOUT):
            # Not by httpx's lines: those also end at characters that JSON may hold.
            while b"\n\n" not in self._heard:
                try:
                    self._heard += await anext(self._pieces)
                except StopAsyncIteration:
                    assert not self._heard, "the stream ended within a message"
                    return None
        block, self._heard = self._heard.split(b"\n\n", 1)
        fields: dict[str, str] = {}
        for line in block.decode().split("\n"):
            name, _, value = line.partition(": ")
            assert name not in fields, f"two lines {name} in one message"
            fields[name] = value
        return Sent(fields)

    async def until(self, text: bytes) -> bytes:
        """Everything up to `text`, and the rest of the block that it is in."""
        async with asyncio.timeout(TIMEOUT):
            while b"\n\n" not in self._heard.partition(text)[2]:
                self._heard += await anext(self._pieces)
        return self._heard

    async def sent(self, *kinds: str) -> Sent:
        """The next event; with `kinds` given, the next one of these."""
        while True:
            block = await self.block()
            assert block is not None, "the stream has ended"
            if "data" in block.fields and (not kinds or block.fields["event"] in kinds):
                return block

    async def next(self, *kinds: str) -> dict[str, Any]:
        """The next message; with `kinds` given, the next one of these."""
        return (await self.sent(*kinds)).message

    async def rest(self) -> list[dict[str, Any]]:
        """Every message up to the end of the stream."""
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
    """Send one poll and wait for its answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client:
        return await client.get(f"{server.url}/v1/stream?{query}", headers=JSON | named)


async def poll(server: MockServer, query: str = "order=A1", **headers: str) -> list[dict[str, Any]]:
    """The messages of one poll."""
    answer = await ask(server, query, **headers)
    assert answer.status_code == 200, answer.text
    messages: list[dict[str, Any]] = answer.json()["messages"]
    return messages


def kinds(messages: list[dict[str, Any]]) -> list[str]:
    """The types of messages."""
    return [message["type"] for message in messages]
