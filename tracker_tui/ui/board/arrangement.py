"""All orders, judged, filtered and sorted: what the board shows, and the counts over all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import zip_longest
from operator import is_not

from tracker_tui.domain.attention import Attention, assess
from tracker_tui.domain.lateness import Lateness
from tracker_tui.ui.board.reading import Reading
from tracker_tui.ui.board.row_filter import row_matches
from tracker_tui.ui.board.rows import BoardRow
from tracker_tui.ui.board.sort import Sort, sort_rows
from tracker_tui.ui.model.filter import Filter
from tracker_tui.ui.model.scene import TrackedOrder


@dataclass(frozen=True, slots=True)
class BoardCounts:
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
        rows: What was arranged last.
        counts: Its counts.
    """

    def __init__(self, filter: Filter | None = None, sort: Sort = Sort.ATTENTION) -> None:
        self.filter = filter or Filter()
        self.sort = sort
        self.marks: set[str] = set()
        self.rows: list[BoardRow] = []
        self.counts = BoardCounts()
        self._every: list[BoardRow] = []
        self._by_id: dict[str, BoardRow] = {}
        self._asked: tuple[datetime | None, bool, frozenset[str]] = (None, False, frozenset())

    def arrange(self, rows: Sequence[TrackedOrder], now: datetime, *, is_current: bool = True) -> list[BoardRow]:
        """Take the rows as they are at the wall-clock time `now`.

        Args:
            rows: The orders, as they were told.
            now: When that is.
            is_current: Whether the link is live; without that no row is in sync, whatever it was told to be.
        """
        # Nothing on the board is told to less than a second.
        second = now.replace(microsecond=0)
        asked = (second, is_current, frozenset(self.marks))
        is_same, self._asked = asked == self._asked, asked
        before, by_id = self._every, self._by_id
        every: list[BoardRow] = []
        for row, held in zip_longest(rows, before[: len(rows)]):
            # In a flood nearly all rows are what they were a frame ago: for those this is all that is done.
            if is_same and held is not None and held.reading.row is row:
                every.append(held)
            else:
                every.append(self._entry(by_id.get(row.view.order_id), row, second))
        if len(every) != len(before) or any(map(is_not, every, before)):
            self._every, self._by_id = every, {entry.order_id: entry for entry in every}
        chosen = (
            [entry for entry in every if self.filter.matches(partial(row_matches, entry))] if self.filter else every
        )
        self.rows = sort_rows(chosen, self.sort)
        self.counts = _tally(every, len(chosen))
        return self.rows

    def toggle_mark(self, order_id: str) -> None:
        """Mark an order, or take its mark away."""
        self.marks ^= {order_id}

    def _entry(self, held: BoardRow | None, row: TrackedOrder, now: datetime) -> BoardRow:
        here = (row.view.order_id in self.marks, self._asked[1])
        if held is None or held.reading.row is not row:
            reading = Reading(row, held.reading if held is not None else None)
            return BoardRow(reading, assess(row.view, now, reading.stuck_from), *here)
        judgement = held.assessment if row.is_timeless else assess(row.view, now, held.reading.stuck_from)
        if (held.assessment, held.is_marked, held.is_current) == (judgement, *here):
            return held
        return BoardRow(held.reading, judgement, *here)


def _tally(entries: list[BoardRow], shown: int) -> BoardCounts:
    late = at_risk = stuck = done = marked = 0
    for entry in entries:
        judgement = entry.assessment
        if entry.is_open:
            late += judgement.lateness is Lateness.LATE
            at_risk += judgement.lateness is Lateness.AT_RISK
            stuck += judgement.stuck
        done += judgement.attention is Attention.ENDED
        marked += entry.is_marked
    return BoardCounts(late, at_risk, stuck, done, marked, len(entries), shown)
