"""The board's columns: which of them fit a width, and how wide each is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tracker_tui.ui.board import column_cells as cells
from tracker_tui.ui.board.rows import BoardRow
from tracker_tui.ui.cells.measure import Part
from tracker_tui.ui.cells.progress import PROGRESS_WIDTH
from tracker_tui.ui.model.board_view import ColumnName, Sort
from tracker_tui.wording.times import Instant

MIN_ID_WIDTH = 5
MAX_ID_WIDTH = 20
"""Cells of the column of ids: as many as the longest one needs, between these."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: Its name in the config file; None for the glyph and the mark.
        title: The heading.
        min_width: Cells below which the column is dropped.
        max_width: Cells beyond which it doesn't grow.
        keep_rank: Columns are added in this order while they fit; 0 is always there, None only on request.
        render: Returns the text for a row, for a number of cells.
        sort: The sort key that a click on the title chooses; None if there is none.
        short_title: A heading that leaves room for the arrow of a sorted column; empty if `title` does.
    """

    name: ColumnName | None
    title: str
    min_width: int
    max_width: int
    keep_rank: int | None
    render: Callable[[BoardRow, Instant, int], Part]
    sort: Sort | None = None
    short_title: str = ""


SIGNS = (Column(None, "", 1, 1, 0, cells.attention_cell), Column(None, "", 2, 2, 0, cells.mark_cell))
"""The glyph and the mark, which are always first."""

COLUMNS = (
    Column(ColumnName.ORDER, "Order", MIN_ID_WIDTH, MAX_ID_WIDTH, 0, cells.order_id_cell, Sort.ID, "Id"),
    Column(ColumnName.STAGE, "Stage", 14, 20, 3, cells.stage_cell, Sort.STAGE),
    Column(ColumnName.PROGRESS, "Progress", PROGRESS_WIDTH, PROGRESS_WIDTH, 5, cells.progress_cell, Sort.STAGE),
    Column(ColumnName.ARRIVES, "Arrives", 12, 12, 1, cells.arrival_cell, Sort.ETA),
    Column(ColumnName.DUE, "In", 10, 10, 8, cells.due_cell, Sort.ETA),
    Column(ColumnName.CONDITION, "Condition", 15, 15, 2, cells.condition_cell, Sort.ATTENTION),
    Column(ColumnName.EVENT, "Last event", 23, 46, 6, cells.event_cell, Sort.UPDATED),
    Column(ColumnName.CUSTOMER, "Customer", 10, 22, 4, cells.customer_cell, Sort.CUSTOMER),
    Column(ColumnName.COURIER, "Courier", 9, 16, 7, cells.courier_cell, Sort.COURIER),
    Column(ColumnName.ITEMS, "Items", 14, 34, 9, cells.items_cell),
    Column(ColumnName.TO, "To", 12, 28, 10, cells.destination_cell),
    Column(ColumnName.PROMISED, "Promised", 11, 12, None, cells.promised_cell, Sort.PROMISE),
    Column(ColumnName.UPDATED, "Updated", 8, 8, None, cells.updated_cell, Sort.UPDATED),
    Column(ColumnName.SYNC, "Sync", 13, 24, None, cells.sync_cell),
)
"""All columns, in the order in which they stand."""

_BY_NAME = {column.name: column for column in COLUMNS}

_GROWING = (
    (ColumnName.STAGE, 18),
    (ColumnName.CUSTOMER, 16),
    (ColumnName.EVENT, 32),
    (ColumnName.COURIER, 16),
    (ColumnName.ITEMS, 28),
    (ColumnName.TO, 22),
    *((column.name, column.max_width) for column in COLUMNS),
)
"""The columns that get the remaining cells, in this order, and up to how many cells."""

_SHOW_SYNC = (ColumnName.EVENT, ColumnName.SYNC)
"""Columns that show what is not in sync; without them the condition does."""


def columns_for(width: int, id_width: int = 8, names: Sequence[ColumnName] = ()) -> Sequence[tuple[Column, int]]:
    """Return the columns that fit into `width` cells, each with its cells.

    The result doesn't depend on the rows, except on the longest id, so that columns stay where they are.

    Args:
        width: The cells of the table.
        id_width: The cells of the longest id.
        names: The columns that the user chose, from left to right; empty for those that fit best.
    """
    cells_of_id = max(MIN_ID_WIDTH, min(id_width, MAX_ID_WIDTH))
    order = replace(_BY_NAME[ColumnName.ORDER], min_width=cells_of_id, max_width=cells_of_id)
    chosen = _chosen(width, order, names) if names else _fitting(width, order)
    if not {column.name for column in chosen} & {*_SHOW_SYNC}:
        chosen = [
            replace(column, render=cells.condition_or_sync_cell) if column.name is ColumnName.CONDITION else column
            for column in chosen
        ]
    return _with_cells([*SIGNS, *chosen], width)


def id_width_of(rows: Sequence[object]) -> int:
    """Return the cells of the longest id among the lines of a board."""
    return max((len(row.order_id) for row in rows if isinstance(row, BoardRow)), default=MIN_ID_WIDTH)


def _fitting(width: int, order: Column) -> list[Column]:
    """Return the most important columns that fit, in the order in which they stand."""
    ranked = sorted((column for column in COLUMNS if column.keep_rank), key=lambda column: column.keep_rank or 0)
    kept = [order]
    for column in ranked:
        # A less important column doesn't take the place of a more important one that doesn't fit.
        if _least([*SIGNS, *kept, column]) > width:
            break
        kept.append(column)
    return [
        next(each for each in kept if each.name is column.name)
        for column in COLUMNS
        if column.name in {each.name for each in kept}
    ]


def _chosen(width: int, order: Column, names: Sequence[ColumnName]) -> list[Column]:
    """Return the user's columns as far as they fit, the id first unless it is among them."""
    wanted = names if ColumnName.ORDER in names else (ColumnName.ORDER, *names)
    kept: list[Column] = []
    for name in dict.fromkeys(wanted):
        column = order if name is ColumnName.ORDER else _BY_NAME[name]
        if kept and _least([*SIGNS, *kept, column]) > width:
            break
        kept.append(column)
    return kept


def _with_cells(columns: Sequence[Column], width: int) -> list[tuple[Column, int]]:
    spare = width - _least(columns)
    given = [column.min_width for column in columns]
    for name, limit in _GROWING:
        for index, column in enumerate(columns):
            more = min(spare, min(limit, column.max_width) - given[index]) if column.name is name else 0
            if more > 0:
                given[index] += more
                spare -= more
    return list(zip(columns, given, strict=True))


def _least(columns: Sequence[Column]) -> int:
    # The columns are one cell apart, except the glyph and the mark.
    return sum(column.min_width for column in columns) + len(columns) - 2
