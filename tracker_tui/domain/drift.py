"""Drift of an order's expected arrival: the arrivals that this session has seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from tracker_tui.domain.lateness import ONE_DAY, judged_in, middle, to_minute
from tracker_tui.domain.order import Eta, Precision
from tracker_tui.domain.view import OrderView

MAX_EXPECTATIONS = 50
"""Expected arrivals that are kept of an order: the first one and the newest ones."""

MIN_MOVE = {Precision.MINUTE: timedelta(minutes=2), Precision.HOUR: timedelta(minutes=30)}
"""Change of the middle from which an arrival has moved; an estimate that is often recomputed varies by a minute."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """An expected arrival, and when the server published it."""

    at: datetime
    eta: Eta


Expectations = tuple[Expectation, ...]
"""Expected arrivals of an order, oldest first; each differs from the one before by a move."""


@dataclass(frozen=True, slots=True)
class Drift:
    """The expected arrivals of an order, oldest first.

    Attributes:
        promised: The promise, if the first arrival seen was later; else None.
        etas: The arrivals that were seen; the present one is the last.
    """

    promised: datetime | None
    etas: tuple[Eta, ...]

    @property
    def moves(self) -> int:
        """How often the expected arrival moved."""
        return len(self.etas) - 1 + (self.promised is not None)

    @property
    def times(self) -> tuple[datetime, ...]:
        """The promise, if it counts, and the middles of the arrivals."""
        return (*([self.promised] if self.promised else []), *map(middle, self.etas))


def record_expectation(known: Expectations, view: OrderView) -> Expectations:
    """Return the expectations with the present one, if the arrival has moved; else the same ones.

    An ETA of another precision starts a new list: it refines the arrival rather than moves it.
    """
    state = view.current
    if state is None or state.eta is None or state.outcome is not None:
        return known
    new = Expectation(state.updated_at, state.eta)
    if not known or known[-1].eta.precision is not state.eta.precision:
        return (new,)
    if known[-1].eta == state.eta or not _has_moved(known[-1].eta, state.eta, judged_in(view)):
        return known
    if len(known) == MAX_EXPECTATIONS:
        known = (known[0], *known[2:])
    return (*known, new)


def drift_of(view: OrderView, expectations: Expectations) -> Drift | None:
    """Return how the expected arrival of an open order moved; None if this session has seen no move.

    An arrival after the promise is a move as well, but alone it says no more than the lateness.
    """
    state, promised = view.current, view.order.promised_at if view.order else None
    if state is None or state.eta is None or state.outcome is not None or len(expectations) < 2:
        return None
    # The present ETA may differ a little from the last recorded one.
    etas = (*(each.eta for each in expectations[:-1]), state.eta)
    if promised is not None:
        promise = Eta(promised, promised, etas[0].precision)
        has_moved = middle(etas[0]) > promised and _has_moved(promise, etas[0], judged_in(view))
        promised = promised if has_moved else None
    return Drift(promised, etas)


def _has_moved(before: Eta, after: Eta, zone: tzinfo | None) -> bool:
    if after.precision is Precision.DAY:
        return _days(before, zone) != _days(after, zone)
    return abs(to_minute(middle(after)) - to_minute(middle(before))) >= MIN_MOVE[after.precision]


def _days(eta: Eta, zone: tzinfo | None) -> tuple[object, object]:
    ends = (eta.earliest, eta.latest) if eta.latest - eta.earliest > ONE_DAY else (middle(eta), middle(eta))
    first, last = (time.astimezone(zone).date() for time in ends)
    return first, last
