"""Streams over WebSocket, with many orders on one socket (PROTOCOL §5)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from websockets.asyncio.client import ClientConnection, HTTPProxyConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidMessage,
    InvalidProxyStatus,
    InvalidStatus,
    ProxyError,
)
from websockets.proxy import parse_proxy

from tracker_tui.domain.transport import TransportName
from tracker_tui.link.auth.token import Token
from tracker_tui.link.errors import LinkError, StreamClosed, TransportBlocked
from tracker_tui.link.http.client import MAX_REDIRECTS, REDIRECTS, HttpClient
from tracker_tui.link.http.refusals import error_for_response
from tracker_tui.link.http.server import parse_retry_after
from tracker_tui.link.http.tcp import connect_tcp
from tracker_tui.link.transports.base import ReceivedMessage, StreamRequest
from tracker_tui.wire.codec import MAX_MESSAGE, IgnoredCounts, ProtocolViolation, decode, encode
from tracker_tui.wire.messages import SUBPROTOCOL, ClientMessage

CLOSE_TIMEOUT = 1.0
"""Seconds that a closing handshake may take before the socket is dropped; closing a feed takes at most 2 s."""

PING_INTERVAL = 5.0
"""Seconds between the pings that measure the round-trip time; the session detects silence, not these pings."""


class _Socket(ClientConnection):
    """A connection that records when its last byte arrived: pings and pongs count, too (PROTOCOL §7)."""

    heard_at = 0.0
    _abort_timer: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        self.heard_at = self.loop.time()
        super().data_received(data)
        if self._abort_timer is None and self.protocol.close_expected():
            # The library would wait for its next ping until it drops a peer that does not close the TCP connection.
            self._abort_timer = self.loop.call_later(CLOSE_TIMEOUT, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._abort_timer is not None:
            self._abort_timer.cancel()
        super().connection_lost(exc)


class _Attempt(connect):
    """An attempt to connect with `connect_tcp`, which follows no redirect and records whether TCP was established."""

    has_tcp = False

    async def open_tcp_connection(self) -> ClientConnection:
        if isinstance(self.proxy, str):
            connection = await self._open_tunnel(self.proxy)
        else:
            self.create_connection_kwargs["sock"] = await connect_tcp(self.ws_uri.host, self.ws_uri.port)
            connection = await super().open_tcp_connection()
        self.has_tcp = True
        return connection

    async def _open_tunnel(self, url: str) -> ClientConnection:
        """Connect through an HTTP proxy, in the steps of the library, which accepts no connected socket to a proxy."""
        loop = asyncio.get_running_loop()
        proxy, tls = parse_proxy(url), self.create_connection_kwargs.get("proxy_ssl")
        transport, tunnel = await loop.create_connection(
            lambda: HTTPProxyConnection(self.ws_uri, proxy, self.user_agent_header),
            sock=await connect_tcp(proxy.host, proxy.port),
            ssl=tls,
            server_hostname=proxy.host if tls is not None else None,
        )
        connection = self.factory(self.ws_uri)
        try:
            await tunnel.response
            transport.set_protocol(connection)
            if self.ws_uri.secure:
                tls, host = self.create_connection_kwargs["ssl"], self.ws_uri.host
                upgraded = await loop.start_tls(transport, connection, tls, server_hostname=host)
                assert upgraded is not None  # asyncio raises instead
                transport = upgraded
        except BaseException:
            transport.abort()
            raise
        connection.connection_made(transport)
        return connection

    def process_redirect(self, exc: Exception) -> Exception | str:
        # The library would follow a redirect to another host.
        return exc


class WebSocketTransport:
    """Opens WebSockets to one server."""

    name = TransportName.WEBSOCKET
    duplex = True
    resubscribes = True

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    async def connect(self, request: StreamRequest) -> WebSocketConnection:
        """Open a socket; subscriptions are sent after hello.

        Raises:
            TransportDown: No answer.
            TransportBlocked: The answer is not from the server.
            Refused: The server refuses.
            ServerBusy: The server or a proxy is busy.
        """
        url = self._client.server.stream_query_url({})
        status = 0
        for _ in range(MAX_REDIRECTS + 1):
            attempt = self._attempt(url, request.token)
            try:
                socket = await attempt
            except InvalidStatus as error:
                status, headers = error.response.status_code, error.response.headers
                location = headers.get("Location")
                if status in REDIRECTS and location is not None:
                    url = self._client.resolve_redirect(url, status, location)
                    continue
                detail = f"the upgrade got HTTP {status}"
                raise error_for_response(status, headers, bytes(error.response.body or b""), detail) from error
            except (InvalidHandshake, OSError, EOFError, TimeoutError) as error:
                raise await self._failed(error, attempt) from error
            assert isinstance(socket, _Socket)
            return WebSocketConnection(socket)
        raise TransportBlocked(status, f"more than {MAX_REDIRECTS} redirects")

    def _attempt(self, url: str, token: Token | None) -> _Attempt:
        client = self._client
        more: dict[str, Any] = {}
        if client.tls is not None:
            more["ssl"] = client.tls
        if client.proxy_tls is not None:
            more["proxy_ssl"] = client.proxy_tls
        return _Attempt(
            f"ws{url.removeprefix('http')}",
            subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
            compression=None,
            max_size=MAX_MESSAGE,
            open_timeout=None,
            ping_interval=PING_INTERVAL,
            ping_timeout=None,
            close_timeout=CLOSE_TIMEOUT,
            user_agent_header=client.server.user_agent,
            additional_headers=token.header if token else None,
            create_connection=_Socket,
            proxy=client.proxy.url if client.proxy else None,
            **more,
        )

    async def _failed(self, error: Exception, attempt: _Attempt) -> LinkError:
        match error:
            case InvalidProxyStatus(response=answer):
                floor = parse_retry_after(answer.headers.get("Retry-After"))
                return self._client.error_from_proxy_status(answer.status_code, floor)
            case ProxyError():
                return self._client.error_from_proxy_status(0)
            case InvalidMessage(__cause__=EOFError() as cause):
                # Closed without an answer, by a crash or by a proxy: repeated failures show which.
                return await self._client.transport_down(cause, connected=True)
            case InvalidHandshake():
                return TransportBlocked(0, f"the upgrade to a WebSocket failed: {error}")
        return await self._client.transport_down(error, connected=attempt.has_tcp)


class WebSocketConnection:
    """An open socket; see `Connection`."""

    def __init__(self, socket: _Socket) -> None:
        self._socket = socket
        self.tally = IgnoredCounts()
        self.violations = 0

    @property
    def heard_at(self) -> float:
        """When the last byte arrived, in seconds on the loop's clock."""
        return self._socket.heard_at

    @property
    def rtt(self) -> float | None:
        """Round-trip time of the last ping, in seconds; None without an answered ping."""
        return self._socket.latency or None

    async def messages(self) -> AsyncIterator[ReceivedMessage]:
        """Yield the messages as they arrive; count and skip those that break the protocol.

        Raises:
            StreamClosed: The socket closed.
        """
        while True:
            try:
                data = await self._socket.recv()
            except ConnectionClosed as error:
                raise _closed(error) from error
            try:
                message = decode(data, self.tally)
            except ProtocolViolation:
                self.violations += 1
                continue
            yield ReceivedMessage(message)

    async def send(self, message: ClientMessage) -> None:
        """Send a message, unless the socket is closing."""
        try:
            await self._socket.send(encode(message))
        except ConnectionClosed:
            return

    async def ping(self) -> None:
        """Send a ping and wait for its pong, or for the end of the socket."""
        try:
            await (await self._socket.ping())
        except ConnectionClosed:
            return

    async def close(self) -> None:
        """Close with code 1000; drop the socket after `CLOSE_TIMEOUT`."""
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._socket.close()
        except TimeoutError:
            self.abort()

    def abort(self) -> None:
        """Drop the socket at once."""
        self._socket.transport.abort()


def _closed(error: ConnectionClosed) -> StreamClosed:
    received, sent = error.rcvd, error.sent
    if sent is not None and (received is None or not error.rcvd_then_sent):
        return StreamClosed(sent.code, sent.reason, by_us=True)
    if received is not None:
        return StreamClosed(received.code, received.reason)
    return StreamClosed(1006)
