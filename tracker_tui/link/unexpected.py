"""Converts exceptions that a transport or a request does not handle into errors of the link.

Such an exception costs a connection or an answer, but never the program.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tracker_tui.domain.command import Accepted, Command
from tracker_tui.domain.event import Snapshot
from tracker_tui.link.auth.token import Token
from tracker_tui.link.changes import Counters
from tracker_tui.link.errors import LinkError, UnexpectedError
from tracker_tui.link.http.orders_protocol import OrdersApi

_log = logging.getLogger("tracker_tui.link")


@contextmanager
def convert_unexpected(counters: Counters) -> Iterator[None]:
    """Count an exception that is no `LinkError`, log its traceback at DEBUG, and raise `UnexpectedError` instead.

    Args:
        counters: Where it is counted.

    Raises:
        UnexpectedError: The code inside raised another exception.
    """
    try:
        yield
    except LinkError:
        raise
    except Exception as error:
        counters.unexpected += 1
        _log.debug("unexpected exception", exc_info=True)
        raise UnexpectedError(error) from error


class ContainedOrdersApi:
    """An `OrdersApi` whose methods raise nothing but `LinkError`."""

    def __init__(self, api: OrdersApi, counters: Counters) -> None:
        self._api = api
        self._counters = counters

    async def snapshot(self, order_id: str, token: Token | None = None) -> Snapshot:
        """Fetch a snapshot; raises `LinkError`."""
        with convert_unexpected(self._counters):
            return await self._api.snapshot(order_id, token)

    async def command(self, order_id: str, command: Command, token: Token | None = None) -> Accepted:
        """Send a command; raises `LinkError`."""
        with convert_unexpected(self._counters):
            return await self._api.command(order_id, command, token)

    async def open_orders(self, token: Token | None = None) -> list[str]:
        """Return the ids of the open orders; raises `LinkError`."""
        with convert_unexpected(self._counters):
            return await self._api.open_orders(token)

    async def probe_list(self, token: Token | None = None) -> None:
        """Request one order of the list; raises `LinkError`."""
        with convert_unexpected(self._counters):
            await self._api.probe_list(token)

    async def aclose(self) -> None:
        """Close the connections; an exception is logged only."""
        with suppress(LinkError), convert_unexpected(self._counters):
            await self._api.aclose()
