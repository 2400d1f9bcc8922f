"""Which token a request beside the stream presents: the one that the session presents, and none before there is one."""

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
        keyring: The tokens by number.
        bearer: Returns the number of the token to present; None while the session has none.
        needed: Called when a request of the user begins to wait for a token.
        declined: Called with the number of a token and the gateway's refusal of it.
    """

    def __init__(
        self,
        keyring: TokenStore,
        bearer: Callable[[], int | None],
        *,
        needed: Callable[[], None],
        declined: Callable[[int, Refused], None],
    ) -> None:
        self._keyring = keyring
        self._bearer = bearer
        self._needed = needed
        self._declined = declined
        self._changed = asyncio.Event()
        self._over = False

    @property
    def uses_tokens(self) -> bool:
        """Whether requests present tokens at all."""
        return self._keyring.enabled

    async def send(self, request: Callable[[Token | None], Awaitable[T]], *, urgent: bool = False) -> T:
        """Send a request; if its token was replaced while the gateway refused it, once more with the new one.

        Waits while the session has no token to present.

        Args:
            request: Sends it with the given token.
            urgent: Whether the user waits for it: then a token is looked for even while the session is signed out.

        Raises:
            NoToken: The session ended while it had no token.
            LinkError: What the request raised.
        """
        number = await self._wait(urgent)
        try:
            return await request(self._keyring[number])
        except Refused as error:
            if not self._refuses_token(number, error):
                raise
            again = self._bearer()
            if again is None or again == number:
                raise
        try:
            return await request(self._keyring[again])
        except Refused as error:
            self._refuses_token(again, error)
            raise

    def changed(self) -> None:
        """Let the requests that wait look again at what the session presents."""
        self._changed.set()
        self._changed = asyncio.Event()

    def close(self) -> None:
        """Let no request wait any more: there will be no other token."""
        self._over = True
        self.changed()

    async def _wait(self, urgent: bool) -> int:
        if urgent and self._bearer() is None and not self._over:
            self._needed()
        while (number := self._bearer()) is None:
            if self._over:
                raise NoToken("the session ended before there was a token")
            await self._changed.wait()
        return number

    def _refuses_token(self, number: int, error: Refused) -> bool:
        """Whether the gateway refused a request for its token; the session is told so."""
        if not self.uses_tokens or verdict_of(error).recovery not in SIGN_IN:
            return False
        self._declined(number, error)
        return True
