"""JSON on one line that a terminal can show: readable characters as they are, all others as escapes."""

from __future__ import annotations

import codecs
import json
import re
from functools import lru_cache
from typing import Any

from tracker_tui.domain.sanitize import sanitize

_SPECIAL = re.compile(r"[^\x20-\x7e]")


def json_text(value: Any, encoding: str = "utf-8") -> str:
    r"""Return a value as JSON on one line.

    Characters that `sanitize` would change are escaped (``\u202e``), so that neither a terminal nor a reader of lines
    obeys them. Decoding gives the original text. JSON is UTF-8 (RFC 8259 §8.1), so with any other encoding of the
    output all characters beyond ASCII are escaped.

    Args:
        value: The value, as `json.dumps` accepts it.
        encoding: The encoding of the output.
    """
    is_unicode = codecs.lookup(encoding).name == "utf-8"
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=not is_unicode)
    if text.isascii() and "\x7f" not in text:
        return text
    # Outside of strings, JSON has no such character.
    return _SPECIAL.sub(lambda match: _escaped(match[0]), text)


@lru_cache(maxsize=4096)
def _escaped(character: str) -> str:
    # DEL is the only control character in ASCII that JSON doesn't escape.
    return character if sanitize(character) == character else json.dumps(character)[1:-1].replace("\x7f", r"\u007f")
