"""What a terminal that can't take a character is sent instead: what it takes and is as wide."""

from __future__ import annotations

import sys
from functools import cache

from rich.cells import cell_len

_SPELT = {
    **dict.fromkeys("─━╌═", "-"),
    **dict.fromkeys("│┃║", "|"),
    **dict.fromkeys("┌┐└┘╭╮╰╯├┤┬┴┼", "+"),
    **dict.fromkeys("▶▸▷→", ">"),
    **dict.fromkeys("○◌◐◍", "o"),
    **dict.fromkeys("“”", '"'),
    **dict.fromkeys("‘’", "'"),
    "▲": "!",
    "△": "^",
    "◔": "%",
    "⊘": "/",
    "↺": "<",
    "●": "@",
    "◆": "A",
    "⌂": "B",
    "✔": "+",
    "✖": "x",
    "■": "#",
    "–": "-",
    "—": "-",
    "·": "-",
    "×": "x",
    "…": "~",
    "⋮": ":",
    "‖": "=",
}
"""Glyphs of the screens, each with what stands for it; whatever else can't be sent is a ``?``."""


def terminal_encoding() -> str:
    """The encoding of the terminal, on whose stderr Textual draws."""
    return getattr(sys.__stderr__, "encoding", None) or "utf-8"


def supports_unicode(encoding: str) -> bool:
    """Whether what the screens are drawn with can be sent in `encoding`."""
    return _sendable("⣿●─", encoding)


def transliterate(text: str, encoding: str) -> str:
    """`text` as it can be sent in `encoding`, as many cells wide."""
    return text if text.isascii() or supports_unicode(encoding) else "".join(_spelt(char, encoding) for char in text)


@cache
def _spelt(char: str, encoding: str) -> str:
    return char if _sendable(char, encoding) else _SPELT.get(char, "?" * cell_len(char))


@cache
def _sendable(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except LookupError:
        return text.isascii()
    except UnicodeEncodeError:
        return False
    return True
