"""The interface of the orders API, for everything that sends requests."""

from __future__ import annotations

from typing import Protocol

from tracker_tui.domain.command import Accepted, Command
from tracker_tui.domain.event import Snapshot
from tracker_tui.link.auth.token import Token


class OrdersApi(Protocol):
    """Requests to one server about its orders (PROTOCOL §5); every method but `aclose` raises `LinkError`."""

    async def snapshot(self, order_id: str, token: Token | None = None) -> Snapshot:
        """Fetch the snapshot of an order."""

    async def command(self, order_id: str, command: Command, token: Token | None = None) -> Accepted:
        """Send a command for an order; the server applies it once, even if it is sent again."""

    async def open_orders(self, token: Token | None = None) -> list[str]:
        """Return the ids of the open orders that the token may see."""

    async def probe_list(self, token: Token | None = None) -> None:
        """Request one order of the list, to check that the server answers."""

    async def aclose(self) -> None:
        """Close the connections."""
