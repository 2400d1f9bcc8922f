"""The expected arrival of an order in words, in the time zone of its destination."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto

from tracker_tui.domain.lateness import (
    ONE_DAY,
    WITHOUT_COURIER,
    Lateness,
    exceeds_promise,
    judged_in,
    lateness,
    middle,
    to_minute,
    zone_at,
)
from tracker_tui.domain.order import Eta, Precision
from tracker_tui.domain.view import OrderView
from tracker_tui.wording.names import counted
from tracker_tui.wording.times import Instant, age, arrival, day_of_week, stamp, window, zone_name

BRIEF_WINDOW = timedelta(minutes=5)
"""Length up to which the middle of a window stands for the window."""


class ArrivalForm(Enum):
    """How an expected arrival is said."""

    AROUND = auto()
    """One time, or one day."""
    BETWEEN = auto()
    BY = auto()
    """The latest time of a window that has begun."""
    PASSED = auto()
    """The latest time, which has passed without an arrival."""


@dataclass(frozen=True, slots=True)
class ExpectedArrival:
    """When an order is expected.

    Attributes:
        form: How it is said.
        first: The earliest time, or the only one.
        last: The latest time, or the only one.
        is_daily: Whether days are meant, not times.
    """

    form: ArrivalForm
    first: datetime
    last: datetime
    is_daily: bool

    @property
    def target(self) -> datetime:
        """The time to count down to."""
        return self.first + (self.last - self.first) / 2


def expected_arrival(view: OrderView, there: Instant, judged_at: datetime) -> ExpectedArrival | None:
    """Return when an open order is expected; None without an ETA, or if nobody brings it to the customer.

    No time of the result that is said as a future one has passed at the time up to which the order is known.

    Args:
        view: The order.
        there: The present at the destination (`at_destination`).
        judged_at: The wall time up to which the order is known.
    """
    state = view.current
    if state is None or state.eta is None or state.outcome is not None or state.status in WITHOUT_COURIER:
        return None
    eta, is_daily = state.eta, state.eta.precision is Precision.DAY
    first, last = min(eta.earliest, eta.latest), max(eta.earliest, eta.latest)
    is_brief = last - first <= (ONE_DAY if is_daily else BRIEF_WINDOW)
    is_exact = is_brief and (is_daily or not _is_window(view, eta, judged_at))
    said = (middle(eta), middle(eta)) if eta.precision is not Precision.HOUR and is_exact else (first, last)
    if is_daily:
        last = said[1]
    now, begin, end = (_unit(time, there, is_daily=is_daily) for time in (judged_at, said[0], last))
    if now > end:
        return ExpectedArrival(ArrivalForm.PASSED, last, last, is_daily)
    if now > begin:
        return ExpectedArrival(ArrivalForm.BY, last, last, is_daily)
    form = ArrivalForm.AROUND if begin == _unit(said[1], there, is_daily=is_daily) else ArrivalForm.BETWEEN
    return ExpectedArrival(form, *said, is_daily)


def at_destination(view: OrderView, instant: Instant) -> Instant:
    """Return the same moment in the zone of the order's destination, as far as that is known."""
    return instant.in_zone(zone_at(view.order))


def place_of_zone(there: Instant, here: Instant, at: datetime) -> str:
    """Return the name of the destination's time zone; empty if times there are the same as here.

    Args:
        there: The present at the destination.
        here: The present in the viewer's zone.
        at: The time at which the zones are compared.
    """
    if there.local(at).utcoffset() == here.local(at).utcoffset():
        return ""
    return zone_name(there, at)


def arrival_words(expected: ExpectedArrival, there: Instant) -> str:
    """Return an expected arrival: ``18:57``, ``18:50–19:04``, ``by 19:04``, ``Wed 25 Nov``."""
    if expected.form is ArrivalForm.BETWEEN and not expected.is_daily:
        return window(Eta(expected.first, expected.last, Precision.HOUR), there)
    if expected.is_daily:
        words = arrival(Eta(expected.first, expected.last, Precision.DAY), there)
    else:
        words = stamp(expected.last, there, seconds=False)
    return f"by {words}" if expected.form in {ArrivalForm.BY, ArrivalForm.PASSED} else words


def time_left(expected: ExpectedArrival, there: Instant) -> str:
    """Return the time until the arrival, as it is shown: ``in 18 min``, ``tomorrow``, ``2 min ago``."""
    if expected.is_daily:
        days = (there.local(expected.target).date() - there.local(there.now).date()).days
        if days < 0:
            return "yesterday" if days == -1 else f"{-days} days ago"
        return ("today", "tomorrow")[days] if days < 2 else f"in {days} days"
    return minutes_left(expected.target, there.now)


def minutes_left(at: datetime, now: datetime) -> str:
    """Return the time until a moment, or since, in minutes as they are shown: ``in 18 min``, ``now``, ``2 min ago``."""
    left = (to_minute(at) - to_minute(now)).total_seconds()
    if left < 0:
        return f"{age(-left)} ago"
    return f"in {age(left)}" if left else "now"


def promised_when(view: OrderView, there: Instant) -> str:
    """Return the promised time, or the promised day where days are compared; empty without a promise."""
    promised = view.order.promised_at if view.order else None
    if promised is None:
        return ""
    is_daily = judged_in(view) is not None
    return day_of_week(promised, there) if is_daily else stamp(promised, there, seconds=False)


def arrival_of(view: OrderView, instant: Instant, judged_at: datetime) -> str:
    """Return the expected arrival of an open order with its precision; empty without an ETA.

    If the order is not late but the middle of its ETA is after the promise, the result is the window: the middle would
    look late.

    Args:
        view: The order.
        instant: The present, and the zone of times.
        judged_at: The wall time up to which the order is known.
    """
    state, order = view.current, view.order
    if state is None or state.eta is None or state.outcome is not None:
        return ""
    is_window = state.eta.precision is Precision.MINUTE and _is_window(view, state.eta, judged_at)
    return (window if is_window else arrival)(state.eta, instant, zone_at(order))


def moved_words(moves: int) -> str:
    """Return how often the arrival moved: ``moved once``."""
    return f"moved {('once', 'twice')[moves - 1] if moves < 3 else counted(moves, 'time', 'times')}"


def _is_window(view: OrderView, eta: Eta, judged_at: datetime) -> bool:
    """Return whether the window must be shown, because the order is not late but the middle would look so."""
    promised = view.order.promised_at if view.order else None
    return exceeds_promise(eta, promised, judged_in(view)) and lateness(view, judged_at) is not Lateness.LATE


def _unit(time: datetime, there: Instant, *, is_daily: bool) -> date:
    """Return a time's day, or its minute, whichever is said."""
    return there.local(time).date() if is_daily else to_minute(time)
