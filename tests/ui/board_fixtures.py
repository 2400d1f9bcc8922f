"""Orders of a board at 14:31:40: late, at risk, stuck, on time, ended and unknown ones."""

from __future__ import annotations

from typing import Any

from tests.support.orders import at, milestone, order, snapshot
from tests.ui.app_harness import AppHarness
from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.order import Courier, Eta, Flow, Location, Outcome, Place, Precision, Stage
from tracker_tui.link.changes import Standing

NOW = 1900.0
"""14:31:40."""

PARCEL_FLOW = Flow(
    "parcel",
    (
        Stage("label_created", "Label created"),
        Stage("accepted", "Accepted"),
        Stage("in_transit", "In transit"),
        Stage("out_for_delivery", "Out for delivery"),
        Stage("delivered", "Delivered"),
    ),
)

MEAL_STATUSES = ("placed", "accepted", "preparing", "ready", "picked_up", "arriving", "delivered")
PARCEL_STATUSES = tuple(stage.id for stage in PARCEL_FLOW.stages)

BOARD_IDS = ("A1001", "A1002", "A1003", "A1004", "P2001", "P2002", "A1005", "A1006", "X9")


def order_snapshot(
    order_id: str, way: tuple[str, ...], entered: float, *, outcome: Outcome | None = None, **more: Any
) -> Snapshot:
    """Return an order that passed the statuses of `way`, and entered the last `entered` seconds after the start."""
    told_once = ("title", "customer", "promised_at", "flow", "destination")
    facts = {name: more.pop(name) for name in told_once if name in more}
    first = entered - 60 * (len(way) - 1)
    history = tuple(milestone(seq, status, occurred_at=at(first + 60 * (seq - 1))) for seq, status in enumerate(way, 1))
    more.setdefault("updated_at", at(NOW - 20))
    return snapshot(
        len(way), way[-1], order_id=order_id, history=history, facts=order(order_id, **facts), outcome=outcome, **more
    )


def eta_to_the_minute(first: float, last: float) -> Eta:
    """Return an ETA to the minute."""
    return Eta(at(first), at(last), Precision.MINUTE)


def board_snapshots() -> list[Snapshot]:
    """Return the snapshots of all orders except the unknown one."""
    return [
        order_snapshot(
            "A1001",
            MEAL_STATUSES[:3],
            1600,
            customer="Mara Lindqvist",
            promised_at=at(3600),
            eta=eta_to_the_minute(2800, 3000),
        ),
        order_snapshot(
            "A1002",
            MEAL_STATUSES[:5],
            1500,
            title="2 × Margherita, 1 × Tiramisù",
            customer="王小明",
            destination=Place(52.5, 13.4, "12 Elm Street"),
            promised_at=at(1700),
            eta=eta_to_the_minute(2100, 2300),
            location=Location(52.5, 13.4, at(NOW - 14)),
            courier=Courier("Ravi", "en_route"),
        ),
        order_snapshot(
            "A1003",
            MEAL_STATUSES[:3],
            700,
            customer="Tomás Ferreira",
            promised_at=at(4000),
            eta=eta_to_the_minute(3000, 3200),
        ),
        order_snapshot(
            "A1004",
            MEAL_STATUSES[:6],
            1800,
            customer="Noor el Amrani",
            promised_at=at(2100),
            eta=eta_to_the_minute(2000, 2160),
            location=Location(52.5, 13.4, at(NOW - 100)),
        ),
        order_snapshot(
            "P2001",
            PARCEL_STATUSES[:3],
            -80000,
            flow=PARCEL_FLOW,
            title="Mechanical keyboard",
            customer="佐藤 陽菜",
            promised_at=at(170000),
            eta=Eta(at(80000), at(110000), Precision.DAY),
            updated_at=at(-7200),
        ),
        order_snapshot(
            "P2002",
            (*PARCEL_STATUSES[:4], "attempt_failed"),
            1000,
            flow=PARCEL_FLOW,
            customer="J. O'Neill",
            promised_at=at(20000),
            eta=Eta(at(3600), at(10800), Precision.HOUR),
            location=Location(52.5, 13.4, at(NOW - 400)),
        ),
        order_snapshot(
            "A1005", MEAL_STATUSES, 1500, outcome=Outcome.DELIVERED, customer="Ines Duarte", promised_at=at(1800)
        ),
        order_snapshot(
            "A1006", (*MEAL_STATUSES[:2], "cancelled"), 400, outcome=Outcome.CANCELLED, updated_at=at(-86400)
        ),
    ]


async def show_board(ui: AppHarness) -> None:
    """Show all orders, live; one is reconciling and one is refused."""
    ui.clock.seconds = NOW - 28
    await ui.go_live()
    for each in board_snapshots():
        await ui.receive(each, standing=Standing.RECONCILING if each.order_id == "P2001" else Standing.IN_SYNC)
    await ui.refuse("X9")
    ui.feed.heard_at = NOW - 2
    await ui.tick_at(NOW)
