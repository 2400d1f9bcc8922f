"""Streams over WebSocket, with the `websockets` library: many orders on one socket (PROTOCOL §5)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from tracker_tui.link.errors import StreamClosed, TransportBlocked, TransportDown
from tracker_tui.link.server import Server, why_down
from tracker_tui.link.transports import Ask, Told
from tracker_tui.link.verdicts import refusal_in
from tracker_tui.wire import (
    MAX_MESSAGE,
    SUBPROTOCOL,
    ClientMessage,
    ProtocolViolation,
    Tally,
    decode,
    encode,
)

CLOSE_PATIENCE = 1.0
"""Seconds that a closing handshake may take before the socket is dropped (DESIGN §2)."""

PING_INTERVAL = 5.0
"""Seconds between pings that measure the round trip; silence is judged elsewhere, never by them."""


class _Socket(ClientConnection):
    """A connection that knows when its last byte arrived: pings and pongs are signs of life, too (PROTOCOL §7)."""

    heard_at = 0.0

    def data_received(self, data: bytes) -> None:
        self.heard_at = self.loop.time()
        super().data_received(data)


class WebSocketTransport:
    """Opens WebSockets to one server."""

    name = "websocket"
    duplex = True
    resubscribes = True

    def __init__(self, server: Server) -> None:
        self._server = server

    async def connect(self, ask: Ask) -> WebSocketConnection:
        """Open a socket; what it asks for is sent after hello.

        Raises:
            TransportDown: Nothing answers.
            TransportBlocked: Something answers that is not the gateway.
            Refused: The gateway refuses.
            ServerBusy: Something answers that it is busy.
        """
        try:
            socket = await connect(
                self._server.stream_url,
                subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
                compression=None,
                max_size=MAX_MESSAGE,
                open_timeout=None,
                ping_interval=PING_INTERVAL,
                ping_timeout=None,
                close_timeout=CLOSE_PATIENCE,
                user_agent_header=self._server.user_agent,
                additional_headers=ask.token.header if ask.token else None,
                create_connection=_Socket,
            )
        except InvalidStatus as error:
            answer = error.response
            detail = f"the upgrade to a WebSocket was answered with HTTP {answer.status_code}"
            raise refusal_in(answer.status_code, answer.headers, answer.body or b"", detail) from error
        except InvalidHandshake as error:
            raise TransportBlocked(0, f"the upgrade to a WebSocket went wrong: {error}") from error
        except (OSError, EOFError, TimeoutError) as error:
            raise TransportDown(why_down(error)) from error
        assert isinstance(socket, _Socket)
        return WebSocketConnection(socket)


class WebSocketConnection:
    """An open socket; see `Connection`."""

    def __init__(self, socket: _Socket) -> None:
        self._socket = socket
        self.tally = Tally()
        self.violations = 0

    @property
    def heard_at(self) -> float:
        """When the last byte arrived, in seconds on the loop's clock."""
        return self._socket.heard_at

    @property
    def rtt(self) -> float | None:
        """Seconds that the last ping took; None where none was answered."""
        return self._socket.latency or None

    async def messages(self) -> AsyncIterator[Told]:
        """Yield what arrives; what is not a message of the protocol is counted and skipped.

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
            yield Told(message)

    async def send(self, message: ClientMessage) -> None:
        """Send a message, unless the socket is closing."""
        try:
            await self._socket.send(encode(message))
        except ConnectionClosed:
            return

    async def ping(self) -> None:
        """Send a ping and wait for its pong, or the end of the socket."""
        try:
            await (await self._socket.ping())
        except ConnectionClosed:
            return

    async def close(self) -> None:
        """Close with 1000; the socket is dropped if that takes over a second."""
        try:
            async with asyncio.timeout(CLOSE_PATIENCE):
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
