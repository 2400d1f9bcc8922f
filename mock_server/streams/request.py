"""The opening of a stream: its request is parsed, checked, and served in its encoding (PROTOCOL §5)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import web

from mock_server.encoding.negotiation import StreamEncoding, requested_encoding
from mock_server.encoding.problems import refusal
from mock_server.gateway.access import GRANT
from mock_server.gateway.gateway import Gateway
from mock_server.streams import longpoll, sse
from mock_server.streams.websocket import GatewayWebSocket, WebSocketStream
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.order import is_order_id
from tracker_tui.wire.messages import SUBPROTOCOL

MAX_WAIT_SECONDS = 60
"""The longest `wait` of a poll, in seconds (PROTOCOL §5)."""

_WAIT = re.compile(r"[0-9]{1,2}(\.[0-9]{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """A valid request for a stream.

    Attributes:
        encoding: The encoding of the stream.
        orders: The orders to subscribe to at once; those beyond the limit are refused on the stream.
        wait: Seconds for which a poll waits.
    """

    encoding: StreamEncoding
    orders: dict[str, Cursor | None]
    wait: float


async def open_stream(gateway: Gateway, request: web.Request) -> web.StreamResponse:
    """Serve a stream to its end, or refuse it."""
    encoding = requested_encoding(request) or StreamEncoding.SSE
    gateway.counters.count_opening(encoding)
    stream_request = _parse_request(gateway, request, encoding)
    if isinstance(stream_request, web.Response):
        return stream_request
    match encoding:
        case StreamEncoding.WEBSOCKET:
            return await _web_socket(gateway, request, stream_request)
        case StreamEncoding.LONGPOLL:
            return await longpoll.serve_longpoll(gateway, request, stream_request.orders, stream_request.wait)
        case StreamEncoding.SSE:
            return await sse.serve_sse(gateway, request, stream_request.orders)


def _parse_request(gateway: Gateway, request: web.Request, encoding: StreamEncoding) -> StreamRequest | web.Response:
    """Return the request's content, or a refusal before any stream is opened."""
    if encoding is StreamEncoding.WEBSOCKET and SUBPROTOCOL not in _tokens(
        request.headers.getall("Sec-WebSocket-Protocol", [])
    ):
        return refusal(400, "unsupported_protocol", f"the WebSocket subprotocol is {SUBPROTOCOL}")
    try:
        orders = dict(map(_subscription, request.query.getall("order", [])))
    except ValueError as error:
        return refusal(400, "invalid", f"order is ID or ID@EPOCH:SEQ: {error}")
    covers = request[GRANT].rights.covers
    if encoding is StreamEncoding.WEBSOCKET and orders and not any(map(covers, orders)):
        # Over plain HTTP, each order is refused on the stream: a 403 would concern all streams of the client.
        return refusal(403, "forbidden", "the token covers none of these orders")
    if encoding is not StreamEncoding.WEBSOCKET:
        if not orders:
            return refusal(400, "invalid", "name the orders: order=ID or order=ID@EPOCH:SEQ, up to 50 times")
        orders |= _last_event_cursor(request.headers.get("Last-Event-ID", ""), orders)
    wait = request.query.get("wait") if encoding is StreamEncoding.LONGPOLL else None
    if wait is not None and (_WAIT.fullmatch(wait) is None or float(wait) > MAX_WAIT_SECONDS):
        return refusal(400, "invalid", f"wait is a number of seconds from 0 to {MAX_WAIT_SECONDS}")
    if gateway.draining:
        return refusal(503, "restarting", "the server is shutting down", retry_after=1)
    return StreamRequest(encoding, orders, gateway.heartbeat_seconds if wait is None else float(wait))


async def _web_socket(gateway: Gateway, request: web.Request, stream_request: StreamRequest) -> web.StreamResponse:
    socket = GatewayWebSocket()
    if not socket.can_prepare(request):
        return refusal(400, "unsupported_protocol", "the request is not an upgrade to WebSocket version 13")
    writer = await socket.prepare(request)
    if request.transport is not None:
        await WebSocketStream(gateway, socket, request.transport, writer, request[GRANT]).run(stream_request.orders)
    return socket


def _subscription(text: str) -> tuple[str, Cursor | None]:
    order_id, separator, cursor = text.partition("@")
    if not is_order_id(order_id):
        raise ValueError("not an order id")
    return order_id, Cursor.parse(cursor) if separator else None


def _last_event_cursor(last_id: str, orders: dict[str, Cursor | None]) -> dict[str, Cursor | None]:
    """Return the cursor in `Last-Event-ID`, if it is for one of `orders`."""
    with suppress(ValueError):
        order_id, cursor = _subscription(last_id)
        if order_id in orders and cursor is not None:
            return {order_id: cursor}
    return {}


def _tokens(values: Iterable[str]) -> list[str]:
    return [token.strip() for value in values for token in value.split(",")]
