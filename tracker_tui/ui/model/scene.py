"""The content of a screen at one instant, as values: one order, or the board."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tracker_tui.domain.cached_view import CachedView
from tracker_tui.domain.closest import closest
from tracker_tui.domain.drift import Expectations
from tracker_tui.domain.overlay import PendingCommands
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Counters, Coverage, LinkState, Phase, Standing
from tracker_tui.ui.model import badge as badges
from tracker_tui.ui.model.badge import Badge
from tracker_tui.ui.model.event_log import LogLine
from tracker_tui.ui.model.ports import Refusal
from tracker_tui.ui.model.server_label import NO_LABEL, ServerLabel
from tracker_tui.wording.names import stage_of
from tracker_tui.wording.say import customer_sentence
from tracker_tui.wording.times import Instant, clock


@dataclass(frozen=True, slots=True)
class Replay:
    """The recording being replayed: its speed as a factor, and whether it is finished or paused."""

    speed: float
    finished: bool = False
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """The connection as every screen shows it.

    Attributes:
        was_live: Whether it has been live before.
        heard_at: When the last byte arrived, in seconds on the feed's clock.
        rtt: Seconds of the last ping.
        paused: Number of changes since the screen was paused; None if it is not paused.
        host: The server's host and port, safe to show; empty if unknown.
        sign_in_hint: What the user can do when signed out, safe to show.
        replay: The recording being replayed; None for a live feed.
        server: The user's name and colour for the server, and the signed-in user.
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
    server: ServerLabel = NO_LABEL

    @property
    def is_current(self) -> bool:
        """Whether an order in sync shows the server's state: the link is live, or final."""
        return self.paused is None and self.link.phase in {Phase.LIVE, Phase.FINAL}

    def badge(self, badge: Badge, instant: Instant) -> Badge:
        """Return the badge to show at `instant`: `badge`, unless the screen is paused or replays a recording."""
        if self.paused is not None:
            badge = badges.paused_badge(self.paused)
        if self.replay is None:
            return badge
        paused_at = clock(instant.now, instant) if self.replay.is_paused else None
        return badges.replay_badge(badge, self.replay.speed, paused_at=paused_at, finished=self.replay.finished)


@dataclass(frozen=True, slots=True)
class OrderScene:
    """The content of an order's screen.

    Attributes:
        problem: Why the server refused the order, if it did.
        as_of: The wall time up to which the view is known to be complete; None if it never was.
        tail: The last lines of the event log.
        pending_commands: The pending commands to show now.
        is_cached: Whether the view is from an earlier session, because the server has sent none yet.
        known_until: The wall time up to which the order is known, if that is not the present; else None.
        suggestion: The order that was probably meant by an id that the server refused; None if there is none.
        expectations: The expected arrivals that this session has seen.
        names_courier: Whether the sentence for the customer may name the courier.
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
    known_until: datetime | None = None
    suggestion: str | None = None
    expectations: Expectations = ()
    names_courier: bool = False

    @property
    def judged_at(self) -> datetime:
        """The wall time at which the order is judged: now, or the end of the time for which it is known."""
        return self.known_until or self.instant.now

    @property
    def trusted(self) -> bool:
        """Whether the screen shows the server's state; otherwise it is dimmed."""
        is_complete = self.standing in {Standing.IN_SYNC, Standing.FINAL}
        return self.connection.is_current and is_complete and not self.is_cached

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
            ),
            self.instant,
        )

    @property
    def stage(self) -> str:
        """The order's stage or outcome in a word or two; empty while it is unknown."""
        return stage_of(self.view)

    @property
    def said_as_of(self) -> datetime | None:
        """The wall time that must be said with the order's data; None if they are current or unknown."""
        if self.trusted or self.view.current is None:
            return None
        return self.as_of or self.view.current.updated_at

    @property
    def say(self) -> str:
        """The sentence for the customer."""
        return customer_sentence(
            self.view,
            self.instant,
            judged_at=self.judged_at,
            as_of=self.said_as_of,
            refusal=self.problem.code if self.problem and self.standing is Standing.REFUSED else None,
            names_courier=self.names_courier,
        )

    @property
    def accepts_commands(self) -> bool:
        """Whether a note or a cancellation may be sent."""
        return accepts_commands(self.view, self.standing)


@dataclass(frozen=True, slots=True)
class TrackedOrder:
    """An order and what the feed reported of it.

    Attributes:
        problem: Why the server refused the order, if it did.
        pending_commands: The order's commands that wait for an answer, or got one lately.
        received_at: Wall time of the last change; None before the first.
        in_sync_until: When the order stopped being in sync, in seconds on the feed's clock; None while it is in sync.
        cached_as_of: Up to when a view from an earlier session is known to be complete; None for the server's view.
        versions: Number of versions seen since the start.
        expectations: The expected arrivals that this session has seen.
    """

    view: OrderView
    standing: Standing
    problem: Refusal | None
    pending_commands: PendingCommands = ()
    received_at: datetime | None = None
    in_sync_until: float | None = None
    cached_as_of: datetime | None = None
    versions: int = 0
    expectations: Expectations = ()

    @property
    def accepts_commands(self) -> bool:
        """Whether a note or a cancellation may be sent."""
        return accepts_commands(self.view, self.standing)

    @classmethod
    def unknown(cls, order_id: str, cached: CachedView | None = None) -> TrackedOrder:
        """Return an order of which the server has sent nothing; `cached` is its view from an earlier session."""
        view = OrderView(order_id) if cached is None else cached.view
        return cls(view, Standing.WAITING, None, cached_as_of=cached.as_of if cached else None)

    @property
    def is_timeless(self) -> bool:
        """Whether its assessment doesn't depend on the time: it is unknown, or has ended."""
        return self.view.current is None or self.view.outcome is not None

    def known_until(self, link: LinkState, left_live_at: float | None, instant: Instant) -> datetime | None:
        """Return the wall time up to which the order is known; None if that is the present.

        Lateness, silence and every other judgement are made at this time, so that an outage changes none of them.

        Args:
            link: The state of the connection.
            left_live_at: When the link was last live before, in seconds on the feed's clock; None if it never was.
            instant: The present.
        """
        if self.cached_as_of is not None:
            return self.cached_as_of
        is_live = link.phase in {Phase.LIVE, Phase.FINAL}
        if is_live and self.standing in {Standing.IN_SYNC, Standing.FINAL}:
            return None
        times = [self.in_sync_until, None if is_live else left_live_at]
        known = [time for time in times if time is not None]
        return instant.wall(min(known)) if known else self.received_at


def suggest_order(refused: TrackedOrder, orders: Iterable[TrackedOrder], more: Iterable[str] = ()) -> str | None:
    """Return the order that was probably meant by an id that the server refused; None if it was not, or is forbidden.

    Args:
        refused: The order to check.
        orders: All orders.
        more: Ids of other known orders.
    """
    # "forbidden" means that the id is right.
    if refused.standing is not Standing.REFUSED or (refused.problem and refused.problem.code == "forbidden"):
        return None
    known = (each.view.order_id for each in orders if each.standing is not Standing.REFUSED)
    return closest(refused.view.order_id, {*known, *more})


@dataclass(frozen=True, slots=True)
class BoardScene:
    """The content of the board.

    Attributes:
        as_of: The wall time up to which the link was live; None if it never was.
        tail: The last lines of the event log.
        is_cached: Whether any order still shows a view from an earlier session.
        listed: Whether the server's list of orders has been read; always False where no list is read.
        coverage: How many orders are watched, of how many; None if unknown.
        left_live_at: When the link was last live before, in seconds on the feed's clock; None if it never was.
        hidden: Number of orders that the user removed.
    """

    orders: tuple[TrackedOrder, ...]
    connection: ConnectionStatus
    as_of: datetime | None
    tail: tuple[LogLine, ...]
    instant: Instant
    is_cached: bool = False
    listed: bool = False
    coverage: Coverage | None = None
    left_live_at: float | None = None
    hidden: int = 0

    def known_until(self, order: TrackedOrder) -> datetime | None:
        """Return the wall time up to which an order is known; None if that is the present."""
        return order.known_until(self.connection.link, self.left_live_at, self.instant)

    @property
    def trusted(self) -> bool:
        """Whether the link is live or final, and no view is from an earlier session."""
        return self.connection.is_current and not self.is_cached

    @property
    def badge(self) -> Badge:
        """The badge of the screen; orders that the server refused, or that are no longer watched, don't count."""
        connection = self.connection
        counted = [order for order in self.orders if order.standing not in {Standing.REFUSED, Standing.FINAL}]
        return connection.badge(
            badges.board_badge(
                connection.link,
                sum(order.standing is Standing.IN_SYNC for order in counted),
                len(counted),
                self.instant.time,
                connection.heard_at,
                was_live=connection.was_live,
                coverage=self.coverage,
            ),
            self.instant,
        )


def accepts_commands(view: OrderView, standing: Standing) -> bool:
    """Return whether an order may get a command: it is not known to have ended, and the server shows it."""
    return view.outcome is None and standing not in {Standing.REFUSED, Standing.FINAL}
