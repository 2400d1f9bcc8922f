"""The one loop that owns connection, repair and views; everything it decides is decided in pure code beside it."""

from __future__ import annotations

import asyncio
import random as random_module
from collections import ChainMap
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Self

from tracker_tui.domain.command import Verb
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event
from tracker_tui.domain.overlay import PendingCommands
from tracker_tui.domain.view import OrderView
from tracker_tui.link import debug_log
from tracker_tui.link.auth.authorization import Authorization
from tracker_tui.link.auth.credentials import Credentials
from tracker_tui.link.auth.token_store import TokenStore
from tracker_tui.link.change_queue import ChangeQueue
from tracker_tui.link.changes import (
    Change,
    Counters,
    Coverage,
    FeedEnded,
    LinkChanged,
    LinkState,
    Metrics,
    Noted,
    Phase,
    Standing,
    Topic,
)
from tracker_tui.link.clock import Clock, SystemClock
from tracker_tui.link.connections import Connections
from tracker_tui.link.effects import Effects
from tracker_tui.link.errors import LinkError, Refused
from tracker_tui.link.orders.admission import Admission
from tracker_tui.link.orders.commands import Commands
from tracker_tui.link.orders.discovery import ListApi, discover
from tracker_tui.link.orders.orders import Orders
from tracker_tui.link.orders.snapshots import OrdersApi, SnapshotFetcher
from tracker_tui.link.session import describe, events, ladder, machine
from tracker_tui.link.session.candidate import Step, disqualifies
from tracker_tui.link.session.ladder import Ladder, Rung
from tracker_tui.link.session.states import Idle, Open, Session
from tracker_tui.link.tasks import Tasks
from tracker_tui.link.transports.base import ReceivedMessage, Transport
from tracker_tui.link.unexpected import ContainedListing, ContainedResource
from tracker_tui.link.wake import TICK, ClockReading, slept
from tracker_tui.wire.messages import Goodbye, Heartbeat, Problem

if TYPE_CHECKING:
    from tracker_tui.link.recording.recorder import Recorder

LEAVE_PATIENCE = 2.0
"""Seconds that closing may take in all (DESIGN §2, shutdown)."""

_ENDS = frozenset({Phase.FINAL, Phase.FAILED, Phase.CLOSED})


class OrderFeed:
    """Keeps the views of some orders as the server has them, and tells what changed.

    An async context manager (entering starts to connect and never fails for an unreachable server) and an async
    iterator of `Change`, which ends once every order has ended, was refused, or the feed was closed.
    """

    def __init__(
        self,
        order_ids: Sequence[str],
        transports: Sequence[Transport],
        resource: OrdersApi,
        *,
        credentials: Credentials | None = None,
        clock: Clock | None = None,
        random: random_module.Random | None = None,
        probes: Sequence[float] = ladder.PROBES,
        listing: ListApi | None = None,
        tape: Recorder | None = None,
    ) -> None:
        """Prepare to watch `order_ids`.

        Args:
            order_ids: Well-formed and distinct, at most 1,000 (PROTOCOL §5); at least one where there is no `listing`.
            transports: How streams are opened, best first; with one alone there is no other to fall back to.
            resource: How snapshots are got.
            credentials: Where tokens come from; None presents none.
            clock: The loop's and the wall's time.
            random: Where jitter is drawn from.
            probes: Seconds between two tries of a better transport, as `ladder.PROBES`.
            listing: Where more orders are found, all the time: then the feed doesn't end by itself.
            tape: What records everything that is taken in and told.
        """
        self.counters = Counters()
        self._listing = None if listing is None else ContainedListing(listing, self.counters)
        self._nudge = asyncio.Event()
        self.listed = False
        """Whether the gateway's list of orders was read; never where none is."""
        self.clock: Clock = clock or SystemClock()
        self._ladder = Ladder(tuple(Rung(each.name, each.duplex) for each in transports), tuple(probes))
        self._resource = resource = ContainedResource(resource, self.counters)
        self._keyring = TokenStore(credentials)
        self._authorization = Authorization(
            self._keyring,
            lambda: self._session.request_token,
            needed=lambda: self._advance(events.TokenNeeded(self.clock.time())),
            declined=lambda number, error: self._advance(events.RequestUnauthorized(number, self.clock.time(), error)),
        )
        self._random = random or random_module.Random()
        self._outbox = ChangeQueue()
        self._tasks = Tasks(self._outbox.fail)
        self._lines = Connections(
            {transport.name: transport for transport in transports},
            self.clock,
            self.counters,
            spawn=self._tasks.spawn,
            told=self._received,
            ended=self._lost,
        )
        self._tape = tape
        self._orders = Orders(
            order_ids,
            self.clock,
            self.counters,
            self._outbox,
            heard=None if tape is None else tape.take,
            endless=listing is not None,
        )
        self._errands = Effects(
            self._lines,
            self._orders,
            snapshots=SnapshotFetcher(
                resource, self._authorization, self._orders, self.clock, self._random, serves=self._serves
            ),
            keyring=self._keyring,
            authorization=self._authorization,
            clock=self.clock,
            random=self._random,
            counters=self.counters,
            tasks=self._tasks,
            listing=self._listing,
            nudge=self._nudge,
            came=self._advance,
            got=lambda: self._settle(self.clock.time()),
        )
        self._admission = Admission(
            order_ids,
            self._orders,
            self._outbox,
            came=self._advance,
            unsubscribe=self._errands.unsubscribe,
            note=self._note,
        )
        self._commands = Commands(
            resource,
            self._orders.pending_commands,
            self._authorization,
            self.clock,
            self._random,
            spawn=self._tasks.spawn,
            told=self._decided,
        )
        self._session, _ = self._start(0.0)
        self._held_at_loss: dict[str, Cursor | None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = float("inf")

    # --- for front ends -----------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        now = self.clock.time()
        self._look = ClockReading(now, self.clock.wall())
        if self._tape is not None:
            self._tape.begin(self.order_ids, self.clock, self._note)
        self._session, actions = self._start(now)
        self._outbox.put(LinkChanged(self._session.link))
        self._errands.run(actions, self._session)
        self._arm(now)
        if self._listing is not None:
            readings = discover(
                self._listing,
                self._authorization,
                self._random,
                found=self._found,
                failed=self._unlisted,
                nudge=self._nudge,
            )
            self._discovery = self._tasks.spawn(readings)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._commands.close()
        if self._tape is not None:
            self._tape.measure(self._measured)
            self._tape.end()
        self._advance(events.CloseRequested())
        if self._listing is not None:
            self._discovery.cancel()
        await self._tasks.end(LEAVE_PATIENCE)
        self._lines.abort_all()
        await self._resource.aclose()
        self._outbox.close()

    def __aiter__(self) -> AsyncIterator[Change]:
        return self

    async def __anext__(self) -> Change:
        change = await self._outbox.get()
        if change is None:
            raise StopAsyncIteration
        debug_log.log_change(change)
        if self._tape is not None:
            self._tape.tell(change)
            if isinstance(change, LinkChanged):
                self._tape.measure(self._measured)
        return change

    @property
    def order_ids(self) -> tuple[str, ...]:
        """The orders that are watched, those that were refused among them."""
        return tuple(self._orders.views)

    @property
    def views(self) -> Mapping[str, OrderView]:
        """The newest view of every watched order, and the last one of those that ended and gave up their place."""
        return MappingProxyType(ChainMap(self._orders.views, self._admission.places.views))

    @property
    def refused(self) -> Mapping[str, Problem]:
        """The orders that the gateway refused for good, and why."""
        return MappingProxyType(ChainMap(self._orders.refused, self._admission.places.refused))

    @property
    def coverage(self) -> Coverage:
        """How many orders are watched, of how many that are to be."""
        return self._admission.places.coverage

    @property
    def link(self) -> LinkState:
        """The connection as people see it."""
        return self._session.link

    @property
    def heard_at(self) -> float | None:
        """When the last byte of a stream arrived, in seconds on `clock`, or the list where it replaces one; or None."""
        listing = self._session.list_state if isinstance(self._session.state, Idle) else None
        if listing is not None and listing.read_at is not None:
            return listing.read_at
        return self._lines.heard_at(self._session.connection_id)

    @property
    def rtt(self) -> float | None:
        """Seconds that the last ping of the present stream took; None where none was answered."""
        return self._lines.rtt(self._session.connection_id)

    def standing(self, order_id: str) -> Standing:
        """What the view of an order is worth; on top of that the link must be live."""
        return self._admission.places.standing(order_id) or self._orders.standing(order_id)

    def reconnect(self) -> None:
        """Open a new stream now, at most once a second and never before a server's floor; signed out, sign in again."""
        self._advance(events.ReconnectRequested(self.clock.time()))

    def send(self, order_id: str, verb: Verb, text: str | None = None) -> str:
        """Ask the gateway something of a watched order, and go on asking until it has answered.

        The result arrives as the `pending_commands` of that order's changes; the feed does not end before it.

        Returns:
            The command's id, which the milestone that comes of it bears.

        Raises:
            ValueError: The text is missing, or too long.
            Ended: The feed is over, or doesn't watch the order.
        """
        if order_id not in self._orders.views or self._session.phase in _ENDS:
            raise FeedEnded
        return self._commands.send(order_id, verb, text)

    def pending_commands(self, order_id: str) -> PendingCommands:
        """What was asked of an order here, and what is known to have come of it."""
        return self._orders.pending_commands.of(order_id)

    def add(self, order_ids: Iterable[str]) -> None:
        """Watch more orders; those that are watched already, and what would be more than 1,000, are left out."""
        if self._session.phase not in _ENDS:
            self._admission.name(order_ids, self.clock.time())

    def wake(self) -> None:
        """The process or the machine had slept, or nobody looked for a while: see whether the link is still alive."""
        at = self.clock.time()
        self._look = ClockReading(at, self.clock.wall())
        self._lines.reset_silence()
        # Whatever arrived while we slept is read first: the loop takes one pass over its sockets, then we judge.
        self._tasks.spawn(self._woke())

    # --- inputs to the session ----------------------------------------------------------------------------------------

    def _start(self, at: float) -> Step:
        orders, keyed, listed = tuple(self._orders.wanted), self._keyring.enabled, self._listing is not None
        return machine.start(orders, self._ladder, at, keyed=keyed, listed=listed)

    def _advance(self, event: events.Event) -> None:
        before = self._session
        self._session, actions = machine.step(before, event)
        if before.candidate is not None and before.candidate.connection_id == self._session.connection_id:
            self._orders.take_over(self._session.connection_id, self.clock.time())
        if self._session is not before:
            self._tell(before, self._session)
        if self._session.request_token != before.request_token:
            self._authorization.changed()
        self._errands.run(actions, self._session)
        self._arm(self.clock.time())
        if self._session.phase in _ENDS:
            self._authorization.close()
            self._outbox.close()

    def _tell(self, before: Session, after: Session) -> None:
        if isinstance(before.state, Open) and after.phase in {Phase.BACKOFF, Phase.CONNECTING}:
            self.counters.drops += 1
        if after.phase is Phase.LIVE and before.phase is not Phase.LIVE:
            self._commands.nudge()
        if before.down_at is None and after.down_at is not None:
            self._held_at_loss = self._orders.versions()
        for text in describe.describe(before, after, missed=lambda: self._orders.events_since(self._held_at_loss)):
            self._note(text)
        if after.link != before.link:
            self._outbox.put(LinkChanged(after.link))

    def _note(self, text: str) -> None:
        self._outbox.put(Noted(self.clock.wall(), Topic.LINK, text))

    @property
    def _measured(self) -> Metrics:
        return Metrics(self.counters, self.heard_at, self.rtt)

    def _received(self, connection_id: int, told: ReceivedMessage) -> None:
        candidate = None if connection_id == self._session.connection_id else self._session.candidate
        if connection_id != self._session.connection_id and (
            candidate is None or connection_id != candidate.connection_id
        ):
            return
        at, message = self.clock.time(), told.message
        self.counters.messages += 1
        self.counters.events += isinstance(message, Event)
        touched, speaks_for = None, told.orders
        if candidate is not None and isinstance(message, Heartbeat):
            # What a candidate does not list, or not yet, the open stream still serves.
            speaks_for = message.heads
        if candidate is None or not disqualifies(candidate, message):
            touched = self._orders.receive(connection_id, message, at, self._random.random(), speaks_for)
        held = self._orders.views[touched].resume if touched is not None else None
        self._advance(events.MessageReceived(connection_id, at, message, held))
        if isinstance(message, Heartbeat):
            # A head can stand in for an answer that got lost, even of an order of which there is nothing new.
            for order_id in self._session.awaited_orders(connection_id):
                self._advance(events.OrderAdvanced(order_id, at, self._orders.views[order_id].resume))
            if self._tape is not None:
                self._tape.measure(self._measured)
        if isinstance(message, Goodbye):
            self._note("the server says goodbye")
        self._settle(at)

    def _serves(self, order_id: str) -> bool:
        return isinstance(self._session.state, Open) and self._orders.answered(order_id)

    def _found(self, order_ids: Iterable[str]) -> None:
        if self._session.phase not in _ENDS:
            self._admission.read(order_ids, self.clock.time())
        self.listed = True
        self._advance(events.ListRead(self.clock.time()))

    def _unlisted(self, error: LinkError) -> None:
        self._advance(events.ListFailed(self.clock.time(), error))

    def _decided(self, order_id: str) -> None:
        self._orders.tell(order_id)
        self._settle(self.clock.time())

    def _lost(self, connection_id: int, error: LinkError) -> None:
        self._orders.forget(connection_id)
        self._advance(events.ConnectionEnded(connection_id, self.clock.time(), error, self._random.random()))

    def _settle(self, at: float) -> None:
        """Tell the session what the orders came to, and arm the timer for what is due."""
        for order_id, held in self._orders.take_advanced():
            self._advance(events.OrderAdvanced(order_id, at, held))
        for order_id in self._orders.pending_commands.reopened():
            self._commands.resume(order_id)
        for order_id in self._orders.take_refused():
            self._advance(events.OrderRemoved(order_id, at))
        if self._orders.servable() and not self._lines.resubscribes(self._session.connection_id):
            self._advance(events.OrdersServable(at))
        if self._orders.all_ended:
            self._advance(events.AllOrdersEnded())
        elif self._orders.all_refused:
            problem = next(iter(self._orders.refused.values()))
            self._advance(events.AllOrdersRefused(str(Refused(problem))))
        self._arm(at)

    # --- time ---------------------------------------------------------------------------------------------------------

    def _pulse(self) -> tuple[float, float]:
        """When the present connection and the candidate were last heard."""
        candidate = self._session.candidate
        second = 0.0 if candidate is None else self._lines.heard(candidate.connection_id)
        return self._lines.heard(self._session.connection_id), second

    def _arm(self, at: float) -> None:
        """Have the timer go off when the first thing is due: a deadline, a repair, or a look at the clocks."""
        if self._session.phase in _ENDS:
            if self._timer is not None:
                self._timer.cancel()
            return
        # Without a stream nothing is mended: what is missing is asked for when the next one says hello.
        mend = self._orders.deadline if isinstance(self._session.state, Open) else None
        dues = (self._session.deadline(*self._pulse()), mend, self._look.time + TICK)
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
        look = ClockReading(at, self.clock.wall())
        if slept(self._look, look):
            self.wake()
        else:
            if at >= self._look.time + TICK:
                self._look = look
                if self._listing is not None:
                    self._admission.look(at)
                if self._session.phase is Phase.SIGNED_OUT and self._keyring.changed():
                    self._advance(events.CredentialsChanged(at))
            heard, second = self._pulse()
            self._advance(events.Tick(at, heard, self._random.random(), second))
            if isinstance(self._session.state, Open):
                connection_id = self._session.connection_id
                steps = self._orders.repairs(at, self._random, resubscribes=self._lines.resubscribes(connection_id))
                self._errands.repair(steps, connection_id)
        self._arm(at)

    async def _woke(self) -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self._advance(events.WokeUp(self.clock.time()))
