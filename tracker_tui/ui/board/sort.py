"""The orders in which the board can be sorted."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from tracker_tui.ui.board.rows import BoardRow

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class Sort(StrEnum):
    """What comes first; where that says nothing, the order in which the orders came up."""

    ATTENTION = "attention"
    ID = "id"
    ETA = "ETA"
    UPDATED = "updated"
    STAGE = "stage"


DESCRIPTIONS = {
    Sort.ATTENTION: "late, at risk, stuck, the rest, ended",
    Sort.ID: "by order id",
    Sort.ETA: "the next to arrive first",
    Sort.UPDATED: "the newest change first",
    Sort.STAGE: "the furthest along first",
}
"""What each of them puts first."""


def sort_rows(entries: list[BoardRow], sort: Sort) -> list[BoardRow]:
    """`entries` in order; they come as they were asked for or came up."""
    return sorted(entries, key=_KEYS[sort])


def _by_updated(entry: BoardRow) -> float:
    state = entry.reading.row.view.state
    return -(state.value.updated_at if state else _LONG_AGO).timestamp()


_KEYS: dict[Sort, Any] = {
    Sort.ATTENTION: lambda entry: entry.judgement.attention,
    Sort.ID: lambda entry: entry.order_id,
    Sort.ETA: lambda entry: entry.reading.arrives or _NEVER,
    Sort.UPDATED: _by_updated,
    Sort.STAGE: lambda entry: (not entry.is_open, -entry.reading.place, entry.reading.stage),
}
