"""Reports of only those orders that a filter lets through, judged by the newest view of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Change, Noted, OrderChanged
from tracker_tui.wording.order_filter import OrderAt, order_matches

if TYPE_CHECKING:
    from tracker_tui.domain.history import Entry
    from tracker_tui.link.clock import Clock
    from tracker_tui.output.once import Describe
    from tracker_tui.output.watch import Report
    from tracker_tui.wording.filter import Filter


class FilteredReport:
    """Passes changes on to a report while their order matches.

    The milestones of an order that doesn't match are held back. They are told, before anything else, when it matches.
    What isn't about an order, such as a change of the link, is passed on as it is.

    Args:
        report: What turns changes into lines.
        filter: Which orders are told of.
        clock: The time, because an order can begin to match by time alone.
    """

    def __init__(self, report: Report, filter: Filter, clock: Clock) -> None:
        self._report = report
        self._filter = filter
        self._clock = clock
        self._newest: dict[str, OrderChanged] = {}
        self._held: dict[str, list[Entry]] = {}
        self._shown: set[str] = set()

    def lines(self, change: Change) -> Iterator[str]:
        """Yield what a change has to tell, if its order matches."""
        match change:
            case OrderChanged(order_id=order_id):
                self._newest[order_id] = replace(change, arrived=())
                if self._matches(order_id):
                    yield from self._show(order_id, change.arrived)
                else:
                    self._hide(order_id)
                    self._held.setdefault(order_id, []).extend(change.arrived)
            case Noted(order_id=str(order_id)) if not self._matches(order_id):
                pass
            case _:
                yield from self._report.lines(change)

    def tick(self) -> Iterator[str]:
        """Yield what changed by time alone, orders that begin to match included."""
        for order_id in self._newest:
            is_match = self._matches(order_id)
            if is_match and order_id not in self._shown:
                yield from self._show(order_id, ())
            elif not is_match:
                self._hide(order_id)
        yield from self._report.tick()

    def forget(self, order_id: str) -> None:
        """Tell no more of an order until its next change."""
        self._newest.pop(order_id, None)
        self._hide(order_id)

    def _show(self, order_id: str, arrived: tuple[Entry, ...]) -> Iterator[str]:
        change = self._newest[order_id]
        if held := self._held.pop(order_id, None):
            # A new epoch may have renumbered some of them meanwhile.
            entries = {entry.version: entry for entry in change.view.history}
            versions = dict.fromkeys(entry.version for entry in (*held, *arrived))
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
        return _holds(self._filter, view, self._clock)


def describe_matching(describe: Describe, filter: Filter, clock: Clock) -> Describe:
    """Describe an order only if it matches; for a report of the present state."""

    def lines(change: OrderChanged) -> Iterable[str]:
        return describe(change) if _holds(filter, change.view, clock) else ()

    return lines


def _holds(filter: Filter, view: OrderView, clock: Clock) -> bool:
    return filter.matches(partial(order_matches, OrderAt(view, clock.wall())))
