"""The states of a session. Each state has only the fields that are valid in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from tracker_tui.domain.cursor import Cursor
from tracker_tui.link.changes import Phase
from tracker_tui.wire.messages import Problem

HELLO_TIMEOUT = 5.0
"""Seconds from starting to connect within which hello must arrive."""

QUIET_GRACE = 2.0
"""Seconds beyond one heartbeat after which a live link counts as quiet."""


def silence_limit(heartbeat: float) -> float:
    """Return the seconds without a byte after which a stream is dead (PROTOCOL §7)."""
    return 2 * heartbeat + 2


@dataclass(frozen=True, slots=True)
class FetchingToken:
    """No connection until there is a token.

    Attributes:
        final: Whether the session fails, rather than signs out, if there is no fresh token.
    """

    final: bool = False


@dataclass(frozen=True, slots=True)
class Connecting:
    """A stream is being opened, or is open without a hello.

    Attributes:
        started: When the attempt started, in seconds on the feed's clock.
        problem: A problem of the whole stream; it overrides the close code that follows (PROTOCOL §4).
        token: Number of the token presented; 0 for none.
    """

    started: float
    problem: Problem | None = None
    token: int = 0


@dataclass(frozen=True, slots=True)
class Open:
    """Hello has arrived.

    Attributes:
        hello_at: When hello arrived, in seconds on the feed's clock.
        heartbeat: Seconds between two heartbeats.
        awaited_heads: Head to reach of every order that is not up to date yet; None until the server names it.
        is_quiet: Whether a live link has been silent for longer than a heartbeat.
        was_synced: Whether every order has reached its head once on this connection.
        problem: As in `Connecting`.
        close_deadline: When the client closes a stream whose end the server announced; None without a goodbye.
        ping_deadline: When the client drops a stream without a byte since the last sleep; None once a byte arrives.
        retry_floor: Seconds that the server asked the client to wait after this stream.
        token: Number of the token that the server accepted; 0 for none.
        offered_token: Number of a fresh token that the server has not answered yet; 0 for none.
        clock_offset: The server's time at 0 on the feed's clock, in seconds; None while unknown.
        newest_server_time: The newest server time that was received, in seconds.
        lag: Age of the newest message, in seconds; 0 unless it exceeds the time after which a link counts as quiet.
        steady_heartbeats: Heartbeats in a row with a lag that does not grow.
        steady_lag: Lag at the first of them, in seconds.
    """

    hello_at: float
    heartbeat: float
    awaited_heads: Mapping[str, Cursor | None]
    is_quiet: bool = False
    was_synced: bool = False
    problem: Problem | None = None
    close_deadline: float | None = None
    ping_deadline: float | None = None
    retry_floor: float | None = None
    token: int = 0
    offered_token: int = 0
    clock_offset: float | None = None
    newest_server_time: float = float("-inf")
    lag: float = 0.0
    steady_heartbeats: int = 0
    steady_lag: float = 0.0

    @property
    def phase(self) -> Phase:
        """Syncing, live or quiet. A stream that delivers only old messages is at best quiet."""
        if self.awaited_heads or self.ping_deadline is not None or (self.lag and not self.was_synced):
            return Phase.SYNCING
        return Phase.QUIET if self.is_quiet or self.lag else Phase.LIVE

    @property
    def is_outdated(self) -> bool:
        """Whether the messages are older than the silence limit."""
        return self.lag >= silence_limit(self.heartbeat)

    def quiet_at(self, heard: float) -> float:
        """Return when a stream that was last heard at `heard` counts as quiet."""
        return heard + self.heartbeat + QUIET_GRACE

    def dead_at(self, heard: float) -> float:
        """Return when a stream that was last heard at `heard` is dead."""
        return heard + silence_limit(self.heartbeat)


@dataclass(frozen=True, slots=True)
class Backoff:
    """Between two attempts.

    Attributes:
        until: End of the client's own wait.
        retry_floor: End of the wait that the server asked for.
    """

    until: float
    retry_floor: float


@dataclass(frozen=True, slots=True)
class Idle:
    """No stream, because there is no order to watch and the transport must name one to open a stream.

    Attributes:
        is_current: Whether the list of orders is current. The link is then live, as the list has no order to watch.
    """

    is_current: bool = False

    @property
    def phase(self) -> Phase:
        """Live, or connecting until the list is read."""
        return Phase.LIVE if self.is_current else Phase.CONNECTING


@dataclass(frozen=True, slots=True)
class SignedOut:
    """The server accepts none of the tokens."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The gateway refused permanently."""


@dataclass(frozen=True, slots=True)
class Finished:
    """Every order has ended, and the connection was closed."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The feed was closed."""


State: TypeAlias = FetchingToken | Connecting | Open | Backoff | Idle | SignedOut | Failed | Finished | Closed
