"""What a word of the board's filter asks of an order: how it is, its status, or a text."""

from __future__ import annotations

from collections.abc import Callable

from tracker_tui.domain.attention import Attention
from tracker_tui.domain.lateness import Lateness
from tracker_tui.ui.board.rows import BoardRow

STATUS_PREFIX = "status:"
"""What a word begins with that asks for a status."""

KEYWORDS: dict[str, Callable[[BoardRow], bool]] = {
    "late": lambda entry: entry.is_open and entry.assessment.lateness is Lateness.LATE,
    "risk": lambda entry: entry.is_open and entry.assessment.lateness is Lateness.AT_RISK,
    "stuck": lambda entry: entry.assessment.stuck,
    "done": lambda entry: entry.assessment.attention is Attention.ENDED,
    "marked": lambda entry: entry.is_marked,
}
"""Words that stand for how an order is; any other one is text to look for."""


def row_matches(entry: BoardRow, word: str) -> bool:
    """Whether an order is what a word in lower case asks for."""
    if (keyword := KEYWORDS.get(word)) is not None:
        return keyword(entry)
    if word.startswith(STATUS_PREFIX):
        # A beginning is enough, so that something is to be seen while it is typed.
        return entry.status.startswith(word.removeprefix(STATUS_PREFIX))
    return word in entry.reading.search_text
