"""The report for programs: one JSON object a line.

A terminal obeys no character of the lines (`json_text`). Each milestone is reported once per order, epoch and seq. A
new epoch renumbers the retained history, which is then reported again under the new epoch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracker_tui.domain.attention import Assessment
from tracker_tui.domain.canonical import plain, rfc3339
from tracker_tui.domain.history import Entry
from tracker_tui.domain.overlay import PendingCommands
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Change, LinkChanged, LinkState, OrderChanged, OrderForgotten
from tracker_tui.output.assessments import Assessments
from tracker_tui.output.exit_codes import has_ended
from tracker_tui.output.json_text import json_text
from tracker_tui.output.order_object import order_object

if TYPE_CHECKING:
    from tracker_tui.link.clock import Clock


@dataclass(frozen=True, slots=True)
class _Reported:
    """An order as it was last reported."""

    view: OrderView
    pending: PendingCommands
    assessment: Assessment
    line: str


class NdjsonReport:
    """Turns changes into lines, and reports nothing twice.

    Args:
        clock: The clock, for the time until the next retry.
        assessments: Assesses the orders; shared with a filter. None for assessments of its own.
        encoding: The encoding of the output.
    """

    def __init__(self, clock: Clock, assessments: Assessments | None = None, encoding: str = "utf-8") -> None:
        self._clock = clock
        self._assessments = assessments or Assessments(clock)
        self._encoding = encoding
        self._orders: dict[str, _Reported] = {}
        self._hidden: set[str] = set()
        self._milestones: dict[str, set[tuple[int, int]]] = {}
        self._ended: set[str] = set()
        self._link_line: str | None = None

    def lines(self, change: Change) -> Iterator[str]:
        """Yield the lines of a change; notes are for people and have none."""
        self._assessments.observe(change)
        match change:
            case OrderChanged(order_id=order_id, view=view, arrived=arrived, pending_commands=pending):
                self._hidden.discard(order_id)
                yield from self._new_milestones(order_id, arrived)
                yield from self._order(view, pending)
                yield from self._end(view)
            case OrderForgotten(order_id=order_id):
                self._orders.pop(order_id, None)
                self._hidden.discard(order_id)
                self._milestones.pop(order_id, None)
                self._ended.discard(order_id)
            case LinkChanged(link=link):
                # A link has more fields than its line: skip changes of the others.
                if (line := self._line(self._link(link))) != self._link_line:
                    self._link_line = line
                    yield line

    def tick(self) -> Iterator[str]:
        """Yield the orders that became late, stuck or in need of action by time alone."""
        for order_id, reported in list(self._orders.items()):
            if order_id in self._hidden or reported.view.outcome is not None:
                continue
            if _conditions(self._assessments.of(reported.view)) != _conditions(reported.assessment):
                yield from self._order(reported.view, reported.pending)

    def forget(self, order_id: str) -> None:
        """Report no change by time alone of an order until its next change."""
        self._hidden.add(order_id)

    def _new_milestones(self, order_id: str, arrived: tuple[Entry, ...]) -> Iterator[str]:
        reported = self._milestones.setdefault(order_id, set())
        for entry in arrived:
            if entry.version in reported:
                continue
            reported.add(entry.version)
            milestone = entry.milestone
            yield self._line(
                {
                    "type": "milestone",
                    "orderId": order_id,
                    "epoch": entry.epoch,
                    "seq": milestone.seq,
                    "kind": milestone.kind.value,
                    "status": milestone.status,
                    "occurredAt": rfc3339(milestone.occurred_at),
                    "note": milestone.note,
                }
            )

    def _order(self, view: OrderView, pending: PendingCommands) -> Iterator[str]:
        if view.state is None:
            return
        assessment = self._assessments.of(view)
        line = self._line(order_object(view, assessment, pending))
        before = self._orders.get(view.order_id)
        self._orders[view.order_id] = _Reported(view, pending, assessment, line)
        if before is None or before.line != line:
            yield line

    def _end(self, view: OrderView) -> Iterator[str]:
        if view.order_id not in self._ended and has_ended(view) and view.state is not None:
            self._ended.add(view.order_id)
            yield self._line({"type": "end", "orderId": view.order_id, "outcome": plain(view.state.value.outcome)})

    def _link(self, link: LinkState) -> dict[str, Any]:
        wait = None if link.retry_at is None else round(max(0.0, link.retry_at - self._clock.time()), 3)
        return {
            "type": "link",
            "phase": link.phase.value,
            "transport": link.transport,
            "attempt": link.attempt,
            "retryInSeconds": wait,
            "reason": link.reason or link.fallback,
        }

    def _line(self, value: dict[str, Any]) -> str:
        return json_text(value, self._encoding)


def _conditions(assessment: Assessment) -> tuple[object, ...]:
    return assessment.lateness, assessment.stuck, assessment.action
