"""The session: the state of the active connection, and what is remembered across connections."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from tracker_tui.link.changes import LinkState, Phase
from tracker_tui.link.session.events import Action
from tracker_tui.link.session.ladder import Failure, Ladder
from tracker_tui.link.session.list_state import INTERVAL, ListState
from tracker_tui.link.session.states import (
    HELLO_TIMEOUT,
    Backoff,
    Closed,
    Connecting,
    Failed,
    FetchingToken,
    Finished,
    Idle,
    Open,
    SignedOut,
    State,
)
from tracker_tui.link.session.token_lease import FetchPace, Lease

STEADY_BEATS = 3
"""Heartbeats with a steady lag after which a second connection asks for the server's time."""

CLOCK_INTERVAL = 60.0
"""Minimum seconds between two second connections that ask for the server's time."""

CATCH_UP_PATIENCE = 30.0
"""Seconds from hello within which a candidate must have caught up."""

_PHASES: dict[type, Phase] = {
    FetchingToken: Phase.CONNECTING,
    Connecting: Phase.CONNECTING,
    Backoff: Phase.BACKOFF,
    SignedOut: Phase.SIGNED_OUT,
    Failed: Phase.FAILED,
    Finished: Phase.FINAL,
    Closed: Phase.CLOSED,
}


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
    """Which orders the active connection was asked for.

    Attributes:
        orders_version: Number of times that orders were added.
        subscribed_version: The `orders_version` up to which the active connection was asked for orders.
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
        reason: Why the link is not live, for people.
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
    """What limits the next connection attempt.

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


@dataclass(frozen=True, slots=True)
class Session:
    """The active connection, and what is remembered of earlier ones.

    Attributes:
        state: State of the active connection, or why there is none.
        orders: The watched orders that were not refused.
        ladder: The transports, and the evidence against the current one.
        connection_id: Number of the active connection. Events of other connections are ignored, except the candidate's.
        last_connection_id: Highest connection number so far.
        was_live: Whether the link has been live before.
        downtime: Time without a live stream.
        retries: What limits the next connection attempt.
        tokens: Which tokens there are, by number.
        subscriptions: Which orders the active connection was asked for.
        clock_asked_at: When a second connection last asked for the server's time.
        candidate: A second connection; present only next to an open one.
        unconfirmed_failure: The failure of a transport that waits for the answer to a GET.
        list_state: What is known of the list of orders; None if all orders were given.
    """

    state: State
    orders: tuple[str, ...]
    ladder: Ladder
    connection_id: int = 1
    last_connection_id: int = 1
    was_live: bool = False
    downtime: Downtime = Downtime()
    retries: Retries = Retries()
    tokens: TokenState = field(default_factory=TokenState)
    subscriptions: SubscriptionState = SubscriptionState()
    clock_asked_at: float = float("-inf")
    candidate: Candidate | None = None
    unconfirmed_failure: UnconfirmedFailure | None = None
    list_state: ListState | None = None

    @property
    def phase(self) -> Phase:
        """The phase of the link."""
        return self.state.phase if isinstance(self.state, Open | Idle) else _PHASES[type(self.state)]

    @property
    def needs_no_stream(self) -> bool:
        """Whether there is no stream to open: no order yet, on a transport that must name one."""
        return self.list_state is not None and not self.orders and not self.ladder.rung.duplex

    @property
    def link(self) -> LinkState:
        """The link as front ends see it."""
        state = self.state
        return LinkState(
            phase=self.phase,
            transport=self.ladder.rung.name,
            attempt=self.downtime.attempt,
            retry_at=max(state.until, state.retry_floor) if isinstance(state, Backoff) else None,
            reason=self.downtime.reason,
            connected_at=state.hello_at if isinstance(state, Open) else None,
            down_at=self.downtime.since,
            fallback=self.ladder.reason,
            period=state.heartbeat if isinstance(state, Open) else None,
            code=self.downtime.code,
            lag=float(round(state.lag)) if isinstance(state, Open) else 0.0,
            list_every=INTERVAL if isinstance(state, Idle) and state.is_current else None,
        )

    def awaited_orders(self, connection_id: int) -> Collection[str]:
        """Return the orders that `connection_id` has not yet brought up to date; empty for a closed connection."""
        candidate = self.candidate
        state = (
            self.state
            if connection_id == self.connection_id
            else candidate.state
            if candidate and connection_id == candidate.connection_id
            else None
        )
        return tuple(state.awaited_heads) if isinstance(state, Open) else ()

    @property
    def presented_token(self) -> int:
        """Number of the token for a new connection: the newest one that was not refused, if there is one."""
        if self.tokens.current > self.tokens.refused:
            return self.tokens.current
        if self.tokens.lease is not None:
            return self.tokens.lease.token
        return self.state.token if isinstance(self.state, Open) else self.tokens.current

    @property
    def request_token(self) -> int | None:
        """Number of the token for a request; None while there is no usable one."""
        if not self.tokens.enabled:
            return 0
        number = self.presented_token
        without = isinstance(self.state, FetchingToken | SignedOut | Failed | Finished | Closed)
        return None if without or number <= self.tokens.unauthorized else number

    def with_refused_token(self, number: int, at: float) -> Session:
        """Return the session after the server refused token `number`; an older number changes nothing."""
        if number <= self.tokens.refused:
            return self
        tokens = replace(self.tokens, refused=number, pace=self.tokens.pace.after_miss(at))
        return replace(self, tokens=tokens)

    @property
    def probe_at(self) -> float | None:
        """When to try a better transport: only next to a live stream, and one at a time."""
        if (
            self.ladder.probe_at is None
            or self.candidate is not None
            or self.phase is not Phase.LIVE
            or not self._stays
        ):
            return None
        return max(self.ladder.probe_at, self.retries.not_before)

    @property
    def fetch_token_at(self) -> float | None:
        """When to fetch a fresh token while a stream is open."""
        if not self._stays:
            return None
        if self.request_token is None:
            return None if self.tokens.is_fetching else self.tokens.pace.fetch_at
        return None if self.tokens.lease is None else self.tokens.lease.fetch_at

    @property
    def resubscribe_due_at(self) -> float | None:
        """When to open a stream for orders that the active one was not asked for or does not serve."""
        if not self._stays or self.candidate is not None:
            return None
        more = (
            self.subscriptions.resubscribe_at
            if self.subscriptions.subscribed_version < self.subscriptions.orders_version
            else None
        )
        dues = [
            due
            for due in (more, self.subscriptions.unserved_due_at if self.subscriptions.has_unserved else None)
            if due is not None
        ]
        return max(min(dues), self.retries.not_before) if dues else None

    @property
    def clock_at(self) -> float | None:
        """When to ask for the server's time: a lag that does not grow may be a clock that was set back."""
        state = self.state
        if (
            not isinstance(state, Open)
            or state.steady_heartbeats < STEADY_BEATS
            or self.candidate is not None
            or not self._stays
        ):
            return None
        return max(self.clock_asked_at + CLOCK_INTERVAL, self.retries.not_before)

    @property
    def _stays(self) -> bool:
        return isinstance(self.state, Open) and self.state.close_deadline is None

    def deadline(self, heard: float, second: float = 0.0) -> float | None:
        """Return when the next `Tick` is due; None if time changes nothing.

        Args:
            heard: When the last byte of the active connection arrived.
            second: When the last byte of the candidate arrived.
        """
        match self.state:
            case Connecting(started=started):
                return started + HELLO_TIMEOUT
            case Open() as state:
                silence = state.quiet_at(heard) if state.phase is Phase.LIVE else state.dead_at(heard)
                overlap = None if self.candidate is None else self.candidate.deadline(second)
                planned = (self.probe_at, self.fetch_token_at, self.resubscribe_due_at, self.clock_at, overlap)
                outdated = state.hello_at if state.is_outdated else None
                dues = (silence, outdated, state.close_deadline, state.ping_deadline, *planned)
                return min(due for due in dues if due is not None)
            case Backoff(until=until, retry_floor=floor):
                return max(until, floor)
            case Idle(is_current=True) if self.list_state is not None:
                return self.list_state.expires_at
            case FetchingToken() if not self.tokens.is_fetching:
                return self.tokens.pace.fetch_at
            case SignedOut() if self.tokens.is_needed and not self.tokens.is_fetching:
                return self.tokens.pace.fetch_at
            case _:
                return None


Step = tuple[Session, tuple[Action, ...]]
"""The session after an event, and the actions to run."""
