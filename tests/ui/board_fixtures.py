"""A board of one busy evening, as its tests watch it at 14:31:40: late, at risk, stuck, on time, ended, unknown."""

from __future__ import annotations

from typing import Any

from tests.support.orders import at, milestone, order, snapshot
from tests.ui.app_harness import Rig
from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.order import Courier, Eta, Flow, Location, Outcome, Place, Precision, Stage
from tracker_tui.link.changes import Standing

NOW = 1900.0
"""14:31:40."""

PARCEL = Flow(
    "parcel",
    (
        Stage("label_created", "Label created"),
        Stage("accepted", "Accepted"),
        Stage("in_transit", "In transit"),
        Stage("out_for_delivery", "Out for delivery"),
        Stage("delivered", "Delivered"),
    ),
)

MEAL = ("placed", "accepted", "preparing", "ready", "picked_up", "arriving", "delivered")
PARCEL_WAY = tuple(stage.id for stage in PARCEL.stages)

EVENING = ("A1001", "A1002", "A1003", "A1004", "P2001", "P2002", "A1005", "A1006", "X9")


def told(
    order_id: str, way: tuple[str, ...], entered: float, *, outcome: Outcome | None = None, **more: Any
) -> Snapshot:
    """An order that came along `way`, and entered the last of it `entered` seconds after the start."""
    told_once = ("title", "customer", "promised_at", "flow", "destination")
    facts = {name: more.pop(name) for name in told_once if name in more}
    first = entered - 60 * (len(way) - 1)
    history = tuple(milestone(seq, status, occurred_at=at(first + 60 * (seq - 1))) for seq, status in enumerate(way, 1))
    more.setdefault("updated_at", at(NOW - 20))
    return snapshot(
        len(way), way[-1], order_id=order_id, history=history, facts=order(order_id, **facts), outcome=outcome, **more
    )


def minute(first: float, last: float) -> Eta:
    """An ETA to the minute."""
    return Eta(at(first), at(last), Precision.MINUTE)


def evening() -> list[Snapshot]:
    """All orders of which something is known."""
    return [
        told("A1001", MEAL[:3], 1600, customer="Mara Lindqvist", promised_at=at(3600), eta=minute(2800, 3000)),
        told(
            "A1002",
            MEAL[:5],
            1500,
            title="2 × Margherita, 1 × Tiramisù",
            customer="王小明",
            destination=Place(52.5, 13.4, "12 Elm Street"),
            promised_at=at(1700),
            eta=minute(2100, 2300),
            location=Location(52.5, 13.4, at(NOW - 14)),
            courier=Courier("Ravi", "en_route"),
        ),
        told("A1003", MEAL[:3], 700, customer="Tomás Ferreira", promised_at=at(4000), eta=minute(3000, 3200)),
        told(
            "A1004",
            MEAL[:6],
            1800,
            customer="Noor el Amrani",
            promised_at=at(2100),
            eta=minute(2000, 2160),
            location=Location(52.5, 13.4, at(NOW - 100)),
        ),
        told(
            "P2001",
            PARCEL_WAY[:3],
            -80000,
            flow=PARCEL,
            title="Mechanical keyboard",
            customer="佐藤 陽菜",
            promised_at=at(170000),
            eta=Eta(at(80000), at(110000), Precision.DAY),
            updated_at=at(-7200),
        ),
        told(
            "P2002",
            (*PARCEL_WAY[:4], "attempt_failed"),
            1000,
            flow=PARCEL,
            customer="J. O'Neill",
            promised_at=at(20000),
            eta=Eta(at(3600), at(10800), Precision.HOUR),
            location=Location(52.5, 13.4, at(NOW - 400)),
        ),
        told("A1005", MEAL, 1500, outcome=Outcome.DELIVERED, customer="Ines Duarte", promised_at=at(1800)),
        told("A1006", (*MEAL[:2], "cancelled"), 400, outcome=Outcome.CANCELLED, updated_at=at(-86400)),
    ]


async def busy_evening(it: Rig) -> None:
    """All of it, live, one order in doubt and one refused."""
    it.clock.seconds = NOW - 28
    await it.live()
    for each in evening():
        await it.tell(each, standing=Standing.RECONCILING if each.order_id == "P2001" else Standing.IN_SYNC)
    await it.refuse("X9")
    it.feed.heard_at = NOW - 2
    await it.at(NOW)
