"""A bearer token as a value that shows itself to nobody but the server (PROTOCOL §6)."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{1,8192}=*", re.ASCII)  # RFC 6750 §2.1


class Token:
    """What proves to a gateway who asks; equal if it is the same text. Never printed, logged or put into a URL."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Take a token.

        Raises:
            ValueError: The text is not one, and could break a header; it is not repeated in the error.
        """
        if _TOKEN.fullmatch(text) is None:
            raise ValueError("not a bearer token: letters, digits and - . _ ~ + / = only")
        self._text = text

    @property
    def header(self) -> dict[str, str]:
        """The HTTP header that presents it."""
        return {"Authorization": f"Bearer {self._text}"}

    def reveal(self) -> str:
        """The text itself, for the message that presents it on an open stream."""
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Token) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Token(…)"

    def __reduce__(self) -> str:
        raise TypeError("a token is not written anywhere")
