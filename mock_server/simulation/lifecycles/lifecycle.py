"""The lifecycle of one order, and its moment at the start of the server."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from mock_server.simulation.lifecycles.builder import insert_note, stage_span
from mock_server.simulation.lifecycles.food import food_lifecycle
from mock_server.simulation.lifecycles.journey import Journey, draw_journey
from mock_server.simulation.lifecycles.keyframe import Keyframe
from mock_server.simulation.lifecycles.parcel import parcel_lifecycle
from mock_server.simulation.lifecycles.people import CUSTOMERS, DISHES, GOODS
from mock_server.simulation.lifecycles.spec import ENDED, OrderSpec

_MAX_SECONDS_SINCE_END = {"food": 1800.0, "parcel": 6 * 3600.0}
"""Most seconds between the end of an ended order and the start of the server."""

_DEFAULT_PROGRESS = 0.3
"""Share of its first stage that an order has passed when the server starts."""

_POSITION_SECONDS = {"food": 4.0, "parcel": 12.0}
"""Simulated seconds between two positions of the courier."""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The lifecycle of one order. All times are seconds since placing.

    Attributes:
        keyframes: The keyframes, in order.
        promised: The promised time of delivery.
        start: The moment of the server's start, or of the order's appearance.
        pace: The factor by which time passes faster from then on.
        position_seconds: Simulated seconds between two positions of the courier.
    """

    title: str
    customer: str
    journey: Journey
    keyframes: tuple[Keyframe, ...]
    promised: float
    start: float
    pace: float
    position_seconds: float


def draw_lifecycle(spec: OrderSpec, rng: Random) -> Lifecycle:
    """Draw a lifecycle.

    Raises:
        ValueError: The order never has the status in which it should start or be cancelled; the text lists those
            that it has.
    """
    title = spec.title or rng.choice(DISHES if spec.flow == "food" else GOODS)
    customer = spec.customer or rng.choice(CUSTOMERS)
    journey = draw_journey(spec.flow, spec.city, rng)
    keyframes, promised = (food_lifecycle if spec.flow == "food" else parcel_lifecycle)(spec, journey, rng)
    start = _start(spec, keyframes)
    end = keyframes[-1].at
    pace = spec.pace or 1.0 if spec.lasts is None or start >= end else (end - start) / spec.lasts
    for number, note in enumerate(spec.notes, start=1):
        first_note = min(max(start, 0.0), end)
        keyframes = insert_note(
            keyframes, first_note + (end - first_note) * number / (len(spec.notes) + 1), note, "support"
        )
    seconds = spec.position_seconds or _POSITION_SECONDS[spec.flow]
    return Lifecycle(title, customer, journey, keyframes, promised, start, pace, seconds)


def _start(spec: OrderSpec, keyframes: tuple[Keyframe, ...]) -> float:
    if spec.start is None:
        return 0.0
    progress = _DEFAULT_PROGRESS if spec.progress is None else spec.progress
    if spec.start == ENDED:
        return keyframes[-1].at + progress * _MAX_SECONDS_SINCE_END[spec.flow]
    stage = stage_span(keyframes, spec.start)
    if stage is None or stage[0] == keyframes[-1].at:
        passed = dict.fromkeys(keyframe.status for keyframe in keyframes[:-1])
        raise ValueError(
            f"this order never has the status {spec.start!r}; it can start as {', '.join(passed)} or {ENDED}"
        )
    entered, left = stage
    return entered + progress * (left - entered)
