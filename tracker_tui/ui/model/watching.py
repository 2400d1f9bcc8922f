"""The orders that the user adds and removes while the program runs: how the state changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from tracker_tui.domain.closest import closest
from tracker_tui.domain.order_url import order_url
from tracker_tui.link.changes import Standing
from tracker_tui.ui.model.scene import TrackedOrder
from tracker_tui.ui.model.state import AppState
from tracker_tui.wording.times import Instant


def show_orders(state: AppState, orders: Mapping[str, TrackedOrder | None]) -> AppState:
    """Return the state with more orders, each as it was when it was removed; None for one that is new.

    An order that is shown already stays as it is.
    """
    added = {
        order_id: before or TrackedOrder.unknown(order_id)
        for order_id, before in orders.items()
        if order_id not in state.orders
    }
    return replace(
        state,
        orders={**state.orders, **added},
        unlisted=state.unlisted - orders.keys(),
        hidden=state.hidden - orders.keys(),
        forgotten=state.forgotten - orders.keys(),
    )


def unwatched(order: TrackedOrder, instant: Instant) -> TrackedOrder:
    """Return an order as it is known if it is not watched from `instant` on."""
    in_sync_until = instant.time if order.standing is Standing.IN_SYNC else order.in_sync_until
    return replace(order, standing=Standing.WAITING, problem=None, pending_commands=(), in_sync_until=in_sync_until)


def hide_order(state: AppState, order_id: str) -> AppState:
    """Return the state without an order, until it is shown again."""
    return replace(drop_orders(state, {order_id}), hidden=state.hidden | {order_id})


def drop_orders(state: AppState, order_ids: Collection[str]) -> AppState:
    """Return the state without orders; they may appear again by themselves."""
    dropped = frozenset(order_ids)
    return replace(
        state,
        orders={each: order for each, order in state.orders.items() if each not in dropped},
        delisted={each: cached for each, cached in state.delisted.items() if each not in dropped},
        unlisted=state.unlisted - dropped,
        forgotten=state.forgotten - dropped,
    )


def nearest_order(state: AppState, order_id: str) -> str | None:
    """Return the known order whose id was probably meant; None for a known id, and if there is none, or several."""
    known = {each for each, order in state.orders.items() if order.standing is not Standing.REFUSED}
    return None if order_id in state.orders else closest(order_id, known | state.other_ids)


def order_pages(state: AppState) -> dict[str, str]:
    """Return the web pages of the known orders, by order id."""
    pages = {order_id: order_url(order.view) for order_id, order in state.orders.items()}
    return {order_id: url for order_id, url in pages.items() if url is not None}
