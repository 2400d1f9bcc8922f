"""What the gateway asks of an event log, wherever it is kept."""

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
"""Events of an order that are kept and replayed; what is further behind gets a snapshot."""

MAX_HISTORY = 500
"""Milestones in a snapshot (PROTOCOL §4)."""

MAX_SNAPSHOT_BYTES = 256 << 10
"""Bytes of a whole snapshot message (PROTOCOL §4)."""


@dataclass(frozen=True, slots=True)
class MilestoneDraft:
    """A milestone that has no seq yet: the log gives it one when it is appended.

    Attributes:
        supersedes: Seqs of earlier milestones of the order, in the present epoch, that this one corrects.
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
    """Everything at once, since a replay is not possible or not wanted."""

    head: Cursor
    snapshot: Encoded[Snapshot]


MissedVersions = Replay | FullSnapshot
"""What a watcher that attaches has missed."""


@dataclass(frozen=True, slots=True)
class OrderSummary:
    """A line of the list of orders (PROTOCOL §5, `GET /v1/orders`)."""

    order_id: str
    epoch: int
    seq: int
    title: str
    state: OrderState
    promised_at: datetime | None


class Watcher(Protocol):
    """Who is told of new versions, at once and in order. Neither method may wait or fail."""

    def deliver(self, message: Encoded[Event] | Encoded[Snapshot]) -> None:
        """A new version; a snapshot where a fact has changed (PROTOCOL §3)."""

    def reopened(self, order_id: str) -> None:
        """The order goes on in a new epoch; attach again before anything else of it is sent."""


def all_orders(order_id: str) -> bool:
    """Cover all orders."""
    return True


class EventLog(Protocol):
    """The numbered events of every order. A method waits where a log on a network would have to."""

    @property
    def epoch(self) -> int:
        """The epoch in which events are appended now."""

    @property
    def order_ids(self) -> list[str]:
        """Every order, sorted."""

    async def append(
        self, order_id: str, state: OrderState, milestone: MilestoneDraft | None, order: Order | None = None
    ) -> Encoded[Event]:
        """Give `state` the next seq of the order and tell its watchers.

        Args:
            order_id: Which order.
            state: Its whole state from now on.
            milestone: The line that this version adds to history, if any.
            order: The facts: when the order is created, and when one of them has changed.

        Raises:
            KeyError: The order doesn't exist and `order` is None.
        """

    async def attach(self, order_id: str, after: Cursor | None, watcher: Watcher) -> MissedVersions | None:
        """Register `watcher` and say what it has missed; head, registration and range are taken in one step.

        Attaching again is harmless and asks anew. None if there is no such order.
        """

    def detach(self, order_id: str, watcher: Watcher) -> None:
        """Tell `watcher` nothing more of the order."""

    async def heads(self, order_ids: Iterable[str]) -> dict[str, Cursor]:
        """The newest version of each of the orders that exist."""

    async def snapshot(self, order_id: str, *, behind: int = 0) -> Encoded[Snapshot] | None:
        """The order as it is, or as it was `behind` versions ago; None if that isn't known."""

    async def summaries(
        self, *, open_only: bool, after: str | None, limit: int, covered: Callable[[str], bool] = all_orders
    ) -> list[OrderSummary]:
        """At most `limit` orders whose id sorts after `after` and is `covered`, sorted by id."""

    async def reopen(self) -> Mapping[str, Mapping[int, int]]:
        """Open a new epoch: history is renumbered 1…n, events are no longer replayed (PROTOCOL §2).

        Returns:
            For each order, the new seq of each milestone by its old one.
        """

    async def truncate(self, order_id: str, keep: int) -> int:
        """Forget all but the `keep` newest versions of an order; gives how many events were forgotten."""
