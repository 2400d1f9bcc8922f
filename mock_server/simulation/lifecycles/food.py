"""The lifecycle of a meal: placed, cooked, delivered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from mock_server.simulation.lifecycles.builder import Builder, Keyframes, end_early
from mock_server.simulation.lifecycles.journey import Journey
from mock_server.simulation.lifecycles.keyframe import Keyframe
from mock_server.simulation.lifecycles.people import COURIERS
from mock_server.simulation.lifecycles.spec import OrderSpec, Twist
from tracker_tui.domain.order import Courier, MilestoneKind, Outcome

_BEFORE_READY = (None, "placed", "accepted", "preparing")

_RECOVERED_SHARE = 0.4
"""Share of every announced delay that is recovered."""


@dataclass(frozen=True, slots=True)
class _Durations:
    """Durations in seconds, without delays."""

    accepting: float
    queueing: float
    cooking: float
    waiting: float
    riding: float
    at_door: float

    @property
    def total(self) -> float:
        return self.accepting + self.queueing + self.cooking + self.waiting + self.riding + self.at_door


def food_lifecycle(spec: OrderSpec, journey: Journey, rng: Random) -> tuple[Keyframes, float]:
    """Draw the lifecycle of a meal.

    Returns:
        The keyframes, and the seconds after placing by which delivery was promised.
    """
    durations = _Durations(
        accepting=rng.uniform(40, 110),
        queueing=rng.uniform(30, 120),
        cooking=rng.uniform(540, 960),
        waiting=rng.uniform(60, 180),
        riding=journey.path.length / rng.uniform(4.5, 6.0),
        at_door=rng.uniform(45, 90),
    )
    promised = durations.total + 180 if spec.promised_minutes is None else spec.promised_minutes * 60
    keyframes = _deliver(spec, journey, durations, rng)
    if spec.ending is Outcome.REJECTED:
        note = f"{journey.origin.label} cannot take the order: the kitchen has closed"
        return end_early(keyframes, "placed", Outcome.REJECTED, note, "restaurant"), promised
    if spec.ending is Outcome.CANCELLED:
        stage = spec.ends_in or "preparing"
        return end_early(keyframes, stage, Outcome.CANCELLED, "Cancelled by the customer", "customer"), promised
    return keyframes, promised


def _deliver(spec: OrderSpec, journey: Journey, durations: _Durations, rng: Random) -> Keyframes:
    delays = rng.choice((0, 1, 1, 2)) if spec.slips is None else spec.slips
    kitchen_delays = (delays + 1) // 2 if spec.start in _BEFORE_READY else 0
    courier = Courier(rng.choice(COURIERS), "assigned")
    builder = Builder(Keyframe(0.0, "placed", journey.destination, expected=durations.total), None, "shop")
    builder.add_milestone(durations.accepting, f"{journey.origin.label} has the order", "restaurant", status="accepted")
    builder.add_milestone(durations.queueing, None, "restaurant", status="preparing")
    _cook(builder, durations, kitchen_delays, courier, rng)
    builder.add_milestone(0.1 * durations.cooking, "Packed and waiting", "restaurant", status="ready")
    waiting = replace(courier, state="at_pickup")
    builder.add(0.4 * durations.waiting, courier=waiting, place=journey.origin, along=0.0)
    builder.add_milestone(
        0.6 * durations.waiting,
        f"{courier.name} is on the way",
        "courier",
        status="picked_up",
        courier=replace(courier, state="en_route"),
        reporting=Twist.SILENT_COURIER not in spec.twists,
    )
    _ride(builder, journey, durations, delays - kitchen_delays, rng)
    builder.add(
        0.5 * durations.at_door,
        along=1.0,
        reporting=True,
        courier=replace(courier, state="at_dropoff"),
    )
    if Twist.REOPENED in spec.twists:
        _reopen(builder, durations)
    builder.add_end(0.5 * durations.at_door, Outcome.DELIVERED, "Handed over", "courier", status="delivered")
    return builder.keyframes


def _cook(builder: Builder, durations: _Durations, delays: int, courier: Courier, rng: Random) -> None:
    """Add the first nine tenths of the cooking; each delay is announced early and partly recovered."""
    note = f"{courier.name} will bring it"
    builder.add_milestone(0.15 * durations.cooking, note, "dispatch", kind=MilestoneKind.NOTE, courier=courier)
    share = 0.75 * durations.cooking / max(delays, 1)
    for _ in range(delays):
        announced = rng.uniform(240, 420)
        recovered = _RECOVERED_SHARE * announced
        note = f"The kitchen is busy: about {round(announced / 60)} min later"
        builder.add_milestone(
            0.3 * share, note, "restaurant", kind=MilestoneKind.NOTE, expected=builder.postponed(announced)
        )
        builder.add(0.7 * share + announced - recovered, expected=builder.postponed(-recovered))
    if not delays:
        # Nothing happens, but the time passes.
        builder.add(share)


def _ride(builder: Builder, journey: Journey, durations: _Durations, delays: int, rng: Random) -> None:
    """Add the ride to the door; during a delay the courier moves at half the speed."""
    finished = 0.0
    gap = 0.65 / max(delays, 1)
    for delay in range(delays):
        start = 0.05 + gap * delay
        announced = min(rng.uniform(120, 240), 0.9 * gap * durations.riding / (1 - _RECOVERED_SHARE))
        lost_time = announced * (1 - _RECOVERED_SHARE)
        note = f"Slow traffic: about {max(1, round(announced / 60))} min later"
        builder.add_milestone(
            (start - finished) * durations.riding,
            note,
            "courier",
            kind=MilestoneKind.NOTE,
            along=start,
            expected=builder.postponed(announced),
        )
        finished = start + lost_time / durations.riding
        builder.add(2 * lost_time, along=finished, expected=builder.postponed(lost_time - announced))
    almost_there = 1 - 200 / journey.path.length
    builder.add_milestone(
        (almost_there - finished) * durations.riding,
        "Around the corner",
        "courier",
        status="arriving",
        along=almost_there,
    )
    builder.add((1 - almost_there) * durations.riding, along=1.0)


def _reopen(builder: Builder, durations: _Durations) -> None:
    """Add a delivery that was reported by mistake, and its correction."""
    earlier = builder.current
    mistaken = builder.add_end(0.1 * durations.at_door, Outcome.DELIVERED, "Handed over", "courier", status="delivered")
    builder.add_milestone(
        0.5 * durations.at_door,
        "Not handed over yet: the button was pressed too early",
        "support",
        kind=MilestoneKind.CORRECTION,
        corrects=(mistaken,),
        status=earlier.status,
        outcome=None,
        expected=builder.current.at + durations.at_door,
    )
