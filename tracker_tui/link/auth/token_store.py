"""The tokens that were got, by number: policy speaks of numbers, and only what opens a stream sees a token."""

from __future__ import annotations

import asyncio

from tracker_tui.link.auth.credentials import Credentials
from tracker_tui.link.auth.token import Token
from tracker_tui.link.errors import NoToken

MAX_TOKENS = 4
"""How many of the newest tokens are kept: those that a stream, its successor and requests under way present."""

FETCH_TIMEOUT = 20.0
"""Seconds after which a source counts as dead."""


class TokenStore:
    """Keeps the newest token and the ones before it that are still presented.

    Args:
        credentials: Where tokens come from; None where nobody has to say who they are.
    """

    def __init__(self, credentials: Credentials | None) -> None:
        self._credentials = credentials
        self._tokens: dict[int, Token] = {}
        self._number = 0

    @property
    def enabled(self) -> bool:
        """Whether there are tokens to be had."""
        return self._credentials is not None

    def __getitem__(self, number: int) -> Token | None:
        return self._tokens.get(number)

    async def fetch(self, in_use: int = 0) -> tuple[int, str | None]:
        """Get a token: the newest one's number, which only grows if it is another one, and what went wrong.

        Token number `in_use` is kept, however many newer ones there are.
        """
        if self._credentials is None:
            return 0, None
        try:
            async with asyncio.timeout(FETCH_TIMEOUT):
                token = await self._credentials.fetch()
        except NoToken as error:
            return self._number, str(error)
        except TimeoutError:
            return self._number, f"no token came within {FETCH_TIMEOUT:g} s"
        if token != self._tokens.get(self._number):
            self._number += 1
            self._tokens[self._number] = token
            for number in [
                number for number in self._tokens if number <= self._number - MAX_TOKENS and number != in_use
            ]:
                del self._tokens[number]
        return self._number, None

    def changed(self) -> bool:
        """Whether the source tells that it has another token now."""
        return self._credentials is not None and self._credentials.changed()
