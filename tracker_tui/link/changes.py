"""Changes that a feed yields: the state of the link, the standing of each order, and the changes of both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from tracker_tui.domain.history import Entry
from tracker_tui.domain.order import OrderId, Time
from tracker_tui.domain.overlay import PendingCommands
from tracker_tui.domain.view import OrderView

MAX_LISTED_ORDERS = 10_000
"""Orders of the list that are read; a longer list is shown as "10,000+"."""


class Phase(StrEnum):
    """The phases of the link."""

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
    """The state of the link. Times named ``…_at`` are seconds on the feed's clock, not wall time.

    Attributes:
        phase: The phase.
        transport: Name of the transport that is in use or being tried.
        attempt: Number of the attempt since the link was live; 0 for the first one and once live.
        retry_at: When the next attempt starts (backoff only).
        reason: Why the link is not live, for people; text from outside is sanitized.
        connected_at: When hello arrived on the active connection.
        down_at: Since when there has been no live link; None while it is live.
        fallback: Why the transport is not the best one, for people; None if it is, or if it was chosen.
        period: Seconds between two heartbeats, or two polls, of the active connection; None without one.
        code: The gateway's code for `reason` (PROTOCOL §8), if it gave one.
        lag: Age of what arrives, in whole seconds, if that is too old to be live; else 0.
        list_every: Seconds between two readings of the list, while the link is live without a stream; None otherwise.
            No order is watched then, and `transport` is the one for the next order.
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
        """Return the same state on a clock that is `seconds` ahead."""
        retry_at, connected_at, down_at = (
            None if time is None else time + seconds for time in (self.retry_at, self.connected_at, self.down_at)
        )
        return replace(self, retry_at=retry_at, connected_at=connected_at, down_at=down_at)


class FeedEnded(Exception):
    """The feed has ended, or doesn't watch the order: no command can be sent."""


class Standing(StrEnum):
    """The standing of one order's view."""

    WAITING = "waiting"
    """Nothing complete has arrived yet."""
    IN_SYNC = "in_sync"
    RECONCILING = "reconciling"
    """Something has been missing for too long and is being repaired (PROTOCOL §7)."""
    REFUSED = "refused"
    """The gateway permanently refused this order."""
    FINAL = "final"
    """The order has ended, is complete and is no longer watched; a list that names it again changes that."""


@dataclass(slots=True)
class Counters:
    """Counts of what happened on the link since the start."""

    openings: int = 0
    """Attempts to open a stream."""
    drops: int = 0
    """Streams lost after their hello."""
    messages: int = 0
    events: int = 0
    """Messages that were events, including duplicates."""
    duplicates: int = 0
    conflicts: int = 0
    gaps: int = 0
    """Gaps seen."""
    repaired: int = 0
    """Gaps closed."""
    resubscribed: int = 0
    fetched: int = 0
    """Snapshots requested with GET and answered, with a snapshot or a refusal."""
    violations: int = 0
    """Messages that broke the protocol."""
    ignored: int = 0
    """Unknown message types and fields."""
    unexpected: int = 0
    """Exceptions that a transport or a request did not handle."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """Measurements that cause no change by themselves: counters, the time of the last byte, the last round trip."""

    counters: Counters
    heard_at: float | None = None
    rtt: float | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """The number of watched orders, and of orders to watch: the named ones and those of the list."""

    watched: int
    wanted: int

    @property
    def is_whole(self) -> bool:
        """Whether every order is watched."""
        return self.watched == self.wanted

    @property
    def words(self) -> str:
        """The number of orders for people: "1,340"; "10,000+" if the list may be longer."""
        return f"{self.wanted:,}{'+' if self.wanted >= MAX_LISTED_ORDERS else ''}"


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """An order's view or standing has changed. Only the newest change matters, but each milestone arrives once.

    Attributes:
        order_id: The order.
        view: Its newest view.
        standing: Its newest standing.
        arrived: Milestones that are in no earlier change, in order of arrival.
        pending_commands: The commands sent for the order through this feed, with their results so far.
    """

    order_id: str
    view: OrderView
    standing: Standing
    arrived: tuple[Entry, ...] = ()
    pending_commands: PendingCommands = ()


@dataclass(frozen=True, slots=True)
class OrderForgotten:
    """An order is not shown any more: the user removed it, or newer orders needed its room.

    If it is added or listed again, it arrives as a new order.
    """

    order_id: OrderId


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The link's phase, attempt or transport has changed."""

    link: LinkState


class Topic(StrEnum):
    """The subject of a line of the event log."""

    LINK = "link"
    GAP = "gap"
    EPOCH = "epoch"
    REFUSAL = "refusal"
    ODDITY = "oddity"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Noted:
    """A line for the event log, at wall time `at`."""

    at: Time
    topic: Topic
    text: str
    order_id: OrderId | None = None


class ReplayEvent(StrEnum):
    """What happened to a replay."""

    CHECKPOINT = "checkpoint"
    """It can go back to this point: the reader keeps its state."""
    REWOUND = "rewound"
    """It went back to a checkpoint: later changes are void, and the changes up to its new time follow."""
    SOUGHT = "sought"
    """All changes up to the time that was sought are published."""
    FINISHED = "finished"
    """It is at the end of its recording."""


@dataclass(frozen=True, slots=True)
class ReplayChanged:
    """A replay was moved, or is finished. A live feed never yields it, nor does a replay in a pipe.

    Attributes:
        checkpoint: The number of the checkpoint, for the events about one; 0 is the start of the recording.
    """

    event: ReplayEvent
    checkpoint: int = 0


Change = OrderChanged | OrderForgotten | LinkChanged | Noted | ReplayChanged
"""What a feed yields."""
