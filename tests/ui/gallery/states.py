"""Every screen and every state of it, by the name that its pictures bear."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from textual.pilot import Pilot

from tests.ui import journeys
from tests.ui.app_harness import Rig
from tests.ui.board_fixtures import EVENING, busy_evening
from tests.ui.gallery import boards, orders, panels
from tests.ui.order_fixtures import watched
from tests.ui.screens.test_board import IDS, four_orders
from tests.ui.test_cached_orders import recalled
from tests.ui.test_transports import HOST, RENEWAL, signed_out

Size = tuple[int, int]

ONE = ("A1",)

SIZES: tuple[Size, ...] = ((80, 24), (100, 30), (160, 50), (40, 12))
HUGE: Size = (200, 60)
WHOLE: Size = (80, 40)
"""Where all of a long page is in sight, or the detail of an order stands below the board."""


@dataclass(frozen=True)
class State:
    """Something that can be on the screen.

    Attributes:
        name: What its pictures are called.
        come_about: Brings a rig there.
        ids: The orders that are watched.
        more: Sizes at which it is looked at beside `SIZES`.
        toasts: Whether alerts are to be seen.
    """

    name: str
    come_about: Callable[[Rig], Awaitable[None]]
    ids: tuple[str, ...] = ONE
    more: tuple[Size, ...] = ()
    toasts: bool = False

    @property
    def sizes(self) -> tuple[Size, ...]:
        """Every size at which it is looked at."""
        return (*SIZES, *self.more)

    @asynccontextmanager
    async def on(self, make: Callable[..., Rig], size: Size, **options: Any) -> AsyncIterator[tuple[Rig, Pilot[int]]]:
        """Show it on a terminal of `size`."""
        it = make(*self.ids, demo=True, server=f"http://{HOST}", sign_in_hint=RENEWAL, quiet=not self.toasts, **options)
        async with it.run(*size, toasts=self.toasts) as pilot:
            await self.come_about(it)
            yield it, pilot


STATES = (
    State("order-connecting", orders.connecting),
    State("order-remembered", recalled),
    State("order-live", watched, more=(HUGE,)),
    State("order-sse", orders.over_sse),
    State("order-polling", orders.polling),
    State("order-quiet", orders.quiet),
    State("order-reconnecting", orders.reconnecting),
    State("order-offline", orders.offline),
    State("order-reconciling", orders.reconciling),
    State("order-signed-out", signed_out),
    State("order-paused", orders.paused),
    State("order-asked", orders.asked),
    State("order-toast", orders.toasted, toasts=True),
    State("order-replay", orders.replayed),
    State("order-delivered", orders.well_ended),
    State("order-cancelled", orders.badly_ended),
    State("order-stale-courier", journeys.stale_courier),
    State("order-reopened", journeys.reopened),
    State("order-corrected", journeys.corrected),
    State("order-parcel", journeys.parcel),
    State("board", four_orders, IDS),
    State("board-busy", busy_evening, EVENING, (HUGE,)),
    State("board-filtered", boards.filtered, EVENING, (WHOLE,)),
    State("board-marked", boards.marked, EVENING),
    State("board-sorted", boards.in_order_of_id, EVENING),
    State("board-sse", boards.over_sse, IDS),
    State("board-polling", boards.polling, IDS),
    State("board-reconnecting", boards.reconnecting, EVENING),
    State("board-signed-out", boards.signed_out, IDS),
    State("sort", boards.sort_menu, EVENING),
    State("note", panels.noting),
    State("cancel", panels.cancelling),
    State("log", panels.logged),
    State("help", panels.helped, more=(WHOLE,)),
    State("palette", panels.searching),
    State("faults", panels.faulty),
    State("rate", panels.rated),
    State("tour", panels.toured),
)
