"""Edges: the moments at which an order becomes late, stuck, in need of action, ended, or enters another stage.

Alerts on the screen and commands of ``--on`` use the same edges.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from tracker_tui.domain.attention import ActionReason, assess
from tracker_tui.domain.lateness import Lateness
from tracker_tui.domain.order import Outcome
from tracker_tui.domain.view import OrderView

NEWS_WITHIN = timedelta(minutes=10)
"""An edge that was missed and is older than this on arrival is not reported."""


class Edge(StrEnum):
    """A change that a user may act on."""

    LATE = "late"
    """Reported once for a promise."""
    STUCK = "stuck"
    """Reported once in a stage."""
    ACTION = "action"
    """Somebody has to act; reported once in a stage for each reason."""
    ENDED = "ended"
    REOPENED = "reopened"
    STAGE = "stage"
    """The order entered another stage and is open."""


@dataclass(frozen=True, slots=True)
class EdgeReport:
    """The edges of one order since the last check.

    Attributes:
        edges: The edges; empty if there are none.
        previous_outcome: The outcome before, for a reopened order.
    """

    edges: frozenset[Edge] = frozenset()
    previous_outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class _Seen:
    """The state of an order at the last check.

    Attributes:
        late_for: The promised time for which the order was reported as late.
        stuck_in: The status in which it was reported as stuck.
        reasons: The reasons for action that were reported in its present status.
        was_stale: Whether the view has been out of date since.
    """

    status: str
    outcome: Outcome | None
    late_for: datetime | None
    stuck_in: str | None
    reasons: frozenset[ActionReason]
    was_stale: bool = False


class EdgeDetector:
    """Finds the edges of orders by comparing each view with the last checked one.

    What the first view of an order contains is no edge. An estimate that changes repeatedly raises no edge twice.
    """

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def needs_check(self, view: OrderView) -> bool:
        """Return whether the order must be checked at once; cheap, since most changes only move a courier."""
        before = self._seen.get(view.order_id)
        if before is None or view.current is None:
            return view.current is not None
        return (before.status, before.outcome) != (view.current.status, view.current.outcome)

    def check(self, view: OrderView, now: datetime, *, trusted: bool) -> EdgeReport:
        """Return the edges of an order since the last check.

        Args:
            view: The order's view.
            now: The wall time.
            trusted: Whether the connection is live and the order in sync. Other views are only remembered as
                outdated, and their edges are reported once they are trusted again, unless they are older than
                `NEWS_WITHIN`.
        """
        before, state = self._seen.get(view.order_id), view.current
        if state is None or view.order is None:
            return EdgeReport()
        if not trusted and before is not None:
            if not before.was_stale:
                self._seen[view.order_id] = replace(before, was_stale=True)
            return EdgeReport()
        assessment = assess(view, now)
        late = view.order.promised_at if assessment.lateness is Lateness.LATE else None
        is_same_status = before is not None and before.status == state.status
        present = _Seen(
            state.status,
            state.outcome,
            late or (before.late_for if before else None),
            state.status if assessment.stuck else (before.stuck_in if before and is_same_status else None),
            (before.reasons if before and is_same_status else frozenset())
            | ({assessment.action} if assessment.action else frozenset()),
            was_stale=not trusted,
        )
        self._seen[view.order_id] = present
        if before is None or (before.was_stale and now - state.updated_at > NEWS_WITHIN):
            return EdgeReport()
        return EdgeReport(_edges(before, present, is_late=late is not None), before.outcome)

    def forget(self, order_id: str) -> None:
        """Drop what is known of an order."""
        self._seen.pop(order_id, None)


def _edges(before: _Seen, present: _Seen, *, is_late: bool) -> frozenset[Edge]:
    found = {
        Edge.ENDED: present.outcome is not None and present.outcome is not before.outcome,
        Edge.REOPENED: present.outcome is None and before.outcome is not None,
        Edge.STAGE: present.outcome is None and present.status != before.status,
        Edge.LATE: is_late and present.late_for != before.late_for,
        Edge.STUCK: present.stuck_in is not None and present.stuck_in != before.stuck_in,
        Edge.ACTION: bool(present.reasons - (before.reasons if present.status == before.status else frozenset())),
    }
    return frozenset(edge for edge, is_present in found.items() if is_present)
