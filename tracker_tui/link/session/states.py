"""The states of a connection and what a session remembers: values; `session` has the transitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from tracker_tui.domain.cursor import Cursor
from tracker_tui.link.changes import Phase
from tracker_tui.wire.messages import Problem

HELLO_TIMEOUT = 5.0
"""Seconds from starting to connect within which hello must arrive (DESIGN §2, ladder)."""

QUIET_GRACE = 2.0
"""Seconds beyond one heartbeat after which a live link counts as quiet (DESIGN §2)."""


def silence_limit(heartbeat: float) -> float:
    """Seconds without a byte after which a stream is dead (PROTOCOL §7)."""
    return 2 * heartbeat + 2


@dataclass(frozen=True, slots=True)
class FetchingToken:
    """Without a connection, until there is a token to open one with.

    Attributes:
        final: Whether the link has failed, rather than signed out, if there is no fresh token.
    """

    final: bool = False


@dataclass(frozen=True, slots=True)
class Connecting:
    """Opened or not, there was no hello yet.

    Attributes:
        problem: A problem of the whole stream; it outranks the close code that follows (PROTOCOL §4).
        token: Number of the token presented; 0 for none.
    """

    started: float
    problem: Problem | None = None
    token: int = 0


@dataclass(frozen=True, slots=True)
class Open:
    """Hello has arrived.

    Attributes:
        awaited_heads: Orders not yet as far as the server said they are: the head to reach, None while not answered.
        is_quiet: Whether a live link has been silent for longer than a heartbeat.
        was_synced: Whether every order had reached its head once on this connection.
        problem: As in `Connecting`.
        close_deadline: When to leave by ourselves a stream whose end the server announced.
        ping_deadline: When to leave a stream that gave no sign of life since the last sleep; None once it gave one.
        retry_floor: Seconds for which the server asked not to be called again.
        token: Number of the token that the server took; 0 for none.
        offered_token: Number of a fresh one that it has not yet answered; 0 for none.
        clock_offset: The server's time, in seconds, at 0 on the feed's clock; None while it is not known.
        newest_server_time: The newest time of the server's that was heard, in seconds.
        lag: How old what is heard is, in seconds, where that is more than a silence may last; else 0.
        steady_heartbeats: Heartbeats in a row with a lag that does not grow.
        steady_lag: The lag of the first of them, in seconds.
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
        """Syncing, live or quiet; a stream that brings old things only is no more than quiet."""
        if self.awaited_heads or self.ping_deadline is not None or (self.lag and not self.was_synced):
            return Phase.SYNCING
        return Phase.QUIET if self.is_quiet or self.lag else Phase.LIVE

    @property
    def is_outdated(self) -> bool:
        """Whether what is heard is so old that a silence as long would be death."""
        return self.lag >= silence_limit(self.heartbeat)

    def quiet_at(self, heard: float) -> float:
        """When a stream last heard at `heard` counts as quiet."""
        return heard + self.heartbeat + QUIET_GRACE

    def dead_at(self, heard: float) -> float:
        """When a stream last heard at `heard` is dead."""
        return heard + silence_limit(self.heartbeat)


@dataclass(frozen=True, slots=True)
class Backoff:
    """Between two tries: not before `until` by our own wait, nor before `retry_floor` by the server's."""

    until: float
    retry_floor: float


@dataclass(frozen=True, slots=True)
class Idle:
    """Without a stream: there is no order to watch, and the transport opens none without one.

    Attributes:
        is_current: Whether the list of orders is: then the link is live, as the list says that there is no order.
    """

    is_current: bool = False

    @property
    def phase(self) -> Phase:
        """Live, or connecting until the list is read."""
        return Phase.LIVE if self.is_current else Phase.CONNECTING


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


State: TypeAlias = FetchingToken | Connecting | Open | Backoff | Idle | SignedOut | Failed | Finished | Closed
