"""The board's table: paints the rows in sight and nothing else, and keeps its cursor on an order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual
from textual.widget import Widget

from tracker_tui.ui.board.columns import columns_for
from tracker_tui.ui.board.rows import BoardRow
from tracker_tui.ui.cells.measure import Part, pad
from tracker_tui.ui.messages import OrderChosen
from tracker_tui.ui.model.styles import MUTED, STRONG
from tracker_tui.wording.times import Instant

POINTER = "▸"
"""Before the row under the cursor."""

SCROLL_THUMB = "┃"
"""At the edge, beside the part of all rows that is in sight."""

WHEEL_ROWS = 3
"""Rows that one turn of the mouse wheel moves."""

_Line = tuple[tuple[Part, ...], str, bool]
"""What a row looks like: its cells, what is at its edge, whether the cursor is on it."""


class BoardTable(Widget, can_focus=False):
    """A line of titles, and a row for each entry.

    The cursor is on an order, wherever that goes. Until somebody touches it, it is on whatever order comes first.

    Args:
        id: The widget's id.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"board-table--cursor"}

    class Highlighted(Message):
        """The user put the cursor on another order."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._entries: Sequence[BoardRow] = ()
        self._instant: Instant | None = None
        self._empty = ""
        self._pinned: str | None = None
        self._place = 0
        self._home = 0
        self._top = 0
        self._lines: list[_Line | None] = []
        self._seen: list[tuple[BoardRow | None, object, bool, str]] = []

    @property
    def selected_row(self) -> BoardRow | None:
        """The entry under the cursor."""
        return self._entries[self._place] if self._entries else None

    @property
    def page_rows(self) -> int:
        """Rows that are in sight at once."""
        return max(1, self.size.height - 1)

    def show(self, entries: Sequence[BoardRow], instant: Instant, empty: str, *, is_passing: bool = False) -> None:
        """Paint `entries`, or, where there are none, the words `empty`.

        Args:
            entries: The rows, in their order.
            instant: When that is.
            empty: What to say where there is nothing to show.
            is_passing: Whether a filter is being typed, so that an order which isn't there may be back at once.
        """
        self._entries, self._instant, self._empty = entries, instant, empty
        place = 0
        if self._pinned is not None and entries:
            # An order that is gone leaves the cursor in its place, on the one that moved up.
            places = (place for place, entry in enumerate(entries) if entry.order_id == self._pinned)
            self._home = next(places, self._home)
            place = min(self._home, len(entries) - 1)
            if not is_passing:
                self._pinned = entries[place].order_id
        if self._top:
            # What is looked at stays where it is, however many rows come up above it.
            self._top += place - self._place
        self._place = place
        self._follow()
        self._paint()

    def pin(self) -> None:
        """From now on the cursor stays on the order under it."""
        if self.selected_row is not None:
            self._pinned, self._home = self.selected_row.order_id, self._place

    @property
    def is_pinned(self) -> bool:
        """Whether anybody has touched the cursor yet."""
        return self._pinned is not None

    def move(self, rows: int) -> None:
        """Move the cursor by so many rows, as far as there are any."""
        if self._entries:
            self._go(min(max(0, self._place + rows), len(self._entries) - 1))

    def render_line(self, y: int) -> Strip:
        """One line of the widget."""
        width = self.size.width
        style = self.visual_style
        content = self._title(width) if y == 0 else self._row(y - 1, width)
        strips = Visual.to_strips(self, content, width, 1, style, pad=True)
        return strips[0] if strips else Strip([Segment(" " * width, style.rich_style)])

    def on_resize(self) -> None:
        """Use the new room."""
        self._follow()
        self._seen, self._lines = [], []
        self._paint()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the order under the mouse; a double click opens it."""
        place = self._top + event.y - 1
        if event.y < 1 or place >= len(self._entries):
            return
        self._go(place)
        if event.chain == 2:
            self.post_message(OrderChosen(self._entries[place].order_id))

    def on_mouse_scroll_down(self) -> None:
        """Go down."""
        self.move(WHEEL_ROWS)

    def on_mouse_scroll_up(self) -> None:
        """Go up."""
        self.move(-WHEEL_ROWS)

    def _go(self, place: int) -> None:
        self._place = place
        self.pin()
        self._follow()
        self.post_message(self.Highlighted())
        self._paint()

    def _follow(self) -> None:
        """Have the cursor in sight, and no empty rows below the last one."""
        self._top = min(max(self._top, self._place - self.page_rows + 1), self._place)
        self._top = max(0, min(self._top, len(self._entries) - self.page_rows))

    def _paint(self) -> None:
        """Have those lines painted that look different now."""
        width, height = self.size
        if not width or not height or self._instant is None:
            return
        rows = height - 1
        self._seen += [(None, None, False, "")] * (rows - len(self._seen))
        self._lines += [None] * (rows - len(self._lines))
        # Nothing on the board is told to less than a second.
        moment = (self._instant.now.replace(microsecond=0), self._instant.zone)
        columns = columns_for(width - 2)
        changed: list[Region] = []
        for y in range(rows):
            place = self._top + y
            entry = self._entries[place] if place < len(self._entries) else None
            seen = (entry, moment, place == self._place, self._edge(y, rows))
            if seen == self._seen[y] and (entry is not None or y):
                continue
            self._seen[y] = seen
            cells = (
                () if entry is None else tuple(column.render(entry, self._instant, room) for column, room in columns)
            )
            line: _Line = (cells or (((self._empty, MUTED),) if not y else ()), seen[3], seen[2] and entry is not None)
            if line != self._lines[y]:
                changed += _differences(self._lines[y], line, [room for _, room in columns], Region(0, y + 1, width, 1))
                self._lines[y] = line
        if changed:
            self.refresh(*changed)

    def _edge(self, y: int, rows: int) -> str:
        every = len(self._entries)
        if every <= rows:
            return " "
        length = max(1, rows * rows // every)
        first = (rows - length) * self._top // max(1, every - rows)
        return SCROLL_THUMB if first <= y < first + length else " "

    def _title(self, width: int) -> Content:
        parts: list[Part] = [("    ", "")]
        parts += [(pad(column.title, cells) + " ", f"{STRONG} {MUTED}") for column, cells in columns_for(width - 2)[2:]]
        return Content.assemble(*parts).truncate(width)

    def _row(self, y: int, width: int) -> Content:
        line = self._lines[y] if y < len(self._lines) else None
        if line is None:
            return Content("")
        cells, edge, is_under_cursor = line
        columns = columns_for(width - 2)
        if len(cells) != len(columns):
            return Content.assemble("   ", *cells).truncate(width, ellipsis=True)
        parts: list[Part] = [(POINTER if is_under_cursor else " ", "")]
        for index, ((_, room), (text, style)) in enumerate(zip(columns, cells, strict=True)):
            gap = "" if index == 0 else " "
            parts.append((pad(text, room) + gap, "" if is_under_cursor else style))
        content = Content.assemble(*parts).truncate(width - 1, pad=True)
        if is_under_cursor:
            # Not `get_visual_style`: it knows no reverse, which is all that there is without colours.
            content = content.stylize(Style.from_styles(self.get_component_styles("board-table--cursor")))
        return content + Content.styled(edge, MUTED)


def _differences(before: _Line | None, after: _Line, rooms: Sequence[int], row: Region) -> Iterator[Region]:
    """Yield the cells of a row that look different now: all of it unless only what is in them changed."""
    if before is None or before[1:] != after[1:] or not len(before[0]) == len(after[0]) == len(rooms):
        yield row
        return
    x = 1
    for index, (was, is_now, room) in enumerate(zip(before[0], after[0], rooms, strict=True)):
        if was != is_now:
            yield Region(x, row.y, room, 1)
        x += room if index == 0 else room + 1
