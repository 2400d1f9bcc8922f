"""The lifecycle of a parcel: label, hubs, delivery tours, and incidents."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from mock_server.simulation.lifecycles.builder import Builder, Keyframes, end_early
from mock_server.simulation.lifecycles.journey import Journey
from mock_server.simulation.lifecycles.keyframe import Keyframe, MilestonePlan
from mock_server.simulation.lifecycles.people import COURIERS
from mock_server.simulation.lifecycles.spec import OrderSpec, Twist
from tracker_tui.domain.order import Courier, MilestoneKind, Outcome, Place, Precision

_MINUTE = 60.0
_HOUR = 3600.0

_NIGHT_SECONDS = 17 * _HOUR
"""Seconds from the return of a van to its next tour."""

_TOUR_SECONDS = 3 * _HOUR
"""Mean duration of a tour in seconds."""


def parcel_lifecycle(spec: OrderSpec, journey: Journey, rng: Random) -> tuple[Keyframes, float]:
    """Draw the lifecycle of a parcel.

    Returns:
        The keyframes, and the seconds after placing by which delivery was promised.
    """
    planned = rng.uniform(32, 40) * _HOUR
    promised = planned + 6 * _HOUR if spec.promised_minutes is None else spec.promised_minutes * _MINUTE
    label = Keyframe(0.0, "label_created", journey.destination, expected=planned, precision=Precision.DAY)
    builder = Builder(label, "Label printed by the sender", "shop")
    _transit(builder, spec, journey, rng)
    if spec.ending is Outcome.LOST:
        _lose(builder, journey, rng)
        return builder.keyframes, promised
    if Twist.HELD in spec.twists:
        _hold(builder, journey, rng)
    failures = max(spec.failed_attempts, 1 if spec.ending is Outcome.RETURNED else 0)
    for attempt in range(1, failures + 1):
        _deliver(builder, spec, journey, attempt, rng)
        _fail(builder, journey, attempt, rng)
    if spec.ending is Outcome.RETURNED:
        _return(builder, journey, rng)
    elif Twist.PICKUP in spec.twists:
        _wait_for_pickup(builder, journey, rng)
    else:
        _deliver(builder, spec, journey, failures + 1, rng)
        _hand_over(builder, spec)
    if spec.ending is Outcome.CANCELLED:
        stage = spec.ends_in or "accepted"
        return end_early(builder.keyframes, stage, Outcome.CANCELLED, "Called back by the sender", "shop"), promised
    return builder.keyframes, promised


def _transit(builder: Builder, spec: OrderSpec, journey: Journey, rng: Random) -> None:
    """Add the way from the sender to the depot, hub by hub."""
    carrier, hubs = journey.carrier.name, journey.hubs
    delays = rng.choice((0, 0, 1)) if spec.slips is None else spec.slips
    first = hubs[0]
    builder.add_milestone(
        rng.uniform(4, 8) * _HOUR, f"Accepted at {first.label}", carrier, status="accepted", place=first
    )
    builder.add_milestone(rng.uniform(2, 4) * _HOUR, f"Departed {first.label}", carrier, status="in_transit")
    for number, hub in enumerate(hubs[1:], start=1):
        if number <= delays:
            announced = rng.uniform(8, 14) * _HOUR
            note = f"Snow on the road to {hub.label}"
            builder.add_milestone(
                1 * _HOUR, note, carrier, kind=MilestoneKind.NOTE, expected=builder.postponed(announced)
            )
            builder.add(rng.uniform(0.6, 1) * announced, expected=builder.postponed(-0.4 * announced))
        builder.add_milestone(rng.uniform(4, 7) * _HOUR, f"Arrived at {hub.label}", carrier, place=hub)
        if number == 1 and Twist.WRONG_SCAN in spec.twists:
            _scan_wrong(builder, journey)
        if hub is not hubs[-1]:
            builder.add_milestone(rng.uniform(1, 3) * _HOUR, f"Departed {hub.label}", carrier)


def _scan_wrong(builder: Builder, journey: Journey) -> None:
    carrier, stray, hub = journey.carrier.name, journey.carrier.stray, builder.current.place
    wrong = builder.add_milestone(0.5 * _HOUR, f"Arrived at {stray.label}", carrier, place=stray)
    builder.add_milestone(
        0.5 * _HOUR,
        f"The scan at {stray.label} was of another parcel",
        carrier,
        kind=MilestoneKind.CORRECTION,
        corrects=(wrong,),
        place=hub,
    )


def _lose(builder: Builder, journey: Journey, rng: Random) -> None:
    carrier = journey.carrier.name
    builder.add_milestone(
        rng.uniform(20, 30) * _HOUR,
        "No scan for a day: a search has been opened",
        carrier,
        kind=MilestoneKind.NOTE,
        expected=None,
        flags=("action_required",),
    )
    builder.add_end(rng.uniform(20, 30) * _HOUR, Outcome.LOST, "Declared lost", carrier)


def _hold(builder: Builder, journey: Journey, rng: Random) -> None:
    """Hold the parcel until its address is complete; the address then changes."""
    expected = builder.current.expected
    builder.add_milestone(
        0.5 * _HOUR,
        "Address incomplete: which entrance?",
        journey.carrier.name,
        status="held",
        expected=None,
        flags=("held", "action_required"),
    )
    wait = rng.uniform(3, 6) * _HOUR
    address = replace(journey.destination, label=f"{journey.destination.label}, entrance B")
    builder.add_milestone(
        wait,
        f"Address completed: {address.label}",
        "customer",
        status="in_transit",
        flags=(),
        destination=address,
        expected=None if expected is None else expected + wait,
    )


def _deliver(builder: Builder, spec: OrderSpec, journey: Journey, attempt: int, rng: Random) -> None:
    """Add a delivery tour from the depot to the door."""
    depot, carrier = journey.hubs[-1], journey.carrier.name
    driver = Courier(rng.choice(COURIERS), "en_route")
    loading = rng.uniform(3, 6) * _HOUR if attempt == 1 else _NIGHT_SECONDS
    touring = rng.uniform(0.7, 1.3) * _TOUR_SECONDS
    builder.add_milestone(
        loading,
        f"On {driver.name}'s van" if attempt == 1 else f"On {driver.name}'s van, attempt {attempt}",
        carrier,
        status="out_for_delivery",
        courier=driver,
        attempt=attempt,
        place=depot,
        along=0.0,
        reporting=Twist.SILENT_COURIER not in spec.twists,
        expected=builder.current.at + loading + touring,
        precision=Precision.HOUR,
    )
    progress = 0.0
    if attempt == 1 and Twist.LATE_SCAN in spec.twists:
        progress = 0.2
        sorted_in_depot = MilestonePlan(
            "in_transit", builder.current.at - 0.6 * loading, f"Sorted at {depot.label}", carrier
        )
        builder.add(progress * touring, along=progress, milestone=sorted_in_depot)
    builder.add((0.7 - progress) * touring, along=0.7, precision=Precision.MINUTE)
    builder.add(0.3 * touring, along=1.0, reporting=True, courier=replace(driver, state="at_dropoff"))


def _fail(builder: Builder, journey: Journey, attempt: int, rng: Random) -> None:
    depot, carrier = journey.hubs[-1], journey.carrier.name
    reason = rng.choice(("Nobody opened the door", "No access to the building", "The shop was closed"))
    builder.add_milestone(
        5 * _MINUTE,
        f"{reason} (attempt {attempt})",
        carrier,
        status="attempt_failed",
        courier=None,
        expected=builder.current.at + 1 * _HOUR + _NIGHT_SECONDS + _TOUR_SECONDS,
        precision=Precision.DAY,
    )
    builder.add_milestone(
        1 * _HOUR, f"Back at {depot.label}", carrier, kind=MilestoneKind.NOTE, place=depot, along=None
    )


def _return(builder: Builder, journey: Journey, rng: Random) -> None:
    carrier = journey.carrier.name
    builder.add_milestone(2 * _HOUR, "On the way back to the sender", carrier, status="returning", expected=None)
    for hub in reversed(journey.hubs[:-1]):
        builder.add_milestone(rng.uniform(6, 10) * _HOUR, f"Arrived at {hub.label}", carrier, place=hub)
    builder.add_end(4 * _HOUR, Outcome.RETURNED, "Handed back to the sender", carrier)


def _wait_for_pickup(builder: Builder, journey: Journey, rng: Random) -> None:
    carrier, door = journey.carrier.name, builder.current.destination
    shop = Place(round(door.lat + 0.002, 6), round(door.lon + 0.001, 6), "Kiosk at the corner", door.time_zone)
    builder.add_milestone(
        2 * _HOUR,
        f"Waiting at: {shop.label}",
        carrier,
        status="available_for_pickup",
        place=shop,
        along=None,
        expected=None,
        flags=("action_required",),
    )
    builder.add_end(rng.uniform(5, 20) * _HOUR, Outcome.DELIVERED, "Collected", carrier, status="delivered")


def _hand_over(builder: Builder, spec: OrderSpec) -> None:
    if Twist.REOPENED in spec.twists:
        earlier = builder.current
        mistaken = builder.add_end(
            2 * _MINUTE, Outcome.DELIVERED, "Left with a neighbour", "courier", status="delivered"
        )
        builder.add_milestone(
            0.5 * _HOUR,
            "The neighbour has no parcel: it is still on the van",
            "support",
            kind=MilestoneKind.CORRECTION,
            corrects=(mistaken,),
            status=earlier.status,
            outcome=None,
            expected=builder.current.at + 0.6 * _HOUR,
        )
    builder.add_end(5 * _MINUTE, Outcome.DELIVERED, "Handed over at the door", "courier", status="delivered")
