"""How an order stands against its promise, and how old the courier's position is."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from tracker_tui.domain.order import Eta, Location, Order, OrderState, Outcome, Precision
from tracker_tui.domain.timeline import Mark, timeline
from tracker_tui.domain.view import OrderView

FRESH_FOR = timedelta(seconds=45)
"""A position is fresh up to this age …"""

STALE_FOR = timedelta(minutes=3)
"""… then stale up to this one, then lost."""

ONE_DAY = timedelta(hours=36)
"""An ETA's window of at most this length means one day: its middle is on that day, in any zone."""

_TOLERANCE = timedelta(seconds=1)
"""Less than this after a promise is on time: nobody could tell it from the promise as it is shown."""

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
    """Judge an order against its promise at the wall-clock time `now`.

    An ETA that names days is judged by days, as they are at the destination (`judged_in`).
    """
    if view.state is None or view.facts is None or (promised := view.facts.value.promised_at) is None:
        return Lateness.UNKNOWN
    state = view.state.value
    zone = judged_in(view)
    if state.outcome is Outcome.DELIVERED:
        return Lateness.LATE if _after(ended_at(view), promised, zone) else Lateness.ON_TIME
    if state.outcome is not None:
        return Lateness.UNKNOWN
    first, last = _ends(state.eta, zone) if state.eta else (now, now)
    if _after(now, promised, zone) or _after(first, promised, zone):
        return Lateness.LATE
    if _after(last, promised, zone) or _TROUBLE.intersection(state.flags):
        return Lateness.AT_RISK
    return Lateness.ON_TIME


def late_by(view: OrderView, now: datetime) -> timedelta | None:
    """How late an order was delivered, or is expected now; in whole days where days are judged. None unless it is late.

    An order that is still to come is never less late than it is overdue.
    """
    if lateness(view, now) is not Lateness.LATE or view.state is None or view.facts is None:
        return None
    promised, state = view.facts.value.promised_at, view.state.value
    if promised is None:
        return None
    arrival = ended_at(view) if state.outcome else max(now, middle(state.eta)) if state.eta else now
    if (zone := judged_in(view)) is not None:
        return timedelta(days=(_day(arrival, zone) - _day(promised, zone)).days)
    return arrival - promised


def overdue(view: OrderView, now: datetime) -> bool:
    """Whether the promise has passed and the order is still to come."""
    if view.state is None or view.facts is None or view.facts.value.promised_at is None:
        return False
    return view.state.value.outcome is None and _after(now, view.facts.value.promised_at, judged_in(view))


def middle(eta: Eta) -> datetime:
    """The one time that stands for an ETA."""
    return eta.earliest + (eta.latest - eta.earliest) / 2


def zone_at(order: Order | None) -> tzinfo | None:
    """The time zone at the destination; None where it isn't known, to the server or to this machine."""
    name = order.destination.time_zone if order is not None and order.destination is not None else None
    return _zone(name) if name else None


def judged_in(view: OrderView) -> tzinfo | None:
    """The zone whose days count, where the ETA names days and that zone is known; None where moments are compared."""
    eta = view.state.value.eta if view.state else None
    if eta is None or eta.precision is not Precision.DAY or view.facts is None:
        return None
    return zone_at(view.facts.value)


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


def is_scan(state: OrderState) -> bool:
    """Whether the position is a place where a parcel was scanned: with no courier on the way nobody is silent."""
    return state.courier is None and state.location is not None and state.location.label is not None


def _ends(eta: Eta, zone: tzinfo | None) -> tuple[datetime, datetime]:
    if zone is not None and eta.latest - eta.earliest <= ONE_DAY:
        return middle(eta), middle(eta)
    return eta.earliest, eta.latest


def _after(time: datetime, promised: datetime, zone: tzinfo | None) -> bool:
    return time - promised >= _TOLERANCE if zone is None else _day(time, zone) > _day(promised, zone)


def _day(time: datetime, zone: tzinfo) -> date:
    return time.astimezone(zone).date()


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        # A name from outside: unknown here, or none that could be a zone's.
        return None
