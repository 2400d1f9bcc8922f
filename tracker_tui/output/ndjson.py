"""The report for programs: one JSON object a line (DESIGN §3).

Lines are pure ASCII, so that a terminal that they end up in obeys nothing in them. A milestone is told once per (order,
epoch, seq): a new epoch renumbers what is retained of the history, which is then told again under the new epoch.
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
from tracker_tui.link.changes import Change, LinkChanged, LinkState, OrderChanged
from tracker_tui.output.exit_codes import has_ended

if TYPE_CHECKING:
    from tracker_tui.link.clock import Clock


class NdjsonReport:
    """Turns changes into lines; remembers what was told, so that nothing is told twice."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._views: dict[str, OrderView] = {}
        self._pending_commands: dict[str, PendingCommands] = {}
        self._orders: dict[str, str] = {}
        self._lateness: dict[str, Lateness] = {}
        self._milestones: dict[str, set[tuple[int, int]]] = {}
        self._ended: set[str] = set()
        self._told: str | None = None

    def lines(self, change: Change) -> Iterator[str]:
        """Yield what a change has to tell; notes are for people and tell nothing here."""
        match change:
            case OrderChanged(order_id=order_id, view=view, arrived=arrived, pending_commands=pending):
                self._views[order_id] = view
                self._pending_commands[order_id] = pending
                yield from self._new_milestones(order_id, arrived)
                yield from self._order(view)
                yield from self._end(view)
            case LinkChanged(link=link):
                # What else there is to know of a link changes more often than what is told of it.
                if (line := _line(self._link(link))) != self._told:
                    self._told = line
                    yield line

    def tick(self) -> Iterator[str]:
        """Yield the orders whose lateness changed by time alone."""
        now = self._clock.wall()
        for view in self._views.values():
            if view.state is not None and lateness(view, now) is not self._lateness.get(view.order_id):
                yield from self._order(view)

    def forget(self, order_id: str) -> None:
        """Tell no more of an order by time alone until its next change."""
        self._views.pop(order_id, None)

    def _new_milestones(self, order_id: str, arrived: tuple[Entry, ...]) -> Iterator[str]:
        told = self._milestones.setdefault(order_id, set())
        for entry in arrived:
            if entry.version in told:
                continue
            told.add(entry.version)
            milestone = entry.milestone
            yield _line(
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
        line = _line(
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
        if self._orders.get(view.order_id) != line:
            self._orders[view.order_id] = line
            yield line

    def _end(self, view: OrderView) -> Iterator[str]:
        if view.order_id not in self._ended and has_ended(view) and view.state is not None:
            self._ended.add(view.order_id)
            yield _line({"type": "end", "orderId": view.order_id, "outcome": plain(view.state.value.outcome)})

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


def _line(value: dict[str, Any]) -> str:
    # The one control character that JSON lets stand as it is.
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True).replace("\x7f", r"\u007f")
