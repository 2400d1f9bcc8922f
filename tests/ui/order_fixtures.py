"""The order of most tests: picked up at 14:19, promised for 14:45, expected at 14:50."""

from __future__ import annotations

from typing import Any

from tests.support.orders import EPOCH, at, milestone, order, snapshot
from tests.ui.app_harness import AppHarness
from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.order import (
    Courier,
    Eta,
    Location,
    Milestone,
    MilestoneKind,
    Outcome,
    Place,
    Precision,
)

NOW = 1900.0
"""14:31:40, in seconds after the start."""

ROUTE = (
    (52.5, 13.35),
    (52.4995, 13.3537),
    (52.5017, 13.3546),
    (52.5004, 13.3633),
    (52.5026, 13.3642),
    (52.5014, 13.3722),
    (52.5036, 13.373),
    (52.5023, 13.3818),
    (52.5045, 13.3826),
    (52.504, 13.3863),
)
"""A route of 3.3 km with many turns."""

FACTS = order(
    title="2 × Margherita, 1 × Tiramisù",
    customer="王小明",
    promised_at=at(2700),
    origin=Place(*ROUTE[0], "Trattoria Roma"),
    destination=Place(*ROUTE[-1], "12 Elm Street"),
    route=ROUTE,
)

HISTORY = (
    milestone(1, "placed", occurred_at=at(131)),
    milestone(2, "accepted", occurred_at=at(182)),
    milestone(3, "preparing", occurred_at=at(198)),
    milestone(20, "picked_up", occurred_at=at(1145)),
    milestone(21, "picked_up", occurred_at=at(1200), kind=MilestoneKind.NOTE, note="ring twice"),
)


def meal_snapshot(
    seq: int = 57,
    status: str = "picked_up",
    outcome: Outcome | None = None,
    *more: Milestone,
    epoch: int = EPOCH,
    **fields: Any,
) -> Snapshot:
    """Return the order at a version, with further milestones."""
    plain = {
        "eta": Eta(at(2880), at(3180), Precision.MINUTE),
        "location": Location(52.503, 13.3728, at(NOW - 14)),
        "courier": Courier("Ravi", "en_route"),
        "updated_at": at(NOW - 20),
    }
    return snapshot(
        seq, status, epoch=epoch, history=(*HISTORY, *more), facts=FACTS, outcome=outcome, **{**plain, **fields}
    )


def cooking_snapshot() -> Snapshot:
    """Return the order thirteen minutes earlier, before it was picked up."""
    return snapshot(
        12,
        "preparing",
        history=HISTORY[:3],
        facts=FACTS,
        eta=Eta(at(2580), at(2820), Precision.MINUTE),
        courier=Courier("Ravi", "assigned"),
        updated_at=at(1090),
    )


async def show_order(harness: AppHarness) -> None:
    """Show the order: live for 28 s, in sync, the last byte 2 s ago."""
    harness.clock.seconds = NOW - 28
    harness.feed.rtt = 0.041
    await harness.go_live()
    await harness.receive(meal_snapshot())
    await harness.receive_note("live")
    harness.feed.counters.drops, harness.feed.counters.repaired = 2, 3
    harness.feed.heard_at = NOW - 2
    await harness.tick_at(NOW)


def delivered_snapshot() -> Snapshot:
    """Return the order as delivered."""
    end = (milestone(60, "arriving", occurred_at=at(2000)), milestone(80, "delivered", occurred_at=at(3000)))
    return meal_snapshot(80, "delivered", Outcome.DELIVERED, *end, eta=None)


def cancelled_snapshot() -> Snapshot:
    """Return the order as cancelled."""
    end = milestone(80, "cancelled", occurred_at=at(2000), note="customer called")
    return meal_snapshot(80, "cancelled", Outcome.CANCELLED, end, eta=None)
