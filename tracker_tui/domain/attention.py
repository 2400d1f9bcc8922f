"""Attention classes of orders: late, at risk, stuck, and the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from tracker_tui.domain.lateness import Lateness, lateness
from tracker_tui.domain.order import Precision
from tracker_tui.domain.timeline import entered
from tracker_tui.domain.view import OrderView

SILENT_AFTER = {
    Precision.MINUTE: timedelta(minutes=15),
    Precision.HOUR: timedelta(hours=6),
    Precision.DAY: timedelta(hours=48),
}
"""Time without an update after which an open order is stuck, by the precision of its ETA."""

SILENT_WITHOUT_ETA = timedelta(hours=1)
"""The same for orders without an ETA."""


class Attention(IntEnum):
    """Attention class of an order; a lower number needs attention first."""

    LATE = 0
    AT_RISK = 1
    STUCK = 2
    CALM = 3
    UNKNOWN = 4
    """No state has arrived yet."""
    ENDED = 5


@dataclass(frozen=True, slots=True)
class Assessment:
    """The assessment of an order at one moment.

    Attributes:
        lateness: Compared with its promise.
        stuck: Whether it makes no progress; an order can be late and stuck.
        attention: The first class that applies.
    """

    lateness: Lateness
    stuck: bool
    attention: Attention


def assess(view: OrderView, now: datetime, stuck: datetime | None) -> Assessment:
    """Assess an order at the wall-clock time `now`.

    Args:
        view: The order.
        now: Wall-clock time.
        stuck: The result of `stuck_from`, which changes only with the view.
    """
    late = lateness(view, now)
    is_stuck = stuck is not None and now > stuck
    return Assessment(late, is_stuck, _attention(view, late, stuck=is_stuck))


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
    silent = state.updated_at + (SILENT_AFTER[state.eta.precision] if state.eta else SILENT_WITHOUT_ETA)
    stages = view.facts.value.flow.stages if view.facts else ()
    allowed = next((stage.sla_seconds for stage in stages if stage.id == state.status), None)
    if since is None or allowed is None or allowed > (silent - since).total_seconds():
        return silent
    return since + timedelta(seconds=allowed)


def _attention(view: OrderView, late: Lateness, *, stuck: bool) -> Attention:
    if view.state is None:
        return Attention.UNKNOWN
    if view.state.value.outcome is not None:
        return Attention.ENDED
    if late is Lateness.LATE:
        return Attention.LATE
    if late is Lateness.AT_RISK:
        return Attention.AT_RISK
    return Attention.STUCK if stuck else Attention.CALM
