"""Finding the orders that there are: the gateway's list, read again and again (PROTOCOL §5)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

from tracker_tui.link.errors import LinkError, ServerBusy
from tracker_tui.link.keyring import Keyring
from tracker_tui.link.token import Token

INTERVAL = 10.0
"""Seconds between two readings (PROTOCOL §5)."""


class Listing(Protocol):
    """Where the orders are listed."""

    async def open_orders(self, token: Token | None = None) -> list[str]:
        """The ids of the open orders that the token may see; raises `LinkError`."""


async def discover(
    listing: Listing, keyring: Keyring, found: Callable[[Iterable[str]], None], failed: Callable[[str], None]
) -> None:
    """Read the list every `INTERVAL` seconds until cancelled.

    Args:
        listing: What is read.
        keyring: Where the token comes from.
        found: Called with the ids of each reading.
        failed: Called with why a reading came to nothing, once for each reason in a row.
    """
    reason: str | None = None
    while True:
        wait = INTERVAL
        try:
            if keyring.keyed and keyring.newest is None:
                await keyring.fetch()
            found(await listing.open_orders(keyring.newest))
            reason = None
        except LinkError as error:
            if str(error) != reason:
                reason = str(error)
                failed(reason)
            if isinstance(error, ServerBusy) and error.retry_after is not None:
                wait = max(wait, error.retry_after)
        await asyncio.sleep(wait)
