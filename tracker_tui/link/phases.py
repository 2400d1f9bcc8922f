"""The states of a connection and what a session remembers: values; `session` has the transitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from tracker_tui.domain.cursor import Cursor
from tracker_tui.link.state import LinkState, Phase
from tracker_tui.wire import Problem

HELLO_TIMEOUT = 5.0
"""Seconds from starting to connect within which hello must arrive (DESIGN §2, ladder)."""

QUIET_GRACE = 2.0
"""Seconds beyond one heartbeat after which a live link counts as quiet (DESIGN §2)."""


def silence_limit(heartbeat: float) -> float:
    """Seconds without a byte after which a stream is dead (PROTOCOL §7)."""
    return 2 * heartbeat + 2


@dataclass(frozen=True, slots=True)
class Connecting:
    """Opened or not, there was no hello yet.

    Attributes:
        problem: A problem of the whole stream; it outranks the close code that follows (PROTOCOL §4).
    """

    started: float
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """Hello has arrived.

    Attributes:
        awaiting: Orders not yet as far as the server said they are: the head to reach, None while not answered.
        quiet: Whether a live link has been silent for longer than a heartbeat.
        synced: Whether every order had reached its head once on this connection.
        problem: As in `Connecting`.
        leave_by: When to leave by ourselves a stream whose end the server announced.
        answer_by: When to leave a stream that gave no sign of life since the last sleep; None once it gave one.
        floor: Seconds for which the server asked not to be called again.
    """

    hello_at: float
    heartbeat: float
    awaiting: Mapping[str, Cursor | None]
    quiet: bool = False
    synced: bool = False
    problem: Problem | None = None
    leave_by: float | None = None
    answer_by: float | None = None
    floor: float | None = None

    @property
    def phase(self) -> Phase:
        """Syncing, live or quiet."""
        if self.awaiting or self.answer_by is not None:
            return Phase.SYNCING
        return Phase.QUIET if self.quiet else Phase.LIVE

    def quiet_at(self, heard: float) -> float:
        """When a stream last heard at `heard` counts as quiet."""
        return heard + self.heartbeat + QUIET_GRACE

    def dead_at(self, heard: float) -> float:
        """When a stream last heard at `heard` is dead."""
        return heard + silence_limit(self.heartbeat)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Between two tries: not before `until` by our own wait, nor before `floor` by the server's."""

    until: float
    floor: float


@dataclass(frozen=True, slots=True)
class SignedOut:
    """The server takes no token that we have."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The gateway refused for good."""


@dataclass(frozen=True, slots=True)
class Finished:
    """Every order ended, and the connection with them."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The user is gone."""


State: TypeAlias = Connecting | Open | Waiting | SignedOut | Failed | Finished | Closed

_PHASES: dict[type, Phase] = {
    Connecting: Phase.CONNECTING,
    Waiting: Phase.BACKOFF,
    SignedOut: Phase.SIGNED_OUT,
    Failed: Phase.FAILED,
    Finished: Phase.FINAL,
    Closed: Phase.CLOSED,
}


@dataclass(frozen=True, slots=True)
class Session:
    """The connection and what it remembers of earlier ones.

    Attributes:
        conn: Number of the present connection; anything that bears another one is history.
        failures: The n of the backoff.
        attempt: Which try in a row this is, for people; 0 on the first and once live.
        down_at: Since when there has been no live link.
        reason: Why there is none.
        retried: Courses that may be taken once and were, since the last healthy stream.
        pressed_at: When a reconnect was last asked for by key.
    """

    state: State
    orders: tuple[str, ...]
    transport: str
    conn: int = 1
    failures: int = 0
    attempt: int = 0
    down_at: float | None = None
    reason: str | None = None
    retried: bool = False
    pressed_at: float = float("-inf")

    @property
    def phase(self) -> Phase:
        """The phase that the badge shows."""
        return self.state.phase if isinstance(self.state, Open) else _PHASES[type(self.state)]

    @property
    def link(self) -> LinkState:
        """What front ends are told."""
        state = self.state
        return LinkState(
            phase=self.phase,
            transport=self.transport,
            attempt=self.attempt,
            retry_at=max(state.until, state.floor) if isinstance(state, Waiting) else None,
            reason=self.reason,
            connected_at=state.hello_at if isinstance(state, Open) else None,
            down_at=self.down_at,
        )

    def deadline(self, heard: float) -> float | None:
        """When a `Tick` is due next, given when the last byte was heard; None if time changes nothing."""
        match self.state:
            case Connecting(started=started):
                return started + HELLO_TIMEOUT
            case Open() as state:
                silence = state.quiet_at(heard) if state.phase is Phase.LIVE else state.dead_at(heard)
                return min(due for due in (silence, state.leave_by, state.answer_by) if due is not None)
            case Waiting(until=until, floor=floor):
                return max(until, floor)
            case _:
                return None
