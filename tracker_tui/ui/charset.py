"""What a terminal that can't take a character is sent instead: ASCII that is as wide."""

from __future__ import annotations

import sys
from functools import cache

from rich.cells import cell_len

_SPELT = {
    **dict.fromkeys("─━╌═", "-"),
    **dict.fromkeys("│┃║", "|"),
    **dict.fromkeys("┌┐└┘╭╮╰╯├┤┬┴┼", "+"),
    **dict.fromkeys("▶▸▷→", ">"),
    **dict.fromkeys("○◌◐◔◍", "o"),
    **dict.fromkeys("▲△↺⊘", "!"),
    **dict.fromkeys("“”", '"'),
    **dict.fromkeys("‘’", "'"),
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


def takes_unicode(encoding: str | None = None) -> bool:
    """Whether what the screens are drawn with can be sent in `encoding`; by default that of the terminal.

    Textual draws on stderr.
    """
    chosen = encoding or getattr(sys.__stderr__, "encoding", None) or "utf-8"
    return _sendable("⣿●─", chosen)


def in_ascii(text: str) -> str:
    """`text` in ASCII, as many cells wide."""
    return text if text.isascii() else "".join(map(_spelt, text))


@cache
def _spelt(char: str) -> str:
    return char if char.isascii() else _SPELT.get(char, "?" * cell_len(char))


@cache
def _sendable(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
