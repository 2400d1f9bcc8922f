"""The lifetime of a token, and when to fetch the next one (PROTOCOL §6).

The session knows tokens by number; this module never sees a token.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from tracker_tui.link.session import backoff

SHARE = 0.2
MOST_LEAD = 30.0
"""A token is renewed when a fifth of its lifetime, and at most 30 s, is left (PROTOCOL §6)."""

LEAST_WAIT = 1.0
"""Minimum seconds between two fetches of a token."""

MISSES_WITHIN = 60.0
"""Seconds after which a miss no longer counts as in a row with the next one."""

_DRIFT = 1.0
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Lease:
    """The lifetime of a token that the server accepted; times are seconds on the feed's clock.

    Attributes:
        token: The token's number.
        lead: Seconds before the expiry at which a fresh token is first fetched.
        expires_at: When the token expires.
        fetch_at: When to fetch a fresh token; None during a fetch, and when no time is left.
        clock_offset: The server's time at 0 on the feed's clock, in seconds.
    """

    token: int
    lead: float
    expires_at: float
    fetch_at: float | None
    clock_offset: float


@dataclass(frozen=True, slots=True)
class FetchPace:
    """Limit on the rate of token fetches; times are seconds on the feed's clock.

    A miss is a fetch without a new token, or a token that the gateway refused. After two misses in a row, fetches wait
    as long as connection attempts do.

    Attributes:
        fetched_at: When the last fetch ended.
        token_at: When a fetch last brought a new token.
        draw: Random number for the jitter of the wait, uniform in [0, 1).
        misses: Misses in a row.
        missed_at: When the last miss was.
    """

    fetched_at: float = float("-inf")
    token_at: float = float("-inf")
    draw: float = 0.0
    misses: int = 0
    missed_at: float = float("-inf")

    @property
    def fetch_at(self) -> float:
        """When the next fetch is allowed."""
        return self.fetched_at + self._wait

    @property
    def renew_at(self) -> float:
        """When the next fetch is allowed after the source changed; fetches without a new token do not count."""
        return self.token_at + self._wait

    @property
    def _wait(self) -> float:
        return backoff.wait(self.misses - 2, self.draw) if self.misses > 1 else 0.0

    def after_fetch(self, at: float, draw: float, *, fresh: bool) -> FetchPace:
        """Return the pace after a fetch, which brought a new token if `fresh`."""
        return replace(self, fetched_at=at, token_at=at if fresh else self.token_at, draw=draw)

    def after_miss(self, at: float) -> FetchPace:
        """Return the pace after a miss."""
        row = self.misses if at - self.missed_at < MISSES_WITHIN else 0
        return replace(self, misses=row + 1, missed_at=at)


def grant(token: int, expires: datetime, server_time: datetime, at: float, before: Lease | None) -> Lease:
    """Return the lifetime of a token by a hello; a token that was accepted before keeps its lead."""
    return _granted(token, expires, seconds(server_time) - at, at, before)


def renew(lease: Lease, token: int, expires: datetime, at: float) -> Lease:
    """Return the lifetime of a fresh token that the server accepted on an open stream."""
    return _granted(token, expires, lease.clock_offset, at, None)


def correct_clock(lease: Lease, server_time: datetime, at: float) -> Lease:
    """Return the lease corrected by the server's time: the feed's clock may have stood still during a sleep."""
    offset = seconds(server_time) - at
    drift = offset - lease.clock_offset
    # A time that is behind belongs to a message that was delayed.
    if drift < _DRIFT:
        return lease
    fetch_at = None if lease.fetch_at is None else lease.fetch_at - drift
    return replace(lease, expires_at=lease.expires_at - drift, fetch_at=fetch_at, clock_offset=offset)


def fetch_started(lease: Lease) -> Lease:
    """Return the lease while a fresh token is being fetched."""
    return replace(lease, fetch_at=None)


def fetch_failed(lease: Lease, at: float, floor: float = 0.0) -> Lease:
    """Return the lease after a failed renewal: the next fetch is due when half of the time left is over.

    Args:
        lease: Lifetime of the token in use.
        at: Now.
        floor: Seconds that the server asked the client to wait.
    """
    again = at + max(LEAST_WAIT, floor, (lease.expires_at - at) / 2)
    return replace(lease, fetch_at=again if again < lease.expires_at else None)


def _granted(token: int, expires: datetime, offset: float, at: float, before: Lease | None) -> Lease:
    expires_at = seconds(expires) - offset
    if before is not None and before.token == token:
        return Lease(token, before.lead, expires_at, expires_at - before.lead, offset)
    lead = min(SHARE * max(0.0, expires_at - at), MOST_LEAD)
    # Tokens that are nearly expired on arrival must not be fetched one after another without a wait.
    return Lease(token, lead, expires_at, max(expires_at - lead, at + LEAST_WAIT), offset)


def seconds(time: datetime) -> float:
    """Return a server's time as a number of seconds."""
    # Not a datetime: sums with a very early or very late time would overflow.
    return (time - _ANY_TIME).total_seconds()
