"""The board's filter: a line of words, all of which must hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tracker_tui.domain.attention import Attention
from tracker_tui.domain.lateness import Lateness
from tracker_tui.domain.visible import visible
from tracker_tui.ui.board.entry import Entry

STATUS = "status:"
"""What a word begins with that asks for a status."""

KEYWORDS: dict[str, Callable[[Entry], bool]] = {
    "late": lambda entry: entry.is_open and entry.judgement.lateness is Lateness.LATE,
    "risk": lambda entry: entry.is_open and entry.judgement.lateness is Lateness.AT_RISK,
    "stuck": lambda entry: entry.judgement.stuck,
    "done": lambda entry: entry.judgement.attention is Attention.ENDED,
    "marked": lambda entry: entry.marked,
}
"""Words that stand for how an order is; any other one is text to look for."""


@dataclass(frozen=True, slots=True)
class Word:
    """One condition: a keyword, a status, or a text.

    Attributes:
        text: The word, in lower case and without its ``!``.
        inverse: Whether it must not hold.
    """

    text: str
    inverse: bool

    def holds(self, entry: Entry) -> bool:
        """Whether the condition is met."""
        return self._matches(entry) is not self.inverse

    def _matches(self, entry: Entry) -> bool:
        if (keyword := KEYWORDS.get(self.text)) is not None:
            return keyword(entry)
        if self.text.startswith(STATUS):
            # A beginning is enough, so that something is to be seen while it is typed.
            return entry.status.startswith(self.text.removeprefix(STATUS))
        return self.text in entry.reading.words


@dataclass(frozen=True, slots=True)
class Filter:
    """What was typed, safe to show, and its words."""

    text: str = ""
    words: tuple[Word, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Filter:
        """Read a line; there is none that can't be read."""
        shown = visible(text).strip()
        words = (Word(word.removeprefix("!"), word.startswith("!")) for word in shown.casefold().split() if word != "!")
        return cls(shown, tuple(words))

    def __bool__(self) -> bool:
        return bool(self.words)

    def holds(self, entry: Entry) -> bool:
        """Whether an order is to be shown."""
        return all(word.holds(entry) for word in self.words)
