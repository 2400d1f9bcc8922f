"""Finding the orders that there are: the gateway's list, read again and again (PROTOCOL §5)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from random import Random
from typing import Protocol

from tracker_tui.link.auth.authorization import Authorization
from tracker_tui.link.auth.token import Token
from tracker_tui.link.errors import LinkError
from tracker_tui.link.session import backoff
from tracker_tui.link.session.list_state import INTERVAL
from tracker_tui.link.session.verdicts import verdict_of


class ListApi(Protocol):
    """Where the orders are listed."""

    async def open_orders(self, token: Token | None = None) -> list[str]:
        """The ids of the open orders that the token may see; raises `LinkError`."""

    async def probe_list(self, token: Token | None = None) -> None:
        """Read the first line of the list, to see whether the gateway answers; raises `LinkError`."""


async def discover(
    listing: ListApi,
    authorization: Authorization,
    random: Random,
    *,
    found: Callable[[Iterable[str]], None],
    failed: Callable[[LinkError], None],
    nudge: asyncio.Event,
) -> None:
    """Read the list every `INTERVAL` seconds until cancelled, and later where the server asks for a longer wait.

    Args:
        listing: What is read.
        authorization: What sends the request with a token.
        random: Where jitter is drawn from.
        found: Called with the ids of each reading.
        failed: Called with why a reading came to nothing.
        nudge: Set to have the list read at once, but not before the time that the server asked to wait.
    """

    async def read(token: Token | None) -> list[str]:
        # A nudge that came while this reading waited for a token asks for no other one.
        nudge.clear()
        return await listing.open_orders(token)

    while True:
        floor = 0.0
        try:
            found(await authorization.send(read))
        except LinkError as error:
            failed(error)
            floor = backoff.floor(verdict_of(error).retry_after or 0.0, random.random())
        await asyncio.sleep(floor)
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, INTERVAL - floor)):
                await nudge.wait()
