"""Sends requests outside the stream with the session's token, and waits while the session has none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tracker_tui.link.auth.token import Token
from tracker_tui.link.auth.token_store import TokenStore
from tracker_tui.link.errors import NoToken, Refused
from tracker_tui.link.session.verdicts import SIGN_IN, verdict_of

T = TypeVar("T")


class Authorization:
    """Sends requests with the token that the session presents.

    Args:
        tokens: The tokens, by number.
        current: Returns the number of the token to present; None while the session has none.
        needed: Called when a request of the user starts to wait for a token.
        declined: Called with the number of a token and the server's refusal of it.
    """

    def __init__(
        self,
        tokens: TokenStore,
        current: Callable[[], int | None],
        *,
        needed: Callable[[], None],
        declined: Callable[[int, Refused], None],
    ) -> None:
        self._tokens = tokens
        self._current = current
        self._needed = needed
        self._declined = declined
        self._changed = asyncio.Event()
        self._closed = False

    @property
    def uses_tokens(self) -> bool:
        """Whether requests present tokens."""
        return self._tokens.enabled

    async def send(self, request: Callable[[Token | None], Awaitable[T]], *, urgent: bool = False) -> T:
        """Send a request; retry it once if the server refused its token and the session has a new one meanwhile.

        Wait while the session has no token to present.

        Args:
            request: Sends the request with the given token.
            urgent: Whether the user waits for it: then a token is fetched even while the session is signed out.

        Raises:
            NoToken: The session ended while it had no token.
            LinkError: What the request raised.
        """
        number = await self._wait(urgent)
        try:
            return await request(self._tokens[number])
        except Refused as error:
            if not self._refuses_token(number, error):
                raise
            replacement = self._current()
            if replacement is None or replacement == number:
                raise
        try:
            return await request(self._tokens[replacement])
        except Refused as error:
            self._refuses_token(replacement, error)
            raise

    def changed(self) -> None:
        """Wake the waiting requests: the session presents another token."""
        self._changed.set()
        self._changed = asyncio.Event()

    def close(self) -> None:
        """Fail the waiting requests: there will be no other token."""
        self._closed = True
        self.changed()

    def reopen(self) -> None:
        """Let requests wait for a token again, after `close`."""
        self._closed = False

    async def _wait(self, urgent: bool) -> int:
        if urgent and self._current() is None and not self._closed:
            self._needed()
        while (number := self._current()) is None:
            if self._closed:
                raise NoToken("the session ended before there was a token")
            await self._changed.wait()
        return number

    def _refuses_token(self, number: int, error: Refused) -> bool:
        """Return whether the server refused a request because of its token; report that to the session."""
        if not self.uses_tokens or verdict_of(error).recovery not in SIGN_IN:
            return False
        self._declined(number, error)
        return True
