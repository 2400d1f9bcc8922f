"""One subscriber: which orders it watches, which it is behind on, and what it is sent next. Knows no transport."""

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
"""Bytes buffered for a watcher above which it is skipped and gets a snapshot later."""

_MAX_PENDING_REFUSALS = 1_000
"""Refusals not yet sent, from which on no more is read from the client."""


class Sink(Protocol):
    """Where a subscriber's messages go."""

    @property
    def buffered(self) -> int:
        """Bytes written that the peer's connection has not taken yet."""

    def write(self, message: Encoded[Any], *, replayed: bool = False) -> None:
        """Send a message; never waits, never fails. `replayed`: an event that answers a subscription."""

    async def drain(self) -> None:
        """Wait until there is room.

        Raises:
            ConnectionError: The connection is gone.
        """


@dataclass(frozen=True, slots=True, eq=False)
class _Requested:
    """The client has asked for the order, with what it has."""

    cursor: Cursor | None


@dataclass(frozen=True, slots=True, eq=False)
class _EpochChanged:
    """The order goes on in a new epoch."""


@dataclass(frozen=True, slots=True, eq=False)
class _Overflowed:
    """The watcher was too slow for an event of the order."""


_BehindReason = _Requested | _EpochChanged | _Overflowed


class Subscriber:
    """Sends live events at once, and answers, replays and snapshots as fast as the sink drains (PROTOCOL §4).

    An order is *behind* until what it missed has been sent; meanwhile its live events are skipped, and the log is
    asked again at the end. No task runs unless something is behind.

    Args:
        log: Where the events are.
        sink: Where they go.
        clock: Times how long it has been too slow.
        stats: Counts events, snapshots and replays.
        limit: How many orders it may watch.
        covers: Which orders it may watch, see `restrict`.
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
        """The orders that are subscribed, answered or not."""
        return list(self._orders)

    def watches(self, order_id: str) -> bool:
        """Whether `order_id` is subscribed."""
        return order_id in self._orders

    @property
    def seconds_behind(self) -> float:
        """Seconds for which it has not caught up with live events, though nothing that it asked for was in the way."""
        return 0.0 if self._overflowed_at is None else self._clock.time() - self._overflowed_at

    def subscribe(self, orders: Mapping[str, Cursor | None], *, limit: int | None = None) -> None:
        """Watch `orders` from these cursors; for one that is watched already, replay after the new cursor.

        What would be one order more than `limit`, or than the subscriber's own, is refused by a problem.
        """
        max_orders = self._limit if limit is None else min(limit, self._limit)
        for order_id, cursor in orders.items():
            if not self._covers(order_id):
                self._refuse_uncovered(order_id)
                continue
            if order_id not in self._orders and len(self._orders) >= max_orders:
                self._refuse(order_id, "too_large", f"at most {max_orders} orders; ask for the others elsewhere")
                continue
            self._orders[order_id] = None
            self._fall_behind(order_id, _Requested(cursor))

    def restrict(self, covers: Callable[[str], bool]) -> None:
        """Watch only what it `covers` from now on; any other order is refused, whether or not it exists."""
        self._covers = covers
        for order_id in self.orders:
            if not covers(order_id):
                self._forget(order_id)
                self._refuse_uncovered(order_id)

    def unsubscribe(self, orders: Iterable[str]) -> None:
        """Watch `orders` no longer."""
        for order_id in orders:
            self._forget(order_id)

    async def heads(self) -> dict[str, Cursor]:
        """The head of every subscribed order that has been answered once (PROTOCOL §4, heartbeat)."""
        return await self._log.heads(
            order_id for order_id in self._orders if not isinstance(self._behind.get(order_id), _Requested)
        )

    def deliver(self, message: Encoded[Event] | Encoded[Snapshot]) -> None:
        """A new version from the log: sent at once, unless the order is behind or falls behind now."""
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
        """A new epoch: its snapshot goes out before any event of it (PROTOCOL §2)."""
        reason = self._behind.get(order_id)
        # A new reason even for the same question: an answer that is on its way speaks of the old epoch.
        self._fall_behind(order_id, _Requested(reason.cursor) if isinstance(reason, _Requested) else _EpochChanged())

    async def wait_for_refusals(self) -> None:
        """Wait while so much is refused that no more should be read from this client."""
        await self._can_refuse.wait()

    async def wait_until_caught_up(self) -> None:
        """Wait until nothing is behind and every refusal has been sent."""
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
        self._refuse(order_id, "forbidden", "this token is not for that order")

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
                # Both lines give way: the first while the peer is slow, the second while it isn't.
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
            self._can_refuse.set()  # nobody is left to be refused anything

    async def _catch_up_order(self, order_id: str, reason: _BehindReason) -> None:
        """Send what is missed of one order, until nothing is or a newer reason has taken the place of `reason`."""
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
        """Send an answer's messages; False if it was overtaken on the way."""
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
