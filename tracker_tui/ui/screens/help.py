"""The help: all keys, and the meaning of the glyphs."""

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
from tracker_tui.ui.board.columns import MARK
from tracker_tui.ui.cells.measure import Part, hanging_lines
from tracker_tui.ui.cells.pending_command import COMMAND_STATUSES
from tracker_tui.ui.cells.progress import STAGE_GLYPHS
from tracker_tui.ui.model.actions import LAB_ACTIONS, PALETTE, TERMINAL_ACTIONS, TOUR_ACTIONS, Action, Needs
from tracker_tui.ui.model.log_filter import KINDS
from tracker_tui.ui.model.styles import ACCENT, BAD, CAUTION, GOOD, MUTED, NOT_LIVE, STANDINGS, STRONG, STUCK
from tracker_tui.ui.screens.bindings import modal_binding
from tracker_tui.ui.widgets.table import POINTER

_STAGE_HELP = {
    Mark.DONE: "done",
    Mark.ACTIVE: "present stage",
    Mark.PENDING: "to come",
    Mark.SKIPPED: "skipped, or no longer to come",
    Mark.STRUCK: "corrected",
    Mark.ENDED: "ended without delivery",
    Mark.REOPENED: "reopened after its end",
}

BADGE_HELP = (
    ("●", GOOD, "Live: the screen is up to date"),
    ("◌", ACCENT, "Connecting for the first time"),
    ("◐", CAUTION, "Reconnecting or reconciling: the data may be old"),
    ("◍", CAUTION, "Quiet: the server is silent; Behind: its events are old"),
    ("○", BAD, "Offline for more than two minutes; still trying"),
    ("✖", BAD, "Refused, or signed out until there is a new token"),
    ("■", ACCENT, "Final: every order ended, the connection is closed"),
    ("‖", ACCENT, "Paused: updates keep arriving"),
    ("▷", ACCENT, "Replay of a recording, with its badge at that time"),
)


BOARD_HELP = (
    (*STUCK[::2], "stuck: too long in one stage, or no update for a long time"),
    (MARK, ACCENT, "marked by you"),
    (POINTER, "", "cursor: arrows, PgUp, PgDn, Home, End move it; it follows its order"),
    ("/", ACCENT, "filter: every word must match; !word excludes"),
    ("", "", "late risk stuck done marked, status:ready, or any text"),
)
"""Glyphs and filter words of the board."""


LOG_HELP = (
    ("/", ACCENT, "filter by a text or by a kind of line, with or without kind:"),
    ("", "", " ".join(KINDS)),
)
"""Filter words of the log."""

_Row = tuple[list[Part], str, str]
"""The parts before a text, the text, and its style."""

_BLANK: _Row = ([], "", "")

UNWRAPPED_WIDTH = 200
"""Cells at which no line of the page is wrapped."""


class HelpScreen(ModalScreen[None]):
    """The help page, over any screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", show=False),
        modal_binding("help", "dismiss"),
        modal_binding("quit", "app.quit"),
    ]

    def __init__(self, actions: Sequence[Action]) -> None:
        super().__init__()
        self._actions = actions

    def compose(self) -> ComposeResult:
        """Yield the page in a scrolling container."""
        with VerticalScroll(id="help") as page:
            page.border_title = "Help"
            page.border_subtitle = "Esc closes"
            yield HelpPage(self._actions)

    def on_mount(self) -> None:
        """Focus the container, so that the arrow keys scroll."""
        self.query_one("#help").focus()


class HelpPage(Widget):
    """The text, wrapped to the widget's width."""

    def __init__(self, actions: Sequence[Action]) -> None:
        super().__init__()
        self._actions = actions

    def render(self) -> Content:
        """Return the text."""
        return render_help(self._actions, self.size.width)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of lines at a width."""
        return len(render_help(self._actions, width).split(allow_blank=True))


def render_help(actions: Sequence[Action], width: int = UNWRAPPED_WIDTH) -> Content:
    """Return the whole page, in lines of at most `width` cells."""
    rows = [_heading("Keys")]
    rows += [
        _row(each.key_label, f"{STRONG} {ACCENT}", each.summary, 5) for each in (*actions, PALETTE, *TERMINAL_ACTIONS)
    ]
    if any(action.needs is Needs.DEMO for action in actions):
        rows += [_row(each.key_label, f"{STRONG} {ACCENT}", each.summary, 5) for each in (*LAB_ACTIONS, *TOUR_ACTIONS)]
    rows += [_BLANK, _heading("Connection badge (top right)")]
    rows += [_row(glyph, style, words, 2) for glyph, style, words in BADGE_HELP]
    rows += [_BLANK, _heading("Timeline")]
    rows += [_row(*STAGE_GLYPHS[mark], words, 2) for mark, words in _STAGE_HELP.items()]
    rows += [_BLANK, _heading("Arrival and courier")]
    rows += [
        _row("▲", BAD, "late against the promise", 2),
        _row("△", CAUTION, "at risk of being late", 2),
        _row("●", ACCENT, "courier between ◆ and ⌂; ◌ not seen for 45 s, ? for 3 min", 2),
        _row("○", CAUTION, "on the map: the last position, which may be old", 2),
        _row("⠒⠐", ACCENT, "on the map: the route travelled, and the route to go", 2),
    ]
    rows += [_BLANK, _heading("Pending commands (n or X)")]
    rows += [_row(glyph, style, word, 2) for glyph, word, style in COMMAND_STATUSES.values()]
    rows += [_BLANK, _heading("Board")]
    rows += [_row(glyph, style, words, 2) for glyph, style, words in BOARD_HELP]
    rows += [_BLANK, _heading("Log")]
    rows += [_row(glyph, style, words, 2) for glyph, style, words in LOG_HELP]
    rows += [_BLANK, _heading("Column Sync of the board")]
    rows += [_row(glyph, style, word, 2) for glyph, word, style in (*STANDINGS.values(), NOT_LIVE)]
    return Content("\n").join(part for row in rows for part in _wrapped(row, width))


def _heading(text: str) -> _Row:
    return [], text, STRONG


def _row(glyph: str, style: str, words: str, width: int) -> _Row:
    return [("  ", ""), (glyph.ljust(width), style), (" ", "")], words, MUTED


def _wrapped(row: _Row, width: int) -> list[Content]:
    before, words, style = row
    return hanging_lines(before, words, style, width)
