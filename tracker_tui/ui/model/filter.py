"""What is typed to filter by: a line of words, all of which must hold; what one means is up to who filters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tracker_tui.domain.sanitize import sanitize

LONGEST_FILTER = 200
"""Characters of the longest filter."""


@dataclass(frozen=True, slots=True)
class Word:
    """One condition.

    Attributes:
        text: The word, in lower case and without its ``!``.
        is_negated: Whether it must not hold.
    """

    text: str
    is_negated: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """What was typed, safe to show, and its words."""

    text: str = ""
    words: tuple[Word, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Filter:
        """Read a line; there is none that can't be read."""
        shown = sanitize(text).strip()
        words = (Word(word.removeprefix("!"), word.startswith("!")) for word in shown.casefold().split() if word != "!")
        return cls(shown, tuple(words))

    def __bool__(self) -> bool:
        return bool(self.words)

    def matches(self, matches: Callable[[str], bool]) -> bool:
        """Whether all words hold.

        Args:
            matches: Whether what is looked at is what a word asks for.
        """
        return all(matches(word.text) is not word.is_negated for word in self.words)
