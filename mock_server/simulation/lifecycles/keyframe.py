"""Keyframes: the state of an order from one moment on. All times are seconds since placing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tracker_tui.domain.order import Courier, MilestoneKind, Outcome, Place, Precision


@dataclass(frozen=True, slots=True)
class MilestonePlan:
    """A milestone that a keyframe adds to history.

    Attributes:
        occurred: The time at which it happened, which may be before the keyframe.
        corrects: The milestones that it corrects.
    """

    status: str
    occurred: float
    note: str | None = None
    source: str | None = None
    kind: MilestoneKind = MilestoneKind.UPDATE
    corrects: tuple[MilestonePlan, ...] = ()


@dataclass(frozen=True, slots=True)
class Keyframe:
    """The state of an order from one moment on.

    Attributes:
        at: Seconds since the order was placed.
        destination: The destination.
        expected: The expected time of delivery; None if it is unknown.
        place: The last known place of the order or courier, before the last mile.
        along: The completed share of the last mile, from 0 to 1; it grows evenly between keyframes.
        reporting: Whether positions of the courier are received.
        milestone: The milestone, if there is one.
    """

    at: float
    status: str
    destination: Place
    outcome: Outcome | None = None
    expected: float | None = None
    precision: Precision = Precision.MINUTE
    flags: tuple[str, ...] = ()
    courier: Courier | None = None
    attempt: int = 1
    place: Place | None = None
    along: float | None = None
    reporting: bool = True
    milestone: MilestonePlan | None = None


def interpolate(before: Keyframe, after: Keyframe, at: float) -> Keyframe:
    """Return the state at a moment between two neighbouring keyframes."""
    along = before.along
    if along is not None and after.along is not None and after.at > before.at:
        along += (after.along - along) * (at - before.at) / (after.at - before.at)
    return replace(before, at=at, along=along, milestone=None)
