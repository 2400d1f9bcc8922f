"""A filter as the user types it: words that must all match. The caller defines what a word matches."""

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
        is_negated: Whether the word must not match.
    """

    text: str
    is_negated: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """The typed text, safe to show, and its words."""

    text: str = ""
    words: tuple[Word, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Filter:
        """Return the filter for `text`; every text is valid."""
        shown = sanitize(text).strip()
        words = (Word(word.removeprefix("!"), word.startswith("!")) for word in shown.casefold().split() if word != "!")
        return cls(shown, tuple(words))

    def __bool__(self) -> bool:
        return bool(self.words)

    def matches(self, word_matches: Callable[[str], bool]) -> bool:
        """Return whether all words match.

        Args:
            word_matches: Returns whether one word matches.
        """
        return all(word_matches(word.text) is not word.is_negated for word in self.words)
