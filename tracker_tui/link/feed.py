"""The one loop that owns connection, repair and views; everything it decides is decided in pure code beside it."""

from __future__ import annotations

import asyncio
import random as random_module
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType, TracebackType
from typing import Any, Self

from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.view import OrderView
from tracker_tui.link import chronicle, inputs, logbook
from tracker_tui.link import session as machine
from tracker_tui.link.clock import Clock, SystemClock
from tracker_tui.link.errors import LinkError, Refused
from tracker_tui.link.orders import Orders
from tracker_tui.link.outbox import Outbox
from tracker_tui.link.phases import Session
from tracker_tui.link.repair import Remedy
from tracker_tui.link.snapshots import Resource, Snapshots
from tracker_tui.link.state import Change, Counters, LinkChanged, LinkState, Noted, Phase, Standing, Topic
from tracker_tui.link.transports import Ask, Connection, Transport
from tracker_tui.link.wake import TICK, Look, slept
from tracker_tui.wire import Goodbye, Problem, ServerMessage, Subscribe

BURST = 64
"""Messages after which a full stream lets everything else have a turn (DESIGN §2, flood)."""

LEAVE_PATIENCE = 2.0
"""Seconds that closing may take in all (DESIGN §2, shutdown)."""

_ENDS = frozenset({Phase.FINAL, Phase.FAILED, Phase.CLOSED})
_ONLINE = frozenset({Phase.SYNCING, Phase.LIVE, Phase.QUIET})


class OrderFeed:
    """Keeps the views of some orders as the server has them, and tells what changed.

    An async context manager (entering starts to connect and never fails for an unreachable server) and an async
    iterator of `Change`, which ends once every order has ended, was refused, or the feed was closed.
    """

    def __init__(
        self,
        order_ids: Sequence[str],
        transport: Transport,
        resource: Resource,
        *,
        clock: Clock | None = None,
        random: random_module.Random | None = None,
    ) -> None:
        """Prepare to watch `order_ids` over `transport`.

        Args:
            order_ids: Well-formed and distinct, at least one and at most 1,000 (PROTOCOL §5).
            transport: How streams are opened.
            resource: How snapshots are got.
            clock: The loop's and the wall's time.
            random: Where jitter is drawn from.
        """
        self.order_ids = tuple(order_ids)
        self.clock: Clock = clock or SystemClock()
        self.counters = Counters()
        self._transport = transport
        self._resource = resource
        self._random = random or random_module.Random()
        self._connections: dict[int, Connection] = {}
        self._streams: dict[int, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._outbox = Outbox()
        self._orders = Orders(self.order_ids, self.clock, self.counters, self._outbox)
        self._snapshots = Snapshots(resource, self._orders, self.clock, self._random)
        self._session, _ = machine.start(self.order_ids, transport.name, 0.0)
        self._held_at_loss: dict[str, Cursor | None] = {}
        self._heard_last: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = float("inf")

    # --- for front ends -----------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        now = self.clock.time()
        self._look = Look(now, self.clock.wall())
        self._heard_floor = now
        self._session, actions = machine.start(self.order_ids, self._transport.name, now)
        self._outbox.put(LinkChanged(self._session.link))
        self._perform(actions)
        self._arm(now)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._advance(inputs.Quit())
        leaving = {*self._streams.values(), *self._tasks}
        if leaving:
            await asyncio.wait(leaving, timeout=LEAVE_PATIENCE)
        for task in leaving:
            task.cancel()
        await asyncio.gather(*leaving, return_exceptions=True)
        for connection in self._connections.values():
            connection.abort()
        await self._resource.aclose()
        self._outbox.close()

    def __aiter__(self) -> AsyncIterator[Change]:
        return self

    async def __anext__(self) -> Change:
        change = await self._outbox.get()
        if change is None:
            raise StopAsyncIteration
        logbook.record(change)
        return change

    @property
    def views(self) -> Mapping[str, OrderView]:
        """The newest view of every order, by id."""
        return MappingProxyType(self._orders.views)

    @property
    def refused(self) -> Mapping[str, Problem]:
        """The orders that the gateway refused for good, and why."""
        return MappingProxyType(self._orders.refused)

    @property
    def link(self) -> LinkState:
        """The connection as people see it."""
        return self._session.link

    @property
    def heard_at(self) -> float | None:
        """When the last byte of a stream arrived, in seconds on `clock`; None before the first."""
        connection = self._connections.get(self._session.conn)
        return connection.heard_at if connection is not None else self._heard_last

    @property
    def rtt(self) -> float | None:
        """Seconds that the last ping of the present stream took; None where none was answered."""
        connection = self._connections.get(self._session.conn)
        return connection.rtt if connection is not None else None

    def standing(self, order_id: str) -> Standing:
        """What the view of an order is worth; on top of that the link must be live."""
        return self._orders.standing(order_id)

    def reconnect(self) -> None:
        """Open a new stream now, at most once a second and never before a server's floor."""
        self._advance(inputs.Pressed(self.clock.time()))

    # --- inputs to the session ----------------------------------------------------------------------------------------

    def _advance(self, event: inputs.Input) -> None:
        before = self._session
        self._session, actions = machine.step(before, event)
        if self._session.link != before.link:
            self._tell(before, self._session)
        self._perform(actions)
        self._arm(self.clock.time())
        if self._session.phase in _ENDS:
            self._outbox.close()

    def _tell(self, before: Session, after: Session) -> None:
        if before.phase in _ONLINE and after.phase in {Phase.BACKOFF, Phase.CONNECTING}:
            self.counters.drops += 1
        if before.down_at is None and after.down_at is not None:
            self._held_at_loss = self._orders.versions()
        text = chronicle.tell(before, after, missed=self._orders.gained(self._held_at_loss))
        if text is not None:
            self._outbox.put(Noted(self.clock.wall(), Topic.LINK, text))
        self._outbox.put(LinkChanged(after.link))

    def _received(self, conn: int, message: ServerMessage) -> None:
        if conn != self._session.conn:
            return
        at = self.clock.time()
        self.counters.messages += 1
        touched = self._orders.take(message, at, self._random.random())
        held = self._orders.views[touched].resume if touched is not None else None
        self._advance(inputs.Said(conn, at, message, held))
        if isinstance(message, Goodbye):
            self._outbox.put(Noted(self.clock.wall(), Topic.LINK, "the server says goodbye"))
        self._settle(at)

    def _settle(self, at: float) -> None:
        """Tell the session what the orders came to, and arm the timer for what is due."""
        for order_id, held in self._orders.advanced():
            self._advance(inputs.Advanced(order_id, at, held))
        for order_id in self._orders.dropped():
            self._advance(inputs.Dropped(order_id, at))
        if self._orders.all_ended:
            self._advance(inputs.AllEnded())
        elif self._orders.all_refused:
            problem = next(iter(self._orders.refused.values()))
            self._advance(inputs.AllRefused(str(Refused(problem))))
        self._arm(at)

    # --- time ---------------------------------------------------------------------------------------------------------

    def _heard(self) -> float:
        connection = self._connections.get(self._session.conn)
        return max(self._heard_floor, connection.heard_at if connection is not None else 0.0)

    def _arm(self, at: float) -> None:
        """Have the timer go off when the first thing is due: a deadline, a repair, or a look at the clocks."""
        if self._session.phase in _ENDS:
            if self._timer is not None:
                self._timer.cancel()
            return
        # Without a stream nothing is mended: what is missing is asked for when the next one says hello.
        mend = self._orders.deadline if self._session.phase in _ONLINE else None
        dues = (self._session.deadline(self._heard()), mend, self._look.time + TICK)
        due = max(at, min(due for due in dues if due is not None))
        if self._timer is not None:
            if not self._timer.cancelled() and self._timer_at <= due:
                return
            self._timer.cancel()
        self._timer_at = due
        self._timer = asyncio.get_running_loop().call_at(due, self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        at = self.clock.time()
        look = Look(at, self.clock.wall())
        woke = slept(self._look, look)
        if at >= self._look.time + TICK:
            self._look = look
        if woke:
            # Whatever arrived while we slept is read first: the loop takes one pass over its sockets, then we judge.
            self._look, self._heard_floor = look, at
            self._spawn(self._woke())
        else:
            self._advance(inputs.Tick(at, self._heard(), self._random.random()))
            if self._session.phase in _ONLINE:
                self._repair(at)
        self._arm(at)

    async def _woke(self) -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self._advance(inputs.Woke(self.clock.time()))

    def _repair(self, at: float) -> None:
        steps = self._orders.repairs(at, self._random)
        again = {order_id: self._orders.views[order_id].resume for order_id, step in steps if step is Remedy.SUBSCRIBE}
        if again:
            self.counters.resubscribed += len(again)
            self._subscribe(self._session.conn, again)
        for order_id, step in steps:
            if step is Remedy.FETCH:
                self._spawn(self._fetch(order_id))

    # --- actions ------------------------------------------------------------------------------------------------------

    def _perform(self, actions: Sequence[inputs.Action]) -> None:
        for action in actions:
            match action:
                case inputs.OpenStream(conn=conn):
                    self.counters.openings += 1
                    self._heard_floor = self.clock.time()
                    self._streams[conn] = self._task(self._stream(conn), f"stream {conn}")
                case inputs.SubscribeAll(conn=conn):
                    self._subscribe(conn, self._orders.subscribe_all(self.clock.time()))
                case inputs.CloseStream(conn=conn) if conn in self._connections:
                    self._spawn(self._connections[conn].close())
                case inputs.CloseStream(conn=conn) | inputs.AbortStream(conn=conn):
                    if conn in self._streams:
                        self._streams[conn].cancel()
                case inputs.Ping(conn=conn):
                    self._spawn(self._ping(conn))
                case inputs.FetchAll():
                    for order_id in self._orders.wanted:
                        self._spawn(self._fetch(order_id))

    async def _stream(self, conn: int) -> None:
        """Open one stream and read it to its end."""
        try:
            connection = await self._transport.connect(Ask(self._session.orders, self._orders.resume))
            self._connections[conn] = connection
            try:
                await self._read(conn, connection)
            finally:
                self._heard_last = connection.heard_at
                self.counters.violations += connection.violations
                self.counters.ignored += connection.tally.unknown_types + connection.tally.unknown_fields
                connection.abort()
                del self._connections[conn]
        except LinkError as error:
            self._advance(inputs.Ended(conn, self.clock.time(), error, self._random.random()))
        finally:
            del self._streams[conn]

    async def _read(self, conn: int, connection: Connection) -> None:
        taken = 0
        async for told in connection.messages():
            self._received(conn, told.message)
            taken += 1
            if taken % BURST == 0:
                await asyncio.sleep(0)

    def _subscribe(self, conn: int, orders: Mapping[str, Cursor | None]) -> None:
        if conn in self._connections and orders:
            self._orders.asked(orders)
            self._spawn(self._connections[conn].send(Subscribe(dict(orders))))

    async def _ping(self, conn: int) -> None:
        if conn in self._connections:
            await self._connections[conn].ping()
            self._advance(inputs.Heard(conn, self.clock.time()))

    async def _fetch(self, order_id: str) -> None:
        if await self._snapshots.get(order_id):
            self.counters.fetched += 1
            self._settle(self.clock.time())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._task(work, "errand")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _task(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name=name)
        task.add_done_callback(self._reap)
        return task

    def _reap(self, task: asyncio.Task[None]) -> None:
        with suppress(asyncio.CancelledError):
            if (failure := task.exception()) is not None:
                self._outbox.fail(failure)
