"""Lateness of an order against its promise, and freshness of the courier's position."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from tracker_tui.domain.order import Eta, Location, Order, OrderState, Outcome, Precision
from tracker_tui.domain.timeline import Mark, timeline
from tracker_tui.domain.view import OrderView

FRESH_FOR = timedelta(seconds=45)
"""Age up to which a position is fresh."""

STALE_FOR = timedelta(minutes=3)
"""Age up to which a position is stale; older ones are lost."""

ONE_DAY = timedelta(hours=36)
"""An ETA window of at most this length means one day: its middle is on that day in every time zone."""

_TROUBLE = {"delayed", "held", "action_required"}

WITHOUT_COURIER = {"available_for_pickup", "returning"}
"""Side states in which no courier is on the way to the customer (PROTOCOL §3)."""


class Lateness(StrEnum):
    """An order compared with its promise. The promise never moves, however the ETA changes."""

    UNKNOWN = "unknown"
    """There is no promise, the order waits for pickup or returns, or it ended without a delivery."""
    ON_TIME = "on_time"
    AT_RISK = "at_risk"
    """The promise can still be kept, but probably will not."""
    LATE = "late"
    """The promise has passed, or the earliest expected arrival is after it."""


class Freshness(StrEnum):
    """The freshness of a courier's position, by its age."""

    FRESH = "fresh"
    STALE = "stale"
    LOST = "lost"


def lateness(view: OrderView, now: datetime) -> Lateness:
    """Judge an order against its promise at the wall-clock time `now`.

    Times are compared by minutes, as they are shown. An ETA with day precision is compared by days at the destination
    (`judged_in`).
    """
    if view.state is None or view.facts is None or (promised := view.facts.value.promised_at) is None:
        return Lateness.UNKNOWN
    state = view.state.value
    zone = judged_in(view)
    if state.outcome is Outcome.DELIVERED:
        return Lateness.LATE if _after(ended_at(view), promised, zone) else Lateness.ON_TIME
    if state.outcome is not None or state.status in WITHOUT_COURIER:
        return Lateness.UNKNOWN
    first, last = _ends(state.eta, zone) if state.eta else (now, now)
    if _after(now, promised, zone) or _after(first, promised, zone):
        return Lateness.LATE
    if _after(last, promised, zone) or _TROUBLE.intersection(state.flags):
        return Lateness.AT_RISK
    return Lateness.ON_TIME


def late_by(view: OrderView, now: datetime) -> timedelta | None:
    """Return how late an order was delivered or is expected; None unless it is late.

    The result is in whole minutes, or in whole days if days are compared. For an open order it is at least the time
    since the promise.
    """
    if lateness(view, now) is not Lateness.LATE or view.state is None or view.facts is None:
        return None
    promised, state = view.facts.value.promised_at, view.state.value
    if promised is None:
        return None
    arrival = ended_at(view) if state.outcome else max(now, middle(state.eta)) if state.eta else now
    if (zone := judged_in(view)) is not None:
        return timedelta(days=(_day(arrival, zone) - _day(promised, zone)).days)
    return to_minute(arrival) - to_minute(promised)


def exceeds_promise(eta: Eta, promised: datetime | None, zone: tzinfo | None = None) -> bool:
    """Return whether the middle of an ETA is after the promise, as times are shown.

    Unless the order is late, its window is then shown instead of the middle, which would look late.

    Args:
        eta: The ETA.
        promised: The promised time; None without a promise.
        zone: The zone whose days are compared (`judged_in`); None to compare minutes.
    """
    return promised is not None and _after(middle(eta), promised, zone)


def to_minute(time: datetime) -> datetime:
    """Return the time without seconds, as it is shown."""
    return time.replace(second=0, microsecond=0)


def middle(eta: Eta) -> datetime:
    """Return the middle of an ETA window."""
    return eta.earliest + (eta.latest - eta.earliest) / 2


def zone_at(order: Order | None) -> tzinfo | None:
    """Return the time zone at the destination; None if the server or this machine does not know it."""
    name = order.destination.time_zone if order is not None and order.destination is not None else None
    return _zone(name) if name else None


def judged_in(view: OrderView) -> tzinfo | None:
    """Return the zone whose days are compared; None if times are compared.

    Days are compared if the ETA has day precision and the zone at the destination is known.
    """
    eta = view.state.value.eta if view.state else None
    if eta is None or eta.precision is not Precision.DAY or view.facts is None:
        return None
    return zone_at(view.facts.value)


def ended_at(view: OrderView) -> datetime:
    """Return when the current status was reached: its newest milestone, else the state's publication.

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
    """Return whether the position is the place of a parcel scan, which no courier is expected to update."""
    return state.courier is None and state.location is not None and state.location.label is not None


def _ends(eta: Eta, zone: tzinfo | None) -> tuple[datetime, datetime]:
    if zone is not None and eta.latest - eta.earliest <= ONE_DAY:
        return middle(eta), middle(eta)
    return eta.earliest, eta.latest


def _after(time: datetime, promised: datetime, zone: tzinfo | None) -> bool:
    if zone is None:
        # Most orders are in time: comparing them first is a third of the cost of rounding both.
        return time > promised and to_minute(time) > to_minute(promised)
    return _day(time, zone) > _day(promised, zone)


def _day(time: datetime, zone: tzinfo) -> date:
    return time.astimezone(zone).date()


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        # The name comes from the server; this machine may not know it.
        return None
