"""The fetched tokens, by number: the session uses numbers, and only requests and streams see a token."""

from __future__ import annotations

import asyncio

from tracker_tui.link.auth.credentials import Credentials
from tracker_tui.link.auth.token import Token
from tracker_tui.link.errors import NoToken

MAX_TOKENS = 4
"""Tokens that are kept, the newest: those that a stream, its candidate and requests in flight present."""

FETCH_TIMEOUT = 20.0
"""Seconds within which a source must return a token."""


class TokenStore:
    """The newest tokens of a source.

    Args:
        credentials: The source; None if the server requires no tokens.
    """

    def __init__(self, credentials: Credentials | None) -> None:
        self._credentials = credentials
        self._tokens: dict[int, Token] = {}
        self._number = 0

    @property
    def enabled(self) -> bool:
        """Whether there is a source of tokens."""
        return self._credentials is not None

    def __getitem__(self, number: int) -> Token | None:
        return self._tokens.get(number)

    async def fetch(self, in_use: int = 0) -> tuple[int, str | None]:
        """Fetch a token; return the number of the newest token, and the error if the fetch failed.

        The number grows only if the token is a new one. Token number `in_use` is always kept.
        """
        if self._credentials is None:
            return 0, None
        try:
            async with asyncio.timeout(FETCH_TIMEOUT):
                token = await self._credentials.fetch()
        except NoToken as error:
            return self._number, str(error)
        except TimeoutError:
            return self._number, f"no token arrived within {FETCH_TIMEOUT:g} s"
        if token != self._tokens.get(self._number):
            self._number += 1
            self._tokens[self._number] = token
            for number in [
                number for number in self._tokens if number <= self._number - MAX_TOKENS and number != in_use
            ]:
                del self._tokens[number]
        return self._number, None

    def changed(self) -> bool:
        """Return whether the source has another token now, as `Credentials.changed` does."""
        return self._credentials is not None and self._credentials.changed()
