"""Attention classes of orders: late, needs action, at risk, stuck, and the rest.

Every judgement is made at a moment up to which the view is known to be true. During an outage that moment stands still:
silence of a server that cannot be heard says nothing about its orders.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from tracker_tui.domain.lateness import Freshness, Lateness, freshness, is_scan, late_by, lateness, middle, to_minute
from tracker_tui.domain.order import OrderState, Precision
from tracker_tui.domain.timeline import entered, is_reopened
from tracker_tui.domain.view import OrderView

SILENT_AFTER = {
    Precision.MINUTE: timedelta(minutes=15),
    Precision.HOUR: timedelta(hours=6),
    Precision.DAY: timedelta(hours=48),
}
"""Time without an update after which an open order is stuck, by the precision of its ETA."""

SILENT_WITHOUT_ETA = timedelta(hours=1)
"""The same for orders without an ETA."""

_WAITS_FOR_CUSTOMER = "available_for_pickup"
"""The status in which no update is expected until the customer comes (PROTOCOL §3)."""

_RETURNING = "returning"
"""The status of a parcel on its way back, which has no ETA and is scanned rarely (PROTOCOL §3)."""


class Attention(IntEnum):
    """Attention class of an order; a lower number needs attention first."""

    LATE = 0
    NEEDS_ACTION = 1
    AT_RISK = 2
    STUCK = 3
    CALM = 4
    UNKNOWN = 5
    """No state has arrived yet."""
    ENDED = 6


class ActionReason(StrEnum):
    """Why somebody has to act on an order; of several reasons the first one counts."""

    ATTEMPT_FAILED = "attempt_failed"
    HELD = "held"
    ACTION_REQUIRED = "action_required"
    COURIER_SILENT = "courier_silent"
    """The courier's position is lost (`STALE_FOR`)."""
    REOPENED = "reopened"
    """The order had ended, and is in its first stage since."""


@dataclass(frozen=True, slots=True)
class AssessmentBasis:
    """Values on which an assessment depends and that change only with the view.

    Attributes:
        stuck_from: The time from which the order is stuck unless an update arrives; None if it never is.
        is_reopened: Whether the order is in its first stage after an end.
    """

    stuck_from: datetime | None
    is_reopened: bool

    @classmethod
    def of(cls, view: OrderView) -> AssessmentBasis:
        """Return the values of a view."""
        return cls(stuck_from(view), is_reopened(view))


@dataclass(frozen=True, slots=True)
class Assessment:
    """The assessment of an order at one moment.

    Attributes:
        lateness: Compared with its promise.
        late_by: How late it is, in whole minutes or days; None unless it is late.
        action: Why somebody has to act; None if nobody has to.
        stuck: Whether it makes no progress; an order can be late and stuck.
        attention: The first class that applies.
        severity: The rank within the class; a higher number is worse. Its unit depends on the class.
    """

    lateness: Lateness
    late_by: timedelta | None
    action: ActionReason | None
    stuck: bool
    attention: Attention
    severity: float

    @property
    def rank(self) -> tuple[int, float]:
        """The place among other orders; the lowest needs attention first."""
        return self.attention, -self.severity


def assess(view: OrderView, at: datetime, basis: AssessmentBasis | None = None) -> Assessment:
    """Assess an order at a wall-clock time.

    Args:
        view: The order.
        at: The time up to which the view is known to be true: now while the connection is live and the order in sync,
            else the last time when that was so.
        basis: The result of `AssessmentBasis.of`, if it is known.
    """
    basis = basis or AssessmentBasis.of(view)
    late = lateness(view, at)
    excess = late_by(view, at) if late is Lateness.LATE else None
    action = action_reason(view, at, reopened=basis.is_reopened)
    is_stuck = basis.stuck_from is not None and at > basis.stuck_from
    attention = _attention(view, late, action, stuck=is_stuck)
    return Assessment(late, excess, action, is_stuck, attention, _severity(view, attention, excess, basis.stuck_from))


def action_reason(view: OrderView, at: datetime, *, reopened: bool) -> ActionReason | None:
    """Return why somebody has to act on an order at a wall-clock time; None if nobody has to.

    Args:
        view: The order.
        at: The time, as for `assess`.
        reopened: The result of `is_reopened`.
    """
    if view.state is None or view.state.value.outcome is not None:
        return None
    state = view.state.value
    present = {state.status, *state.flags}
    for reason in (ActionReason.ATTEMPT_FAILED, ActionReason.HELD, ActionReason.ACTION_REQUIRED):
        if reason.value in present:
            return reason
    if _courier_is_silent(state, at):
        return ActionReason.COURIER_SILENT
    return ActionReason.REOPENED if reopened else None


def stuck_from(view: OrderView) -> datetime | None:
    """Return when an order becomes stuck unless an update arrives; None if it never does.

    The earlier of two times counts: `slaSeconds` after the stage was entered, and `SILENT_AFTER` after the newest
    version.
    """
    if view.state is None or view.state.value.outcome is not None:
        return None
    return stuck_since(view, entered(view))


def stuck_since(view: OrderView, since: datetime | None) -> datetime | None:
    """Return `stuck_from`, given when the current stage was entered."""
    if view.state is None or view.state.value.outcome is not None:
        return None
    state = view.state.value
    stages = view.facts.value.flow.stages if view.facts else ()
    allowed = next((stage.sla_seconds for stage in stages if stage.id == state.status), None)
    silence = SILENT_AFTER[state.eta.precision] if state.eta else SILENT_WITHOUT_ETA
    if state.status == _RETURNING:
        silence = SILENT_AFTER[Precision.DAY]
    silent = None if state.status == _WAITS_FOR_CUSTOMER else state.updated_at + silence
    if since is None or allowed is None:
        return silent
    if silent is not None and allowed > (silent - since).total_seconds():
        return silent
    try:
        return since + timedelta(seconds=allowed)
    except OverflowError:
        return None


def _courier_is_silent(state: OrderState, at: datetime) -> bool:
    if state.location is None or is_scan(state) or state.status == _WAITS_FOR_CUSTOMER:
        return False
    return freshness(state.location, at) is Freshness.LOST


def _attention(view: OrderView, late: Lateness, action: ActionReason | None, *, stuck: bool) -> Attention:
    if view.state is None:
        return Attention.UNKNOWN
    if view.state.value.outcome is not None:
        return Attention.ENDED
    if late is Lateness.LATE:
        return Attention.LATE
    if action is not None:
        return Attention.NEEDS_ACTION
    if late is Lateness.AT_RISK:
        return Attention.AT_RISK
    return Attention.STUCK if stuck else Attention.CALM


def _severity(view: OrderView, attention: Attention, excess: timedelta | None, stuck: datetime | None) -> float:
    """Return the rank within a class; all but lateness are constant while the view doesn't change."""
    if view.state is None:
        return 0.0
    state = view.state.value
    match attention:
        case Attention.LATE:
            return excess.total_seconds() if excess is not None else 0.0
        case Attention.NEEDS_ACTION:
            # The longest unattended first.
            return -state.updated_at.timestamp()
        case Attention.AT_RISK:
            return _possible_excess(view)
        case Attention.STUCK:
            return -stuck.timestamp() if stuck is not None else 0.0
        case Attention.ENDED:
            return state.updated_at.timestamp()
        case _:
            # The next arrival first; orders without an ETA last.
            return -middle(state.eta).timestamp() if state.eta is not None else -float("inf")


def _possible_excess(view: OrderView) -> float:
    """Return by how many seconds the latest expected arrival is after the promise; 0 without both."""
    eta = view.state.value.eta if view.state else None
    promised = view.facts.value.promised_at if view.facts else None
    if eta is None or promised is None:
        return 0.0
    return max(0.0, (to_minute(eta.latest) - to_minute(promised)).total_seconds())
