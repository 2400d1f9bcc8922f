"""The values that a session consists of, besides its state: candidate, tokens, subscriptions, downtime, retries."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum, auto

from tracker_tui.link.session.ladder import Failure
from tracker_tui.link.session.states import HELLO_TIMEOUT, Connecting, Open
from tracker_tui.link.session.token_lease import FetchPace, Lease

CATCH_UP_PATIENCE = 30.0
"""Seconds from hello within which a candidate must have caught up."""


class Purpose(Enum):
    """The purpose of a second connection."""

    CLIMB = auto()
    """Get back to a better transport."""
    TOKEN = auto()
    """Present a fresh token, where an open stream takes none."""
    WAKE = auto()
    """Replace a stream that cannot be pinged after a sleep."""
    ORDERS = auto()
    """Watch more orders, where an open stream takes no more."""
    CLOCK = auto()
    """Learn the server's time from its hello; such a candidate never takes over."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A second connection next to an open one; it takes over when it has caught up.

    Attributes:
        connection_id: Its number.
        state: Its state.
        purpose: Its purpose.
        lease: Lifetime of the token that it presented.
        subscribed_version: As in `SubscriptionState`.
    """

    connection_id: int
    state: Connecting | Open
    purpose: Purpose
    lease: Lease | None = None
    subscribed_version: int = 0

    def deadline(self, heard: float) -> float:
        """Return when the candidate is given up unless it makes progress; its last byte arrived at `heard`."""
        if isinstance(self.state, Connecting):
            return self.state.started + HELLO_TIMEOUT
        return min(self.state.dead_at(heard), self.state.hello_at + CATCH_UP_PATIENCE)


@dataclass(frozen=True, slots=True)
class UnconfirmedFailure:
    """A transport's failure that counts only if the gateway itself answers a GET."""

    connection_id: int
    failure: Failure
    reason: str


@dataclass(frozen=True, slots=True)
class TokenState:
    """Tokens, as the session knows them: by number, without the tokens themselves.

    Attributes:
        enabled: Whether there is a source of tokens.
        current: Number of the newest fetched token; 0 for none.
        refused: Number of the newest token that the server refused; 0 for none.
        unauthorized: Number of the newest token in use that was refused on a request; 0 for none.
        lease: Lifetime of the token that the server accepted last.
        fetches: Number of the newest fetch.
        is_fetching: Whether that fetch is running.
        pace: Limit on the rate of fetches.
        is_needed: Whether a request of the user waits for a token.
        renewed: Whether a token was renewed after an expiry, with no live stream and no wait since then.
    """

    enabled: bool = False
    current: int = 0
    refused: int = 0
    unauthorized: int = 0
    lease: Lease | None = None
    fetches: int = 0
    is_fetching: bool = False
    pace: FetchPace = field(default_factory=FetchPace)
    is_needed: bool = False
    renewed: bool = False

    @property
    def has_fresh(self) -> bool:
        """Whether the newest token was not refused."""
        return self.current > self.refused


@dataclass(frozen=True, slots=True)
class SubscriptionState:
    """The orders that were requested on the active connection.

    Attributes:
        orders_version: Number of times that orders were added.
        subscribed_version: The `orders_version` up to which orders were requested on the active connection.
        resubscribe_at: When to ask for the newer orders on another connection.
        has_unserved: Whether the active connection doesn't serve an order that another one would serve.
        unserved_due_at: When to ask for unserved orders on another connection.
    """

    orders_version: int = 0
    subscribed_version: int = 0
    resubscribe_at: float = 0.0
    has_unserved: bool = False
    unserved_due_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Downtime:
    """Time without a live stream.

    Attributes:
        since: When it began; None while the link is live.
        reason: Why the link is not live, for display.
        code: The gateway's code for the reason (PROTOCOL §8).
        attempt: Number of the connection attempt since the link was live; 0 for the first one and once live.
    """

    since: float | None = None
    reason: str | None = None
    code: str | None = None
    attempt: int = 0

    def starting(self, at: float) -> Downtime:
        """Return the downtime that has begun at `at`, unless it began earlier."""
        return replace(self, since=at) if self.since is None else self


@dataclass(frozen=True, slots=True)
class Retries:
    """Limits on the next connection attempt.

    Attributes:
        failures: The n of the backoff: failures in a row.
        retried_once: Whether an error that may be retried once was retried since the last healthy stream.
        requested_at: When the user last asked to reconnect.
        not_before: Time before which the server forbids an attempt.
    """

    failures: int = 0
    retried_once: bool = False
    requested_at: float = float("-inf")
    not_before: float = 0.0
