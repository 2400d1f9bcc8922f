"""The help: every key, and what the glyphs mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widget import Widget

from tracker_tui.domain.timeline import Mark
from tracker_tui.ui.board.columns import MARK, STUCK
from tracker_tui.ui.cells.measure import Part, hanging_lines
from tracker_tui.ui.cells.pending_command import COMMAND_STATUSES
from tracker_tui.ui.cells.progress import STAGE_GLYPHS
from tracker_tui.ui.model.actions import LAB_ACTIONS, PALETTE, TERMINAL_ACTIONS, TOUR_ACTIONS, Action, Needs
from tracker_tui.ui.model.log_filter import KINDS
from tracker_tui.ui.model.styles import ACCENT, BAD, CAUTION, GOOD, MUTED, NOT_LIVE, STANDINGS, STRONG
from tracker_tui.ui.screens.bindings import modal_binding
from tracker_tui.ui.widgets.table import POINTER

_MARKS = {
    Mark.DONE: "done",
    Mark.ACTIVE: "here now",
    Mark.PENDING: "still to come",
    Mark.SKIPPED: "skipped, or not reached any more",
    Mark.STRUCK: "told once and corrected since",
    Mark.ENDED: "ended here without a delivery",
    Mark.REOPENED: "ended here once, and was opened again",
}

BADGE_HELP = (
    ("●", GOOD, "Live: what you see is what the server has"),
    ("◌", ACCENT, "Connecting for the first time"),
    ("◐", CAUTION, "Reconnecting or reconciling: what you see may be old"),
    ("◍", CAUTION, "Quiet: nothing heard for longer than usual; Behind: what comes is old"),
    ("○", BAD, "Offline for more than two minutes; it keeps trying"),
    ("✖", BAD, "Refused for good, or signed out until there is a new token"),
    ("■", ACCENT, "Final: every order ended, the connection is closed"),
    ("‖", ACCENT, "Paused: the picture stands still, the feed goes on"),
    ("▷", ACCENT, "A recording, and what the badge was at that time"),
)


BOARD_HELP = (
    (*STUCK[::2], "stuck: in one stage for longer than it may be, or not heard of for long"),
    (MARK, ACCENT, "marked by you"),
    (POINTER, "", "the cursor: it stays on its order; arrows, PgUp, PgDn, Home, End move it"),
    ("/", ACCENT, "filter: all words must hold; ! before one turns it round"),
    ("", "", "late risk stuck done marked, status:ready, or a text"),
)
"""What stands for what on the board, beside what stands for the same everywhere."""


LOG_HELP = (
    ("/", ACCENT, "filter as on the board, by a text or by a kind of line, kind:note or as it is:"),
    ("", "", " ".join(KINDS)),
)
"""What there is to type in the log."""

_Row = tuple[list[Part], str, str]
"""What stands before a text, the text, and its style."""

_BLANK: _Row = ([], "", "")

UNWRAPPED_WIDTH = 200
"""Cells into which every line of the page fits as it is."""


class HelpScreen(ModalScreen[None]):
    """One page over whatever is on show."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", show=False),
        modal_binding("help", "dismiss"),
        modal_binding("quit", "app.quit"),
    ]

    def __init__(self, commands: Sequence[Action]) -> None:
        super().__init__()
        self._commands = commands

    def compose(self) -> ComposeResult:
        """The page, to scroll where it doesn't fit."""
        with VerticalScroll(id="help") as page:
            page.border_title = "Help"
            page.border_subtitle = "Esc closes"
            yield HelpPage(self._commands)

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        self.query_one("#help").focus()


class HelpPage(Widget):
    """The text, broken at whatever width it is given."""

    def __init__(self, commands: Sequence[Action]) -> None:
        super().__init__()
        self._commands = commands

    def render(self) -> Content:
        """The lines."""
        return render_help(self._commands, self.size.width)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as there are at that width."""
        return len(render_help(self._commands, width).split(allow_blank=True))


def render_help(commands: Sequence[Action], width: int = UNWRAPPED_WIDTH) -> Content:
    """The whole page, of lines of at most `width` cells."""
    rows = [_heading("Keys")]
    rows += [
        _row(each.key_label, f"{STRONG} {ACCENT}", each.summary, 5) for each in (*commands, PALETTE, *TERMINAL_ACTIONS)
    ]
    if any(command.needs is Needs.DEMO for command in commands):
        rows += [_row(each.key_label, f"{STRONG} {ACCENT}", each.summary, 5) for each in (*LAB_ACTIONS, *TOUR_ACTIONS)]
    rows += [_BLANK, _heading("The badge says what the picture is worth")]
    rows += [_row(glyph, style, words, 2) for glyph, style, words in BADGE_HELP]
    rows += [_BLANK, _heading("Timeline")]
    rows += [_row(*STAGE_GLYPHS[mark], words, 2) for mark, words in _MARKS.items()]
    rows += [_BLANK, _heading("Arrival and courier")]
    rows += [
        _row("▲", BAD, "late against the promise", 2),
        _row("△", CAUTION, "at risk of being late", 2),
        _row("●", ACCENT, "courier between ◆ and ⌂; ◌ unseen for 45 s, ? for 3 min", 2),
        _row("○", CAUTION, "on the map: where they were seen last, if that may not be now", 2),
        _row("⠒⠐", ACCENT, "on the map: the way that is behind them, and what is to go", 2),
    ]
    rows += [_BLANK, _heading("Asked for here, by n or X")]
    rows += [_row(glyph, style, word, 2) for glyph, word, style in COMMAND_STATUSES.values()]
    rows += [_BLANK, _heading("On the board, what wants attention first")]
    rows += [_row(glyph, style, words, 2) for glyph, style, words in BOARD_HELP]
    rows += [_BLANK, _heading("In the log")]
    rows += [_row(glyph, style, words, 2) for glyph, style, words in LOG_HELP]
    rows += [_BLANK, _heading("Sync, on the board")]
    rows += [_row(glyph, style, word, 2) for glyph, word, style in (*STANDINGS.values(), NOT_LIVE)]
    return Content("\n").join(part for row in rows for part in _wrapped(row, width))


def _heading(text: str) -> _Row:
    return [], text, STRONG


def _row(glyph: str, style: str, words: str, width: int) -> _Row:
    return [("  ", ""), (glyph.ljust(width), style), (" ", "")], words, MUTED


def _wrapped(row: _Row, width: int) -> list[Content]:
    before, words, style = row
    return hanging_lines(before, words, style, width)
