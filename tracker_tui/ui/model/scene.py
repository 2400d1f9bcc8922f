"""What one screen shows at one instant, as values: an order, or the board."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tracker_tui.domain.overlay import PendingCommands
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.timeline import label
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Counters, LinkState, Phase, Standing
from tracker_tui.ui.model import badge as badges
from tracker_tui.ui.model.badge import Badge
from tracker_tui.ui.model.event_log import LogLine
from tracker_tui.ui.model.ports import Refusal
from tracker_tui.ui.model.styles import OUTCOMES
from tracker_tui.wording.times import Instant


@dataclass(frozen=True, slots=True)
class Replay:
    """A recording that is played: how many times as fast as it happened, and whether that was all of it."""

    speed: float
    finished: bool = False


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """The link as every screen shows it.

    Attributes:
        was_live: Whether it has been live before.
        heard_at: When the last byte arrived, in seconds on the feed's clock.
        rtt: Seconds of the last ping.
        paused: How many changes have come since painting was frozen; None if it is not.
        host: The gateway's host and port, safe to show; empty where it isn't known.
        sign_in_hint: What helps when signed out, safe to show.
        replay: The recording that all of this comes from; None where it is the truth of a gateway.
    """

    link: LinkState
    was_live: bool
    heard_at: float | None
    rtt: float | None
    counters: Counters
    paused: int | None
    host: str = ""
    sign_in_hint: str = ""
    replay: Replay | None = None

    @property
    def is_current(self) -> bool:
        """Whether what is in sync is what the server has: the link is live, or has nothing left to tell."""
        return self.paused is None and self.link.phase in {Phase.LIVE, Phase.FINAL}

    def badge(self, shown: Badge) -> Badge:
        """The badge to show: `shown`, unless there is something to say before it."""
        if self.paused is not None:
            shown = badges.paused_badge(self.paused)
        return (
            shown if self.replay is None else badges.replay_badge(shown, self.replay.speed, over=self.replay.finished)
        )


@dataclass(frozen=True, slots=True)
class OrderScene:
    """One order's screen.

    Attributes:
        problem: Why the order was refused, if it was.
        as_of: The wall time up to which the view is known to have been the truth; None if it never was.
        tail: The last lines of the event log.
        pending_commands: What was asked of the order, and is worth showing now.
        is_cached: Whether the view is from an earlier session, and the gateway has told nothing yet.
    """

    view: OrderView
    standing: Standing
    problem: Refusal | None
    connection: ConnectionStatus
    as_of: datetime | None
    tail: tuple[LogLine, ...]
    instant: Instant
    pending_commands: PendingCommands = ()
    is_cached: bool = False

    @property
    def trusted(self) -> bool:
        """Whether what is shown is what the server has: only then is it shown in full colour."""
        return self.connection.is_current and self.standing is Standing.IN_SYNC and not self.is_cached

    @property
    def badge(self) -> Badge:
        """The badge of the screen."""
        connection = self.connection
        return connection.badge(
            badges.order_badge(
                connection.link,
                self.standing,
                self.instant.time,
                connection.heard_at,
                was_live=connection.was_live,
                problem=self.problem,
            )
        )

    @property
    def stage(self) -> str:
        """Where the order is, in one word or two; empty while nothing is known."""
        if self.view.state is None:
            return ""
        state = self.view.state.value
        if state.outcome is not None:
            return OUTCOMES[state.outcome][1]
        return sanitize(label(self.view, state.status))


@dataclass(frozen=True, slots=True)
class TrackedOrder:
    """One order on the board.

    Attributes:
        pending_commands: What was asked of the order, as it was told.
    """

    view: OrderView
    standing: Standing
    problem: Refusal | None
    pending_commands: PendingCommands = ()

    @property
    def is_timeless(self) -> bool:
        """Whether the row looks the same all day: an order that has ended grows no later."""
        return self.view.state is None or self.view.state.value.outcome is not None


@dataclass(frozen=True, slots=True)
class BoardScene:
    """The board.

    Attributes:
        as_of: The wall time up to which the link was live; None if it never was.
        tail: The last lines of the event log.
        is_cached: Whether any of it is from an earlier session still.
        listed: Whether the list of orders was read, where the orders come from one.
    """

    orders: tuple[TrackedOrder, ...]
    connection: ConnectionStatus
    as_of: datetime | None
    tail: tuple[LogLine, ...]
    instant: Instant
    is_cached: bool = False
    listed: bool = False

    @property
    def trusted(self) -> bool:
        """Whether the link is live, or has nothing left to tell, and no row is from before."""
        return self.connection.is_current and not self.is_cached

    @property
    def badge(self) -> Badge:
        """The badge of the screen; orders that were refused for good don't count."""
        connection = self.connection
        counted = [row for row in self.orders if row.standing is not Standing.REFUSED]
        return connection.badge(
            badges.board_badge(
                connection.link,
                sum(row.standing is Standing.IN_SYNC for row in counted),
                len(counted),
                self.instant.time,
                connection.heard_at,
                was_live=connection.was_live,
            )
        )
