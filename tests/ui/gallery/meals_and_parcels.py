"""Builders of believable orders: meals and parcels in London on 24 November, from times as a clock shows them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from zlib import crc32

from mock_server.orders.flows import FOOD, PARCEL
from mock_server.simulation.lifecycles.path import Path, offset_point, street_path
from mock_server.simulation.lifecycles.places import CARRIERS, CITIES
from tests.support.orders import snapshot
from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.order import (
    Courier,
    Eta,
    Links,
    Location,
    Milestone,
    MilestoneKind,
    Order,
    Outcome,
    Place,
    Precision,
)

CITY = CITIES["London"]
CARRIER = CARRIERS["London"]
HUBS = {hub.label: hub for hub in CARRIER.hubs}

NOTES = {
    "accepted": "{kitchen} has the order",
    "ready": "Packed and waiting",
    "picked_up": "{courier} is on the way",
    "arriving": "Around the corner",
    "delivered": "Handed over",
}
"""The notes of a meal's milestones."""

Note = tuple[str, str]
"""Time and text of a note."""


def moment(text: str) -> datetime:
    """Return the time "18:41:40" of 24 November, or with a day before it, as in "23 18:41:40", of that day."""
    day, _, time = text.rpartition(" ")
    hours, minutes, seconds = map(int, f"{time}:0".split(":")[:3])
    return datetime(2026, 11, int(day or 24), hours, minutes, seconds, tzinfo=UTC)


def window(text: str, precision: Precision = Precision.MINUTE) -> Eta:
    """Return the ETA "18:43-18:47"."""
    earliest, latest = text.split("-")
    return Eta(moment(earliest), moment(latest), precision)


def meal(
    order_id: str,
    kitchen: str,
    title: str,
    customer: str,
    address: str,
    steps: str,
    *,
    promised: str,
    eta: str | None = None,
    courier: str | None = None,
    seen: str | None = None,
    along: float = 0.0,
    flags: tuple[str, ...] = (),
    notes: tuple[Note, ...] = (),
    ended: tuple[str, Outcome, str] | None = None,
) -> Snapshot:
    """Return a meal.

    Args:
        order_id: Its id.
        kitchen: The restaurant.
        title: The dishes.
        customer: The customer's name.
        address: The customer's address.
        steps: When it was placed, then the minutes and seconds to each further stage: "17:58:12 0:53 2:35".
        promised: The promised time.
        eta: The window in which it is expected.
        courier: The courier's name.
        seen: The time of the courier's newest position.
        along: The share of the route up to that position.
        flags: The state's flags.
        notes: Notes of the staff.
        ended: Time, outcome and note of an end other than a delivery.
    """
    placed, *durations = steps.split()
    times = [moment(placed)]
    for duration in durations:
        minutes, seconds = map(int, duration.split(":"))
        times.append(times[-1] + timedelta(minutes=minutes, seconds=seconds))
    lines = [
        (time, MilestoneKind.UPDATE, stage.id, NOTES.get(stage.id, "").format(kitchen=kitchen, courier=courier))
        for time, stage in zip(times, FOOD.stages, strict=False)
    ]
    status, outcome = lines[-1][2], Outcome.DELIVERED if len(lines) == len(FOOD.stages) else None
    if ended is not None:
        time, outcome, note = ended
        status = outcome.value
        lines.append((moment(time), MilestoneKind.UPDATE, status, note))
    for time, note in notes:
        here = max(line for line in lines if line[0] < moment(time))
        lines.append((moment(time), MilestoneKind.NOTE, here[2], note))
    history = tuple(
        Milestone(seq, kind, stage, time, note or None)
        for seq, (time, kind, stage, note) in enumerate(sorted(lines, key=lambda line: line[0]), 1)
    )
    origin, destination, path = _ride(kitchen, address)
    facts = Order(
        order_id, title, FOOD, times[0], customer, moment(promised), origin, destination, path.points, _page(order_id)
    )
    place = path.at(along)
    return snapshot(
        len(history),
        status,
        order_id=order_id,
        history=history,
        facts=facts,
        outcome=outcome,
        eta=window(eta) if eta else None,
        courier=Courier(courier, _doing(status)) if courier and outcome is None else None,
        location=Location(*place, moment(seen)) if seen else None,
        flags=flags,
        updated_at=moment(seen) if seen else history[-1].occurred_at,
    )


def parcel(
    order_id: str,
    title: str,
    customer: str,
    address: str,
    scans: str,
    *,
    promised: str,
    eta: Eta | None = None,
    courier: str | None = None,
    seen: str | None = None,
    along: float = 0.0,
    flags: tuple[str, ...] = (),
    attempt: int = 1,
    corrected: str | None = None,
) -> Snapshot:
    """Return a parcel.

    Args:
        order_id: Its id.
        title: The goods.
        customer: The customer's name.
        address: The customer's address.
        scans: A line for each milestone: day, time, status, note.
        promised: Day and time that were promised.
        eta: The window in which it is expected.
        courier: The courier's name.
        seen: The time of the courier's newest position.
        along: The share of the tour up to that position.
        flags: The state's flags.
        attempt: The number of the delivery attempt.
        corrected: A last line of `scans` that takes back the line before it.
    """
    lines = [line.split(maxsplit=3) for line in scans.strip().splitlines()]
    history = [
        Milestone(seq, MilestoneKind.UPDATE, status, moment(f"{day} {time}"), note, CARRIER.name)
        for seq, (day, time, status, note) in enumerate(lines, 1)
    ]
    if corrected is not None:
        day, time, status, note = corrected.split(maxsplit=3)
        seq, when = len(history) + 1, moment(f"{day} {time}")
        history.append(Milestone(seq, MilestoneKind.CORRECTION, status, when, note, "support", (seq - 1,)))
    last = history[-1]
    outcome = next((outcome for outcome in Outcome if outcome.value == last.status), None)
    depot = CARRIER.hubs[-1]
    _, door, tour = _ride(depot.label, address)
    location = Location(*tour.at(along), moment(seen)) if seen else None if outcome else _newest_scan(history)
    route = (*((each.lat, each.lon) for each in CARRIER.hubs[:-1]), *tour.points)
    facts = Order(
        order_id,
        title,
        PARCEL,
        history[0].occurred_at,
        customer,
        moment(promised),
        CARRIER.hubs[0],
        door,
        route,
        _page(order_id),
    )
    return snapshot(
        len(history),
        last.status,
        order_id=order_id,
        history=tuple(history),
        facts=facts,
        outcome=outcome,
        eta=eta,
        courier=Courier(courier, "en_route") if courier else None,
        location=location,
        flags=flags,
        attempt=attempt,
        updated_at=moment(seen) if seen else last.occurred_at,
    )


def _newest_scan(history: list[Milestone]) -> Location | None:
    """Return the hub that is named last, at the time of its scan."""
    for line in reversed(history):
        for label, hub in HUBS.items():
            if label in (line.note or ""):
                return Location(hub.lat, hub.lon, line.occurred_at, label=label)
    return None


def _ride(start: str, end: str) -> tuple[Place, Place, Path]:
    """Return two places and a path through the streets between them, the same for the same names."""
    depot = HUBS.get(start)
    origin = depot or _place(start)
    destination = _place(end)
    path = street_path(
        (origin.lat, origin.lon),
        (destination.lat, destination.lon),
        CITY.bearing,
        Random(crc32(f"{start}{end}".encode())),
    )
    return origin, destination, path


def _place(label: str) -> Place:
    """Return a place within two kilometres of the city's centre."""
    rng = Random(crc32(label.encode()))
    lat, lon = offset_point((CITY.lat, CITY.lon), rng.uniform(-1400, 1400), rng.uniform(-1400, 1400))
    return Place(round(lat, 6), round(lon, 6), label, CITY.time_zone)


def _page(order_id: str) -> Links:
    return Links(f"https://orders.example.com/{order_id}")


def _doing(status: str) -> str:
    """Return what the courier does while an order has a status."""
    return {"preparing": "assigned", "ready": "assigned", "picked_up": "en_route"}.get(status, "at_dropoff")
