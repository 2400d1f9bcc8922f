"""The board's table: it renders only the visible rows, and its cursor follows an order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual import events
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual
from textual.widget import Widget

from tracker_tui.ui.board.columns import Column, columns_for, id_width_of
from tracker_tui.ui.board.group_title import group_title_parts
from tracker_tui.ui.board.groups import BoardLine, GroupTitle
from tracker_tui.ui.board.rows import BoardRow
from tracker_tui.ui.cells.measure import Part, pad
from tracker_tui.ui.messages import OrderChosen
from tracker_tui.ui.model.board_view import ColumnName, Sort
from tracker_tui.ui.model.styles import ACCENT, MUTED, STRONG
from tracker_tui.wording.times import Instant

POINTER = "▸"
"""The sign before the selected row."""

SCROLL_THUMB = "┃"
"""The sign of the scroll bar's thumb."""

WHEEL_ROWS = 3
"""Rows that one step of the mouse wheel moves."""


class _Line(NamedTuple):
    """The look of a line.

    Attributes:
        cells: Its cells; or the parts of its text, if it has no columns.
        edge: The sign at its right edge.
        is_selected: Whether the cursor is on it.
        has_columns: Whether it is the row of an order.
    """

    cells: tuple[Part, ...]
    edge: str
    is_selected: bool
    has_columns: bool


class BoardTable(Widget, can_focus=False):
    """A line of column titles, and a line for each order and for the title of each group.

    The cursor follows its order when rows move. Until the user moves it, it stays on the first row.

    Args:
        columns: The columns that the user chose; empty for those that fit best.
        id: The widget's id.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"board-table--cursor"}

    class Highlighted(Message):
        """The user selected another order."""

    @dataclass
    class GroupClicked(Message):
        """The user clicked on the title of a group."""

        title: GroupTitle

    @dataclass
    class TitleClicked(Message):
        """The user clicked on the title of a column that can be sorted."""

        sort: Sort

    def __init__(self, *, columns: Sequence[ColumnName] = (), id: str | None = None) -> None:
        super().__init__(id=id)
        self._names = columns
        self._columns: Sequence[tuple[Column, int]] = ()
        self._id_width = 0
        self._sorted: tuple[Sort | None, bool] = (None, False)
        self._rows: Sequence[BoardLine] = ()
        self._instant: Instant | None = None
        self._empty = ""
        self._pinned: str | None = None
        self._awaited: str | None = None
        self._place = 0
        self._home = 0
        self._top = 0
        self._lines: list[_Line | None] = []
        self._painted: list[tuple[BoardLine | None, object, bool, str]] = []

    @property
    def selected_line(self) -> BoardLine | None:
        """The selected line; None if there are no lines."""
        return self._rows[self._place] if self._rows else None

    @property
    def selected_row(self) -> BoardRow | None:
        """The row of the selected order; None on the title of a group, or without rows."""
        return self.selected_line if isinstance(self.selected_line, BoardRow) else None

    @property
    def order_ids(self) -> tuple[str, ...]:
        """The ids of the listed orders, from top to bottom."""
        return tuple(line.order_id for line in self._rows if isinstance(line, BoardRow))

    @property
    def page_rows(self) -> int:
        """Number of rows visible at once."""
        return max(1, self.size.height - 1)

    def show_sort(self, sort: Sort, *, is_reversed: bool) -> None:
        """Show an arrow in the title of the column by which the rows are sorted."""
        if (sort, is_reversed) != self._sorted:
            self._sorted = (sort, is_reversed)
            self.refresh(Region(0, 0, self.size.width, 1))

    def show(self, rows: Sequence[BoardLine], instant: Instant, empty: str, *, is_typing: bool = False) -> None:
        """Show `rows`, or the text `empty` if there are none.

        Args:
            rows: The rows, sorted, and the titles of groups.
            instant: The present time.
            empty: The text for no rows.
            is_typing: Whether a filter is being typed; a selected order that it hides keeps the cursor.
        """
        self._rows, self._instant, self._empty = rows, instant, empty
        # The column of ids only grows, so that a filter moves no column.
        self._id_width = max(self._id_width, id_width_of(rows))
        place = next((place for place, row in enumerate(rows[:2]) if isinstance(row, BoardRow)), 0)
        if self._awaited is not None and any(row.line_id == self._awaited for row in rows):
            self._pinned, self._awaited = self._awaited, None
        if self._pinned is not None and rows:
            # If the order is gone, the cursor keeps its place, on the order that moved up.
            places = (place for place, row in enumerate(rows) if row.line_id == self._pinned)
            self._home = next(places, self._home)
            place = min(self._home, len(rows) - 1)
            if not is_typing:
                self._pinned = rows[place].line_id
        if self._top:
            # The selected row keeps its place on the screen when rows appear above it.
            self._top += place - self._place
        self._place = place
        self._scroll_to_cursor()
        self._paint()

    def pin(self, line_id: str | None = None) -> None:
        """Keep the cursor on a line from now on, by its id; None for the selected one."""
        if self.selected_line is not None:
            self._pinned, self._home = line_id or self.selected_line.line_id, self._place

    def unpin(self) -> None:
        """Move the cursor to the first row, and keep it there until the user moves it."""
        self._pinned = None

    def select(self, order_id: str) -> None:
        """Move the cursor to an order, as soon as there is a row of it."""
        self._awaited = order_id

    @property
    def is_pinned(self) -> bool:
        """Whether the cursor follows an order."""
        return self._pinned is not None

    def move(self, rows: int) -> None:
        """Move the cursor by `rows`, at most to the first or the last row."""
        if self._rows:
            self._select(min(max(0, self._place + rows), len(self._rows) - 1))

    def render_line(self, y: int) -> Strip:
        """Return one line of the widget."""
        width = self.size.width
        style = self.visual_style
        content = self._title(width) if y == 0 else self._row(y - 1, width)
        strips = Visual.to_strips(self, content, width, 1, style, pad=True)
        return strips[0] if strips else Strip([Segment(" " * width, style.rich_style)])

    def on_resize(self) -> None:
        """Repaint everything at the new size."""
        self._scroll_to_cursor()
        self._painted, self._lines = [], []
        self._paint()

    def on_click(self, event: events.Click) -> None:
        """Select the order under the mouse; open it on a double click. Report a click on a title."""
        if event.y == 0 and (sort := self._sort_at(event.x)) is not None:
            self.post_message(self.TitleClicked(sort))
        place = self._top + event.y - 1
        if event.y < 1 or place >= len(self._rows):
            return
        self._select(place)
        line = self._rows[place]
        if isinstance(line, GroupTitle):
            self.post_message(self.GroupClicked(line))
        elif event.chain == 2:
            self.post_message(OrderChosen(line.order_id, self.order_ids))

    def on_mouse_scroll_down(self) -> None:
        """Move the cursor down."""
        self.move(WHEEL_ROWS)

    def on_mouse_scroll_up(self) -> None:
        """Move the cursor up."""
        self.move(-WHEEL_ROWS)

    def _select(self, place: int) -> None:
        self._place, self._awaited = place, None
        self.pin()
        self._scroll_to_cursor()
        self.post_message(self.Highlighted())
        self._paint()

    def _scroll_to_cursor(self) -> None:
        """Make the cursor visible, without empty lines below the last row."""
        self._top = min(max(self._top, self._place - self.page_rows + 1), self._place)
        self._top = max(0, min(self._top, len(self._rows) - self.page_rows))

    def _paint(self) -> None:
        """Refresh the lines that look different now."""
        width, height = self.size
        if not width or not height or self._instant is None:
            return
        count = height - 1
        self._painted += [(None, None, False, "")] * (count - len(self._painted))
        self._lines += [None] * (count - len(self._lines))
        # The board shows no fractions of a second.
        moment = (self._instant.now.replace(microsecond=0), self._instant.zone)
        columns = self._layout(width)
        changed: list[Region] = []
        for y in range(count):
            place = self._top + y
            row = self._rows[place] if place < len(self._rows) else None
            painted = (row, moment, place == self._place, self._edge(y, count))
            if painted == self._painted[y] and (row is not None or y):
                continue
            self._painted[y] = painted
            is_selected = row is not None and place == self._place
            cells = self._cells(row, columns) if row is not None or y else (("  ", ""), (self._empty, MUTED))
            line = _Line(cells, self._edge(y, count), is_selected, isinstance(row, BoardRow))
            if line != self._lines[y]:
                widths = [cells for _, cells in columns]
                changed += _changed_cells(self._lines[y], line, widths, Region(0, y + 1, width, 1))
                self._lines[y] = line
        if changed:
            self.refresh(*changed)

    def _layout(self, width: int) -> Sequence[tuple[Column, int]]:
        """Return the columns; if they moved, everything is painted again."""
        columns = columns_for(width - 2, self._id_width, self._names)
        if columns != self._columns:
            self._columns = columns
            self._painted = [(None, None, False, "")] * len(self._painted)
            self._lines = [None] * len(self._lines)
            self.refresh()
        return self._columns

    def _sort_at(self, x: int) -> Sort | None:
        """Return the sort key of the column title at a cell."""
        start = 1
        for index, (column, cells) in enumerate(self._columns):
            end = start + cells + (0 if index == 0 else 1)
            if start <= x < end:
                return column.sort
            start = end
        return None

    def _cells(self, line: BoardLine | None, columns: Sequence[tuple[Column, int]]) -> tuple[Part, ...]:
        if line is None or self._instant is None:
            return ()
        if isinstance(line, GroupTitle):
            return tuple(group_title_parts(line, self._instant.now))
        return tuple(column.render(line, self._instant, cells) for column, cells in columns)

    def _edge(self, y: int, visible: int) -> str:
        """Return the sign at the right edge of a line: the scroll bar's thumb, or a space."""
        total = len(self._rows)
        if total <= visible:
            return " "
        length = max(1, visible * visible // total)
        first = (visible - length) * self._top // max(1, total - visible)
        return SCROLL_THUMB if first <= y < first + length else " "

    def _title(self, width: int) -> Content:
        parts: list[Part] = [("     ", "")]
        sort, is_reversed = self._sorted
        has_arrow = False
        for column, cells in self._columns[2:]:
            is_sorted = not has_arrow and column.sort is not None and column.sort is sort
            has_arrow = has_arrow or is_sorted
            title = _sorted_title(column, cells, is_reversed=is_reversed) if is_sorted else column.title
            parts.append((pad(title, cells) + " ", f"{STRONG} {ACCENT if is_sorted else MUTED}"))
        return Content.assemble(*parts).truncate(width)

    def _row(self, y: int, width: int) -> Content:
        line = self._lines[y] if y < len(self._lines) else None
        if line is None:
            return Content("")
        columns = self._columns if line.has_columns else ()
        parts: list[Part] = [(POINTER if line.is_selected else " ", "")]
        if len(line.cells) != len(columns):
            parts += line.cells
        else:
            for index, ((_, cells), (text, style)) in enumerate(zip(columns, line.cells, strict=True)):
                gap = "" if index == 0 else " "
                parts.append((pad(text, cells) + gap, style))
        content = Content.assemble(*parts).truncate(width - 1, ellipsis=not line.has_columns, pad=True)
        if line.is_selected:
            # Not `get_visual_style`: it ignores reverse, the only sign of the cursor without colours.
            styles = self.get_component_styles("board-table--cursor")
            look = styles.text_style
            # Without a foreground, so that the texts keep their colours.
            content = content.stylize(Style(background=styles.background, bold=look.bold, reverse=look.reverse))
        return content + Content.styled(line.edge, MUTED)


def _sorted_title(column: Column, width: int, *, is_reversed: bool) -> str:
    """Return a column's title with an arrow, cut so that the arrow is always visible."""
    arrow = "↑" if is_reversed else "↓"
    for title in (column.title, column.short_title):
        if title and len(title) + 2 <= width:
            return f"{title} {arrow}"
    return f"{column.title[: width - 1]}{arrow}"


def _changed_cells(before: _Line | None, after: _Line, widths: Sequence[int], row: Region) -> Iterator[Region]:
    """Yield the regions of the cells that look different now; the whole row if its selection or edge changed."""
    is_same_kind = before is not None and before[1:] == after[1:] and after.has_columns
    if before is None or not is_same_kind or not len(before.cells) == len(after.cells) == len(widths):
        yield row
        return
    x = 1
    for index, (old, new, width) in enumerate(zip(before.cells, after.cells, widths, strict=True)):
        if old != new:
            yield Region(x, row.y, width, 1)
        x += width if index == 0 else width + 1
