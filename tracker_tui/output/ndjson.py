"""The report for programs: one JSON object a line.

The lines are ASCII, so that a terminal obeys no escape sequence in them. Each milestone is reported once per order,
epoch and seq. A new epoch renumbers the retained history, which is then reported again under the new epoch.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tracker_tui.domain.canonical import plain, rfc3339
from tracker_tui.domain.history import Entry
from tracker_tui.domain.lateness import Lateness, lateness
from tracker_tui.domain.overlay import PendingCommand, PendingCommands
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Change, LinkChanged, LinkState, OrderChanged, OrderForgotten
from tracker_tui.output.exit_codes import has_ended

if TYPE_CHECKING:
    from tracker_tui.link.clock import Clock


class NdjsonReport:
    """Turns changes into lines, and reports nothing twice.

    Args:
        clock: The clock, for lateness and for the time until the next retry.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._views: dict[str, OrderView] = {}
        self._pending_commands: dict[str, PendingCommands] = {}
        self._order_lines: dict[str, str] = {}
        self._lateness: dict[str, Lateness] = {}
        self._milestones: dict[str, set[tuple[int, int]]] = {}
        self._ended: set[str] = set()
        self._link_line: str | None = None

    def lines(self, change: Change) -> Iterator[str]:
        """Yield the lines of a change; notes are for people and have none."""
        match change:
            case OrderChanged(order_id=order_id, view=view, arrived=arrived, pending_commands=pending):
                self._views[order_id] = view
                self._pending_commands[order_id] = pending
                yield from self._new_milestones(order_id, arrived)
                yield from self._order(view)
                yield from self._end(view)
            case OrderForgotten(order_id=order_id):
                self._views.pop(order_id, None)
                self._pending_commands.pop(order_id, None)
                self._order_lines.pop(order_id, None)
                self._lateness.pop(order_id, None)
                self._milestones.pop(order_id, None)
                self._ended.discard(order_id)
            case LinkChanged(link=link):
                # A link has more fields than its line: skip changes of the others.
                if (line := _json_line(self._link(link))) != self._link_line:
                    self._link_line = line
                    yield line

    def tick(self) -> Iterator[str]:
        """Yield the orders whose lateness changed by time alone."""
        now = self._clock.wall()
        for view in self._views.values():
            if view.state is not None and lateness(view, now) is not self._lateness.get(view.order_id):
                yield from self._order(view)

    def forget(self, order_id: str) -> None:
        """Report no change by time alone of an order until its next change."""
        self._views.pop(order_id, None)

    def _new_milestones(self, order_id: str, arrived: tuple[Entry, ...]) -> Iterator[str]:
        reported = self._milestones.setdefault(order_id, set())
        for entry in arrived:
            if entry.version in reported:
                continue
            reported.add(entry.version)
            milestone = entry.milestone
            yield _json_line(
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

    def _order(self, view: OrderView) -> Iterator[str]:
        if view.state is None:
            return
        late = self._lateness[view.order_id] = lateness(view, self._clock.wall())
        line = _json_line(
            {
                "type": "order",
                "orderId": view.order_id,
                "epoch": view.state.version.epoch,
                "seq": view.state.version.seq,
                "complete": view.complete,
                "state": plain(view.state.value),
                "lateness": late.value,
                "pending": [
                    _pending(pending) for pending in self._pending_commands.get(view.order_id, ()) if pending.is_open
                ],
            }
        )
        if self._order_lines.get(view.order_id) != line:
            self._order_lines[view.order_id] = line
            yield line

    def _end(self, view: OrderView) -> Iterator[str]:
        if view.order_id not in self._ended and has_ended(view) and view.state is not None:
            self._ended.add(view.order_id)
            yield _json_line({"type": "end", "orderId": view.order_id, "outcome": plain(view.state.value.outcome)})

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


def _pending(pending: PendingCommand) -> dict[str, Any]:
    return {**plain(pending.command), "fate": pending.status.value, "reason": pending.reason}


def _json_line(value: dict[str, Any]) -> str:
    # DEL is the only control character that JSON doesn't escape.
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True).replace("\x7f", r"\u007f")
