"""The lines of the log, broken to the width there is; a reader who isn't at the end keeps their place."""

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
    """Follows the newest line while that is in sight, and paints the rows in sight alone.

    Args:
        draw: From a line and a width in cells to the rows that it takes.
        id: The widget's id.
    """

    ALLOW_SELECT = False

    def __init__(self, draw: Callable[[LogLine, int], list[Content]], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._draw = draw
        self._lines: dict[int, LogLine] = {}
        self._drawn: dict[int, list[Content]] = {}
        self._rows: list[tuple[int, Content]] = []
        self._room = Size(0, 0)

    def show(self, lines: Iterable[tuple[int, LogLine]], *, anew: bool = False) -> None:
        """Paint lines.

        Args:
            lines: Each with its number, oldest first.
            anew: Whether those that were shown already look different now.
        """
        self._lines = dict(lines)
        self._lay(anew=anew)

    def on_resize(self) -> None:
        """Break the lines anew."""
        self._lay()

    def render_line(self, y: int) -> Strip:
        """One row of the widget."""
        width, row = self.scrollable_content_region.width, self.scroll_offset.y + y
        content = self._rows[row][1] if row < len(self._rows) else Content("")
        strips = Visual.to_strips(self, content, width, 1, self.visual_style, pad=True)
        return strips[0] if strips else Strip([Segment(" " * width, self.visual_style.rich_style)])

    def _lay(self, *, anew: bool = False) -> None:
        room, top = self.scrollable_content_region.size, self.scroll_offset.y
        if not room.width or not room.height:
            return
        is_at_end = top + self._room.height >= len(self._rows) or top >= self.max_scroll_y
        number = self._rows[top][0] if top < len(self._rows) else 0
        below = sum(1 for each, _ in self._rows[:top] if each == number)
        tall = len(self._drawn.get(number, ()))
        known = {} if anew or room.width != self._room.width else self._drawn
        self._drawn = {each: known.get(each) or self._draw(line, room.width) for each, line in self._lines.items()}
        self._rows = [(each, row) for each, rows in self._drawn.items() for row in rows]
        self._room = room
        self.virtual_size = Size(room.width, len(self._rows))
        end = max(0, len(self._rows) - room.height)
        # What is read may be filtered away: then it is what came next.
        place = next((row for row, (each, _) in enumerate(self._rows) if each >= number), end)
        if number in self._drawn and tall:
            place += below * len(self._drawn[number]) // tall
        self.scroll_to(y=end if is_at_end else min(place, end), animate=False, immediate=True, force=True)
        self.refresh()
