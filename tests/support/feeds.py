"""A feed that yields the changes that a test gives it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from types import TracebackType
from typing import Self

from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.history import Entry
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Change, LinkChanged, LinkState, Noted, OrderChanged, Phase, Standing
from tracker_tui.wire.messages import Problem

CONNECTING = LinkChanged(LinkState(Phase.CONNECTING, "websocket", down_at=0.0))
LIVE = LinkChanged(LinkState(Phase.LIVE, "websocket", connected_at=0.0))
DOWN = LinkChanged(LinkState(Phase.BACKOFF, "websocket", attempt=1, reason="connection refused"))
FINAL = LinkChanged(LinkState(Phase.FINAL, "websocket"))


class ViewScript:
    """Views that grow with each message, as changes."""

    def __init__(self) -> None:
        self.views: dict[str, OrderView] = {}

    def change_for(self, message: Event | Snapshot, standing: Standing = Standing.IN_SYNC) -> OrderChanged:
        """Return the change that a feed would yield for `message`."""
        before = self.views.get(message.order_id, OrderView(message.order_id))
        after = self.views[message.order_id] = before.join(message)
        arrived: tuple[Entry, ...] = tuple(after.history.added_to(before.history))[::-1]
        return OrderChanged(message.order_id, after, standing, arrived)


class ScriptedFeed:
    """Yields its script, then ends or waits to be closed."""

    def __init__(self, order_ids: Iterable[str], script: Iterable[Change], *, endless: bool = False) -> None:
        self.order_ids = tuple(order_ids)
        self.views = {order_id: OrderView(order_id) for order_id in self.order_ids}
        self.refused: dict[str, Problem] = {}
        self.closed = False
        self._script = iter(script)
        self._endless = endless

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closed = True

    def __aiter__(self) -> AsyncIterator[Change]:
        return self

    async def __anext__(self) -> Change:
        await asyncio.sleep(0)
        change = next(self._script, None)
        if change is None:
            if self._endless:
                await asyncio.Event().wait()
            raise StopAsyncIteration
        match change:
            case OrderChanged():
                self.views[change.order_id] = change.view
                if change.standing is Standing.REFUSED:
                    self.refused[change.order_id] = Problem("order_not_found", "no such order", change.order_id)
            case LinkChanged() | Noted():
                pass
        return change


def refused(order_id: str) -> OrderChanged:
    """Return the change that a feed yields for an order that the gateway does not know."""
    return OrderChanged(order_id, OrderView(order_id), Standing.REFUSED)
