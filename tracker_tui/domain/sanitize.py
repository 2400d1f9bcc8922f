"""Sanitizing of text from outside: control characters become visible symbols."""

from __future__ import annotations

import unicodedata

_BIDI = {
    "\u061c": "ALM", "\u200e": "LRM", "\u200f": "RLM", "\u202a": "LRE", "\u202b": "RLE", "\u202c": "PDF",
    "\u202d": "LRO", "\u202e": "RLO", "\u2066": "LRI", "\u2067": "RLI", "\u2068": "FSI", "\u2069": "PDI",
}  # fmt: skip

_JOINING = "\u200d\ufe0e\ufe0f"
"""Zero-width joiner and variation selectors."""

_NON_JOINER = "\u200c"
"""Zero-width non-joiner, which Persian and other languages need."""


def sanitize(text: str) -> str:
    r"""Replace every character that a terminal could interpret, or that is invisible.

    Control characters become their Unicode pictures (``\x1b`` → ``␛``), bidirectional overrides their abbreviation in
    brackets (``⟨RLO⟩``), other invisible or unassigned characters ``�``. The result is one line: line breaks become
    ``␊``. Joiners and variation selectors are removed, because terminals disagree about the width of joined characters.
    The joined characters stay (``👩👩👧``).
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_picture, text))


def _picture(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if character in _BIDI:
        return f"⟨{_BIDI[character]}⟩"
    if character in _JOINING:
        return ""
    if character == _NON_JOINER:
        return character
    category = unicodedata.category(character)
    return "�" if category in {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"} else character
