"""The loop of a feed: it turns what happens into events, steps the session, and runs the session's actions.

All decisions are made in pure code: `session` decides about the connection, `orders` about the views. `dispatch` is the
only way into the session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from random import Random
from typing import TYPE_CHECKING

from tracker_tui.domain.event import Event
from tracker_tui.link import debug_log
from tracker_tui.link.auth.credentials import Credentials
from tracker_tui.link.auth.token_store import TokenStore
from tracker_tui.link.authorization import Authorization
from tracker_tui.link.change_queue import ChangeQueue
from tracker_tui.link.changes import Counters, LinkChanged, Metrics, Phase
from tracker_tui.link.clock import Clock
from tracker_tui.link.connections import Connections
from tracker_tui.link.effects import Effects
from tracker_tui.link.errors import LinkError
from tracker_tui.link.http.orders_protocol import OrdersApi
from tracker_tui.link.orders.commands import CommandSender
from tracker_tui.link.orders.orders import Orders
from tracker_tui.link.orders.slot_allocator import SlotAllocator
from tracker_tui.link.orders.snapshots import SnapshotFetcher
from tracker_tui.link.reporter import Reporter
from tracker_tui.link.session import events, machine
from tracker_tui.link.session.candidate import disqualifies
from tracker_tui.link.session.ladder import Ladder, Rung
from tracker_tui.link.session.session import Step
from tracker_tui.link.session.states import Idle, Open
from tracker_tui.link.tasks import Tasks
from tracker_tui.link.timer import Timer
from tracker_tui.link.transports.base import ReceivedMessage, Transport
from tracker_tui.link.unexpected import ContainedOrdersApi
from tracker_tui.link.wake import TICK, ClockReading, slept
from tracker_tui.wire.messages import Goodbye, Heartbeat

if TYPE_CHECKING:
    from tracker_tui.link.recording.recorder import Recorder

CLOSE_TIMEOUT = 2.0
"""Seconds that closing may take in all; connections are aborted after that."""

ENDS = frozenset({Phase.FINAL, Phase.FAILED, Phase.CLOSED})
"""The phases of a session that is over."""


class SessionLoop:
    """Owns the session, its connections, the orders and the timer.

    Attributes:
        session: The current state of the connection.
        orders: The views of the watched orders, and their repairs.
        slots: Which orders are watched.
        commands: The commands under way.
        connections: The open streams.
        queue: The changes that the front end has not read.
        counters: What happened since the start.
        clock: The loop's time and the wall clock.
        list_was_read: Whether the gateway's list of orders was read; never true without a list.
        is_closed: Whether the front end has closed the feed.
    """

    def __init__(
        self,
        order_ids: Sequence[str],
        transports: Sequence[Transport],
        orders_api: OrdersApi,
        *,
        credentials: Credentials | None,
        clock: Clock,
        random: Random,
        probes: Sequence[float],
        list_api: OrdersApi | None,
        recorder: Recorder | None,
        stays_open: bool,
    ) -> None:
        """Build the parts; the arguments are those of `OrderFeed`."""
        self.clock = clock
        self.counters = Counters()
        self.queue = ChangeQueue()
        self.list_was_read = False
        self.is_closed = False
        self._stays_open = stays_open
        self._random = random
        self._recorder = recorder
        self._list_api = None if list_api is None else ContainedOrdersApi(list_api, self.counters)
        self._orders_api = ContainedOrdersApi(orders_api, self.counters)
        self._ladder = Ladder(tuple(Rung(each.name, each.duplex) for each in transports), tuple(probes))
        self._token_store = TokenStore(credentials)
        self._authorization = Authorization(
            self._token_store,
            lambda: self.session.request_token,
            needed=lambda: self.dispatch(events.TokenNeeded(clock.time())),
            declined=lambda number, error: self.dispatch(events.RequestUnauthorized(number, clock.time(), error)),
        )
        self._tasks = Tasks(self.queue.fail)
        self.connections = Connections(
            {transport.name: transport for transport in transports},
            clock,
            self.counters,
            spawn=self._tasks.spawn,
            on_message=self._message_received,
            on_closed=self._connection_closed,
        )
        self.orders = Orders(
            order_ids,
            clock,
            self.counters,
            self.queue,
            on_message=None if recorder is None else recorder.record_message,
            endless=list_api is not None,
        )
        self._reporter = Reporter(self.queue, self.orders, clock, self.counters)
        self._effects = Effects(
            self.connections,
            self.orders,
            snapshots=SnapshotFetcher(
                self._orders_api, self._authorization, self.orders, clock, random, is_served=self._is_served
            ),
            token_store=self._token_store,
            authorization=self._authorization,
            clock=clock,
            random=random,
            counters=self.counters,
            tasks=self._tasks,
            list_api=self._list_api,
            dispatch=self.dispatch,
            on_orders_changed=self.settle,
        )
        self.slots = SlotAllocator(
            order_ids,
            self.orders,
            self.queue,
            dispatch=self.dispatch,
            unsubscribe=self._effects.unsubscribe,
            note=self._reporter.note,
        )
        self.commands = CommandSender(
            self._orders_api,
            self.orders.pending_commands,
            self._authorization,
            clock,
            random,
            spawn=self._tasks.spawn,
            on_change=self._command_changed,
        )
        self.session, _ = self._first_step(0.0)
        self._timer = Timer(self._timer_fired)

    # --- start and end ------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Open the first connection, or fetch a token or the list first, and start the timer."""
        now = self.clock.time()
        self._reading = ClockReading.of(self.clock)
        if self._recorder is not None:
            self._recorder.begin(tuple(self.orders.views), self.clock, self._reporter.note)
        self.session, actions = self._first_step(now)
        debug_log.trace_start(self.session)
        self.queue.put(LinkChanged(self.session.link))
        self._effects.run(actions, self.session)
        self._set_timer(now)
        self._effects.start_discovery(self._list_read)

    async def close(self) -> None:
        """Close the stream and wait for every task, for at most `CLOSE_TIMEOUT` seconds."""
        self.is_closed = True
        self.commands.close()
        if self._recorder is not None:
            self._recorder.record_metrics(self.metrics)
            self._recorder.end()
        self.dispatch(events.CloseRequested())
        self._effects.stop_discovery()
        await self._tasks.end(CLOSE_TIMEOUT)
        self.connections.abort_all()
        await self._orders_api.aclose()
        self.queue.close()

    @property
    def has_ended(self) -> bool:
        """Whether the session is over; added orders start it again."""
        return self.session.phase in ENDS

    @property
    def heard_at(self) -> float | None:
        """The time of the last byte of a stream, in seconds on `clock`; without a stream, of the last list read."""
        list_state = self.session.list_state if isinstance(self.session.state, Idle) else None
        if list_state is not None and list_state.read_at is not None:
            return list_state.read_at
        return self.connections.heard_at(self.session.connection_id)

    @property
    def user(self) -> str | None:
        """The subject of the token that requests present; None if it is unknown."""
        number = self.session.request_token
        token = self._token_store[number] if number is not None else None
        return token.subject if token is not None else None

    @property
    def metrics(self) -> Metrics:
        """The counters, the time of the last byte, and the last round-trip time of the active stream."""
        return Metrics(self.counters, self.heard_at, self.connections.rtt(self.session.connection_id))

    def wake(self) -> None:
        """Check whether the stream is alive, after a sleep of the machine or the process."""
        self._reading = ClockReading.of(self.clock)
        self.connections.reset_silence()
        # Data that arrived during the sleep is read first: the loop polls its sockets once before the check.
        self._tasks.spawn(self._check_after_wake(), "wake")

    # --- events -------------------------------------------------------------------------------------------------------

    def dispatch(self, event: events.Event) -> None:
        """Step the session with `event`, report what changed, and run the actions."""
        before = self.session
        self.session, actions = machine.step(before, event)
        debug_log.trace_event(event, before, self.session)
        if before.candidate is not None and before.candidate.connection_id == self.session.connection_id:
            self.orders.promote_candidate(self.session.connection_id, self.clock.time())
        if before.phase in ENDS and not self.has_ended:
            self._start_again()
        if self.session is not before:
            self._reporter.step(before, self.session)
        if self.session.phase is Phase.LIVE and before.phase is not Phase.LIVE:
            self.commands.retry_now()
        if self.session.request_token != before.request_token:
            self._authorization.changed()
        self._effects.run(actions, self.session)
        self._set_timer(self.clock.time())
        if self.has_ended:
            self._authorization.close()
            if not self._stays_open:
                self.queue.close()

    def settle(self) -> None:
        """Dispatch what changed for the orders, and set the timer for the next repair."""
        at = self.clock.time()
        for order_id in self.orders.pending_commands.take_reopened():
            self.commands.resume(order_id)
        resubscribes = self.connections.resubscribes(self.session.connection_id)
        for event in self.orders.take_events(at, resubscribes=resubscribes):
            self.dispatch(event)
        self._set_timer(at)

    def _start_again(self) -> None:
        """Let requests, readers of changes and the clocks go on: orders were added after the end."""
        self._authorization.reopen()
        self.queue.reopen()
        self._reading = ClockReading.of(self.clock)

    def _first_step(self, at: float) -> Step:
        return machine.start(
            tuple(self.orders.active),
            self._ladder,
            at,
            has_credentials=self._token_store.enabled,
            reads_list=self._list_api is not None,
        )

    def _message_received(self, connection_id: int, received: ReceivedMessage) -> None:
        """Join a message to its order's view, then pass it to the session."""
        candidate = None if connection_id == self.session.connection_id else self.session.candidate
        if connection_id not in {self.session.connection_id, candidate and candidate.connection_id}:
            return
        at, message = self.clock.time(), received.message
        self.counters.messages += 1
        self.counters.events += isinstance(message, Event)
        order_id, speaks_for = None, received.orders
        if candidate is not None and isinstance(message, Heartbeat):
            # The active stream still serves the orders that a candidate doesn't list yet.
            speaks_for = message.heads
        if candidate is None or not disqualifies(candidate, message):
            order_id = self.orders.receive(connection_id, message, at, self._random.random(), speaks_for)
        resume = self.orders.views[order_id].resume if order_id is not None else None
        self.dispatch(events.MessageReceived(connection_id, at, message, resume))
        if isinstance(message, Heartbeat):
            # A head stands in for a lost `subscribed`, even of an order without any new event.
            for awaited in self.session.awaited_orders(connection_id):
                self.dispatch(events.OrderAdvanced(awaited, at, self.orders.views[awaited].resume))
            if self._recorder is not None:
                self._recorder.record_metrics(self.metrics)
        if isinstance(message, Goodbye):
            self._reporter.note("the server says goodbye")
        self.settle()

    def _connection_closed(self, connection_id: int, error: LinkError) -> None:
        self.orders.connection_closed(connection_id)
        self.dispatch(events.ConnectionEnded(connection_id, self.clock.time(), error, self._random.random()))

    def _list_read(self, order_ids: Iterable[str]) -> None:
        if not self.has_ended:
            self.slots.update_list(order_ids, self.clock.time())
        self.list_was_read = True
        self.dispatch(events.ListRead(self.clock.time()))

    def _command_changed(self, order_id: str) -> None:
        self.orders.commands_changed(order_id)
        self.settle()

    def _is_served(self, order_id: str) -> bool:
        return isinstance(self.session.state, Open) and self.orders.is_served(order_id)

    # --- time ---------------------------------------------------------------------------------------------------------

    def _heard(self) -> tuple[float, float]:
        """Return when the active connection and the candidate were last heard."""
        second = 0.0 if (other := self.session.candidate) is None else self.connections.heard(other.connection_id)
        return self.connections.heard(self.session.connection_id), second

    def _set_timer(self, at: float) -> None:
        """Set the timer for whatever is due first: a deadline, a repair, or a reading of the clocks."""
        if self.has_ended:
            self._timer.cancel()
            return
        # Repairs need a stream; without one, the next hello starts with a resume.
        repair_at = self.orders.deadline if isinstance(self.session.state, Open) else None
        dues = (self.session.deadline(*self._heard()), repair_at, self._reading.time + TICK)
        self._timer.set(max(at, min(due for due in dues if due is not None)))

    def _timer_fired(self) -> None:
        at = self.clock.time()
        reading = ClockReading.of(self.clock)
        if slept(self._reading, reading):
            self.wake()
        else:
            if at >= self._reading.time + TICK:
                self._reading = reading
                if self._list_api is not None:
                    self.slots.release_finished(at)
                if self.session.phase is Phase.SIGNED_OUT and self._token_store.changed():
                    self.dispatch(events.CredentialsChanged(at))
            heard, second = self._heard()
            self.dispatch(events.Tick(at, heard, self._random.random(), second))
            if isinstance(self.session.state, Open):
                connection_id = self.session.connection_id
                resubscribes = self.connections.resubscribes(connection_id)
                due = self.orders.take_due_repairs(at, self._random, resubscribes=resubscribes)
                self._effects.repair(due, connection_id)
        self._set_timer(at)

    async def _check_after_wake(self) -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self.dispatch(events.WokeUp(self.clock.time()))
