"""Which orders somebody should look at first: the late ones, those at risk, those that are stuck."""

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
"""How long nothing may be published of an order that is under way, by how exactly its arrival is told."""

SILENT_WITHOUT_ETA = timedelta(hours=1)
"""The same where no arrival is told."""


class Attention(IntEnum):
    """How much an order wants to be looked at; the least number most."""

    LATE = 0
    AT_RISK = 1
    STUCK = 2
    CALM = 3
    UNKNOWN = 4
    """Nothing is known of it yet."""
    ENDED = 5


@dataclass(frozen=True, slots=True)
class Assessment:
    """How an order stands at one moment.

    Attributes:
        lateness: Against its promise.
        stuck: Whether it stays where it is for too long; an order may be late and stuck.
        attention: The first of these that holds.
    """

    lateness: Lateness
    stuck: bool
    attention: Attention


def assess(view: OrderView, now: datetime, stuck: datetime | None) -> Assessment:
    """Judge an order at the wall-clock time `now`; `stuck` is its `stuck_from`, which only a new view changes."""
    late = lateness(view, now)
    is_stuck = stuck is not None and now > stuck
    return Assessment(late, is_stuck, _attention(view, late, stuck=is_stuck))


def stuck_from(view: OrderView) -> datetime | None:
    """When an order counts as stuck unless something is heard of it; None where it never does.

    That is the earlier of two times: its stage's `slaSeconds` after it was entered, and `SILENT_AFTER` after the
    newest version.
    """
    if view.state is None or view.state.value.outcome is not None:
        return None
    return stuck_since(view, entered(view))


def stuck_since(view: OrderView, since: datetime | None) -> datetime | None:
    """`stuck_from` for who knows already when the present stage was entered."""
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
