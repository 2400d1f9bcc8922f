"""A stream in slices: each poll is one, and ends with the first thing that there is to tell (PROTOCOL §5)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from aiohttp import web

from mock_server.gateway.access import GRANT
from mock_server.gateway.gateway import Gateway
from mock_server.net.clock import Clock
from mock_server.net.waiting import first_of
from mock_server.orders.encoded import Encoded
from mock_server.streams.plain_http import HEADERS, HttpStream, RawResponse
from mock_server.streams.transport_sink import TransportSink
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.wire.messages import Goodbye, Problem

MAX_ANSWER = 512 << 10
"""Bytes of a whole answer (PROTOCOL §5)."""

GATHER_SECONDS = 0.005
"""For so long an answer waits for what comes right after the first thing to tell."""

_RESERVE = 48 << 10
"""Bytes kept free of events and snapshots: for the answer to each of 50 orders, and for the heads."""

_OPENING, _END = b'{"messages":[', b"]}"


class PollSink(TransportSink):
    """Collects messages until they go out as one answer; what has no room comes with the next poll.

    Attributes:
        told: Set as soon as there is something to tell.
        answer: The answer, begun as soon as it is sent.
    """

    def __init__(self, transport: asyncio.Transport, clock: Clock) -> None:
        super().__init__(transport, clock)
        self.told = asyncio.Event()
        self.answer = RawResponse(headers={"Content-Type": "application/json; charset=utf-8", **HEADERS})
        self._messages: list[bytes] = []
        self._size = len(_OPENING + _END)
        self._full = False
        self._severed = False

    def form(self, message: Encoded[Any]) -> bytes:
        """A message as it stands in the list."""
        return message.text

    def write(self, message: Encoded[Any], *, replayed: bool = False) -> None:
        """Add a message, as long as there is room."""
        body = message.message
        if not isinstance(body, Event | Snapshot):
            self._add(message.text, MAX_ANSWER)
        elif not self._full:
            # After the first one without room come none: a smaller one would leave a hole before it.
            self._full = not self._add(message.text, MAX_ANSWER - _RESERVE)
        if isinstance(body, Event | Snapshot | Problem | Goodbye):
            self.told.set()

    def write_junk(self, data: bytes, *, binary: bool) -> None:
        """Add what is no message, and still leaves the list a list."""
        self._add(_as_json(data), MAX_ANSWER - _RESERVE)
        self.told.set()

    def sever(self, message: Encoded[Any]) -> None:
        """Send only half of the answer."""
        self._severed = True
        self.told.set()

    async def send(self, request: web.Request, *, last: bool) -> None:
        """Send the answer; `last` of its connection.

        Raises:
            ConnectionError: The connection is gone.
        """
        body = b"%b%b%b" % (_OPENING, b",".join(self._messages), _END)
        self.answer.content_length = len(body)
        if last:
            self.answer.force_close()
        self.writer = await self.answer.prepare(request)
        if self._severed:
            self.write_bytes(body[: len(body) // 2])
            self.reset()
        else:
            self.write_bytes(body)
            await self.flushed()

    def _add(self, text: bytes, limit: int) -> bool:
        if self._size + len(text) + 1 > limit:
            return False
        self._size += len(text) + 1
        self._messages.append(text)
        return True


class PollStream(HttpStream):
    """One poll.

    Args:
        gateway: What all streams share.
        request: The poll.
        sink: Where the messages are collected.
        wait: Seconds after which it is answered though there is nothing to tell.
    """

    def __init__(self, gateway: Gateway, request: web.Request, sink: PollSink, wait: float) -> None:
        super().__init__(gateway, sink, request[GRANT])
        self._request = request
        self._poll = sink
        self._wait = wait
        self._sent: asyncio.Task[None] | None = None

    async def _serve(self) -> None:
        await self._caught_up()
        if not self._poll.told.is_set():
            await first_of(self._poll.told.wait(), self._clock.sleep(self._wait), self._over.wait())
        if self._poll.told.is_set():
            await self._clock.sleep(GATHER_SECONDS)
            await self._caught_up()
        await self._line.thawed()
        if self._finished is None and not self._sink.gone:
            self._line.release_reordered()
            await self._beat()
            if self._finished is None:
                await self._send(last=False)

    async def _caught_up(self) -> None:
        await first_of(self.subscriber.caught_up(), self._over.wait())

    async def _keep_alive(self, now: float, due: float) -> None:
        """An answer ends with its only heartbeat."""

    async def _close(self, code: int, reason: str) -> None:
        await self._send(last=True)
        self._sink.close()

    async def _send(self, *, last: bool) -> None:
        if self._sent is None:
            self._sent = asyncio.create_task(self._poll.send(self._request, last=last), name="answering a poll")
        # Whoever else ends the stream meanwhile waits for the same answer.
        with suppress(ConnectionError):
            await asyncio.shield(self._sent)


def _as_json(data: bytes) -> bytes:
    """Bytes as an element of a JSON list: as they are where they are JSON, else as a string."""
    try:
        json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return json.dumps(data.decode("utf-8", "replace")).encode()
    return data


def _refuse(constant: str) -> None:
    raise ValueError(constant)


async def serve(
    gateway: Gateway, request: web.Request, orders: Mapping[str, Cursor | None], wait: float
) -> web.StreamResponse:
    """Answer a poll that waits for `wait` seconds at most."""
    if request.method == "HEAD":
        return web.Response(content_type="application/json", charset="utf-8", headers=HEADERS)
    if request.transport is None:
        return web.Response()  # for nobody: the client is gone
    sink = PollSink(request.transport, gateway.clock)
    await PollStream(gateway, request, sink, wait).run(orders)
    return sink.answer
