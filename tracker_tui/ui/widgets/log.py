"""The lines of the log, wrapped to the width; it follows the newest line unless the user scrolled up."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.segment import Segment
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from tracker_tui.ui.model.event_log import LogLine


class LogLines(ScrollView, can_focus=True):
    """A scrolling list that renders only the visible rows, and follows the newest line while it is visible.

    Args:
        wrap_line: Returns the rows of a line for a width in cells.
        id: The widget's id.
    """

    ALLOW_SELECT = False

    def __init__(self, wrap_line: Callable[[LogLine, int], list[Content]], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._wrap_line = wrap_line
        self._lines: dict[int, LogLine] = {}
        self._wrapped: dict[int, list[Content]] = {}
        self._rows: list[tuple[int, Content]] = []
        self._room = Size(0, 0)

    def show(self, lines: Iterable[LogLine], *, rewrap: bool = False) -> None:
        """Show lines.

        Args:
            lines: The lines, from top to bottom.
            rewrap: Whether lines that were shown before look different now.
        """
        self._lines = {line.number: line for line in lines}
        self._lay_out(rewrap=rewrap)

    def on_resize(self) -> None:
        """Wrap the lines to the new width."""
        self._lay_out()

    def render_line(self, y: int) -> Strip:
        """Return one row of the widget."""
        width, row = self.scrollable_content_region.width, self.scroll_offset.y + y
        content = self._rows[row][1] if row < len(self._rows) else Content("")
        strips = Visual.to_strips(self, content, width, 1, self.visual_style, pad=True)
        return strips[0] if strips else Strip([Segment(" " * width, self.visual_style.rich_style)])

    def _lay_out(self, *, rewrap: bool = False) -> None:
        room, top = self.scrollable_content_region.size, self.scroll_offset.y
        if not room.width or not room.height:
            return
        is_at_end = top + self._room.height >= len(self._rows) or top >= self.max_scroll_y
        number = self._rows[top][0] if top < len(self._rows) else 0
        below = sum(1 for each, _ in self._rows[:top] if each == number)
        tall = len(self._wrapped.get(number, ()))
        known = {} if rewrap or room.width != self._room.width else self._wrapped
        self._wrapped = {
            each: known.get(each) or self._wrap_line(line, room.width) for each, line in self._lines.items()
        }
        self._rows = [(each, row) for each, rows in self._wrapped.items() for row in rows]
        self._room = room
        self.virtual_size = Size(room.width, len(self._rows))
        end = max(0, len(self._rows) - room.height)
        if number in self._wrapped:
            place = next(row for row, (each, _) in enumerate(self._rows) if each == number)
            place += below * len(self._wrapped[number]) // tall if tall else 0
        else:
            # The line at the top was filtered out: the next one takes its place.
            place = next((row for row, (each, _) in enumerate(self._rows) if each > number), end)
        self.scroll_to(y=end if is_at_end else min(place, end), animate=False, immediate=True, force=True)
        self.refresh()
