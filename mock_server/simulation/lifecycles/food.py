"""The life of a meal: placed, cooked, carried to the door."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from mock_server.simulation.lifecycles.builder import Beats, Story, end_early
from mock_server.simulation.lifecycles.journey import Journey
from mock_server.simulation.lifecycles.keyframe import Beat
from mock_server.simulation.lifecycles.people import COURIERS
from mock_server.simulation.lifecycles.spec import OrderSpec, Twist
from tracker_tui.domain.order import Courier, MilestoneKind, Outcome

_BEFORE_READY = (None, "placed", "accepted", "preparing")

_MADE_GOOD = 0.4
"""Part of every announced delay that is made good again."""


@dataclass(frozen=True, slots=True)
class _Plan:
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


def food_life(spec: OrderSpec, journey: Journey, rng: Random) -> tuple[Beats, float]:
    """Draw the life of a meal.

    Returns:
        Its beats, and the seconds after placing by which it was promised.
    """
    plan = _Plan(
        accepting=rng.uniform(40, 110),
        queueing=rng.uniform(30, 120),
        cooking=rng.uniform(540, 960),
        waiting=rng.uniform(60, 180),
        riding=journey.path.length / rng.uniform(4.5, 6.0),
        at_door=rng.uniform(45, 90),
    )
    promised = plan.total + 180 if spec.promised_minutes is None else spec.promised_minutes * 60
    beats = _deliver(spec, journey, plan, rng)
    if spec.ending is Outcome.REJECTED:
        note = f"{journey.origin.label} cannot take the order: the kitchen has closed"
        return end_early(beats, "placed", Outcome.REJECTED, note, "restaurant"), promised
    if spec.ending is Outcome.CANCELLED:
        stage = spec.ends_in or "preparing"
        return end_early(beats, stage, Outcome.CANCELLED, "Cancelled by the customer", "customer"), promised
    return beats, promised


def _deliver(spec: OrderSpec, journey: Journey, plan: _Plan, rng: Random) -> Beats:
    slips = rng.choice((0, 1, 1, 2)) if spec.slips is None else spec.slips
    in_kitchen = (slips + 1) // 2 if spec.start in _BEFORE_READY else 0
    courier = Courier(rng.choice(COURIERS), "assigned")
    story = Story(Beat(0.0, "placed", journey.destination, expected=plan.total), None, "shop")
    story.tell(plan.accepting, f"{journey.origin.label} has the order", "restaurant", status="accepted")
    story.tell(plan.queueing, None, "restaurant", status="preparing")
    _cook(story, plan, in_kitchen, courier, rng)
    story.tell(0.1 * plan.cooking, "Packed and waiting", "restaurant", status="ready")
    waiting = replace(courier, state="at_pickup")
    story.then(0.4 * plan.waiting, courier=waiting, place=journey.origin, along=0.0)
    story.tell(
        0.6 * plan.waiting,
        f"{courier.name} is on the way",
        "courier",
        status="picked_up",
        courier=replace(courier, state="en_route"),
        reporting=Twist.SILENT_COURIER not in spec.twists,
    )
    _ride(story, journey, plan, slips - in_kitchen, rng)
    story.then(
        0.5 * plan.at_door,
        along=1.0,
        reporting=True,
        courier=replace(courier, state="at_dropoff"),
    )
    if Twist.REOPENED in spec.twists:
        _reopen(story, plan)
    story.end(0.5 * plan.at_door, Outcome.DELIVERED, "Handed over", "courier", status="delivered")
    return story.beats


def _cook(story: Story, plan: _Plan, slips: int, courier: Courier, rng: Random) -> None:
    """The first nine tenths of the cooking; each slip is told early and partly made good."""
    note = f"{courier.name} will bring it"
    story.tell(0.15 * plan.cooking, note, "dispatch", kind=MilestoneKind.NOTE, courier=courier)
    share = 0.75 * plan.cooking / max(slips, 1)
    for _ in range(slips):
        told = rng.uniform(240, 420)
        made_good = _MADE_GOOD * told
        note = f"The kitchen is busy: about {round(told / 60)} min later"
        story.tell(0.3 * share, note, "restaurant", kind=MilestoneKind.NOTE, expected=story.later(told))
        story.then(0.7 * share + told - made_good, expected=story.later(-made_good))
    if not slips:
        # Nothing happens, but the clock has to move on for what comes next.
        story.then(share)


def _ride(story: Story, journey: Journey, plan: _Plan, slips: int, rng: Random) -> None:
    """From the kitchen to the corner; a slip is a stretch at half the speed, told when it begins."""
    done = 0.0
    gap = 0.65 / max(slips, 1)
    for slip in range(slips):
        begins = 0.05 + gap * slip
        told = min(rng.uniform(120, 240), 0.9 * gap * plan.riding / (1 - _MADE_GOOD))
        lost = told * (1 - _MADE_GOOD)
        note = f"Slow traffic: about {max(1, round(told / 60))} min later"
        story.tell(
            (begins - done) * plan.riding,
            note,
            "courier",
            kind=MilestoneKind.NOTE,
            along=begins,
            expected=story.later(told),
        )
        done = begins + lost / plan.riding
        story.then(2 * lost, along=done, expected=story.later(lost - told))
    near = 1 - 200 / journey.path.length
    story.tell((near - done) * plan.riding, "Around the corner", "courier", status="arriving", along=near)
    story.then((1 - near) * plan.riding, along=1.0)


def _reopen(story: Story, plan: _Plan) -> None:
    """Reported delivered by mistake."""
    before = story.now
    mistaken = story.end(0.1 * plan.at_door, Outcome.DELIVERED, "Handed over", "courier", status="delivered")
    story.tell(
        0.5 * plan.at_door,
        "Not handed over yet: the button was pressed too early",
        "support",
        kind=MilestoneKind.CORRECTION,
        strikes=(mistaken,),
        status=before.status,
        outcome=None,
        expected=story.now.at + plan.at_door,
    )
