"""Finding the orders that there are: the gateway's list, read again and again (PROTOCOL §5)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Protocol

from tracker_tui.link.errors import LinkError, ServerBusy
from tracker_tui.link.keyring import Keyring
from tracker_tui.link.list_state import INTERVAL
from tracker_tui.link.token import Token


class Listing(Protocol):
    """Where the orders are listed."""

    async def open_orders(self, token: Token | None = None) -> list[str]:
        """The ids of the open orders that the token may see; raises `LinkError`."""

    async def probe_list(self, token: Token | None = None) -> None:
        """Read the first line of the list, to see whether the gateway answers; raises `LinkError`."""


async def discover(
    listing: Listing,
    keyring: Keyring,
    found: Callable[[Iterable[str]], None],
    failed: Callable[[LinkError, int], None],
    nudge: asyncio.Event,
) -> None:
    """Read the list every `INTERVAL` seconds until cancelled.

    Args:
        listing: What is read.
        keyring: Where the token comes from.
        found: Called with the ids of each reading.
        failed: Called with why a reading came to nothing, and the number of the token that it presented.
        nudge: Set to have the list read at once, but not before the time that the server asked to wait.
    """
    while True:
        floor = 0.0
        nudge.clear()
        if keyring.keyed and keyring.newest is None:
            await keyring.fetch()
        number = keyring.number
        try:
            found(await listing.open_orders(keyring[number]))
        except LinkError as error:
            failed(error, number)
            if isinstance(error, ServerBusy) and error.retry_after is not None:
                floor = error.retry_after
        await asyncio.sleep(floor)
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, INTERVAL - floor)):
                await nudge.wait()
