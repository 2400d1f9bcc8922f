"""The orders in which the board can be sorted."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from tracker_tui.ui.board.rows import BoardRow

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class Sort(StrEnum):
    """The sort key; rows with equal keys keep the order in which their orders appeared."""

    ATTENTION = "attention"
    ID = "id"
    ETA = "ETA"
    UPDATED = "updated"
    STAGE = "stage"


DESCRIPTIONS = {
    Sort.ATTENTION: "late, needs action, at risk, stuck",
    Sort.ID: "by order id",
    Sort.ETA: "next arrival first",
    Sort.UPDATED: "latest change first",
    Sort.STAGE: "furthest along first",
}
"""Per sort key the words of the menu."""


def sort_rows(rows: list[BoardRow], sort: Sort) -> list[BoardRow]:
    """Return the rows sorted by a key; the sort is stable."""
    return sorted(rows, key=_KEYS[sort])


def _by_updated(row: BoardRow) -> float:
    return -(row.view.current.updated_at if row.view.current else _LONG_AGO).timestamp()


_KEYS: dict[Sort, Any] = {
    Sort.ATTENTION: lambda row: row.assessment.rank,
    Sort.ID: lambda row: row.order_id,
    Sort.ETA: lambda row: row.expected_at or _NEVER,
    Sort.UPDATED: _by_updated,
    Sort.STAGE: lambda row: (not row.is_open, -row.stage_index, row.stage),
}
