"""Numbers of orders by condition, and the words for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tracker_tui.ui.board.rows import BoardRow
from tracker_tui.ui.model.styles import ACCENT, BAD, CAUTION, MUTED


@dataclass(frozen=True, slots=True)
class BoardCounts:
    """Numbers of orders by condition; a late order may be stuck or need action, too.

    Attributes:
        total: All orders.
        new: Orders that changed since the user looked at them.
        shown: Orders that match the filter.
    """

    late: int = 0
    needs_action: int = 0
    at_risk: int = 0
    stuck: int = 0
    done: int = 0
    marked: int = 0
    snoozed: int = 0
    new: int = 0
    total: int = 0
    shown: int = 0


@dataclass(frozen=True, slots=True)
class CountChip:
    """One count in words.

    Attributes:
        text: The words, such as ``▲ 2 late``.
        style: Their style.
        word: The word of a filter that shows these orders.
    """

    text: str
    style: str
    word: str


def count_rows(rows: Iterable[BoardRow], shown: int = 0) -> BoardCounts:
    """Return the numbers of orders by condition."""
    # Few conditions are different, so that counting rows of each is faster than counting by condition.
    numbers = Counter(row.condition for row in rows)
    late, action, at_risk, stuck, done, marked, snoozed, new = (
        sum(number for condition, number in numbers.items() if condition[place]) for place in range(8)
    )
    return BoardCounts(late, action, at_risk, stuck, done, marked, snoozed, new, numbers.total(), shown)


def count_chips(counts: BoardCounts) -> list[CountChip]:
    """Return the counts above zero, the most urgent first."""
    return list(_chips(counts))


def _chips(counts: BoardCounts) -> Iterator[CountChip]:
    for number, glyph, name, style, word in (
        (counts.late, "▲", "late", BAD, "late"),
        (counts.needs_action, "!", "action", BAD, "action"),
        (counts.at_risk, "△", "risk", CAUTION, "risk"),
        (counts.stuck, "◔", "stuck", CAUTION, "stuck"),
        (counts.done, "■", "done", MUTED, "done"),
        (counts.marked, "*", "marked", ACCENT, "marked"),
        (counts.snoozed, "z", "snoozed", MUTED, "snoozed"),
        (counts.new, "•", "new", ACCENT, "new"),
    ):
        if number:
            yield CountChip(f"{glyph} {number} {name}", style, word)
