"""Reports of only those orders that match a filter, by the newest view of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Change, Noted, OrderChanged, OrderForgotten
from tracker_tui.wording.order_filter import OrderAt, order_matches

if TYPE_CHECKING:
    from tracker_tui.domain.history import Entry
    from tracker_tui.link.clock import Clock
    from tracker_tui.output.assessments import Assessments
    from tracker_tui.output.watch import Describe, Report
    from tracker_tui.wording.filter import Filter


class FilteredReport:
    """Passes changes on to a report while their order matches.

    Milestones of an order that doesn't match are kept. They are reported first when it matches. Changes without an
    order, such as changes of the link, always pass.

    Args:
        report: The report that turns changes into lines.
        filter: The filter for orders.
        assessments: The assessments of the report; an order can start to match by time alone.
    """

    def __init__(self, report: Report, filter: Filter, assessments: Assessments) -> None:
        self._report = report
        self._filter = filter
        self._assessments = assessments
        self._newest: dict[str, OrderChanged] = {}
        self._unreported: dict[str, list[Entry]] = {}
        self._shown: set[str] = set()

    def lines(self, change: Change) -> Iterator[str]:
        """Yield the lines of a change, if its order matches."""
        self._assessments.observe(change)
        match change:
            case OrderChanged(order_id=order_id):
                self._newest[order_id] = replace(change, arrived=())
                if self._matches(order_id):
                    yield from self._show(order_id, change.arrived)
                else:
                    self._hide(order_id)
                    self._unreported.setdefault(order_id, []).extend(change.arrived)
            case OrderForgotten(order_id=order_id):
                self._newest.pop(order_id, None)
                self._unreported.pop(order_id, None)
                self._shown.discard(order_id)
                yield from self._report.lines(change)
            case Noted(order_id=str(order_id)) if not self._matches(order_id):
                pass
            case _:
                yield from self._report.lines(change)

    def tick(self) -> Iterator[str]:
        """Yield the lines of changes by time alone, also of orders that start to match."""
        for order_id in self._newest:
            is_match = self._matches(order_id)
            if is_match and order_id not in self._shown:
                yield from self._show(order_id, ())
            elif not is_match:
                self._hide(order_id)
        yield from self._report.tick()

    def forget(self, order_id: str) -> None:
        """Report nothing more about an order until its next change."""
        self._newest.pop(order_id, None)
        self._hide(order_id)

    def _show(self, order_id: str, arrived: tuple[Entry, ...]) -> Iterator[str]:
        change = self._newest[order_id]
        if unreported := self._unreported.pop(order_id, None):
            # A new epoch may have renumbered some of them since.
            entries = {entry.version: entry for entry in change.view.history}
            versions = dict.fromkeys(entry.version for entry in (*unreported, *arrived))
            arrived = tuple(entries[version] for version in versions if version in entries)
        self._shown.add(order_id)
        yield from self._report.lines(replace(change, arrived=arrived))

    def _hide(self, order_id: str) -> None:
        if order_id in self._shown:
            self._shown.discard(order_id)
            self._report.forget(order_id)

    def _matches(self, order_id: str) -> bool:
        newest = self._newest.get(order_id)
        view = newest.view if newest is not None else OrderView(order_id)
        order = OrderAt(view, self._assessments.known_until(order_id), self._assessments.basis_of(view))
        return self._filter.matches(partial(order_matches, order))


def describe_matching(describe: Describe, filter: Filter, clock: Clock) -> Describe:
    """Return a function that describes only orders that match; for a report of the present state."""

    def lines(change: OrderChanged) -> Iterable[str]:
        order = OrderAt(change.view, clock.wall())
        return describe(change) if filter.matches(partial(order_matches, order)) else ()

    return lines
