"""How an order stands against its promise, and how old the courier's position is."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from tracker_tui.domain.order import Location, Outcome
from tracker_tui.domain.timeline import Mark, timeline
from tracker_tui.domain.view import OrderView

FRESH_FOR = timedelta(seconds=45)
"""A position is fresh up to this age …"""

STALE_FOR = timedelta(minutes=3)
"""… then stale up to this one, then lost."""

_TROUBLE = {"delayed", "held", "action_required"}


class Lateness(StrEnum):
    """An order against its promise, which never moves; a sliding ETA doesn't make it on time."""

    UNKNOWN = "unknown"
    """Nothing was promised, or it ended without a delivery."""
    ON_TIME = "on_time"
    AT_RISK = "at_risk"
    """The promise can still be kept and probably won't be."""
    LATE = "late"
    """The promise has passed, or the earliest expected arrival is after it."""


class Freshness(StrEnum):
    """How much a courier's position is worth by its age."""

    FRESH = "fresh"
    STALE = "stale"
    LOST = "lost"


def lateness(view: OrderView, now: datetime) -> Lateness:
    """Judge an order against its promise at the wall-clock time `now`."""
    if view.state is None or view.facts is None or (promised := view.facts.value.promised_at) is None:
        return Lateness.UNKNOWN
    state = view.state.value
    if state.outcome is Outcome.DELIVERED:
        return Lateness.LATE if ended_at(view) > promised else Lateness.ON_TIME
    if state.outcome is not None:
        return Lateness.UNKNOWN
    if now > promised or (state.eta and state.eta.earliest > promised):
        return Lateness.LATE
    if (state.eta and state.eta.latest > promised) or _TROUBLE.intersection(state.flags):
        return Lateness.AT_RISK
    return Lateness.ON_TIME


def ended_at(view: OrderView) -> datetime:
    """When the present status was reached: by its newest milestone, else when the state was published.

    Raises:
        ValueError: The view has no state.
    """
    if view.state is None:
        raise ValueError("a view without a state has not reached anything")
    reached = next((row.at for row in reversed(timeline(view)) if row.mark in {Mark.DONE, Mark.ENDED}), None)
    return reached or view.state.value.updated_at


def freshness(location: Location, now: datetime) -> Freshness:
    """Judge a position by its age at the wall-clock time `now`."""
    age = now - location.captured_at
    return Freshness.FRESH if age <= FRESH_FOR else Freshness.STALE if age <= STALE_FOR else Freshness.LOST
