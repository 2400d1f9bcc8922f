"""All states of the screens, by the names of their pictures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.ui import unusual_orders
from tests.ui.app_harness import AppHarness
from tests.ui.gallery import boards, orders, panels
from tests.ui.gallery.evening import EVENING_IDS, SHORT_LIST, show_evening, show_short_list
from tests.ui.order_fixtures import show_order
from tests.ui.test_cached_orders import show_cached
from tests.ui.test_transports import HOST, RENEWAL, show_signed_out

Size = tuple[int, int]

ONE_ORDER = ("A1",)

SIZES: tuple[Size, ...] = ((80, 24), (100, 30))
SMALL: Size = (40, 12)
LARGE: Size = (160, 50)
HUGE: Size = (200, 60)
WHOLE: Size = (80, 40)
"""A size at which a long page is fully visible, and the board shows the detail pane below the table."""


@dataclass(frozen=True)
class State:
    """A state of a screen.

    Attributes:
        name: Name of its pictures.
        show: Brings an app to this state.
        ids: The watched orders.
        more_sizes: Sizes in addition to `SIZES`.
        alerts: Whether alerts are shown.
        everything: Whether orders appear by themselves.
    """

    name: str
    show: Callable[[AppHarness], Awaitable[None]]
    ids: tuple[str, ...] = ONE_ORDER
    more_sizes: tuple[Size, ...] = ()
    alerts: bool = False
    everything: bool = False

    @property
    def sizes(self) -> tuple[Size, ...]:
        """All sizes of its pictures."""
        return (*SIZES, *self.more_sizes)

    @asynccontextmanager
    async def on(self, make: Callable[..., AppHarness], size: Size, **options: Any) -> AsyncIterator[AppHarness]:
        """Run an app in this state, on a terminal of `size`."""
        ui = make(
            *self.ids,
            demo=True,
            everything=self.everything,
            server=f"http://{HOST}",
            sign_in_hint=RENEWAL,
            quiet=not self.alerts,
            **options,
        )
        async with ui.run(*size):
            await self.show(ui)
            yield ui


STATES = (
    State("order-connecting", orders.connecting, more_sizes=(SMALL,)),
    State("order-remembered", show_cached),
    State("order-live", show_order, more_sizes=(SMALL, LARGE, HUGE)),
    State("order-sse", orders.over_sse),
    State("order-polling", orders.polling),
    State("order-quiet", orders.quiet),
    State("order-reconnecting", orders.reconnecting, more_sizes=(SMALL,)),
    State("order-offline", orders.offline),
    State("order-reconciling", orders.reconciling),
    State("order-signed-out", show_signed_out, more_sizes=(SMALL,)),
    State("order-paused", orders.paused),
    State("order-asked", orders.pending, more_sizes=(LARGE,)),
    State("order-notice", orders.notified, alerts=True, more_sizes=(SMALL,)),
    State("order-replay", orders.replayed),
    State("order-delivered", orders.well_ended, more_sizes=(LARGE,)),
    State("order-cancelled", orders.badly_ended),
    State("order-stale-courier", unusual_orders.show_stale_courier),
    State("order-reopened", unusual_orders.show_reopened_order),
    State("order-corrected", unusual_orders.show_corrected_order),
    State("order-unknown", orders.unknown, ("A1024", "A1042"), more_sizes=(SMALL,)),
    State("order-parcel", unusual_orders.show_parcel, more_sizes=(LARGE,)),
    State("board", show_short_list, SHORT_LIST, more_sizes=(SMALL,)),
    State("board-busy", show_evening, EVENING_IDS, more_sizes=(SMALL, LARGE, HUGE)),
    State("board-filtered", boards.filtered, EVENING_IDS, more_sizes=(WHOLE,)),
    State("board-marked", boards.marked, EVENING_IDS),
    State("board-sorted", boards.in_order_of_id, EVENING_IDS),
    State("board-sse", boards.over_sse, SHORT_LIST),
    State("board-polling", boards.polling, SHORT_LIST, more_sizes=(SMALL,)),
    State("board-reconnecting", boards.reconnecting, EVENING_IDS, more_sizes=(SMALL,)),
    State("board-signed-out", boards.signed_out, SHORT_LIST),
    State("board-unreachable", boards.unreachable, (), more_sizes=(SMALL,), everything=True),
    State("sort", boards.sort_menu, EVENING_IDS, more_sizes=(SMALL,)),
    State("note", panels.note_prompt, more_sizes=(SMALL,)),
    State("cancel", panels.cancel_prompt, more_sizes=(SMALL,)),
    State("add", panels.add_prompt, ("A1042",), more_sizes=(SMALL,)),
    State("add-many", panels.add_question, ("A1042",), more_sizes=(SMALL,)),
    State("log", panels.log, more_sizes=(SMALL, LARGE)),
    State("help", panels.help_page, more_sizes=(SMALL, WHOLE, LARGE)),
    State("palette", panels.palette, more_sizes=(SMALL,)),
    State("faults", panels.fault_lab, more_sizes=(SMALL, LARGE)),
    State("tour", panels.tour, more_sizes=(SMALL,)),
)
