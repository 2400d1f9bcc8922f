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
"""Heartbeats with a lag that does not grow, after which the server is asked for its time on a second connection."""

CLOCK_INTERVAL = 60.0
"""Least seconds between two second connections that ask for the server's time."""

CATCH_UP_PATIENCE = 30.0
"""Seconds from hello within which a candidate must have caught up with what it is to take over."""

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
    """What a second connection is for."""

    CLIMB = auto()
    """To get back on a better transport."""
    TOKEN = auto()
    """To present a fresh token where an open stream takes none."""
    WAKE = auto()
    """To replace a stream that can't be asked for a sign of life."""
    ORDERS = auto()
    """To watch more orders where an open stream takes no more."""
    CLOCK = auto()
    """To learn the server's time from its hello; it never takes over."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A second connection beside an open one; it takes over once it has caught up.

    Attributes:
        connection_id: Its number.
        state: Its own life.
        purpose: What it is for.
        lease: What the server said of the token that it presented.
        subscribed_version: As in `Session`.
    """

    connection_id: int
    state: Connecting | Open
    purpose: Purpose
    lease: Lease | None = None
    subscribed_version: int = 0

    def deadline(self, heard: float) -> float:
        """When it is given up, if nothing more comes of it, given when its last byte was heard."""
        if isinstance(self.state, Connecting):
            return self.state.started + HELLO_TIMEOUT
        return min(self.state.dead_at(heard), self.state.hello_at + CATCH_UP_PATIENCE)


@dataclass(frozen=True, slots=True)
class UnconfirmedFailure:
    """A failure of the transport that counts if the gateway itself answers a GET (DESIGN §2, ladder)."""

    connection_id: int
    failure: Failure
    reason: str


@dataclass(frozen=True, slots=True)
class Session:
    """The connection and what it remembers of earlier ones.

    Attributes:
        connection_id: Number of the active connection. Events of other connections are ignored, except the candidate's.
        last_connection_id: Greatest number that a connection was given.
        has_credentials: Whether tokens can be had at all.
        failures: The n of the backoff.
        attempt: Which try in a row this is, for people; 0 on the first and once live.
        was_live: Whether there has been a live link before.
        down_at: Since when there has been no live link.
        reason: Why there is none.
        problem_code: The gateway's code for it.
        retried_once: Courses that may be taken once and were, since the last healthy stream.
        reconnect_requested_at: When a reconnect was last asked for by key.
        token: Number of the newest token that we have; 0 for none.
        refused_token: Number of the newest token that the server did not take.
        lease: The life of the token that the server took last.
        declined: Number of the newest token in use that the gateway refused on a request beside the stream; 0 for none.
        token_fetches: Number of the newest look for a token; `fetching_token` while it is under way.
        pace: When the next look may be, if nobody asked for it by key.
        needed: Whether a request of the user waits for a token.
        not_before: Before when the server that refused our token, or a candidate, does not want to be called again.
        token_renewed: Whether a token was renewed after an expiry, with no live stream and no wait since then.
        orders_version: How often orders were added.
        subscribed_version: Up to which of these the present connection was asked for orders.
        resubscribe_at: When to ask for the rest on another one.
        unserved: Whether the present connection does not serve an order that another one would.
        serve_at: When to ask for it on another one.
        clock_asked_at: When the server was last asked for its time on a second connection.
        candidate: A second connection; only beside an open one.
        unconfirmed_failure: The failure that is being looked into.
        list_state: What is known of the list that the orders come from; None where they were given.
    """

    state: State
    orders: tuple[str, ...]
    ladder: Ladder
    has_credentials: bool = False
    connection_id: int = 1
    last_connection_id: int = 1
    failures: int = 0
    attempt: int = 0
    was_live: bool = False
    down_at: float | None = None
    reason: str | None = None
    problem_code: str | None = None
    retried_once: bool = False
    reconnect_requested_at: float = float("-inf")
    token: int = 0
    refused_token: int = 0
    lease: Lease | None = None
    declined: int = 0
    token_fetches: int = 0
    fetching_token: bool = False
    pace: FetchPace = field(default_factory=FetchPace)
    needed: bool = False
    not_before: float = 0.0
    token_renewed: bool = False
    orders_version: int = 0
    subscribed_version: int = 0
    resubscribe_at: float = 0.0
    unserved: bool = False
    serve_at: float = 0.0
    clock_asked_at: float = float("-inf")
    candidate: Candidate | None = None
    unconfirmed_failure: UnconfirmedFailure | None = None
    list_state: ListState | None = None

    @property
    def phase(self) -> Phase:
        """The phase that the badge shows."""
        return self.state.phase if isinstance(self.state, Open | Idle) else _PHASES[type(self.state)]

    @property
    def needs_no_stream(self) -> bool:
        """Whether there is no stream to open: no order yet, on a transport that must name one."""
        return self.list_state is not None and not self.orders and not self.ladder.rung.duplex

    @property
    def link(self) -> LinkState:
        """What front ends are told."""
        state = self.state
        return LinkState(
            phase=self.phase,
            transport=self.ladder.rung.name,
            attempt=self.attempt,
            retry_at=max(state.until, state.retry_floor) if isinstance(state, Backoff) else None,
            reason=self.reason,
            connected_at=state.hello_at if isinstance(state, Open) else None,
            down_at=self.down_at,
            fallback=self.ladder.reason,
            period=state.heartbeat if isinstance(state, Open) else None,
            code=self.problem_code,
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
        """Number of the token to open a connection with: the newest that the server did not refuse, if there is one."""
        if self.token > self.refused_token:
            return self.token
        if self.lease is not None:
            return self.lease.token
        return self.state.token if isinstance(self.state, Open) else self.token

    @property
    def request_token(self) -> int | None:
        """Number of the token that a request beside the stream presents; None while there is none to present."""
        if not self.has_credentials:
            return 0
        number = self.presented_token
        without = isinstance(self.state, FetchingToken | SignedOut | Failed | Finished | Closed)
        return None if without or number <= self.declined else number

    def with_refused_token(self, number: int, at: float) -> Session:
        """Return the session after the server refused token `number`; a refusal that is no news changes nothing."""
        if number <= self.refused_token:
            return self
        return replace(self, refused_token=number, pace=self.pace.after_miss(at))

    @property
    def probe_at(self) -> float | None:
        """When to try a better transport: only beside a live stream that is to stay, and one at a time."""
        if (
            self.ladder.probe_at is None
            or self.candidate is not None
            or self.phase is not Phase.LIVE
            or not self._stays
        ):
            return None
        return max(self.ladder.probe_at, self.not_before)

    @property
    def fetch_token_at(self) -> float | None:
        """When to look for a fresh token beside the stream."""
        if not self._stays:
            return None
        if self.request_token is None:
            return None if self.fetching_token else self.pace.fetch_at
        return None if self.lease is None else self.lease.fetch_at

    @property
    def resubscribe_due_at(self) -> float | None:
        """When to open a stream for orders that the present one was not asked for, or does not serve; None if none."""
        if not self._stays or self.candidate is not None:
            return None
        more = self.resubscribe_at if self.subscribed_version < self.orders_version else None
        dues = [due for due in (more, self.serve_at if self.unserved else None) if due is not None]
        return max(min(dues), self.not_before) if dues else None

    @property
    def clock_at(self) -> float | None:
        """When to ask the server for its time: a lag that does not grow may be a clock that was set back."""
        state = self.state
        if (
            not isinstance(state, Open)
            or state.steady_heartbeats < STEADY_BEATS
            or self.candidate is not None
            or not self._stays
        ):
            return None
        return max(self.clock_asked_at + CLOCK_INTERVAL, self.not_before)

    @property
    def _stays(self) -> bool:
        return isinstance(self.state, Open) and self.state.close_deadline is None

    def deadline(self, heard: float, second: float = 0.0) -> float | None:
        """When a `Tick` is due next; None if time changes nothing.

        Args:
            heard: When the last byte of the present connection was heard.
            second: When the candidate's was.
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
            case FetchingToken() if not self.fetching_token:
                return self.pace.fetch_at
            case SignedOut() if self.needed and not self.fetching_token:
                return self.pace.fetch_at
            case _:
                return None


Step = tuple[Session, tuple[Action, ...]]
"""The session after an event, and the actions to run."""
