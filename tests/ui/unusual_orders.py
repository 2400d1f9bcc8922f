"""Unusual orders: a stale courier, a reopened order, a corrected stage, a parcel with many scans."""

from __future__ import annotations

from typing import Any

from tests.support.orders import at, milestone, order, snapshot
from tests.ui.app_harness import AppHarness
from tests.ui.order_fixtures import NOW, delivered_snapshot, meal_snapshot, show_order
from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.order import (
    Eta,
    Flow,
    Location,
    Milestone,
    MilestoneKind,
    Place,
    Precision,
    Stage,
)
from tracker_tui.link.changes import Topic

_HOUR = 3600.0

PARCEL_FLOW = Flow(
    "parcel",
    (
        Stage("label_created", "Label created", 86_400),
        Stage("accepted", "Accepted", 43_200),
        Stage("in_transit", "In transit", 172_800),
        Stage("out_for_delivery", "Out for delivery", 36_000),
        Stage("delivered", "Delivered"),
    ),
)

HUBS = {
    "Hamburg-Allermöhe": (53.4880, 10.1180),
    "Hannover-Anderten": (52.3650, 9.8580),
    "Leipzig-Halle": (51.4230, 12.2360),
    "Depot Berlin-Moabit": (52.5370, 13.3370),
}
"""The hubs on the parcel's route, in order."""

DOOR = (52.5295, 13.4012)


def parcel_snapshot(
    seq: int, status: str, *scans: Milestone, at_hub: str = "Leipzig-Halle", seen: float = NOW, **fields: Any
) -> Snapshot:
    """Return a parcel that is promised for tomorrow, after some scans."""
    facts = order(
        title="Hiking boots, size 42",
        customer="Siobhán Ó Murchú",
        flow=PARCEL_FLOW,
        placed_at=at(-30 * _HOUR),
        promised_at=at(28 * _HOUR),
        origin=Place(*HUBS["Hamburg-Allermöhe"], "Hamburg-Allermöhe", "Europe/Berlin"),
        destination=Place(*DOOR, "Choriner Straße 41", "Europe/Berlin"),
        route=(*HUBS.values(), DOOR),
    )
    plain = {
        "eta": Eta(at(16 * _HOUR), at(28 * _HOUR), Precision.DAY),
        "location": Location(*HUBS[at_hub], at(seen), label=at_hub),
        "updated_at": at(seen),
    }
    return snapshot(seq, status, history=scans, facts=facts, **{**plain, **fields})


def scan(seq: int, status: str, hours: float, note: str, **fields: Any) -> Milestone:
    """Return a carrier's scan, a number of hours before now."""
    return milestone(seq, status, occurred_at=at(NOW - hours * _HOUR), note=note, source="NordPost", **fields)


SCANS = (
    scan(1, "label_created", 30, "Label printed by the sender"),
    scan(2, "accepted", 24.5, "Accepted at Hamburg-Allermöhe"),
    scan(3, "in_transit", 21.7, "Departed Hamburg-Allermöhe"),
    scan(4, "in_transit", 16.2, "Arrived at Hannover-Anderten"),
    scan(5, "in_transit", 15.7, "Arrived at Köln-Eifeltor"),
    scan(
        6,
        "in_transit",
        15.2,
        "The scan at Köln-Eifeltor was of another parcel",
        kind=MilestoneKind.CORRECTION,
        supersedes=(5,),
    ),
    scan(7, "in_transit", 13.1, "Departed Hannover-Anderten"),
    scan(8, "in_transit", 12.2, "Snow on the road to Leipzig-Halle", kind=MilestoneKind.NOTE),
    scan(9, "in_transit", 3.4, "Arrived at Leipzig-Halle"),
    scan(10, "in_transit", 0.6, "Departed Leipzig-Halle"),
)
"""The parcel's scans up to now; one was at the wrong hub and is corrected."""


async def show_stale_courier(ui: AppHarness) -> None:
    """Show an order whose courier sent no position for more than a minute."""
    await show_order(ui)
    ui.feed.heard_at = NOW + 59
    await ui.tick_at(NOW + 61)


async def show_reopened_order(ui: AppHarness) -> None:
    """Show an order that was delivered by mistake and is reopened."""
    await show_order(ui)
    await ui.receive(delivered_snapshot())
    ui.feed.heard_at = 3298
    await ui.tick_at(3300)
    back = milestone(81, "picked_up", occurred_at=at(3297), note="Handed to nobody: back on the way", source="support")
    arriving, end = delivered_snapshot().history[-2:]
    await ui.receive(
        meal_snapshot(
            81,
            "picked_up",
            None,
            arriving,
            end,
            back,
            eta=Eta(at(3600), at(3900), Precision.MINUTE),
            location=Location(52.5023, 13.3818, at(3290)),
        )
    )
    await ui.tick_at(3300)


async def show_corrected_order(ui: AppHarness) -> None:
    """Show an order with a corrected stage."""
    await show_order(ui)
    slip = milestone(58, "arriving", occurred_at=at(1500), note="At the door", source="courier")
    undone = milestone(
        59,
        "picked_up",
        occurred_at=at(1560),
        kind=MilestoneKind.CORRECTION,
        supersedes=(58,),
        note="Wrong door: still on the way",
        source="support",
    )
    await ui.receive(meal_snapshot(59, "picked_up", None, slip, undone))
    await ui.tick_at(NOW)


async def show_parcel(ui: AppHarness) -> None:
    """Show a parcel between two hubs, with one corrected scan."""
    ui.clock.seconds = NOW - 28
    ui.feed.rtt = 0.041
    await ui.go_live()
    await ui.receive(parcel_snapshot(10, "in_transit", *SCANS, seen=NOW - 3.4 * _HOUR))
    await ui.receive_note("live", Topic.LINK)
    ui.feed.heard_at = NOW - 2
    await ui.tick_at(NOW)
