"""The orders API over HTTP: GETs for snapshots and for the list, POSTs for commands (PROTOCOL §5)."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

import httpx

from tracker_tui.domain.command import Accepted, Command
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Snapshot
from tracker_tui.link.auth.token import Token
from tracker_tui.link.changes import MAX_LISTED_ORDERS
from tracker_tui.link.errors import TransportBlocked, TransportDown
from tracker_tui.link.http.client import HttpClient
from tracker_tui.link.http.refusals import error_for_response
from tracker_tui.link.http.server import MAX_ORDERS
from tracker_tui.wire.codec import IgnoredCounts, OrderPage, ProtocolViolation, decode, decode_page
from tracker_tui.wire.commands import COMMAND_TYPE, decode_accepted, encode_body

TIMEOUT = 3.0
"""Seconds within which a request must be answered: an order is polled every 5 s."""

LIST_TIMEOUT = 10.0
"""Seconds within which the whole list of orders must be read."""

PAGE_SIZE = 500
"""Orders on one page of the list."""


class HttpOrdersApi:
    """The orders API of one server.

    Args:
        client: The client to use; closing the API closes it.

    Attributes:
        tally: Unknown fields and message types in answers.
    """

    def __init__(self, client: HttpClient) -> None:
        self._client = client
        self.tally = IgnoredCounts()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the client's connections."""
        await self._client.aclose()

    async def snapshot(self, order_id: str, token: Token | None = None) -> Snapshot:
        """Fetch the snapshot of an order.

        Raises:
            TransportDown: No answer, or none within `TIMEOUT`.
            TransportBlocked: The answer is not from the server.
            Refused: The server refuses.
            ServerBusy: The server or a proxy is busy.
            Oversized: The snapshot is over 1 MiB.
        """
        snapshot = await self.snapshot_unless(order_id, None, token)
        assert snapshot is not None  # only a conditional request can be "not modified"
        return snapshot

    async def open_orders(self, token: Token | None = None) -> list[str]:
        """Return the ids of the open orders that the token may see, at most `MAX_LISTED_ORDERS`.

        After `LIST_TIMEOUT`, return those that were read, if they are at least `MAX_ORDERS`. Raises like `snapshot`.
        """
        order_ids: list[str] = []
        next_after: str | None = None
        try:
            async with asyncio.timeout(LIST_TIMEOUT):
                while len(order_ids) < MAX_LISTED_ORDERS:
                    page = await self._page(next_after, PAGE_SIZE, token)
                    order_ids += page.order_ids
                    next_after = page.next_after
                    if next_after is None:
                        break
        except TimeoutError as error:
            if len(order_ids) < MAX_ORDERS:
                raise TransportDown("no answer in time") from error
        return order_ids[:MAX_LISTED_ORDERS]

    async def probe_list(self, token: Token | None = None) -> None:
        """Request one order of the list, to check that the server answers; raises like `snapshot`."""
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._page(None, 1, token)
        except TimeoutError as error:
            raise TransportDown("no answer in time") from error

    async def snapshot_unless(self, order_id: str, have: Cursor | None, token: Token | None = None) -> Snapshot | None:
        """Fetch a snapshot; return None if the server's version is `have`. Raises like `snapshot`."""
        try:
            async with asyncio.timeout(TIMEOUT):
                return await self._get(order_id, have, token)
        except TimeoutError as error:
            raise TransportDown("no answer in time") from error

    async def command(self, order_id: str, command: Command, token: Token | None = None) -> Accepted:
        """Send a command for an order; the server applies it once, even if it is sent again.

        Raises:
            LinkError: As by `snapshot`. After a `TransportDown` that was connected, a `TransportBlocked` or a
                `ServerBusy`, it is unknown whether the command was applied.
        """
        try:
            async with asyncio.timeout(TIMEOUT):
                return await self._post(order_id, command, token)
        except TimeoutError as error:
            raise TransportDown("no answer in time", connected=True) from error

    async def _post(self, order_id: str, command: Command, token: Token | None) -> Accepted:
        headers = {"Accept": COMMAND_TYPE, "Content-Type": COMMAND_TYPE}
        url = self._client.server.commands_url(order_id)
        response = await self._client.post(url, headers, encode_body(command), token)
        status = response.status_code
        if status != httpx.codes.ACCEPTED:
            raise await self._client.error_from_response(response, f"HTTP {status}")
        body = await self._client.read_body(response)
        try:
            answer = decode_accepted(body)
        except ProtocolViolation as error:
            raise error_for_response(status, response.headers, b"", "HTTP 202, but not for a command") from error
        if answer.command_id.lower() != command.command_id.lower():
            raise TransportBlocked(status, "HTTP 202, but for another command")
        return answer

    async def _page(self, after: str | None, limit: int, token: Token | None) -> OrderPage:
        url = self._client.server.list_url(after, limit)
        response = await self._client.get(url, {"Accept": "application/json"}, token)
        status = response.status_code
        if status != httpx.codes.OK:
            raise await self._client.error_from_response(response, f"HTTP {status}")
        body = await self._client.read_body(response)
        try:
            return decode_page(body)
        except ProtocolViolation as error:
            raise error_for_response(status, response.headers, b"", "HTTP 200, but not with orders") from error

    async def _get(self, order_id: str, have: Cursor | None, token: Token | None) -> Snapshot | None:
        headers = {"Accept": "application/json"}
        if have is not None:
            headers["If-None-Match"] = f'"{have}"'
        response = await self._client.get(self._client.server.order_url(order_id), headers, token)
        status = response.status_code
        if status == httpx.codes.NOT_MODIFIED and have is not None:
            await response.aclose()
            return None
        if status != httpx.codes.OK:
            raise await self._client.error_from_response(response, f"HTTP {status}")
        body = await self._client.read_body(response)
        try:
            message = decode(body, self.tally)
        except ProtocolViolation as error:
            raise error_for_response(status, response.headers, b"", "HTTP 200, but not with an order") from error
        if not isinstance(message, Snapshot) or message.order_id != order_id:
            raise TransportBlocked(status, "HTTP 200, but with another order")
        return message
