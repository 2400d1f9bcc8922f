"""What front ends are told of the link: its phase, each order's standing, and what changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from tracker_tui.domain.history import Entry
from tracker_tui.domain.order import OrderId, Time
from tracker_tui.domain.overlay import PendingCommands
from tracker_tui.domain.view import OrderView
from tracker_tui.link.http.server import MOST_LISTED


class Phase(StrEnum):
    """The phases of the connection (DESIGN §2)."""

    CONNECTING = "connecting"
    SYNCING = "syncing"
    LIVE = "live"
    QUIET = "quiet"
    BACKOFF = "backoff"
    SIGNED_OUT = "signed_out"
    FINAL = "final"
    FAILED = "failed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class LinkState:
    """The connection as people see it. Times named ``…_at`` are seconds on the feed's clock, not wall time.

    Attributes:
        transport: Name of the transport in use or being tried.
        fallback: Why it is not the best one, in words for people; None where it is, or where it was chosen.
        period: Seconds between two signs of life of the present connection: heartbeats, or polls; None without one.
        attempt: Which try in a row this is; 0 on the first one and once live.
        retry_at: When the next try starts (backoff only).
        reason: Why the link is not live, in words for people; text from outside in it is made visible.
        connected_at: When hello arrived on the present connection.
        down_at: Since when there has been no live link; None while there is one.
        lag: How old what arrives is, in whole seconds, where that is too much to be called live; else 0.
        code: The gateway's own code for `reason` (PROTOCOL §8), where it gave one.
        list_every: Seconds between two readings of the list of orders, where the link is live on these alone: no order
            is to be watched, and `transport`, which is the one for the next order, has no stream. None otherwise.
    """

    phase: Phase
    transport: str
    attempt: int = 0
    retry_at: float | None = None
    reason: str | None = None
    connected_at: float | None = None
    down_at: float | None = None
    fallback: str | None = None
    period: float | None = None
    code: str | None = None
    lag: float = 0.0
    list_every: float | None = None

    def shifted(self, seconds: float) -> LinkState:
        """The same on a clock that is `seconds` ahead."""
        retry_at, connected_at, down_at = (
            None if time is None else time + seconds for time in (self.retry_at, self.connected_at, self.down_at)
        )
        return replace(self, retry_at=retry_at, connected_at=connected_at, down_at=down_at)


class FeedEnded(Exception):
    """Nothing can be asked of the order through this feed: it is over, or doesn't watch the order."""


class Standing(StrEnum):
    """What one order's view is worth."""

    WAITING = "waiting"
    """Nothing complete has arrived yet."""
    IN_SYNC = "in_sync"
    RECONCILING = "reconciling"
    """Something is missing for too long and is being asked for (PROTOCOL §7)."""
    REFUSED = "refused"
    """The gateway refused this order for good."""
    FINAL = "final"
    """It has ended and is complete, and is no longer watched; a list that names it again changes that."""


@dataclass(slots=True)
class Counters:
    """What the link went through since the start."""

    openings: int = 0
    """Streams opened or tried to open."""
    drops: int = 0
    """Streams lost after their hello."""
    messages: int = 0
    events: int = 0
    """Those of them that were events, duplicates included."""
    duplicates: int = 0
    conflicts: int = 0
    gaps: int = 0
    """Holes seen."""
    repaired: int = 0
    """Holes closed again."""
    resubscribed: int = 0
    fetched: int = 0
    """Snapshots asked for with GET, and answered for or against."""
    violations: int = 0
    """Messages that broke the protocol."""
    ignored: int = 0
    """Unknown message types and fields."""
    unexpected: int = 0
    """Exceptions that a transport or a request did not handle."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """What a feed measures all the time and doesn't tell of: counters, the last byte's time, the last ping's length."""

    counters: Counters
    heard_at: float | None = None
    rtt: float | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many orders are watched, of how many that are to be: the named ones and those of the list."""

    watched: int
    wanted: int

    @property
    def is_whole(self) -> bool:
        """Whether every order is watched."""
        return self.watched == self.wanted

    @property
    def words(self) -> str:
        """The number of orders for people: "1,340"; "10,000+" where the list may be longer."""
        return f"{self.wanted:,}{'+' if self.wanted >= MOST_LISTED else ''}"


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """An order's view or standing changed; only the newest matters, but `arrived` is told once.

    Attributes:
        arrived: Milestones that no earlier change told of, in order of arrival.
        pending_commands: What was asked of the order here, and what is known to have come of it.
    """

    order_id: str
    view: OrderView
    standing: Standing
    arrived: tuple[Entry, ...] = ()
    pending_commands: PendingCommands = ()


@dataclass(frozen=True, slots=True)
class OrderForgotten:
    """Nothing is held of an order any more: it ended or was refused, and newer ones have taken its room.

    If it is ever listed again, it comes as a new one.
    """

    order_id: str


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The connection changed its phase, try or transport."""

    link: LinkState


class Topic(StrEnum):
    """What a line of the event log is about."""

    LINK = "link"
    GAP = "gap"
    EPOCH = "epoch"
    REFUSAL = "refusal"
    ODDITY = "oddity"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Noted:
    """A line for the event log: something that the link did or saw, at wall time `at`."""

    at: Time
    topic: Topic
    text: str
    order_id: OrderId | None = None


Change = OrderChanged | OrderForgotten | LinkChanged | Noted
"""What a feed yields."""
