"""The text of the help: all keys by group, and the meaning of the glyphs, in one or two columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from tracker_tui.domain.timeline import Mark
from tracker_tui.ui.board.column_cells import MARK, NEWS
from tracker_tui.ui.board.group_title import COLLAPSED, EXPANDED
from tracker_tui.ui.cells.measure import hanging_lines
from tracker_tui.ui.cells.pending_command import COMMAND_STATUSES
from tracker_tui.ui.cells.progress import STAGE_GLYPHS
from tracker_tui.ui.model.actions import (
    LAB_ACTIONS,
    PALETTE,
    TOUR_ACTIONS,
    VIEW_ACTION,
    Action,
    ActionGroup,
    Needs,
)
from tracker_tui.ui.model.log_filter import KINDS
from tracker_tui.ui.model.styles import ACCENT, BAD, CAUTION, GOOD, MUTED, NOT_LIVE, STANDINGS, STRONG, STUCK
from tracker_tui.ui.widgets.table import POINTER

UNWRAPPED_WIDTH = 107
"""Cells at which no line of the page is wrapped, in one column."""

TWO_COLUMNS_WIDTH = 108
"""Cells from which the page has two columns."""

_GAP = 4
"""Cells between two columns."""

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
    ("◍", CAUTION, "Connected, but not known to be current: the server is quiet, or its events are old"),
    ("○", BAD, "Offline for more than two minutes; still trying"),
    ("✖", BAD, "Refused, or signed out until there is a new token"),
    ("■", ACCENT, "Final: every order ended, the connection is closed"),
    ("‖", ACCENT, "Paused: updates keep arriving"),
    ("▷", ACCENT, "Replay of a recording, with its badge at that time"),
)


BOARD_HELP = (
    ("▲", BAD, "late against the promise"),
    ("!", BAD, "needs action: failed attempt, held, action required, courier silent, reopened"),
    ("△", CAUTION, "at risk of being late"),
    (*STUCK[::2], "stuck: too long in one stage, or no update for a long time"),
    ("▶", ACCENT, "on its way, and nothing of the above"),
    ("✔", GOOD, "delivered"),
    ("✖", BAD, "ended without delivery"),
    ("○", MUTED, "nothing known yet"),
    ("∅", BAD, "refused by the server"),
    (MARK, ACCENT, "marked by you"),
    ("z", MUTED, "snoozed by you, with the minutes left"),
    (NEWS, ACCENT, "changed since you looked at it; V marks all as seen"),
    (EXPANDED, ACCENT, f"group with its worst order; {COLLAPSED} collapsed"),
    (POINTER, "", "cursor: arrows, PgUp, PgDn, Home, End move it; it follows its order"),
)
"""Glyphs of the board's rows."""

ARRIVAL_HELP = (
    ("●", ACCENT, "courier between ◆ and ⌂; ◌ not seen for 45 s, ? for 3 min"),
    ("○", CAUTION, "on the map: the last position, which may be old"),
    ("⠒⠐", ACCENT, "on the map: the route travelled, and the route to go"),
)
"""Glyphs of the courier and the map."""

FILTER_HELP = (
    ("/", ACCENT, "every word must match; !word excludes"),
    ("", "", "board: late action risk stuck done marked snoozed new, late>10m, status:ready,"),
    ("", "", "or any text: courier, customer, place, note, title"),
    ("", "", f"log: {' '.join(KINDS)}, or any text"),
)
"""Words of the filters."""


@dataclass(frozen=True, slots=True)
class HelpRow:
    """A line of the help: a key or a glyph, its style, and its meaning."""

    sign: str
    style: str
    words: str

    def matches(self, search: str) -> bool:
        """Return whether the line contains a text in lower case."""
        return search in f"{self.sign} {self.words}".casefold()


@dataclass(frozen=True, slots=True)
class HelpSection:
    """A heading and its lines; `sign_width` are the cells for keys or glyphs."""

    title: str
    rows: tuple[HelpRow, ...]
    sign_width: int = 2


def help_sections(actions: Sequence[Action], search: str = "") -> list[HelpSection]:
    """Return the sections; with a search only the lines that contain it, and the sections whose title does."""
    wanted = search.casefold()
    found: list[HelpSection] = []
    for section in (*_key_sections(actions), *_glyph_sections()):
        rows = section.rows
        if wanted and wanted not in section.title.casefold():
            rows = tuple(row for row in rows if row.matches(wanted))
        if rows:
            found.append(HelpSection(section.title, rows, section.sign_width))
    return found


def render_help(actions: Sequence[Action], width: int = UNWRAPPED_WIDTH, search: str = "") -> Content:
    """Return the page, in lines of at most `width` cells."""
    sections = help_sections(actions, search)
    if not sections:
        return Content.styled("Nothing found; Backspace or Esc clears the search", MUTED).truncate(width)
    if width < TWO_COLUMNS_WIDTH:
        return Content("\n").join(_lines(sections, width))
    column = (width - _GAP) // 2
    left, right = _halves(sections, column)
    rows = [
        Content.assemble(_line(left, number, column), " " * _GAP, _line(right, number, column))
        for number in range(max(len(left), len(right)))
    ]
    return Content("\n").join(row.rstrip() for row in rows)


def _key_sections(actions: Sequence[Action]) -> Iterable[HelpSection]:
    has_demo = any(action.needs is Needs.DEMO for action in actions)
    has_board = any(action.name == "sort" for action in actions)
    every = (
        *actions,
        *([VIEW_ACTION] if has_board else []),
        PALETTE,
        *((*LAB_ACTIONS, *TOUR_ACTIONS) if has_demo else ()),
    )
    for group in ActionGroup:
        rows = tuple(
            HelpRow(each.key_label, f"{STRONG} {ACCENT}", each.summary) for each in every if each.group is group
        )
        yield HelpSection(group.value, rows, 5)


def _glyph_sections() -> Iterable[HelpSection]:
    yield _section("Connection badge (top right)", BADGE_HELP)
    yield _section("Rows of the board", BOARD_HELP)
    yield _section("Timeline", [(*STAGE_GLYPHS[mark], words) for mark, words in _STAGE_HELP.items()])
    yield _section("Arrival and courier", ARRIVAL_HELP)
    yield _section(
        "Pending commands (n or X)", [(glyph, style, word) for glyph, word, style in COMMAND_STATUSES.values()]
    )
    yield _section("Filter", FILTER_HELP)
    yield _section("Not in sync", [(glyph, style, word) for glyph, word, style in (*STANDINGS.values(), NOT_LIVE)])


def _section(title: str, rows: Iterable[tuple[str, str, str]]) -> HelpSection:
    return HelpSection(title, tuple(HelpRow(glyph, style, words) for glyph, style, words in rows))


def _lines(sections: Iterable[HelpSection], width: int) -> list[Content]:
    lines: list[Content] = []
    for section in sections:
        lines += [Content("")] if lines else []
        lines += hanging_lines([], section.title, STRONG, width)
        for row in section.rows:
            sign = row.sign.ljust(section.sign_width)
            lines += hanging_lines([("  ", ""), (sign, row.style), (" ", "")], row.words, MUTED, width)
    return lines


def _halves(sections: Sequence[HelpSection], width: int) -> tuple[list[Content], list[Content]]:
    """Return the lines of two columns of about the same height; no section is split."""
    options = [
        (_lines(sections[:count], width), _lines(sections[count:], width)) for count in range(1, len(sections) + 1)
    ]
    return min(options, key=lambda option: max(len(option[0]), len(option[1])))


def _line(lines: Sequence[Content], number: int, width: int) -> Content:
    if number >= len(lines):
        return Content(" " * width)
    return Content.assemble(lines[number], " " * (width - cell_len(lines[number].plain)))
