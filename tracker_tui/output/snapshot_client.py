"""A client for snapshots and lists of orders that renews its token, for one report."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tracker_tui.domain.codes import ErrorCode
from tracker_tui.domain.event import Snapshot
from tracker_tui.link.auth.credentials import Credentials
from tracker_tui.link.auth.token import Token
from tracker_tui.link.errors import Refused
from tracker_tui.link.http.orders_protocol import OrdersApi

T = TypeVar("T")


class SnapshotClient:
    """Sends requests with the newest token; all requests together renew an expired token once.

    Args:
        api: The requests.
        credentials: The source of tokens; None for requests without a token.
    """

    def __init__(self, api: OrdersApi, credentials: Credentials | None) -> None:
        self._api = api
        self._credentials = credentials
        self._tokens: list[Token] = []
        self._fetching = asyncio.Lock()

    async def snapshot(self, order_id: str) -> Snapshot:
        """Fetch a snapshot.

        Raises:
            LinkError: The request failed, or no token is accepted.
        """
        return await self._send(lambda token: self._api.snapshot(order_id, token))

    async def open_orders(self) -> list[str]:
        """Fetch the ids of the open orders; raises like `snapshot`."""
        return await self._send(self._api.open_orders)

    async def _send(self, request: Callable[[Token | None], Awaitable[T]]) -> T:
        token = await self._newest_token()
        try:
            return await request(token)
        except Refused as error:
            if error.problem.code != ErrorCode.TOKEN_EXPIRED:
                raise
            fresh = await self._newest_token(instead_of=token)
            if fresh == token:
                raise
        return await request(fresh)

    async def _newest_token(self, *, instead_of: Token | None = None) -> Token | None:
        """Return the newest token; fetch one if there is none, or only the expired one."""
        if self._credentials is None:
            return None
        async with self._fetching:
            if not self._tokens or self._tokens == [instead_of]:
                self._tokens.append(await self._credentials.fetch())
            return self._tokens[-1]
