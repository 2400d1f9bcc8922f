"""Changes to orders that do not come from the simulation: notes and ends."""

from __future__ import annotations

from dataclasses import replace

from mock_server.gateway.gateway import Gateway
from mock_server.orders.log.base import MilestoneDraft
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.order import MilestoneKind, OrderState, Outcome

GATEWAY_SOURCE = "gateway"
"""The source of changes that a fault makes."""


async def current_state(gateway: Gateway, order_id: str) -> OrderState | None:
    """Return the order's current state, unaffected by faults; None if there is no such order."""
    snapshot = await gateway.log.snapshot(order_id)
    return None if snapshot is None else snapshot.message.state


async def add_note(
    gateway: Gateway, order_id: str, text: str, *, source: str | None = GATEWAY_SOURCE, command_id: str | None = None
) -> Cursor:
    """Append a note to an order's history; return its version.

    Raises:
        KeyError: There is no such order.
    """
    state = await _existing_state(gateway, order_id)
    return await _append(gateway, order_id, state, MilestoneKind.NOTE, note=text, source=source, command_id=command_id)


async def end_order(
    gateway: Gateway,
    order_id: str,
    outcome: Outcome,
    *,
    text: str | None = None,
    source: str | None = GATEWAY_SOURCE,
    command_id: str | None = None,
) -> Cursor:
    """End an order, so that the simulation leaves it alone; return its last version.

    Raises:
        KeyError: There is no such order.
    """
    gateway.ended_orders.add(order_id)
    state = await _existing_state(gateway, order_id)
    final = replace(state, status=outcome.value, outcome=outcome, eta=None, flags=(), courier=None)
    return await _append(
        gateway, order_id, final, MilestoneKind.UPDATE, note=text, source=source, command_id=command_id
    )


async def _existing_state(gateway: Gateway, order_id: str) -> OrderState:
    if (state := await current_state(gateway, order_id)) is None:
        raise KeyError(order_id)
    return state


async def _append(
    gateway: Gateway,
    order_id: str,
    state: OrderState,
    kind: MilestoneKind,
    *,
    note: str | None,
    source: str | None,
    command_id: str | None,
) -> Cursor:
    now = gateway.clock.now()
    draft = MilestoneDraft(kind, state.status, now, note, source, command_id=command_id)
    return (await gateway.log.append(order_id, replace(state, updated_at=now), draft)).message.version
