"""Who has been let in, and until when: every token that is presented passes here (PROTOCOL §6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from aiohttp.web import RequestKey

from mock_server.auth.tokens import UNRESTRICTED, AuthRejected, Key, Rights, TokenExpired
from mock_server.faults.fault_log import FaultLog
from mock_server.faults.plan import Plan
from mock_server.faults.tokens import ShortTokens
from mock_server.net.clock import Clock

MAX_GRANTS = 10_000
"""Tokens whose first use is remembered; then the oldest are forgotten."""


@dataclass(slots=True, eq=False)
class Grant:
    """An accepted token: what it gives, and when that ends, which a fault may bring forward.

    Attributes:
        rights: What the token says.
        expires_at: The end of it as clients are told; None for never.
    """

    rights: Rights
    expires_at: datetime | None

    def is_over(self, now: datetime) -> bool:
        """Whether it has ended."""
        return self.expires_at is not None and self.expires_at <= now


GRANT = RequestKey("grant", Grant)
"""Where a request carries what its token gives."""


class Access:
    """Admits those who have a token; those who haven't, if no key is given.

    Args:
        key: What tokens are signed with; None lets everyone see everything, and looks at no token.
        clock: The time.
        plan: The armed faults.
        fault_log: Where their effects are written down.
    """

    def __init__(self, key: Key | None, clock: Clock, plan: Plan, fault_log: FaultLog) -> None:
        self._key = key
        self._clock = clock
        self._plan = plan
        self._fault_log = fault_log
        self._grants: dict[bytes, Grant] = {}

    def authorize(self, token: str | None) -> Grant:
        """Say what whoever presents `token` gets.

        Raises:
            TokenExpired: It was good, and is over.
            AuthRejected: It is missing, or not to be believed.
        """
        if self._key is None:
            return Grant(UNRESTRICTED, None)
        if token is None:
            raise AuthRejected("this needs a token: Authorization: Bearer TOKEN")
        now = self._clock.now()
        rights = self._key.verify(token, now)
        # What is kept for long is no secret.
        digest = blake2b(token.encode(), digest_size=16).digest()
        if (grant := self._grants.get(digest)) is None:
            grant = self._first_use(rights, now)
            self._grants[digest] = grant
            self._forget_old(now)
        if grant.is_over(now):
            raise TokenExpired("the token has expired; get a fresh one")
        return grant

    @property
    def known_tokens(self) -> int:
        """How many tokens are remembered, at most `MAX_GRANTS`."""
        return len(self._grants)

    def expire_all(self) -> int:
        """End every token that has been accepted so far, as if its time had come; gives how many."""
        now = self._clock.now()
        active = [grant for grant in self._grants.values() if not grant.is_over(now)]
        for grant in active:
            grant.expires_at = now
        return len(active)

    def _first_use(self, rights: Rights, now: datetime) -> Grant:
        expires_at = rights.expires_at
        if expires_at is not None and (fault := self._plan.first_triggered(ShortTokens)) is not None:
            expires_at = min(expires_at, now + timedelta(seconds=fault.seconds))
            self._fault_log.write(fault.name, "shortened", None, f"a token expires within {fault.seconds:g} s")
        return Grant(rights, expires_at)

    def _forget_old(self, now: datetime) -> None:
        if len(self._grants) > MAX_GRANTS:
            # A token whose own time is over is refused without being remembered.
            expired = [
                digest
                for digest, grant in self._grants.items()
                if grant.rights.expires_at is None or grant.rights.expires_at <= now
            ]
            for digest in expired or [next(iter(self._grants))]:
                del self._grants[digest]


def bearer_token(headers: Sequence[str]) -> str | None:
    """The token in the `Authorization` headers of a request; None if there is none.

    Raises:
        AuthRejected: There is something else there.
    """
    if not headers:
        return None
    scheme, _, token = headers[0].partition(" ")
    if len(headers) > 1 or scheme.lower() != "bearer":
        raise AuthRejected("Authorization is one header, Bearer TOKEN")
    return token.strip(" ")
