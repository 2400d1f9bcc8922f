"""One order's whole life, and the moment of it at which the server starts."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from mock_server.simulation.lifecycles.builder import insert_note, stage_of
from mock_server.simulation.lifecycles.food import food_life
from mock_server.simulation.lifecycles.journey import Journey, journey
from mock_server.simulation.lifecycles.keyframe import Beat
from mock_server.simulation.lifecycles.parcel import parcel_life
from mock_server.simulation.lifecycles.people import CUSTOMERS, DISHES, GOODS
from mock_server.simulation.lifecycles.spec import ENDED, OrderSpec

_LONGEST_AGO = {"food": 1800.0, "parcel": 6 * 3600.0}
"""How many seconds ago an ended order ended at most."""

_POSITION_SECONDS = {"food": 4.0, "parcel": 12.0}
"""Simulated seconds between two positions."""


@dataclass(frozen=True, slots=True)
class Life:
    """Everything that happens to one order. All times are seconds since placing.

    Attributes:
        beats: What happens, in order.
        promised: When delivery was promised.
        start: Which moment is the server's start, or the order's appearing.
        pace: How many times faster than life it is lived from there on.
        position_seconds: Simulated seconds between two positions of the courier.
    """

    title: str
    customer: str
    journey: Journey
    beats: tuple[Beat, ...]
    promised: float
    start: float
    pace: float
    position_seconds: float


def live(spec: OrderSpec, rng: Random) -> Life:
    """Draw a life.

    Raises:
        ValueError: The order never is in the stage in which it should start or be cancelled; the text says which
            there are.
    """
    title = spec.title or rng.choice(DISHES if spec.flow == "food" else GOODS)
    customer = spec.customer or rng.choice(CUSTOMERS)
    way = journey(spec.flow, spec.city, rng)
    beats, promised = (food_life if spec.flow == "food" else parcel_life)(spec, way, rng)
    start = _start(spec, beats)
    end = beats[-1].at
    pace = spec.pace if spec.lasts is None or start >= end else (end - start) / spec.lasts
    for number, note in enumerate(spec.notes, start=1):
        told = min(max(start, 0.0), end)
        beats = insert_note(beats, told + (end - told) * number / (len(spec.notes) + 1), note, "support")
    seconds = spec.position_seconds or _POSITION_SECONDS[spec.flow]
    return Life(title, customer, way, beats, promised, start, pace, seconds)


def _start(spec: OrderSpec, beats: tuple[Beat, ...]) -> float:
    if spec.start is None:
        return 0.0
    if spec.start == ENDED:
        return beats[-1].at + spec.progress * _LONGEST_AGO[spec.flow]
    stage = stage_of(beats, spec.start)
    if stage is None or stage[0] == beats[-1].at:
        passed = dict.fromkeys(beat.status for beat in beats[:-1])
        raise ValueError(f"this order never starts as {spec.start!r}; it can as {', '.join(passed)} or {ENDED}")
    entered, left = stage
    return entered + spec.progress * (left - entered)
