"""Sorts the rows of the board."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any

from tracker_tui.domain.attention import Attention
from tracker_tui.ui.board.rows import BoardRow
from tracker_tui.ui.model.board_view import Sort


def sort_rows(rows: Iterable[BoardRow], sort: Sort, *, is_reversed: bool = False) -> list[BoardRow]:
    """Return the rows sorted by a key.

    Snoozed rows are last in their class. Rows without a value are last in both directions: an order that has ended has
    no arrival. Of rows with equal values the smaller id is first, with the numbers in ids compared as numbers.
    """
    value_of = _VALUES[sort]
    valued: list[tuple[Any, BoardRow]] = []
    rest: list[tuple[Any, BoardRow]] = []
    for row in sorted(rows, key=_natural_id):
        value = value_of(row)
        if value is None:
            rest.append((_by_attention(row), row))
        else:
            valued.append((value, row))
    valued.sort(key=itemgetter(0), reverse=is_reversed)
    if sort is Sort.ATTENTION:
        # In both directions, snoozed orders are the last ones of their class.
        valued.sort(key=lambda pair: (pair[0][0] * (-1 if is_reversed else 1), pair[1].is_snoozed))
    rest.sort(key=itemgetter(0))
    return [row for _, row in (*valued, *rest)]


def _natural_id(row: BoardRow) -> tuple[tuple[str | int, ...], str]:
    return row.natural_id


def _by_attention(row: BoardRow) -> tuple[int, float]:
    return row.assessment.rank


def _urgency(row: BoardRow) -> tuple[int, float] | None:
    return _by_attention(row) if row.assessment.attention < Attention.UNKNOWN else None


def _stage(row: BoardRow) -> tuple[int, str] | None:
    return (-row.stage_index, row.stage) if row.is_open else None


def _margin(row: BoardRow) -> float | None:
    """Return the seconds from the expected arrival to the promise, negative if late; None if unknown."""
    if (late := row.assessment.late_by) is not None:
        return -late.total_seconds() if row.is_open else None
    promised = row.view.order.promised_at if row.view.order else None
    if promised is None or row.expected_at is None:
        return None
    return (promised - row.expected_at).total_seconds()


_VALUES: dict[Sort, Callable[[BoardRow], Any]] = {
    Sort.ATTENTION: _urgency,
    Sort.ID: _natural_id,
    Sort.STAGE: _stage,
    Sort.ETA: lambda row: row.expected_at,
    Sort.PROMISE: _margin,
    Sort.UPDATED: lambda row: -row.view.current.updated_at.timestamp() if row.view.current else None,
    Sort.CUSTOMER: lambda row: row.customer.casefold() or None,
    Sort.COURIER: lambda row: row.courier_name.casefold() or None,
}
