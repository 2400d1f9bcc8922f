"""The log screen: all lines of the event log, to scroll and to filter."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.content import Content

from tracker_tui.ui.cells.measure import fit, hanging_lines
from tracker_tui.ui.model.actions import COMMAND_ACTIONS, Action
from tracker_tui.ui.model.event_log import LogLine
from tracker_tui.ui.model.log_filter import line_matches
from tracker_tui.ui.model.styles import MUTED
from tracker_tui.ui.screens.filtered import FilteredScreen
from tracker_tui.ui.widgets.connection import ConnectionDetails, render_connection_details
from tracker_tui.ui.widgets.events import log_line_parts, stamp_width
from tracker_tui.ui.widgets.log import LogLines
from tracker_tui.ui.widgets.pane import Pane
from tracker_tui.wording.filter import Filter

if TYPE_CHECKING:
    from tracker_tui.ui.model.frame import Frame


SINGLE_ORDER_ACTIONS = frozenset({"copy", "ticket", "page", "export", "remove", *COMMAND_ACTIONS})
"""Names of the actions that need one order."""


class LogScreen(FilteredScreen):
    """The event log of one order or of all orders."""

    HINT = "text !not order note link gap command fault kind:…"
    UNUSED_ACTIONS: ClassVar[frozenset[str]] = frozenset({"log", "board", "faults"})

    def __init__(self, order_id: str | None, actions: Sequence[Action]) -> None:
        super().__init__(
            order_id, [each for each in actions if order_id is not None or each.name not in SINGLE_ORDER_ACTIONS]
        )
        self._filter = Filter()
        self._connection = Pane[ConnectionDetails](render_connection_details, id="connection")
        self._lines = LogLines(self._wrap_line, id="log")
        self._frame: Frame | None = None
        self._shown: tuple[object, ...] = ()
        self._stamp_width = 0

    @property
    def filter(self) -> Filter:
        """The present filter."""
        return self._filter

    def compose(self) -> ComposeResult:
        """Yield the header, the connection's counters, the lines and the key bar."""
        yield self.header
        yield self._connection
        yield self._lines
        yield self.keys

    def on_mount(self) -> None:
        """Focus the lines, so that the arrow keys scroll."""
        self._lines.focus()
        super().on_mount()

    def paint(self, frame: Frame) -> None:
        """Show the lines that match the filter."""
        super().paint(frame)
        self._frame = frame
        self._connection.show(self._connection_details(frame))
        self._show()

    def apply_filter(self, chosen: Filter) -> None:
        """Show the lines that match a filter."""
        self._filter = chosen
        self._show()

    def _connection_details(self, frame: Frame) -> ConnectionDetails:
        if self.order_id is None:
            return ConnectionDetails(frame.board_scene().connection, frame.instant)
        scene = frame.order_scene(self.order_id)
        self.offer_commands(scene.accepts_commands)
        return ConnectionDetails(scene.connection, frame.instant, scene.view)

    def _show(self) -> None:
        if self._frame is None:
            return
        log, zone = self._frame.state.event_log, self._frame.instant.zone
        look = (log.corrections, zone)
        if (log.written, self._filter, *look) == self._shown:
            return
        lines = list(log.newest_first(self.order_id))[::-1]
        chosen = [line for line in lines if self._filter.matches(partial(line_matches, line))]
        title = f"Log of {self.order_id or 'all orders'}"
        if self._filter:
            title += f" · /{fit(self._filter.text, 24)} {len(chosen)} of {len(lines)}"
        self._lines.border_title = Content(title)
        self._lines.border_subtitle = Content("No line matches; Esc clears the filter" if not chosen and lines else "")
        width = stamp_width(chosen, self._frame.instant)
        needs_rewrap = (*look, width) != (*self._shown[2:], self._stamp_width)
        self._stamp_width = width
        self._lines.show(chosen, rewrap=needs_rewrap)
        self._shown = (log.written, self._filter, *look)

    def _wrap_line(self, line: LogLine, width: int) -> list[Content]:
        assert self._frame is not None
        *before, (text, style) = log_line_parts(
            line, self._frame.instant, names=self.order_id is None, width=self._stamp_width
        )
        if self._frame.state.event_log.is_corrected(line):
            text, style = f"{text.strip()}  (corrected since)", f"{MUTED} strike"
        return hanging_lines([*before, ("  ", "")], text.strip(), style, width)
