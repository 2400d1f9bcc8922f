"""A bearer token, as a value that is shown to the server only (PROTOCOL §6)."""

from __future__ import annotations

import base64
import json
import re

MAX_SUBJECT = 100
"""Characters of the longest subject that is shown."""

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{1,8192}=*", re.ASCII)  # RFC 6750 §2.1


class Token:
    """A bearer token; equal to one with the same text. Never printed, logged or put into a URL."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Create a token from its text.

        Raises:
            ValueError: The text is not a token and could break a header; the message does not repeat it.
        """
        if _TOKEN.fullmatch(text) is None:
            raise ValueError("not a bearer token: letters, digits and - . _ ~ + / = only")
        self._text = text

    @property
    def header(self) -> dict[str, str]:
        """The HTTP header that presents it."""
        return {"Authorization": f"Bearer {self._text}"}

    def reveal(self) -> str:
        """Return the text, for the message that presents it on an open stream."""
        return self._text

    @property
    def subject(self) -> str | None:
        """The claim ``sub`` of a JWT, to show who is signed in; not verified. None for other tokens."""
        parts = self._text.split(".")
        if len(parts) != 3:
            return None
        try:
            claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        except (ValueError, RecursionError):
            return None
        subject = claims.get("sub") if isinstance(claims, dict) else None
        return subject if isinstance(subject, str) and 0 < len(subject) <= MAX_SUBJECT else None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Token) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Token(…)"

    def __reduce__(self) -> str:
        raise TypeError("a token cannot be pickled")
