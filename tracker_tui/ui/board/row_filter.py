"""The meaning of a word in the board's filter: a condition, a status, or a text."""

from __future__ import annotations

from collections.abc import Callable

from tracker_tui.domain.attention import Attention
from tracker_tui.domain.lateness import Lateness
from tracker_tui.ui.board.rows import BoardRow

STATUS_PREFIX = "status:"
"""The beginning of a word that names a status."""

KEYWORDS: dict[str, Callable[[BoardRow], bool]] = {
    "late": lambda row: row.is_open and row.assessment.lateness is Lateness.LATE,
    "risk": lambda row: row.is_open and row.assessment.lateness is Lateness.AT_RISK,
    "stuck": lambda row: row.assessment.stuck,
    "done": lambda row: row.assessment.attention is Attention.ENDED,
    "marked": lambda row: row.is_marked,
}
"""Words that are a condition; all other words are text to search for."""


def row_matches(row: BoardRow, word: str) -> bool:
    """Return whether a word in lower case matches a row."""
    if (keyword := KEYWORDS.get(word)) is not None:
        return keyword(row)
    if word.startswith(STATUS_PREFIX):
        # The beginning of a status matches, too, so that rows show while it is being typed.
        return row.status.startswith(word.removeprefix(STATUS_PREFIX))
    return word in row.search_text
