"""What a scenario says about one order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tracker_tui.domain.order import Outcome


class Twist(StrEnum):
    """A side story of a life."""

    HELD = "held"
    """The parcel is held until its address is completed; the destination is then a changed fact."""
    LATE_SCAN = "late_scan"
    """A carrier's scan arrives hours late: a milestone whose status lies behind the state's."""
    WRONG_SCAN = "wrong_scan"
    """A scan belonged to another parcel: a correction strikes it through."""
    PICKUP = "pickup"
    """The parcel waits in a shop at the end, and is collected there."""
    REOPENED = "reopened"
    """The order is reported delivered by mistake, reopened by a correction, and delivered after all."""
    SILENT_COURIER = "silent_courier"
    """The courier's positions cease on the way."""


TWISTS = {
    "food": (Twist.REOPENED, Twist.SILENT_COURIER),
    "parcel": tuple(Twist),
}
"""The twists that each flow knows."""

ENDINGS = {
    "food": (Outcome.DELIVERED, Outcome.CANCELLED, Outcome.REJECTED),
    "parcel": (Outcome.DELIVERED, Outcome.CANCELLED, Outcome.RETURNED, Outcome.LOST),
}
"""The outcomes that each flow can have."""

ENDED = "ended"
"""As `OrderSpec.start`: the order's life lies in the past."""


@dataclass(frozen=True, slots=True)
class OrderSpec:
    """One order of a scenario. What is None is drawn from the seed.

    Attributes:
        id: The order's id.
        flow: ``food`` or ``parcel``.
        title: What was ordered.
        customer: Whose order it is.
        city: Where it is delivered: a name in `mock_server.simulation.runner.lifecycles.places`.
        start: The status that the order has when the server starts, or ``ended``; what came before is history.
        progress: How much of that stage lies behind it, from 0 to 1.
        appears: Simulated seconds after the start at which the order is placed; 0 = it exists at the start.
        ending: How its life ends.
        ends_in: The stage in which it is cancelled.
        slips: How many times its ETA slips.
        failed_attempts: How many delivery attempts fail (parcel).
        twists: Its side stories.
        promised_minutes: Minutes of its life between placing and the promised time.
        pace: How many times faster than life it lives from the start on.
        lasts: Simulated seconds from the start, or from appearing, to its end; decides the pace.
        position_seconds: Simulated seconds between two positions of the courier.
        notes: Notes of support staff, spread over what is left of its life.
    """

    id: str
    flow: str = "food"
    title: str | None = None
    customer: str | None = None
    city: str | None = None
    start: str | None = None
    progress: float = 0.3
    appears: float = 0.0
    ending: Outcome = Outcome.DELIVERED
    ends_in: str | None = None
    slips: int | None = None
    failed_attempts: int = 0
    twists: tuple[Twist, ...] = ()
    promised_minutes: float | None = None
    pace: float = 1.0
    lasts: float | None = None
    position_seconds: float | None = None
    notes: tuple[str, ...] = ()
