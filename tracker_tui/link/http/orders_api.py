"""The resources over HTTP: one GET, one snapshot or one page of the list; one POST, one command (PROTOCOL §5)."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

import httpx

from tracker_tui.domain.command import Accepted, Command
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Snapshot
from tracker_tui.link.auth.token import Token
from tracker_tui.link.errors import TransportBlocked, TransportDown
from tracker_tui.link.http.client import HttpClient
from tracker_tui.link.http.refusals import error_for_response
from tracker_tui.link.http.server import MAX_LISTED_ORDERS, MAX_ORDERS
from tracker_tui.wire.codec import Page, ProtocolViolation, Tally, decode, decode_page
from tracker_tui.wire.commands import COMMAND_TYPE, decode_accepted, encode_body

TIMEOUT = 3.0
"""Seconds within which a request must be answered (DESIGN §2, ladder)."""

LIST_TIMEOUT = 10.0
"""Seconds within which the whole list of orders must be read."""

PAGE_SIZE = 500
"""Orders on one page of the list."""


class HttpOrdersApi:
    """Gets snapshots from one server; closing it closes the network that it was given."""

    def __init__(self, network: HttpClient) -> None:
        self._network = network
        self.tally = Tally()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the network's connections."""
        await self._network.aclose()

    async def snapshot(self, order_id: str, token: Token | None = None) -> Snapshot:
        """Get an order's snapshot.

        Raises:
            TransportDown: Nothing answers, or not within `TIMEOUT`.
            TransportBlocked: Something answers that is not the gateway.
            Refused: The gateway refuses.
            ServerBusy: Something answers that it is busy.
            Oversized: The snapshot is over 1 MiB.
        """
        snapshot = await self.snapshot_unless(order_id, None, token)
        assert snapshot is not None  # without a condition nothing is "not modified"
        return snapshot

    async def open_orders(self, token: Token | None = None) -> list[str]:
        """Return the ids of the open orders that the token may see, at most `MAX_LISTED_ORDERS`; raises like `snapshot`.

        Where the time is over, and as many are read as can be watched, those are returned.
        """
        order_ids: list[str] = []
        following: str | None = None
        try:
            async with asyncio.timeout(LIST_TIMEOUT):
                while len(order_ids) < MAX_LISTED_ORDERS:
                    page = await self._page(following, PAGE_SIZE, token)
                    order_ids += page.order_ids
                    following = page.following
                    if following is None:
                        break
        except TimeoutError as error:
            if len(order_ids) < MAX_ORDERS:
                raise TransportDown("no answer in time") from error
        return order_ids[:MAX_LISTED_ORDERS]

    async def probe_list(self, token: Token | None = None) -> None:
        """Read the first line of the list, to see whether the gateway answers; raises like `snapshot`."""
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._page(None, 1, token)
        except TimeoutError as error:
            raise TransportDown("no answer in time") from error

    async def snapshot_unless(self, order_id: str, have: Cursor | None, token: Token | None = None) -> Snapshot | None:
        """Get an order's snapshot, unless the server's version is `have`; raises like `snapshot`."""
        try:
            async with asyncio.timeout(TIMEOUT):
                return await self._get(order_id, have, token)
        except TimeoutError as error:
            raise TransportDown("no answer in time") from error

    async def command(self, order_id: str, command: Command, token: Token | None = None) -> Accepted:
        """Have a command applied to an order, once however often it is asked.

        Raises:
            LinkError: As by `snapshot`; a `TransportDown` that was connected, a `TransportBlocked` and a `ServerBusy`
                don't tell whether it was applied.
        """
        try:
            async with asyncio.timeout(TIMEOUT):
                return await self._post(order_id, command, token)
        except TimeoutError as error:
            raise TransportDown("no answer in time", connected=True) from error

    async def _post(self, order_id: str, command: Command, token: Token | None) -> Accepted:
        headers = {"Accept": COMMAND_TYPE, "Content-Type": COMMAND_TYPE}
        url = self._network.server.commands_url(order_id)
        response = await self._network.post(url, headers, encode_body(command), token)
        status = response.status_code
        if status != httpx.codes.ACCEPTED:
            raise await self._network.error_from_response(response, f"HTTP {status}")
        body = await self._network.read_body(response)
        try:
            answer = decode_accepted(body)
        except ProtocolViolation as error:
            raise error_for_response(status, response.headers, b"", "HTTP 202, but not for a command") from error
        if answer.command_id.lower() != command.command_id.lower():
            raise TransportBlocked(status, "HTTP 202, but for another command")
        return answer

    async def _page(self, after: str | None, limit: int, token: Token | None) -> Page:
        url = self._network.server.list_url(after, limit)
        response = await self._network.get(url, {"Accept": "application/json"}, token)
        status = response.status_code
        if status != httpx.codes.OK:
            raise await self._network.error_from_response(response, f"HTTP {status}")
        body = await self._network.read_body(response)
        try:
            return decode_page(body)
        except ProtocolViolation as error:
            raise error_for_response(status, response.headers, b"", "HTTP 200, but not with orders") from error

    async def _get(self, order_id: str, have: Cursor | None, token: Token | None) -> Snapshot | None:
        headers = {"Accept": "application/json"}
        if have is not None:
            headers["If-None-Match"] = f'"{have}"'
        response = await self._network.get(self._network.server.order_url(order_id), headers, token)
        status = response.status_code
        if status == httpx.codes.NOT_MODIFIED and have is not None:
            await response.aclose()
            return None
        if status != httpx.codes.OK:
            raise await self._network.error_from_response(response, f"HTTP {status}")
        body = await self._network.read_body(response)
        try:
            message = decode(body, self.tally)
        except ProtocolViolation as error:
            raise error_for_response(status, response.headers, b"", "HTTP 200, but not with an order") from error
        if not isinstance(message, Snapshot) or message.order_id != order_id:
            raise TransportBlocked(status, "HTTP 200, but not with the order asked for")
        return message
