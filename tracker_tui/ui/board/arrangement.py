"""All orders, judged, filtered and sorted: what the board shows, and the counts over all of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from tracker_tui.domain.attention import Attention, judge
from tracker_tui.domain.lateness import Lateness
from tracker_tui.ui.board.entry import Entry
from tracker_tui.ui.board.filter import matches
from tracker_tui.ui.board.reading import Reading
from tracker_tui.ui.board.sort import Sort, arranged
from tracker_tui.ui.filter import Filter
from tracker_tui.ui.scene import BoardRow


@dataclass(frozen=True, slots=True)
class Tally:
    """How many orders stand how; a late one may be stuck too.

    Attributes:
        total: All of them.
        shown: Those that the filter lets through.
    """

    late: int = 0
    at_risk: int = 0
    stuck: int = 0
    done: int = 0
    marked: int = 0
    total: int = 0
    shown: int = 0


class Arrangement:
    """The board's rows in their order; what has not changed is neither read nor judged again.

    Attributes:
        filter: Which orders are shown.
        sort: In which order.
        marks: The ids of the marked orders.
        entries: What was arranged last.
        tally: Its counts.
    """

    def __init__(self, filter: Filter | None = None, sort: Sort = Sort.ATTENTION) -> None:
        self.filter = filter or Filter()
        self.sort = sort
        self.marks: set[str] = set()
        self.entries: list[Entry] = []
        self.tally = Tally()
        self._known: dict[str, Entry] = {}
        self._judged_at: datetime | None = None
        self._is_current = False

    def arrange(self, rows: Iterable[BoardRow], now: datetime, *, is_current: bool = True) -> list[Entry]:
        """Take the rows as they are at the wall-clock time `now`.

        Args:
            rows: The orders, as they were told.
            now: When that is.
            is_current: Whether the link is live; without that no row is in sync, whatever it was told to be.
        """
        # Nothing on the board is told to less than a second.
        second = now.replace(microsecond=0)
        is_later, self._judged_at = second != self._judged_at, second
        self._is_current = is_current
        before, self._known = self._known, {}
        for index, row in enumerate(rows):
            order_id = row.view.order_id
            entry = self._entry(before.get(order_id), index, row, second, is_later=is_later)
            self._known[order_id] = entry
        every = list(self._known.values())
        chosen = [entry for entry in every if self.filter.holds(partial(matches, entry))] if self.filter else every
        self.entries = arranged(chosen, self.sort)
        self.tally = _tally(every, len(chosen))
        return self.entries

    def toggle(self, order_id: str) -> None:
        """Mark an order, or take its mark away."""
        self.marks ^= {order_id}

    def _entry(self, held: Entry | None, index: int, row: BoardRow, now: datetime, *, is_later: bool) -> Entry:
        order_id = row.view.order_id
        here = (index, order_id in self.marks, self._is_current)
        if held is not None and held.reading.row is row and (held.index, held.marked, held.is_current) == here:
            if not is_later or row.is_timeless:
                return held
            judgement = judge(row.view, now, held.reading.stuck_from)
            return held if judgement == held.judgement else Entry(held.reading, judgement, *here)
        before = held.reading if held is not None else None
        reading = before if before is not None and before.row is row else Reading(row, before)
        return Entry(reading, judge(row.view, now, reading.stuck_from), *here)


def _tally(entries: list[Entry], shown: int) -> Tally:
    still = [entry.judgement for entry in entries if entry.is_open]
    return Tally(
        late=sum(each.lateness is Lateness.LATE for each in still),
        at_risk=sum(each.lateness is Lateness.AT_RISK for each in still),
        stuck=sum(each.stuck for each in still),
        done=sum(entry.judgement.attention is Attention.ENDED for entry in entries),
        marked=sum(entry.marked for entry in entries),
        total=len(entries),
        shown=shown,
    )
