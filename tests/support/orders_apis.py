"""An orders API without an implementation, for fakes that need few of its requests."""

from __future__ import annotations

from tracker_tui.domain.command import Accepted, Command
from tracker_tui.domain.event import Snapshot
from tracker_tui.link.auth.token import Token


class UnimplementedOrdersApi:
    """An `OrdersApi` every request of which fails the test."""

    async def snapshot(self, order_id: str, token: Token | None = None) -> Snapshot:
        """Fail."""
        raise NotImplementedError

    async def command(self, order_id: str, command: Command, token: Token | None = None) -> Accepted:
        """Fail."""
        raise NotImplementedError

    async def open_orders(self, token: Token | None = None) -> list[str]:
        """Fail."""
        raise NotImplementedError

    async def probe_list(self, token: Token | None = None) -> None:
        """Fail."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """Close nothing."""
