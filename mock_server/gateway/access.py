"""Authorization: every presented token is checked here (PROTOCOL §6)."""

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
"""Accepted tokens that are remembered; above that the oldest are forgotten."""


@dataclass(slots=True, eq=False)
class Grant:
    """An accepted token.

    Attributes:
        rights: The rights that the token grants.
        expires_at: The time at which it expires, which a fault may bring forward; None for never.
    """

    rights: Rights
    expires_at: datetime | None

    def is_over(self, now: datetime) -> bool:
        """Return whether it has expired."""
        return self.expires_at is not None and self.expires_at <= now


GRANT = RequestKey("grant", Grant)
"""The key under which a request carries its grant."""


class Access:
    """Authorizes clients by their token; without a key it accepts every client.

    Args:
        key: The key that signs tokens; None disables authentication.
        clock: The clock.
        plan: The armed faults.
        fault_log: The log of triggered faults.
    """

    def __init__(self, key: Key | None, clock: Clock, plan: Plan, fault_log: FaultLog) -> None:
        self._key = key
        self._clock = clock
        self._plan = plan
        self._fault_log = fault_log
        self._grants: dict[bytes, Grant] = {}

    def authorize(self, token: str | None) -> Grant:
        """Return the grant for `token`.

        Raises:
            TokenExpired: The token has expired.
            AuthRejected: The token is missing or invalid.
        """
        if self._key is None:
            return Grant(UNRESTRICTED, None)
        if token is None:
            raise AuthRejected("this needs a token: Authorization: Bearer TOKEN")
        now = self._clock.now()
        rights = self._key.verify(token, now)
        # A digest is remembered, not the secret token.
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
        """The number of remembered tokens, at most `MAX_GRANTS`."""
        return len(self._grants)

    def expire_all(self) -> int:
        """Expire every token that has been accepted so far; return how many."""
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
            # An expired token is refused without being looked up, so it can be forgotten.
            expired = [
                digest
                for digest, grant in self._grants.items()
                if grant.rights.expires_at is None or grant.rights.expires_at <= now
            ]
            for digest in expired or [next(iter(self._grants))]:
                del self._grants[digest]


def bearer_token(headers: Sequence[str]) -> str | None:
    """Return the token in the `Authorization` headers of a request; None if there is no header.

    Raises:
        AuthRejected: The header contains something else.
    """
    if not headers:
        return None
    scheme, _, token = headers[0].partition(" ")
    if len(headers) > 1 or scheme.lower() != "bearer":
        raise AuthRejected("Authorization is one header, Bearer TOKEN")
    return token.strip(" ")
