"""One table of a scenario file, read so that every mistake names its place and what is allowed there."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypeVar

_LONGEST_TEXT = 1000
_LONGEST_LIST = 1000

T = TypeVar("T", bound=str)


class ScenarioError(Exception):
    """A scenario cannot be used; the text is one line that says what to do."""


class Table:
    """The values of a TOML table.

    Args:
        place: Where it stands, for error messages: ``file.toml: orders[2]``.
        values: What was read.
        allowed: The keys that there can be.

    Raises:
        ScenarioError: `values` is no table, or has a key that isn't allowed.
    """

    def __init__(self, place: str, values: object, allowed: Iterable[str]) -> None:
        if not isinstance(values, dict):
            raise ScenarioError(f"{place} must be a table, not {_shown(values)}")
        allowed = tuple(allowed)
        for key in values:
            if key not in allowed:
                raise ScenarioError(f"{place}: unknown key {_shown(key)}; allowed: {', '.join(allowed)}")
        self._place = place
        self._values = values

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._values

    def mistake(self, key: str, wanted: str) -> ScenarioError:
        """The error for a key whose value, or absence, is wrong."""
        got = f", not {_shown(self._values[key])}" if key in self._values else "; it is missing"
        return ScenarioError(f"{self._place}.{key} must be {wanted}{got}")

    def text(self, key: str) -> str | None:
        """A text that isn't empty."""
        if key not in self._values:
            return None
        value = self._values[key]
        if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_TEXT:
            raise self.mistake(key, f"a text of 1 to {_LONGEST_TEXT} characters")
        return value

    def choice(self, key: str, allowed: Iterable[T]) -> T | None:
        """One of some words."""
        if key not in self._values:
            return None
        words = {str(word): word for word in allowed}
        value = self._values[key]
        if not isinstance(value, str) or value not in words:
            raise self.mistake(key, f"one of {', '.join(words)}")
        return words[value]

    def choices(self, key: str, allowed: Iterable[T]) -> tuple[T, ...]:
        """Some of some words, each once; none by default."""
        words = {str(word): word for word in allowed}
        chosen = self._values.get(key, [])
        if not isinstance(chosen, list) or not all(isinstance(word, str) and word in words for word in chosen):
            raise self.mistake(key, f"a list out of {', '.join(words)}")
        return tuple(words[word] for word in dict.fromkeys(chosen))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty by default."""
        values = self._values.get(key, [])
        if not isinstance(values, list) or not all(
            isinstance(text, str) and 0 < len(text) <= _LONGEST_TEXT for text in values
        ):
            raise self.mistake(key, f"a list of texts of 1 to {_LONGEST_TEXT} characters")
        return tuple(values)

    def number(self, key: str, least: float, most: float) -> float | None:
        """A finite number within limits, which count as inside."""
        if key not in self._values:
            return None
        value = self._values[key]
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise self.mistake(key, f"a number from {least:g} to {most:g}")
        return float(value)

    def whole(self, key: str, least: int, most: int) -> int | None:
        """A whole number within limits, which count as inside."""
        if key not in self._values:
            return None
        value = self._values[key]
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.mistake(key, f"a whole number from {least} to {most}")
        return value

    def tables(self, key: str) -> list[object]:
        """A list of tables; empty by default."""
        values = self._values.get(key, [])
        if not isinstance(values, list) or len(values) > _LONGEST_LIST:
            raise self.mistake(key, f"a list of at most {_LONGEST_LIST} tables, each written as [[{key}]]")
        return values


def _shown(value: object) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
