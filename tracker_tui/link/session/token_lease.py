"""When to get a fresh token: what a server said of the life of the one it took (PROTOCOL §6); pure.

The tokens themselves are not here: a session knows them by their numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from tracker_tui.link.session import backoff

SHARE = 0.2
MOST_LEAD = 30.0
"""A token is renewed when a fifth of its life, and no more than 30 s, is left (PROTOCOL §6)."""

LEAST_WAIT = 1.0
"""Least seconds between two looks for a fresh token."""

MISSES_WITHIN = 60.0
"""Seconds after which a token that was of no use is no part of a row any more."""

_DRIFT = 1.0
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Lease:
    """The life of a token that the server took; times are seconds on the feed's clock.

    Attributes:
        token: The token's number.
        lead: Seconds before the expiry at which a fresh one is first looked for.
        expires_at: When it expires.
        fetch_at: When to look for a fresh one next; None while that is under way, or in vain.
        clock_offset: The server's time at 0 on the feed's clock, in seconds since some time long ago.
    """

    token: int
    lead: float
    expires_at: float
    fetch_at: float | None
    clock_offset: float


@dataclass(frozen=True, slots=True)
class FetchPace:
    """How fast tokens are looked for; times are seconds on the feed's clock.

    A miss is a look that brought no other token, or a token that the gateway refused. After two in a row, looks wait as
    long as connections do (DESIGN §2, backoff).

    Attributes:
        fetched_at: When the last look was over.
        token_at: When a look last brought another token.
        draw: The jitter of the wait after it, uniform in [0, 1).
        misses: Misses in a row.
        missed_at: When the last of them was.
    """

    fetched_at: float = float("-inf")
    token_at: float = float("-inf")
    draw: float = 0.0
    misses: int = 0
    missed_at: float = float("-inf")

    @property
    def fetch_at(self) -> float:
        """When the next look may be."""
        return self.fetched_at + self._wait

    @property
    def renew_at(self) -> float:
        """When the next look may be after the source was seen to have changed: looks without another token are free."""
        return self.token_at + self._wait

    @property
    def _wait(self) -> float:
        return backoff.wait(self.misses - 2, self.draw) if self.misses > 1 else 0.0

    def after_fetch(self, at: float, draw: float, *, fresh: bool) -> FetchPace:
        """The pace after a look, which brought another token if `fresh`."""
        return replace(self, fetched_at=at, token_at=at if fresh else self.token_at, draw=draw)

    def after_miss(self, at: float) -> FetchPace:
        """The pace after a miss."""
        row = self.misses if at - self.missed_at < MISSES_WITHIN else 0
        return replace(self, misses=row + 1, missed_at=at)


def grant(token: int, expires: datetime, server_time: datetime, at: float, before: Lease | None) -> Lease:
    """The server took a token and said when it expires; one that it took before keeps its lead."""
    return _granted(token, expires, seconds(server_time) - at, at, before)


def renew(lease: Lease, token: int, expires: datetime, at: float) -> Lease:
    """The server took a fresh token on an open stream."""
    return _granted(token, expires, lease.clock_offset, at, None)


def correct_clock(lease: Lease, server_time: datetime, at: float) -> Lease:
    """The server told its time: our clock may have stood still meanwhile, and the expiry did not."""
    midnight = seconds(server_time) - at
    drift = midnight - lease.clock_offset
    # A server's time that is behind was long under way.
    if drift < _DRIFT:
        return lease
    look_at = None if lease.fetch_at is None else lease.fetch_at - drift
    return replace(lease, expires_at=lease.expires_at - drift, fetch_at=look_at, clock_offset=midnight)


def fetch_started(lease: Lease) -> Lease:
    """A fresh token is being looked for."""
    return replace(lease, fetch_at=None)


def fetch_failed(lease: Lease, at: float, floor: float = 0.0) -> Lease:
    """There was no fresh token yet, or the server did not take it: look again when half of the time left is over.

    Args:
        lease: The life of the token in use.
        at: Now.
        floor: Seconds for which the server does not want to be called again.
    """
    again = at + max(LEAST_WAIT, floor, (lease.expires_at - at) / 2)
    return replace(lease, fetch_at=again if again < lease.expires_at else None)


def _granted(token: int, expires: datetime, midnight: float, at: float, before: Lease | None) -> Lease:
    expires_at = seconds(expires) - midnight
    if before is not None and before.token == token:
        return Lease(token, before.lead, expires_at, expires_at - before.lead, midnight)
    lead = min(SHARE * max(0.0, expires_at - at), MOST_LEAD)
    # Tokens that are as good as over when they come are not fetched one after the other.
    return Lease(token, lead, expires_at, max(expires_at - lead, at + LEAST_WAIT), midnight)


def seconds(time: datetime) -> float:
    """A server's time as a number of seconds."""
    # A number, as a server's time can be so early or so late that no other can be reckoned from it.
    return (time - _ANY_TIME).total_seconds()
