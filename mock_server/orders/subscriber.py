"""One subscriber, independent of the transport: the orders that it watches, and what it is sent next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from mock_server.net.clock import Clock
from mock_server.orders.encoded import Encoded
from mock_server.orders.log.base import EventLog, FullSnapshot, MissedVersions, Replay, all_orders
from mock_server.orders.stats import Counters
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.wire.messages import Mode, Problem, Subscribed

MAX_ORDERS = 1_000
"""Orders on one WebSocket (PROTOCOL §5)."""

HIGH_WATER = 256 << 10
"""Buffered bytes above which a client's events are skipped; it gets a snapshot later."""

_MAX_PENDING_REFUSALS = 1_000
"""Unsent refusals above which no more messages are read from the client."""


class Sink(Protocol):
    """The destination of a subscriber's messages."""

    @property
    def buffered(self) -> int:
        """Bytes that have been written, but not yet taken by the kernel."""

    def write(self, message: Encoded[Any], *, replayed: bool = False) -> None:
        """Send a message; never wait, never fail. `replayed`: it is an event that answers a subscription."""

    async def drain(self) -> None:
        """Wait until there is room.

        Raises:
            ConnectionError: The connection is closed.
        """


@dataclass(frozen=True, slots=True, eq=False)
class _Requested:
    """The client has subscribed to the order from this cursor."""

    cursor: Cursor | None


@dataclass(frozen=True, slots=True, eq=False)
class _EpochChanged:
    """The order continues in a new epoch."""


@dataclass(frozen=True, slots=True, eq=False)
class _Overflowed:
    """The client was too slow for an event of the order."""


_BehindReason = _Requested | _EpochChanged | _Overflowed


class Subscriber:
    """Sends live events at once, and replays and snapshots as fast as the sink drains (PROTOCOL §4).

    An order is *behind* until everything that was missed has been sent. Until then its live events are skipped, and
    the log is queried again at the end. A task runs only while an order is behind.

    Args:
        log: The event log.
        sink: The destination of the messages.
        clock: Times how long the client has been too slow.
        stats: Counts events, snapshots and replays.
        limit: The number of orders that it may watch.
        covers: Returns whether it may watch an order; see `restrict`.
    """

    def __init__(
        self,
        log: EventLog,
        sink: Sink,
        clock: Clock,
        stats: Counters,
        *,
        limit: int = MAX_ORDERS,
        covers: Callable[[str], bool] = all_orders,
    ) -> None:
        self._log = log
        self._sink = sink
        self._clock = clock
        self._stats = stats
        self._limit = limit
        self._covers = covers
        self._orders: dict[str, None] = {}
        self._behind: dict[str, _BehindReason] = {}
        self._pending_refusals: dict[str, Problem] = {}
        self._skipped: set[str] = set()
        self._overflowed_at: float | None = None
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._can_refuse = asyncio.Event()
        self._can_refuse.set()

    @property
    def orders(self) -> list[str]:
        """The subscribed orders, whether or not the subscription has been answered."""
        return list(self._orders)

    def watches(self, order_id: str) -> bool:
        """Return whether `order_id` is subscribed."""
        return order_id in self._orders

    @property
    def seconds_behind(self) -> float:
        """Seconds since live events were first skipped, without the time for requested snapshots and replays."""
        return 0.0 if self._overflowed_at is None else self._clock.time() - self._overflowed_at

    def subscribe(self, orders: Mapping[str, Cursor | None], *, limit: int | None = None) -> None:
        """Watch `orders` from these cursors; for an order that is watched already, replay after the new cursor.

        Orders beyond `limit`, or beyond the subscriber's own limit, are refused with a problem.
        """
        max_orders = self._limit if limit is None else min(limit, self._limit)
        for order_id, cursor in orders.items():
            if not self._covers(order_id):
                self._refuse_uncovered(order_id)
                continue
            if order_id not in self._orders and len(self._orders) >= max_orders:
                self._refuse(order_id, "too_large", f"at most {max_orders} orders; watch the others on another stream")
                continue
            self._orders[order_id] = None
            self._fall_behind(order_id, _Requested(cursor))

    def restrict(self, covers: Callable[[str], bool]) -> None:
        """Watch only orders that `covers` accepts; refuse the others, whether or not they exist."""
        self._covers = covers
        for order_id in self.orders:
            if not covers(order_id):
                self._forget(order_id)
                self._refuse_uncovered(order_id)

    def unsubscribe(self, orders: Iterable[str]) -> None:
        """Stop watching `orders`."""
        for order_id in orders:
            self._forget(order_id)

    async def heads(self) -> dict[str, Cursor]:
        """Return the head of every order whose subscription has been answered (PROTOCOL §4, heartbeat)."""
        return await self._log.heads(
            order_id for order_id in self._orders if not isinstance(self._behind.get(order_id), _Requested)
        )

    def deliver(self, message: Encoded[Event] | Encoded[Snapshot]) -> None:
        """Send a new version from the log at once, unless the order is behind or falls behind now."""
        order_id = message.message.order_id
        if order_id in self._behind:
            self._skipped.add(order_id)
        elif self._sink.buffered > HIGH_WATER:
            self._stats.skipped += 1
            if self._overflowed_at is None:
                self._overflowed_at = self._clock.time()
            self._fall_behind(order_id, _Overflowed())
        else:
            self._stats.events += 1
            self._sink.write(message)

    def reopened(self, order_id: str) -> None:
        """Send the snapshot of a new epoch before any event of it (PROTOCOL §2)."""
        reason = self._behind.get(order_id)
        # Replace the reason even for the same cursor: a pending answer belongs to the old epoch.
        self._fall_behind(order_id, _Requested(reason.cursor) if isinstance(reason, _Requested) else _EpochChanged())

    async def wait_for_refusals(self) -> None:
        """Wait while too many refusals are unsent to read more from this client."""
        await self._can_refuse.wait()

    async def wait_until_caught_up(self) -> None:
        """Wait until no order is behind and every refusal has been sent."""
        while self._task is not None and not self._task.done():
            await asyncio.wait({self._task})

    async def close(self) -> None:
        """Detach from the log and stop sending."""
        self._closed = True
        for order_id in tuple(self._orders):
            self._forget(order_id)
        self._can_refuse.set()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _fall_behind(self, order_id: str, reason: _BehindReason) -> None:
        self._behind.pop(order_id, None)  # to the end of the queue
        self._behind[order_id] = reason
        self._wake()

    def _refuse(self, order_id: str, code: str, detail: str) -> None:
        self._pending_refusals[order_id] = Problem(code, detail, order_id)
        if len(self._pending_refusals) > _MAX_PENDING_REFUSALS:
            self._can_refuse.clear()
        self._wake()

    def _refuse_uncovered(self, order_id: str) -> None:
        self._refuse(order_id, "forbidden", "the token does not cover this order")

    def _forget(self, order_id: str) -> None:
        self._orders.pop(order_id, None)
        self._behind.pop(order_id, None)
        self._skipped.discard(order_id)
        self._log.detach(order_id, self)

    def _wake(self) -> None:
        if not self._closed and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._catch_up(), name="catching up")

    async def _catch_up(self) -> None:
        try:
            while self._pending_refusals or self._behind:
                # Yield to other tasks: `drain` does so only while the client is slow.
                await self._sink.drain()
                await asyncio.sleep(0)
                if self._pending_refusals:
                    self._sink.write(Encoded(self._pending_refusals.pop(next(iter(self._pending_refusals)))))
                    if len(self._pending_refusals) <= _MAX_PENDING_REFUSALS:
                        self._can_refuse.set()
                elif self._behind:
                    await self._catch_up_order(*next(iter(self._behind.items())))
            self._overflowed_at = None
        except ConnectionError:
            self._can_refuse.set()  # no client is left to refuse anything to

    async def _catch_up_order(self, order_id: str, reason: _BehindReason) -> None:
        """Send what was missed of one order, until nothing is missed or `reason` has been replaced."""
        cursor = reason.cursor if isinstance(reason, _Requested) else None
        announce = not isinstance(reason, _Overflowed)
        while True:
            self._skipped.discard(order_id)
            missed = await self._log.attach(order_id, cursor, self)
            if self._behind.get(order_id) is not reason:
                if order_id not in self._orders:
                    self._log.detach(order_id, self)
                return
            if missed is None:
                self._forget(order_id)
                self._refuse(order_id, "order_not_found", "there is no such order")
                return
            if announce:
                self._sink.write(Encoded(_subscribed(order_id, missed)))
                announce = False
            if not await self._send(order_id, missed, reason):
                return
            if order_id not in self._skipped:
                break
            cursor = missed.head
        del self._behind[order_id]
        if isinstance(reason, _Requested) and self._overflowed_at is not None:
            self._overflowed_at = self._clock.time()

    async def _send(self, order_id: str, missed: MissedVersions, reason: _BehindReason) -> bool:
        """Send the missed versions; return False if a newer reason has replaced `reason` meanwhile."""
        if isinstance(missed, FullSnapshot):
            self._stats.snapshots += 1
            self._sink.write(missed.snapshot)
            return True
        self._stats.replays += 1
        for event in missed.events:
            await self._sink.drain()
            if self._behind.get(order_id) is not reason:
                return False
            self._stats.events += 1
            self._sink.write(event, replayed=True)
        return True


def _subscribed(order_id: str, missed: MissedVersions) -> Subscribed:
    if isinstance(missed, Replay):
        return Subscribed(order_id, Mode.REPLAY, missed.anchor, missed.head)
    return Subscribed(order_id, Mode.SNAPSHOT, None, missed.head)
