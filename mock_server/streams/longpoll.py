"""Long-polling: each poll is answered as soon as there is something to send (PROTOCOL §5)."""

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
from mock_server.net.waiting import wait_for_first
from mock_server.orders.encoded import Encoded
from mock_server.streams.plain_http import HEADERS, HttpStream, RawResponse
from mock_server.streams.transport_sink import TransportSink
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.wire.messages import Goodbye, Problem

MAX_RESPONSE_BYTES = 512 << 10
"""Bytes of a whole response (PROTOCOL §5)."""

GATHER_SECONDS = 0.005
"""Seconds for which a response waits for further messages after the first one."""

_RESERVED_BYTES = 48 << 10
"""Bytes reserved for the answers to 50 subscriptions and for the heads."""

_START, _END = b'{"messages":[', b"]}"


class LongPollSink(TransportSink):
    """Collects messages for one response; what does not fit is sent with the next poll.

    Attributes:
        has_news: Set as soon as there is something to send.
        response: The response.
    """

    def __init__(self, transport: asyncio.Transport, clock: Clock) -> None:
        super().__init__(transport, clock)
        self.has_news = asyncio.Event()
        self.response = RawResponse(headers={"Content-Type": "application/json; charset=utf-8", **HEADERS})
        self._messages: list[bytes] = []
        self._size = len(_START + _END)
        self._is_full = False
        self._is_cut_short = False

    def to_bytes(self, message: Encoded[Any]) -> bytes:
        """Encode a message as an element of the list."""
        return message.text

    def write(self, message: Encoded[Any], *, replayed: bool = False) -> None:
        """Add a message if it fits."""
        content = message.message
        if not isinstance(content, Event | Snapshot):
            self._add(message.text, MAX_RESPONSE_BYTES)
        elif not self._is_full:
            # Once a message does not fit, add no more: a smaller one would leave a gap before it.
            self._is_full = not self._add(message.text, MAX_RESPONSE_BYTES - _RESERVED_BYTES)
        if isinstance(content, Event | Snapshot | Problem | Goodbye):
            self.has_news.set()

    def write_invalid(self, data: bytes, *, binary: bool) -> None:
        """Add an element that is not a message; the list itself stays valid JSON."""
        self._add(_as_json(data), MAX_RESPONSE_BYTES - _RESERVED_BYTES)
        self.has_news.set()

    def cut_short(self, message: Encoded[Any]) -> None:
        """Send only half of the response."""
        self._is_cut_short = True
        self.has_news.set()

    async def send(self, request: web.Request, *, last: bool) -> None:
        """Send the response; with `last` close the connection afterwards.

        Raises:
            ConnectionError: The connection is closed.
        """
        content = b"%b%b%b" % (_START, b",".join(self._messages), _END)
        self.response.content_length = len(content)
        if last:
            self.response.force_close()
        self.writer = await self.response.prepare(request)
        if self._is_cut_short:
            self.write_bytes(content[: len(content) // 2])
            self.reset()
        else:
            self.write_bytes(content)
            await self.flush()

    def _add(self, text: bytes, limit: int) -> bool:
        if self._size + len(text) + 1 > limit:
            return False
        self._size += len(text) + 1
        self._messages.append(text)
        return True


class LongPollStream(HttpStream):
    """The stream of one poll.

    Args:
        gateway: The server's state.
        request: The poll.
        sink: Collects the messages.
        wait: Seconds after which an empty poll is answered.
    """

    def __init__(self, gateway: Gateway, request: web.Request, sink: LongPollSink, wait: float) -> None:
        super().__init__(gateway, sink, request[GRANT])
        self._request = request
        self._poll_sink = sink
        self._wait = wait
        self._send_task: asyncio.Task[None] | None = None

    async def _serve(self) -> None:
        await self._wait_until_caught_up()
        if not self._poll_sink.has_news.is_set():
            await wait_for_first(self._poll_sink.has_news.wait(), self._clock.sleep(self._wait), self._ended.wait())
        if self._poll_sink.has_news.is_set():
            await self._clock.sleep(GATHER_SECONDS)
            await self._wait_until_caught_up()
        await self._faulty_sink.wait_until_unfrozen()
        if self._finished is None and not self._sink.is_closed:
            self._faulty_sink.release_reordered()
            await self._send_heartbeat()
            if self._finished is None:
                await self._send(last=False)

    async def _wait_until_caught_up(self) -> None:
        await wait_for_first(self.subscriber.wait_until_caught_up(), self._ended.wait())

    async def _keep_alive(self, now: float, due: float) -> None:
        """Send no heartbeat here: each response ends with one."""

    async def _close(self, code: int, reason: str) -> None:
        await self._send(last=True)
        self._sink.close()

    async def _send(self, *, last: bool) -> None:
        if self._send_task is None:
            self._send_task = asyncio.create_task(self._poll_sink.send(self._request, last=last), name="poll response")
        # If the stream is closed meanwhile, the closing task waits for the same response.
        with suppress(ConnectionError):
            await asyncio.shield(self._send_task)


def _as_json(data: bytes) -> bytes:
    """Return `data` as an element of a JSON list: unchanged if it is JSON, else as a string."""
    try:
        json.loads(data, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return json.dumps(data.decode("utf-8", "replace")).encode()
    return data


def _refuse(constant: str) -> None:
    raise ValueError(constant)


async def serve_longpoll(
    gateway: Gateway, request: web.Request, orders: Mapping[str, Cursor | None], wait: float
) -> web.StreamResponse:
    """Answer a poll after at most `wait` seconds."""
    if request.method == "HEAD":
        return web.Response(content_type="application/json", charset="utf-8", headers=HEADERS)
    if request.transport is None:
        return web.Response()  # never sent: the client has disconnected
    sink = LongPollSink(request.transport, gateway.clock)
    await LongPollStream(gateway, request, sink, wait).run(orders)
    return sink.response
