"""Exceptions that a transport or a request does not handle: they cost a connection or an answer, never the program."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tracker_tui.domain.command import Accepted, Command
from tracker_tui.domain.event import Snapshot
from tracker_tui.link.auth.token import Token
from tracker_tui.link.changes import Counters
from tracker_tui.link.errors import LinkError, UnexpectedError
from tracker_tui.link.orders.discovery import ListApi
from tracker_tui.link.orders.snapshots import OrdersApi

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
    """A resource that raises `LinkError` only."""

    def __init__(self, resource: OrdersApi, counters: Counters) -> None:
        self._resource = resource
        self._counters = counters

    async def snapshot(self, order_id: str, token: Token | None = None) -> Snapshot:
        """Get a snapshot; raises `LinkError`."""
        with convert_unexpected(self._counters):
            return await self._resource.snapshot(order_id, token)

    async def command(self, order_id: str, command: Command, token: Token | None = None) -> Accepted:
        """Have a command applied; raises `LinkError`."""
        with convert_unexpected(self._counters):
            return await self._resource.command(order_id, command, token)

    async def aclose(self) -> None:
        """Close the connections; what goes wrong is logged only."""
        with suppress(LinkError), convert_unexpected(self._counters):
            await self._resource.aclose()


class ContainedListing:
    """A list of orders that raises `LinkError` only."""

    def __init__(self, listing: ListApi, counters: Counters) -> None:
        self._listing = listing
        self._counters = counters

    async def open_orders(self, token: Token | None = None) -> list[str]:
        """Return the ids of the open orders; raises `LinkError`."""
        with convert_unexpected(self._counters):
            return await self._listing.open_orders(token)

    async def probe_list(self, token: Token | None = None) -> None:
        """Read one order of the list; raises `LinkError`."""
        with convert_unexpected(self._counters):
            await self._listing.probe_list(token)
