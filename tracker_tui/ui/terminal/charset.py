"""Replacements for characters that the terminal's encoding lacks, of the same width."""

from __future__ import annotations

import sys
from functools import cache

from rich.cells import cell_len

_REPLACEMENTS = {
    **dict.fromkeys("─━╌═", "-"),
    **dict.fromkeys("│┃║", "|"),
    **dict.fromkeys("┌┐└┘╭╮╰╯├┤┬┴┼", "+"),
    **dict.fromkeys("▶▸▷→", ">"),
    **dict.fromkeys("○◌◐◍", "o"),
    **dict.fromkeys("“”", '"'),
    **dict.fromkeys("‘’", "'"),
    "▲": "L",
    "△": "^",
    "◔": "%",
    "▾": "-",
    "▹": "+",
    "⊘": "/",
    "∅": "/",
    "↺": "<",
    "●": "@",
    "◆": "A",
    "⌂": "B",
    "✔": "+",
    "✖": "x",
    "■": "#",
    "▰": "#",
    "•": "*",
    "▱": ".",
    "↑": "^",
    "↓": "v",
    "–": "-",
    "—": "-",
    "·": "-",
    "×": "x",
    "…": "~",
    "⋮": ":",
    "≠": "/",
    **dict(zip("▁▂▃▄▅▆▇█", "_.:-=+*#", strict=True)),
    "‖": "=",
}
"""ASCII replacements of the screens' glyphs; other characters become ``?``."""


def terminal_encoding() -> str:
    """Return the encoding of stderr, on which Textual writes."""
    return getattr(sys.__stderr__, "encoding", None) or "utf-8"


def supports_unicode(encoding: str) -> bool:
    """Return whether `encoding` has the characters of the screens."""
    return _can_encode("⣿●─", encoding)


def transliterate(text: str, encoding: str) -> str:
    """Return `text` with the characters that `encoding` lacks replaced, of the same width."""
    if text.isascii() or supports_unicode(encoding):
        return text
    return "".join(_replacement(char, encoding) for char in text)


@cache
def _replacement(char: str, encoding: str) -> str:
    return char if _can_encode(char, encoding) else _REPLACEMENTS.get(char, "?" * cell_len(char))


@cache
def _can_encode(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except LookupError:
        return text.isascii()
    except UnicodeEncodeError:
        return False
    return True
