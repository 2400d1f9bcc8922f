"""Orders, states and messages for tests, with defaults for irrelevant fields."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.order import Flow, Milestone, MilestoneKind, Order, OrderState, Outcome, Stage

EPOCH = 1_764_000_000_000
START = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)

FOOD = Flow(
    "food",
    (
        Stage("placed", "Placed", 120),
        Stage("accepted", "Accepted", 300),
        Stage("preparing", "Preparing", 900),
        Stage("ready", "Ready", 300),
        Stage("picked_up", "Picked up", 900),
        Stage("arriving", "Arriving", 180),
        Stage("delivered", "Delivered"),
    ),
)


def at(seconds: float) -> datetime:
    """Return the time `seconds` after `START`."""
    return START + timedelta(seconds=seconds)


def order(order_id: str = "A1", **facts: Any) -> Order:
    """Return the facts of an order."""
    return Order(**{"id": order_id, "title": "Two pizzas", "flow": FOOD, "placed_at": START, **facts})


def state(status: str = "placed", outcome: Outcome | None = None, **fields: Any) -> OrderState:
    """Return a state."""
    plain = {"eta": None, "location": None, "flags": (), "courier": None, "attempt": 1, "updated_at": START}
    return OrderState(**{"status": status, "outcome": outcome, **plain, **fields})


def milestone(seq: int, status: str = "placed", **fields: Any) -> Milestone:
    """Return a line of history."""
    return Milestone(**{"seq": seq, "kind": MilestoneKind.UPDATE, "status": status, "occurred_at": at(seq), **fields})


def event(
    seq: int,
    status: str = "placed",
    *,
    order_id: str = "A1",
    epoch: int = EPOCH,
    quiet: bool = False,
    outcome: Outcome | None = None,
    command_id: str | None = None,
    **fields: Any,
) -> Event:
    """Return an event with a milestone of its status, or without one if `quiet`."""
    fields = {"updated_at": at(seq), **fields}
    line = None if quiet else milestone(seq, status, command_id=command_id)
    return Event(order_id, epoch, seq, state(status, outcome, **fields), line)


def snapshot(
    seq: int,
    status: str = "placed",
    *,
    order_id: str = "A1",
    epoch: int = EPOCH,
    history: tuple[Milestone, ...] | None = None,
    history_from: int = 1,
    facts: Order | None = None,
    outcome: Outcome | None = None,
    **fields: Any,
) -> Snapshot:
    """Return a snapshot; its default history has every seq."""
    if history is None:
        history = tuple(milestone(number, status) for number in range(max(history_from, 1), seq + 1))[-500:]
    fields = {"updated_at": at(seq), **fields}
    return Snapshot(
        order_id, epoch, seq, facts or order(order_id), state(status, outcome, **fields), history, history_from
    )
