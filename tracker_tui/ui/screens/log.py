"""The log screen: everything that happened, to scroll through."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.widgets import RichLog

from tracker_tui.ui.commands import Command
from tracker_tui.ui.journal import LIMIT, Line
from tracker_tui.ui.screens.painted import PaintedScreen
from tracker_tui.ui.widgets.events import parts
from tracker_tui.wording.times import Instant

if TYPE_CHECKING:
    from tracker_tui.ui.picture import Picture


OF_ONE = frozenset({"copy", "page", "export", "note", "cancel"})
"""Actions that mean one order."""


class LogScreen(PaintedScreen):
    """The whole event log of one order, or of all; it follows the newest line while that is in sight."""

    IDLE: ClassVar[frozenset[str]] = frozenset({"log", "board", "faults"})

    def __init__(self, order_id: str | None, commands: Sequence[Command]) -> None:
        # Of all orders none is the one to copy.
        super().__init__(order_id, [each for each in commands if order_id is not None or each.action not in OF_ONE])
        self._log = RichLog(id="log", wrap=True, min_width=1, markup=False, highlight=False, max_lines=LIMIT)
        self._shown: tuple[int, object] = (0, None)

    def compose(self) -> ComposeResult:
        """The header, the lines, the keys."""
        self._log.border_title = f"Log of {self.order_id}" if self.order_id else "Log of all orders"
        yield self.header
        yield self._log
        yield self.keys

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        self._log.focus()
        super().on_mount()

    def on_resize(self) -> None:
        """Wrap the lines anew."""
        self._shown = (0, None)
        self.request_picture()

    def paint(self, picture: Picture) -> None:
        """Add the lines that are new; all of them where the zone or the width changed."""
        super().paint(picture)
        journal, instant = picture.known.journal, picture.instant
        if not self._log.size.width:
            return
        written, zone = self._shown
        if not written or zone != instant.zone:
            self._log.clear()
            written = 0
        width = self._log.scrollable_content_region.width
        fresh = islice(journal.newest_first(None), journal.written - written)
        for line in reversed([line for line in fresh if self._is_ours(line)]):
            self._log.write(self._text(line, instant), width, scroll_end=self._log.is_vertical_scroll_end)
        self._shown = (journal.written, instant.zone)

    def _is_ours(self, line: Line) -> bool:
        return self.order_id is None or line.order_id is None or line.order_id == self.order_id

    def _text(self, line: Line, instant: Instant) -> Text:
        # The names of the theme's colours mean nothing to rich: here the words alone must do.
        return Text("".join(text for text, _ in parts(line, instant, names=self.order_id is None)))
