"""A beat: one moment of a life with everything that is true from then on. All times are seconds since placing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tracker_tui.domain.order import Courier, MilestoneKind, Outcome, Place, Precision


@dataclass(frozen=True, slots=True)
class MilestonePlan:
    """What a beat adds to history.

    Attributes:
        occurred: When it happened, which may be before it was told.
        corrects: The lines that it corrects.
    """

    status: str
    occurred: float
    note: str | None = None
    source: str | None = None
    kind: MilestoneKind = MilestoneKind.UPDATE
    corrects: tuple[MilestonePlan, ...] = ()


@dataclass(frozen=True, slots=True)
class Keyframe:
    """A moment of a life.

    Attributes:
        at: Seconds since the order was placed.
        destination: Where it goes.
        expected: When delivery is expected; None = nobody says.
        place: Where order or courier was last seen, while it isn't on the last mile.
        along: How much of the last mile is done, from 0 to 1; between two beats that both have it, it grows evenly.
        reporting: Whether the courier's positions arrive.
        milestone: The line of history, if there is one.
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
    """What is true at a moment between two neighbouring beats."""
    along = before.along
    if along is not None and after.along is not None and after.at > before.at:
        along += (after.along - along) * (at - before.at) / (after.at - before.at)
    return replace(before, at=at, along=along, milestone=None)
