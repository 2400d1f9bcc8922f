"""Asking for snapshots in somebody's name, for as long as one report takes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from tracker_tui.domain.event import Snapshot
from tracker_tui.link.auth.credentials import Credentials
from tracker_tui.link.auth.token import Token
from tracker_tui.link.errors import Refused

T = TypeVar("T")


class SnapshotApi(Protocol):
    """Where snapshots come from for those who may see them."""

    async def snapshot(self, order_id: str, token: Token | None = None) -> Snapshot:
        """Get one, presenting the token if there is one, or raise a `LinkError`."""

    async def open_orders(self, token: Token | None = None) -> list[str]:
        """The ids of the open orders that the token may see, or raise a `LinkError`."""


class SnapshotClient:
    """Asks a source for snapshots in somebody's name: a token that has expired is renewed, once for all requests."""

    def __init__(self, source: SnapshotApi, credentials: Credentials | None) -> None:
        self._source = source
        self._credentials = credentials
        self._tokens: list[Token] = []
        self._turn = asyncio.Lock()

    async def snapshot(self, order_id: str) -> Snapshot:
        """Get one.

        Raises:
            LinkError: There is none to be had, or no token that is taken.
        """
        return await self._ask(lambda token: self._source.snapshot(order_id, token))

    async def open_orders(self) -> list[str]:
        """List the open orders; raises like `snapshot`."""
        return await self._ask(self._source.open_orders)

    async def _ask(self, request: Callable[[Token | None], Awaitable[T]]) -> T:
        token = await self._newest()
        try:
            return await request(token)
        except Refused as error:
            if error.problem.code != "token_expired":
                raise
            fresh = await self._newest(instead_of=token)
            if fresh == token:
                raise
        return await request(fresh)

    async def _newest(self, *, instead_of: Token | None = None) -> Token | None:
        """The newest token; one more is got where there is none, or only one and that ran out."""
        if self._credentials is None:
            return None
        async with self._turn:
            if not self._tokens or self._tokens == [instead_of]:
                self._tokens.append(await self._credentials.fetch())
            return self._tokens[-1]
