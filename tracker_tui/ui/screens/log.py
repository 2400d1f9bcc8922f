"""The log screen: everything that happened, to scroll through and to filter."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.content import Content

from tracker_tui.ui.cells.measure import fit, hanging_lines
from tracker_tui.ui.model.actions import Action
from tracker_tui.ui.model.event_log import LogLine
from tracker_tui.ui.model.filter import Filter
from tracker_tui.ui.model.log_filter import line_matches
from tracker_tui.ui.model.styles import MUTED
from tracker_tui.ui.screens.filtered import FilteredScreen
from tracker_tui.ui.widgets.events import log_line_parts, stamp_width
from tracker_tui.ui.widgets.log import LogLines

if TYPE_CHECKING:
    from tracker_tui.ui.model.frame import Frame


SINGLE_ORDER_ACTIONS = frozenset({"copy", "page", "export", "note", "cancel"})
"""Actions that mean one order."""


class LogScreen(FilteredScreen):
    """The whole event log of one order, or of all; it follows the newest line while that is in sight."""

    HINT = "text !not order note link gap command fault kind:…"
    UNUSED_ACTIONS: ClassVar[frozenset[str]] = frozenset({"log", "board", "faults"})

    def __init__(self, order_id: str | None, commands: Sequence[Action]) -> None:
        # Of all orders none is the one to copy.
        super().__init__(
            order_id, [each for each in commands if order_id is not None or each.name not in SINGLE_ORDER_ACTIONS]
        )
        self._filter = Filter()
        self._lines = LogLines(self._drawn, id="log")
        self._picture: Frame | None = None
        self._shown: tuple[object, ...] = ()
        self._stamp_room = 0

    @property
    def filter(self) -> Filter:
        """What is asked for now."""
        return self._filter

    def compose(self) -> ComposeResult:
        """The header, the lines, the keys."""
        yield self.header
        yield self._lines
        yield self.keys

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        self._lines.focus()
        super().on_mount()

    def paint(self, picture: Frame) -> None:
        """Show the lines that the filter lets through."""
        super().paint(picture)
        self._picture = picture
        self._show()

    def apply_filter(self, chosen: Filter) -> None:
        """Show the lines that are asked for."""
        self._filter = chosen
        self._show()

    def _show(self) -> None:
        if self._picture is None:
            return
        journal, zone = self._picture.state.event_log, self._picture.instant.zone
        look = (journal.struck, zone)
        if (journal.written, self._filter, *look) == self._shown:
            return
        newest_first = enumerate(journal.newest_first(None))
        numbered = [(journal.written - back, line) for back, line in newest_first if self._is_ours(line)][::-1]
        chosen = [each for each in numbered if self._filter.matches(partial(line_matches, each[1]))]
        title = f"Log of {self.order_id or 'all orders'}"
        if self._filter:
            title += f" · /{fit(self._filter.text, 24)} {len(chosen)} of {len(numbered)}"
        self._lines.border_title = Content(title)
        self._lines.border_subtitle = Content(
            "No line matches; Esc clears the filter" if not chosen and numbered else ""
        )
        room = stamp_width((line for _, line in chosen), self._picture.instant)
        is_anew = (*look, room) != (*self._shown[2:], self._stamp_room)
        self._stamp_room = room
        self._lines.show(chosen, anew=is_anew)
        self._shown = (journal.written, self._filter, *look)

    def _is_ours(self, line: LogLine) -> bool:
        return self.order_id is None or line.order_id is None or line.order_id == self.order_id

    def _drawn(self, line: LogLine, width: int) -> list[Content]:
        assert self._picture is not None
        *before, (text, style) = log_line_parts(
            line, self._picture.instant, names=self.order_id is None, room=self._stamp_room
        )
        if self._picture.state.event_log.is_struck(line):
            text, style = f"{text.strip()}  (corrected since)", f"{MUTED} strike"
        return hanging_lines([*before, ("  ", "")], text.strip(), style, width)
