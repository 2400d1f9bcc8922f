"""All orders assessed, sorted, filtered and grouped: the lines of the board, and the counts of all orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from tracker_tui.ui.board.calm_order import CalmOrder, SortPace
from tracker_tui.ui.board.counts import BoardCounts, count_rows
from tracker_tui.ui.board.groups import BoardLine, Groups, GroupTitle
from tracker_tui.ui.board.news import News
from tracker_tui.ui.board.row_cache import KnownUntil, RowCache
from tracker_tui.ui.board.rows import BoardRow
from tracker_tui.ui.board.snooze import Snoozes
from tracker_tui.ui.board.sort import sort_rows
from tracker_tui.ui.model.board_view import DEFAULT_VIEW, BoardView, Grouping, Sort
from tracker_tui.ui.model.scene import TrackedOrder
from tracker_tui.wording.order_filter import order_matches


def _present(_order: TrackedOrder) -> datetime | None:
    return None


class Arrangement:
    """The board's rows, filtered, sorted and grouped; rows of unchanged orders are kept.

    Args:
        view: The filter, the sort key and the grouping to start with.
        marks: The ids of the marked orders.

    Attributes:
        filter: The filter of the rows.
        sort: The sort key.
        reversed: Whether the rows are in the reverse order of the key.
        marks: The ids of the marked orders.
        rows: The visible rows after the last call of `arrange`, without those of collapsed groups.
        lines: The same rows with the titles of their groups.
        counts: The counts of the last call of `arrange`.
    """

    def __init__(self, view: BoardView = DEFAULT_VIEW, marks: set[str] | None = None) -> None:
        self.filter = view.filter
        self.sort = view.sort
        self.reversed = view.is_reversed
        self.marks = set() if marks is None else marks
        self.rows: Sequence[BoardRow] = ()
        self.lines: Sequence[BoardLine] = ()
        self.counts = BoardCounts()
        self._snoozes = Snoozes()
        self._news = News()
        self._cache = RowCache(self.marks, self._snoozes, self._news)
        self._groups = Groups()
        self._groups.choose(view.grouping)
        self._order = CalmOrder()
        self._pace = SortPace()
        self._arranged_at = float("-inf")

    @property
    def grouping(self) -> Grouping:
        """What the orders of a group have in common."""
        return self._groups.grouping

    def arrange(
        self,
        orders: Sequence[TrackedOrder],
        now: datetime,
        *,
        time: float | None = None,
        is_current: bool = True,
        known_until: KnownUntil = _present,
    ) -> Sequence[BoardRow]:
        """Return the visible rows at the wall time `now`.

        Args:
            orders: All orders.
            now: The wall time; fractions of a second are ignored.
            time: Seconds on the feed's clock, by which rows are sorted again; None to use the wall time.
            is_current: Whether the link is live; if not, no row is shown as in sync.
            known_until: Returns the wall time up to which an order is known; None if that is the present.
        """
        time = now.timestamp() if time is None else time
        if time < self._arranged_at:
            # A replay went back: what was undone is no news.
            self._news.forget()
        self._arranged_at = time
        rows = self._cache.update(orders, now.replace(microsecond=0), is_current=is_current, known_until=known_until)
        if is_due := self._pace.is_due(time):
            self._pace = self._pace.sorted(time)
        self._order = self._order.follow({row.order_id: row.placement for row in rows}, self._ranked, is_due=is_due)
        by_id = self._cache.by_id
        ordered = [by_id[order_id] for order_id in self._order.keys]
        chosen = (
            [row for row in ordered if self.filter.matches(partial(order_matches, row))] if self.filter else ordered
        )
        self.lines = self._groups.lines(chosen, is_due=is_due)
        self.rows = [line for line in self.lines if isinstance(line, BoardRow)] if self.grouping.is_grouped else chosen
        self.counts = count_rows(rows, len(chosen))
        return self.rows

    def touch(self, time: float) -> None:
        """Take note that the user pressed a key, clicked or scrolled, at `time` seconds, as for `arrange`."""
        self._pace = self._pace.touched(time)

    def apply(self, view: BoardView) -> None:
        """Use the filter, the sort key and the grouping of a view."""
        self.filter, self.sort, self.reversed = view.filter, view.sort, view.is_reversed
        self.group_by(view.grouping)

    def toggle_mark(self, order_id: str) -> None:
        """Mark an order, or remove its mark."""
        self.marks.symmetric_difference_update({order_id})

    def row(self, order_id: str | None) -> BoardRow | None:
        """Return the row of an order after the last call of `arrange`; None if there is none."""
        return self._cache.by_id.get(order_id) if order_id is not None else None

    def look_at(self, row: BoardRow) -> None:
        """Take note that the user looks at a row."""
        self._news.look_at([row])

    def look_at_all(self) -> None:
        """Take note that the user has seen every row."""
        self._news.look_at(self._cache.rows)

    def toggle_snooze(self, order_id: str, now: datetime) -> bool:
        """Snooze an open order at the wall time `now`, or end its snooze; return whether that is possible."""
        row = self._cache.by_id.get(order_id)
        if row is None or not row.is_open:
            return False
        self._snoozes.toggle(order_id, row.assessment, now)
        return True

    def toggle_sort(self, sort: Sort) -> None:
        """Sort by a key; if it is the present one, reverse the rows."""
        self.reversed = sort is self.sort and not self.reversed
        self.sort = sort
        self._pace = self._pace.sort_now()

    def group_by(self, grouping: Grouping) -> None:
        """Group the rows by something else, with all groups expanded."""
        self._groups.choose(grouping)
        self._pace = self._pace.sort_now()

    def toggle_group(self, title: GroupTitle) -> None:
        """Collapse or expand a group."""
        self._groups.toggle(title.name)

    def toggle_all_groups(self) -> None:
        """Collapse all groups; if all are collapsed, expand them."""
        self._groups.toggle_all()

    def title_above(self, line: BoardLine | None) -> GroupTitle | None:
        """Return the title of the group to which a line belongs; None without groups."""
        title = None
        for each in self.lines:
            title = each if isinstance(each, GroupTitle) else title
            if line is not None and each.line_id == line.line_id:
                return title
        return None

    def _ranked(self) -> list[str]:
        return [row.order_id for row in sort_rows(self._cache.rows, self.sort, is_reversed=self.reversed)]
