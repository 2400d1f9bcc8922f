"""The session: the state of the active connection, and what is remembered across connections."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from tracker_tui.link.changes import LinkState, Phase
from tracker_tui.link.session.events import Action
from tracker_tui.link.session.ladder import Ladder
from tracker_tui.link.session.list_state import INTERVAL, ListState
from tracker_tui.link.session.parts import (
    Candidate,
    Downtime,
    Retries,
    SubscriptionState,
    TokenState,
    UnconfirmedFailure,
)
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

STEADY_BEATS = 3
"""Heartbeats with a steady lag after which a second connection asks for the server's time."""

CLOCK_INTERVAL = 60.0
"""Minimum seconds between two second connections that ask for the server's time."""

_PHASES: dict[type, Phase] = {
    FetchingToken: Phase.CONNECTING,
    Connecting: Phase.CONNECTING,
    Backoff: Phase.BACKOFF,
    SignedOut: Phase.SIGNED_OUT,
    Failed: Phase.FAILED,
    Finished: Phase.FINAL,
    Closed: Phase.CLOSED,
}


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
        retries: Limits on the next connection attempt.
        tokens: The known tokens, by number.
        subscriptions: The orders that were requested on the active connection.
        clock_asked_at: When a second connection last asked for the server's time.
        candidate: A second connection; present only next to an open one.
        unconfirmed_failure: The failure of a transport that waits for the answer to a GET.
        list_state: State of the list of orders; None if all orders were given.
    """

    state: State
    orders: tuple[str, ...]
    ladder: Ladder
    connection_id: int = 1
    last_connection_id: int = 1
    was_live: bool = False
    downtime: Downtime = field(default_factory=Downtime)
    retries: Retries = field(default_factory=Retries)
    tokens: TokenState = field(default_factory=TokenState)
    subscriptions: SubscriptionState = field(default_factory=SubscriptionState)
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
            or not self._is_staying_open
        ):
            return None
        return max(self.ladder.probe_at, self.retries.not_before)

    @property
    def fetch_token_at(self) -> float | None:
        """When to fetch a fresh token while a stream is open."""
        if not self._is_staying_open:
            return None
        if self.request_token is None:
            return None if self.tokens.is_fetching else self.tokens.pace.fetch_at
        return None if self.tokens.lease is None else self.tokens.lease.fetch_at

    @property
    def resubscribe_due_at(self) -> float | None:
        """When to open a stream for orders that were not requested on the active one, or that it does not serve."""
        if not self._is_staying_open or self.candidate is not None:
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
            or not self._is_staying_open
        ):
            return None
        return max(self.clock_asked_at + CLOCK_INTERVAL, self.retries.not_before)

    @property
    def _is_staying_open(self) -> bool:
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
