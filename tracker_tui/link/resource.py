"""The order resource over HTTP: one GET, one snapshot (PROTOCOL §5)."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

import httpx

from tracker_tui.link.errors import Oversized, TransportBlocked, TransportDown
from tracker_tui.link.server import Server, why_down
from tracker_tui.link.token import Token
from tracker_tui.link.verdicts import refusal_in
from tracker_tui.wire import MAX_MESSAGE, ProtocolViolation, Snapshot, Tally, decode

TIMEOUT = 3.0
"""Seconds within which a request must be answered (DESIGN §2, ladder)."""


class OrderResource:
    """Gets snapshots from one server; an async context manager that owns the connections it needs."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._client = httpx.AsyncClient(
            timeout=TIMEOUT,
            headers={"User-Agent": server.user_agent, "Accept": "application/json"},
            verify=server.base.startswith("https:"),
        )
        self.tally = Tally()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def snapshot(self, order_id: str, token: Token | None = None) -> Snapshot:
        """Get an order's snapshot.

        Raises:
            TransportDown: Nothing answers, or not within `TIMEOUT`.
            TransportBlocked: Something answers that is not the gateway.
            Refused: The gateway refuses.
            ServerBusy: Something answers that it is busy.
            Oversized: The snapshot is over 1 MiB.
        """
        try:
            async with (
                asyncio.timeout(TIMEOUT),
                self._client.stream(
                    "GET", self._server.order_url(order_id), headers=token.header if token else None
                ) as response,
            ):
                body = await _read(response)
        except (httpx.HTTPError, TimeoutError) as error:
            raise TransportDown(why_down(error)) from error
        except (httpx.InvalidURL, httpx.StreamError) as error:
            raise TransportBlocked(0, str(error)) from error
        if response.status_code != httpx.codes.OK:
            raise refusal_in(response.status_code, response.headers, body, f"HTTP {response.status_code}")
        try:
            message = decode(body, self.tally)
        except ProtocolViolation as error:
            raise TransportBlocked(200, "HTTP 200, but not with an order") from error
        if not isinstance(message, Snapshot) or message.order_id != order_id:
            raise TransportBlocked(200, "HTTP 200, but not with the order asked for")
        return message


async def _read(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_MESSAGE:
            raise Oversized
    return bytes(body)
