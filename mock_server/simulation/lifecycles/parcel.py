"""The life of a parcel: label, hubs, a van's tour, and what can come between."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from mock_server.simulation.lifecycles.builder import Beats, Story, end_early
from mock_server.simulation.lifecycles.journey import Journey
from mock_server.simulation.lifecycles.keyframe import Beat, Line
from mock_server.simulation.lifecycles.people import COURIERS
from mock_server.simulation.lifecycles.spec import OrderSpec, Twist
from tracker_tui.domain.order import Courier, MilestoneKind, Outcome, Place, Precision

_MINUTE = 60.0
_HOUR = 3600.0

_NIGHT = 17 * _HOUR
"""From a van's return to the start of its next tour."""

_TOUR = 3 * _HOUR
"""Mean length of a tour."""


def parcel_life(spec: OrderSpec, journey: Journey, rng: Random) -> tuple[Beats, float]:
    """Draw the life of a parcel.

    Returns:
        Its beats, and the seconds after placing by which it was promised.
    """
    planned = rng.uniform(32, 40) * _HOUR
    promised = planned + 6 * _HOUR if spec.promised_minutes is None else spec.promised_minutes * _MINUTE
    label = Beat(0.0, "label_created", journey.destination, expected=planned, precision=Precision.DAY)
    story = Story(label, "Label printed by the sender", "shop")
    _transit(story, spec, journey, rng)
    if spec.ending is Outcome.LOST:
        _lose(story, journey, rng)
        return story.beats, promised
    if Twist.HELD in spec.twists:
        _hold(story, journey, rng)
    failures = max(spec.failed_attempts, 1 if spec.ending is Outcome.RETURNED else 0)
    for attempt in range(1, failures + 1):
        _tour(story, spec, journey, attempt, rng)
        _fail(story, journey, attempt, rng)
    if spec.ending is Outcome.RETURNED:
        _return(story, journey, rng)
    elif Twist.PICKUP in spec.twists:
        _collect(story, journey, rng)
    else:
        _tour(story, spec, journey, failures + 1, rng)
        _hand_over(story, spec)
    if spec.ending is Outcome.CANCELLED:
        stage = spec.ends_in or "accepted"
        return end_early(story.beats, stage, Outcome.CANCELLED, "Called back by the sender", "shop"), promised
    return story.beats, promised


def _transit(story: Story, spec: OrderSpec, journey: Journey, rng: Random) -> None:
    """From the sender to the depot, hub by hub."""
    carrier, hubs = journey.carrier.name, journey.hubs
    slips = rng.choice((0, 0, 1)) if spec.slips is None else spec.slips
    first = hubs[0]
    story.tell(rng.uniform(4, 8) * _HOUR, f"Accepted at {first.label}", carrier, status="accepted", place=first)
    story.tell(rng.uniform(2, 4) * _HOUR, f"Departed {first.label}", carrier, status="in_transit")
    for number, hub in enumerate(hubs[1:], start=1):
        if number <= slips:
            told = rng.uniform(8, 14) * _HOUR
            note = f"Snow on the road to {hub.label}"
            story.tell(1 * _HOUR, note, carrier, kind=MilestoneKind.NOTE, expected=story.later(told))
            story.then(rng.uniform(0.6, 1) * told, expected=story.later(-0.4 * told))
        story.tell(rng.uniform(4, 7) * _HOUR, f"Arrived at {hub.label}", carrier, place=hub)
        if number == 1 and Twist.WRONG_SCAN in spec.twists:
            _scan_wrong(story, journey)
        if hub is not hubs[-1]:
            story.tell(rng.uniform(1, 3) * _HOUR, f"Departed {hub.label}", carrier)


def _scan_wrong(story: Story, journey: Journey) -> None:
    carrier, stray, hub = journey.carrier.name, journey.carrier.stray, story.now.place
    wrong = story.tell(0.5 * _HOUR, f"Arrived at {stray.label}", carrier, place=stray)
    story.tell(
        0.5 * _HOUR,
        f"The scan at {stray.label} was of another parcel",
        carrier,
        kind=MilestoneKind.CORRECTION,
        strikes=(wrong,),
        place=hub,
    )


def _lose(story: Story, journey: Journey, rng: Random) -> None:
    carrier = journey.carrier.name
    story.tell(
        rng.uniform(20, 30) * _HOUR,
        "No scan for a day: a search has been opened",
        carrier,
        kind=MilestoneKind.NOTE,
        expected=None,
        flags=("action_required",),
    )
    story.end(rng.uniform(20, 30) * _HOUR, Outcome.LOST, "Declared lost", carrier)


def _hold(story: Story, journey: Journey, rng: Random) -> None:
    """Held until the address is complete; the address is then a changed fact."""
    expected = story.now.expected
    story.tell(
        0.5 * _HOUR,
        "Address incomplete: which entrance?",
        journey.carrier.name,
        status="held",
        expected=None,
        flags=("held", "action_required"),
    )
    wait = rng.uniform(3, 6) * _HOUR
    address = replace(journey.destination, label=f"{journey.destination.label}, entrance B")
    story.tell(
        wait,
        f"Address completed: {address.label}",
        "customer",
        status="in_transit",
        flags=(),
        destination=address,
        expected=None if expected is None else expected + wait,
    )


def _tour(story: Story, spec: OrderSpec, journey: Journey, attempt: int, rng: Random) -> None:
    """A van's tour from the depot to the door."""
    depot, carrier = journey.hubs[-1], journey.carrier.name
    driver = Courier(rng.choice(COURIERS), "en_route")
    loading = rng.uniform(3, 6) * _HOUR if attempt == 1 else _NIGHT
    touring = rng.uniform(0.7, 1.3) * _TOUR
    story.tell(
        loading,
        f"On {driver.name}'s van" if attempt == 1 else f"On {driver.name}'s van, attempt {attempt}",
        carrier,
        status="out_for_delivery",
        courier=driver,
        attempt=attempt,
        place=depot,
        along=0.0,
        reporting=Twist.SILENT_COURIER not in spec.twists,
        expected=story.now.at + loading + touring,
        precision=Precision.HOUR,
    )
    done = 0.0
    if attempt == 1 and Twist.LATE_SCAN in spec.twists:
        done = 0.2
        sorted_in_depot = Line("in_transit", story.now.at - 0.6 * loading, f"Sorted at {depot.label}", carrier)
        story.then(done * touring, along=done, line=sorted_in_depot)
    story.then((0.7 - done) * touring, along=0.7, precision=Precision.MINUTE)
    story.then(0.3 * touring, along=1.0, reporting=True, courier=replace(driver, state="at_dropoff"))


def _fail(story: Story, journey: Journey, attempt: int, rng: Random) -> None:
    depot, carrier = journey.hubs[-1], journey.carrier.name
    reason = rng.choice(("Nobody opened the door", "No access to the building", "The shop was closed"))
    story.tell(
        5 * _MINUTE,
        f"{reason} (attempt {attempt})",
        carrier,
        status="attempt_failed",
        courier=None,
        expected=story.now.at + 1 * _HOUR + _NIGHT + _TOUR,
        precision=Precision.DAY,
    )
    story.tell(1 * _HOUR, f"Back at {depot.label}", carrier, kind=MilestoneKind.NOTE, place=depot, along=None)


def _return(story: Story, journey: Journey, rng: Random) -> None:
    carrier = journey.carrier.name
    story.tell(2 * _HOUR, "On the way back to the sender", carrier, status="returning", expected=None)
    for hub in reversed(journey.hubs[:-1]):
        story.tell(rng.uniform(6, 10) * _HOUR, f"Arrived at {hub.label}", carrier, place=hub)
    story.end(4 * _HOUR, Outcome.RETURNED, "Handed back to the sender", carrier)


def _collect(story: Story, journey: Journey, rng: Random) -> None:
    carrier, door = journey.carrier.name, story.now.destination
    shop = Place(round(door.lat + 0.002, 6), round(door.lon + 0.001, 6), "Kiosk at the corner", door.time_zone)
    story.tell(
        2 * _HOUR,
        f"Waiting at: {shop.label}",
        carrier,
        status="available_for_pickup",
        place=shop,
        along=None,
        expected=None,
        flags=("action_required",),
    )
    story.end(rng.uniform(5, 20) * _HOUR, Outcome.DELIVERED, "Collected", carrier, status="delivered")


def _hand_over(story: Story, spec: OrderSpec) -> None:
    if Twist.REOPENED in spec.twists:
        before = story.now
        mistaken = story.end(2 * _MINUTE, Outcome.DELIVERED, "Left with a neighbour", "courier", status="delivered")
        story.tell(
            0.5 * _HOUR,
            "The neighbour has no parcel: it is still on the van",
            "support",
            kind=MilestoneKind.CORRECTION,
            strikes=(mistaken,),
            status=before.status,
            outcome=None,
            expected=story.now.at + 0.6 * _HOUR,
        )
    story.end(5 * _MINUTE, Outcome.DELIVERED, "Handed over at the door", "courier", status="delivered")
