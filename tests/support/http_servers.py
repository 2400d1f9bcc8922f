"""HTTP servers with one handler, and functions that read a transport's messages."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import cast

from aiohttp import web

from tests.support.mock_servers import TIMEOUT
from tests.support.orders import START
from tracker_tui.link.errors import LinkError
from tracker_tui.link.http.client import HttpClient
from tracker_tui.link.http.server import Server
from tracker_tui.link.transports.base import Connection, ReceivedMessage
from tracker_tui.wire.codec import encode
from tracker_tui.wire.messages import Hello, Message

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HELLO = Hello(1, START, None, "test", 5)


@asynccontextmanager
async def web_server(
    handler: Handler, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Server]:
    """Serve every request with `handler` on a free port; cancel it if the client disconnects."""
    transports: set[asyncio.Transport] = set()

    async def handle(request: web.Request) -> web.StreamResponse:
        transports.add(_socket_of(request))
        return await handler(request)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, 0, ssl_context=tls)
        await site.start()
        address = runner.addresses[0]
        name = f"[{address[0]}]" if ":" in address[0] else address[0]
        yield Server.parse(f"{'https' if tls else 'http'}://{name}:{address[1]}")
    finally:
        await runner.cleanup()
        for transport in transports:
            # TLS would wait for the client's close_notify.
            transport.abort()
        await asyncio.sleep(0)


def _socket_of(request: web.Request) -> asyncio.Transport:
    """Return the transport below TLS: asyncio's TLS transport can't be aborted after it was closed twice."""
    transport = request.transport
    assert transport is not None
    tls = getattr(transport, "_ssl_protocol", None)
    return transport if tls is None else cast("asyncio.Transport", tls._transport)


@asynccontextmanager
async def client_for(handler: Handler) -> AsyncIterator[HttpClient]:
    """Return a client of a server that serves every request with `handler`."""
    async with web_server(handler) as server:
        client = HttpClient(server, environ={})
        try:
            yield client
        finally:
            await client.aclose()


async def event_stream(request: web.Request, *parts: Message | bytes) -> web.StreamResponse:
    """Start an answer of server-sent events."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    await response.prepare(request)
    await send(response, *parts)
    return response


async def send(response: web.StreamResponse, *parts: Message | bytes) -> None:
    """Send more events."""
    for part in parts:
        await response.write(part if isinstance(part, bytes) else sse(part))


def sse(message: Message) -> bytes:
    """Return a message as a server-sent event."""
    return f"event: {message.type}\ndata: {encode(message)}\n\n".encode()


def batch(*messages: Message) -> web.Response:
    """Return the answer to a long poll."""
    return web.Response(text=f'{{"messages":[{",".join(map(encode, messages))}]}}', content_type="application/json")


def problem(status: int, code: str, **headers: str) -> web.Response:
    """Return a refusal of the server."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = f'{{"code":"{code}","detail":"because"}}'
    return web.Response(status=status, text=body, content_type="application/problem+json", headers=named)


async def read_to_end(connection: Connection) -> tuple[list[ReceivedMessage], LinkError]:
    """Return all messages, and the error at the end."""
    received: list[ReceivedMessage] = []
    try:
        async with asyncio.timeout(TIMEOUT):
            async for each in connection.messages():
                received.append(each)
    except LinkError as error:
        return received, error
    raise AssertionError("messages() ends with an error only")


async def read_first(connection: Connection, count: int) -> list[ReceivedMessage]:
    """Return the first `count` messages, then leave the stream."""
    received: list[ReceivedMessage] = []
    async with asyncio.timeout(TIMEOUT), aclosing(connection.messages()) as messages:  # type: ignore[type-var]
        async for each in messages:
            received.append(each)
            if len(received) == count:
                break
    return received
