"""A filter as the user types it: a line of terms that all must match."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tracker_tui.domain.sanitize import sanitize

MAX_LENGTH = 200
"""Greatest length of a filter, in characters."""


@dataclass(frozen=True, slots=True)
class FilterTerm:
    """One condition.

    Attributes:
        text: The word, in lower case and without its ``!``.
        negated: Whether the word must not match.
    """

    text: str
    negated: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter.

    Attributes:
        text: The line, safe to show.
        terms: Its conditions.
    """

    text: str = ""
    terms: tuple[FilterTerm, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Filter:
        """Parse a line; any line is valid."""
        shown = sanitize(text).strip()
        words = (word for word in shown.casefold().split() if word != "!")
        return cls(shown, tuple(FilterTerm(word.removeprefix("!"), word.startswith("!")) for word in words))

    def __bool__(self) -> bool:
        return bool(self.terms)

    def matches(self, term_matches: Callable[[str], bool]) -> bool:
        """Return whether all terms match.

        Args:
            term_matches: Returns whether an object matches a word.
        """
        return all(term_matches(term.text) is not term.negated for term in self.terms)
