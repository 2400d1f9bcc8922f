"""All orders assessed, filtered and sorted: the rows of the board, and the counts of all orders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import zip_longest
from operator import is_not

from tracker_tui.domain.attention import Attention
from tracker_tui.domain.lateness import Lateness
from tracker_tui.ui.board.rows import BoardRow
from tracker_tui.ui.board.sort import sort_rows
from tracker_tui.ui.model.board_view import Sort
from tracker_tui.ui.model.scene import TrackedOrder
from tracker_tui.wording.filter import Filter
from tracker_tui.wording.order_filter import order_matches


@dataclass(frozen=True, slots=True)
class BoardCounts:
    """Numbers of orders by condition; a late order may be stuck or need action, too.

    Attributes:
        total: All orders.
        shown: Orders that match the filter.
    """

    late: int = 0
    needs_action: int = 0
    at_risk: int = 0
    stuck: int = 0
    done: int = 0
    marked: int = 0
    total: int = 0
    shown: int = 0


def _now(_order: TrackedOrder) -> datetime | None:
    return None


class Arrangement:
    """The board's rows, filtered and sorted; rows of unchanged orders are kept.

    Attributes:
        filter: The filter of the rows.
        sort: The sort key.
        reversed: Whether the rows are in the reverse order of the key.
        marks: The ids of the marked orders.
        rows: The rows of the last call of `arrange`.
        counts: The counts of the last call of `arrange`.
    """

    def __init__(
        self, filter: Filter | None = None, sort: Sort = Sort.ATTENTION, marks: set[str] | None = None
    ) -> None:
        self.filter = filter or Filter()
        self.sort = sort
        self.reversed = False
        self.marks = set() if marks is None else marks
        self.rows: list[BoardRow] = []
        self.counts = BoardCounts()
        self._all_rows: list[BoardRow] = []
        self._by_id: dict[str, BoardRow] = {}
        self._last_input: tuple[datetime | None, bool, frozenset[str]] = (None, False, frozenset())

    def arrange(
        self,
        orders: Sequence[TrackedOrder],
        now: datetime,
        *,
        is_current: bool = True,
        known_until: Callable[[TrackedOrder], datetime | None] = _now,
    ) -> list[BoardRow]:
        """Return the rows at the wall time `now`.

        Args:
            orders: All orders.
            now: The wall time; fractions of a second are ignored.
            is_current: Whether the link is live; if not, no row is shown as in sync.
            known_until: Returns the wall time up to which an order is known; None if that is `now`.
        """
        second = now.replace(microsecond=0)
        inputs = (second, is_current, frozenset(self.marks))
        is_same, self._last_input = inputs == self._last_input, inputs
        before, by_id = self._all_rows, self._by_id
        rows: list[BoardRow] = []
        for order, row in zip_longest(orders, before[: len(orders)]):
            # With frequent changes, nearly all orders are the same as a frame ago: this is their whole cost.
            if is_same and row is not None and row.tracked is order:
                rows.append(row)
            else:
                until = known_until(order)
                rows.append(self._row(by_id.get(order.view.order_id), order, second, until, is_current=is_current))
        if len(rows) != len(before) or any(map(is_not, rows, before)):
            self._all_rows, self._by_id = rows, {row.order_id: row for row in rows}
        chosen = [row for row in rows if self.filter.matches(partial(order_matches, row))] if self.filter else rows
        self.rows = sort_rows(chosen, self.sort, is_reversed=self.reversed)
        self.counts = _count(rows, len(chosen))
        return self.rows

    def toggle_mark(self, order_id: str) -> None:
        """Mark an order, or remove its mark."""
        self.marks.symmetric_difference_update({order_id})

    def toggle_sort(self, sort: Sort) -> None:
        """Sort by a key; if it is the present one, reverse the rows."""
        self.reversed = sort is self.sort and not self.reversed
        self.sort = sort

    def _row(
        self,
        before: BoardRow | None,
        order: TrackedOrder,
        now: datetime,
        known_until: datetime | None,
        *,
        is_current: bool,
    ) -> BoardRow:
        is_marked = order.view.order_id in self.marks
        if before is None or before.tracked is not order:
            return BoardRow(
                order, now, is_marked=is_marked, is_current=is_current, known_until=known_until, before=before
            )
        return before.updated(now, is_marked=is_marked, is_current=is_current, known_until=known_until)


def _count(rows: list[BoardRow], shown: int) -> BoardCounts:
    late = action = at_risk = stuck = done = marked = 0
    for row in rows:
        assessment = row.assessment
        if row.is_open:
            late += assessment.lateness is Lateness.LATE
            action += assessment.action is not None
            at_risk += assessment.lateness is Lateness.AT_RISK
            stuck += assessment.stuck
        done += assessment.attention is Attention.ENDED
        marked += row.is_marked
    return BoardCounts(late, action, at_risk, stuck, done, marked, len(rows), shown)
