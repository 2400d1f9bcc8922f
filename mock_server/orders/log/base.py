"""The interface of an event log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mock_server.orders.encoded import Encoded
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.order import MilestoneKind, Order, OrderState

MAX_REPLAY_EVENTS = 500
"""Events of an order that are kept for replays; clients further behind get a snapshot."""

MAX_HISTORY = 500
"""Milestones in a snapshot (PROTOCOL §4)."""

MAX_SNAPSHOT_BYTES = 256 << 10
"""Bytes of a whole snapshot message (PROTOCOL §4)."""


@dataclass(frozen=True, slots=True)
class MilestoneDraft:
    """A milestone before it is appended to the log, which assigns its seq.

    Attributes:
        supersedes: Seqs of earlier milestones of the order, in the current epoch, that this one corrects.
    """

    kind: MilestoneKind
    status: str
    occurred_at: datetime
    note: str | None = None
    source: str | None = None
    supersedes: tuple[int, ...] = ()
    command_id: str | None = None


@dataclass(frozen=True, slots=True)
class Replay:
    """The events after `anchor`, up to and including `head`."""

    anchor: Cursor
    head: Cursor
    events: tuple[Encoded[Event], ...]


@dataclass(frozen=True, slots=True)
class FullSnapshot:
    """The whole order, where a replay is not possible or was not requested."""

    head: Cursor
    snapshot: Encoded[Snapshot]


MissedVersions = Replay | FullSnapshot
"""The versions that a watcher missed before it attached."""


@dataclass(frozen=True, slots=True)
class OrderSummary:
    """One entry of the list of orders (PROTOCOL §5, `GET /v1/orders`)."""

    order_id: str
    epoch: int
    seq: int
    title: str
    state: OrderState
    promised_at: datetime | None


class Watcher(Protocol):
    """Receives new versions at once and in order. Its methods must not wait or fail."""

    def deliver(self, message: Encoded[Event] | Encoded[Snapshot]) -> None:
        """Handle a new version; a snapshot if a fact has changed (PROTOCOL §3)."""

    def reopened(self, order_id: str) -> None:
        """Handle a new epoch of the order: attach again before sending anything else of it."""


def all_orders(order_id: str) -> bool:
    """Return whether an order is covered where all are: True."""
    return True


class EventLog(Protocol):
    """The numbered events of every order. Methods are async where a remote log would wait."""

    @property
    def epoch(self) -> int:
        """The epoch in which events are appended now."""

    @property
    def order_ids(self) -> list[str]:
        """The ids of all orders, sorted."""

    async def append(
        self, order_id: str, state: OrderState, milestone: MilestoneDraft | None, order: Order | None = None
    ) -> Encoded[Event]:
        """Append `state` as the next version of the order, and notify its watchers.

        Args:
            order_id: The order's id.
            state: The whole state of the order from now on.
            milestone: The milestone that this version adds to history, if any.
            order: The facts: when the order is created, and when one of them has changed.

        Raises:
            KeyError: The order does not exist and `order` is None.
        """

    async def attach(self, order_id: str, after: Cursor | None, watcher: Watcher) -> MissedVersions | None:
        """Register `watcher` and return what it missed, in one atomic step; None if there is no such order.

        Attaching again is allowed, and returns what was missed since `after`.
        """

    def detach(self, order_id: str, watcher: Watcher) -> None:
        """Stop to notify `watcher` of this order."""

    async def heads(self, order_ids: Iterable[str]) -> dict[str, Cursor]:
        """Return the newest version of each of the orders that exist."""

    async def snapshot(self, order_id: str, *, behind: int = 0) -> Encoded[Snapshot] | None:
        """Return the order as it is, or as it was `behind` versions ago; None if that is unknown."""

    async def summaries(
        self, *, open_only: bool, after: str | None, limit: int, covered: Callable[[str], bool] = all_orders
    ) -> list[OrderSummary]:
        """Return at most `limit` covered orders, sorted by id, whose ids sort after `after`."""

    async def reopen(self) -> Mapping[str, Mapping[int, int]]:
        """Open a new epoch: renumber history 1…n, and stop replaying older events (PROTOCOL §2).

        Returns:
            For each order, the new seq of each milestone by its old one.
        """

    async def truncate(self, order_id: str, keep: int) -> int:
        """Remove all but the `keep` newest versions of an order; return how many events were removed."""
