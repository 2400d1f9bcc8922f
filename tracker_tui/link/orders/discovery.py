"""Reads the server's list of open orders at regular intervals (PROTOCOL §5)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from random import Random

from tracker_tui.link.auth.token import Token
from tracker_tui.link.authorization import Authorization
from tracker_tui.link.errors import LinkError
from tracker_tui.link.http.orders_protocol import OrdersApi
from tracker_tui.link.session import backoff
from tracker_tui.link.session.list_state import INTERVAL
from tracker_tui.link.session.verdicts import verdict_of


async def discover(
    api: OrdersApi,
    authorization: Authorization,
    random: Random,
    *,
    found: Callable[[Iterable[str]], None],
    failed: Callable[[LinkError], None],
    read_now: asyncio.Event,
) -> None:
    """Read the list every `INTERVAL` seconds until cancelled, or later if the server asks for a longer wait.

    Args:
        api: The API from which the list is read.
        authorization: Sends a request with a token.
        random: Source of jitter.
        found: Called with the ids of each reading.
        failed: Called with the error of a reading that failed.
        read_now: Set to read the list at once, but not before the time that the server asked to wait.
    """

    async def read(token: Token | None) -> list[str]:
        # A request to read now that came while this reading waited for a token is served by this reading.
        read_now.clear()
        return await api.open_orders(token)

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
                await read_now.wait()
