"""The rows of all orders, updated with each frame; rows of unchanged orders are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from operator import is_not

from tracker_tui.ui.board.news import News
from tracker_tui.ui.board.rows import BoardRow
from tracker_tui.ui.board.snooze import Snoozes
from tracker_tui.ui.model.scene import TrackedOrder

_SAME_MOMENT = timedelta(seconds=1)
"""Difference below which two times up to which an order is known are the same one, read from two clocks."""

KnownUntil = Callable[[TrackedOrder], datetime | None]
"""Returns the wall time up to which an order is known; None if that is the present."""


class RowCache:
    """The rows of all orders, in the order in which these appeared.

    Args:
        marks: The ids of the marked orders.
        snoozes: The snoozed orders.
        news: The rows as the user last looked at them.

    Attributes:
        rows: The rows of the last call of `update`.
        by_id: The same rows by order id.
    """

    def __init__(self, marks: set[str], snoozes: Snoozes, news: News) -> None:
        self.rows: list[BoardRow] = []
        self.by_id: dict[str, BoardRow] = {}
        self._marks = marks
        self._snoozes = snoozes
        self._news = news
        self._is_current = True
        self._last_input: tuple[object, ...] = ()

    def update(
        self, orders: Sequence[TrackedOrder], now: datetime, *, is_current: bool, known_until: KnownUntil
    ) -> list[BoardRow]:
        """Return the rows at the wall time `now`, in whole seconds."""
        self._is_current = is_current
        inputs = (now, is_current, frozenset(self._marks), frozenset(self._snoozes), self._news.version)
        is_same, self._last_input = inputs == self._last_input, inputs
        before, by_id, looked_at = self.rows, self.by_id, self._news.take_looked_at()
        rows: list[BoardRow] = []
        for order, row in zip_longest(orders, before[: len(orders)]):
            # With frequent changes, nearly all orders are the same as a frame ago: this is their whole cost.
            if is_same and row is not None and row.tracked is order and row.order_id not in looked_at:
                rows.append(row)
            else:
                rows.append(self._row(by_id.get(order.view.order_id), order, now, known_until(order)))
        if len(rows) != len(before) or any(map(is_not, rows, before)):
            self.rows, self.by_id = rows, {row.order_id: row for row in rows}
        return self.rows

    def _row(
        self, before: BoardRow | None, order: TrackedOrder, now: datetime, known_until: datetime | None
    ) -> BoardRow:
        order_id = order.view.order_id
        is_marked = order_id in self._marks
        if before is not None and before.known_until is not None and known_until is not None:
            # The clocks of the feed and of the machine drift: a moment that passed must not seem to move.
            is_same_moment = abs(before.known_until - known_until) < _SAME_MOMENT
            known_until = before.known_until if is_same_moment else known_until
        if before is None or before.tracked is not order:
            row = BoardRow(
                order,
                now,
                is_marked=is_marked,
                is_current=self._is_current,
                known_until=known_until,
                snoozed_for=before.snoozed_for if before is not None else None,
                has_news=before.has_news if before is not None else False,
                before=before,
            )
        else:
            row = before.updated(now, is_marked=is_marked, is_current=self._is_current, known_until=known_until)
        return row.with_signs(
            now,
            snoozed_for=self._snoozes.seconds_left(order_id, row.assessment, now),
            has_news=self._news.is_news(row),
        )
