"""A fake gateway: a transport and an orders API that speak the protocol, without sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.support.orders import EPOCH, START, event, order
from tracker_tui.domain.command import Accepted, Command, Verb
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.order import Outcome
from tracker_tui.link.auth.token import Token
from tracker_tui.link.errors import Refused, StreamClosed, TransportDown
from tracker_tui.link.transports.base import ReceivedMessage, StreamRequest
from tracker_tui.wire.codec import IgnoredCounts
from tracker_tui.wire.messages import (
    ClientMessage,
    Goodbye,
    Heartbeat,
    Hello,
    Mode,
    Problem,
    ServerMessage,
    Subscribe,
    Subscribed,
    Unsubscribe,
)

FOREVER = 1e9


@dataclass
class FakeGateway:
    """The orders of the gateway, and how it behaves.

    Attributes:
        down: Raised instead of opening a stream.
        requests_fail_with: Raised instead of answering a GET.
        closes_at_once: Every stream is closed right after it opened, with this code.
        mute: Opened streams send nothing, not even hello.
        frozen: Nothing is sent, pongs included.
        echo: The start that a replay claims, instead of the requested cursor.
        answers: Whether subscriptions have any effect.
        loses_answers: `subscribed` never arrives; all other messages do.
        busy: Orders whose subscriptions are refused temporarily.
        busy_for: Seconds that a temporary refusal asks to wait; None for none.
        commands_down: Raised instead of applying a command.
        answers_lost: Number of commands that are applied, but whose answers are lost.
        refuses: Reason with which commands are refused.
        deaf: Orders whose subscriptions have no effect.
        limit: Orders that may be subscribed on one stream (PROTOCOL §5).
        clock_shift: Seconds by which its clock is ahead.
        late: Seconds by which events and heartbeats are late.
        late_hello: Seconds by which a hello is late.
    """

    heartbeat: float = 5
    epoch: int = EPOCH
    name: str = "websocket"
    duplex: bool = True
    resubscribes: bool = True
    down: Exception | None = None
    requests_fail_with: Exception | None = None
    closes_at_once: int | None = None
    mute: bool = False
    frozen: bool = False
    echo: Cursor | None = None
    answers: bool = True
    loses_answers: bool = False
    commands_down: Exception | None = None
    answers_lost: int = 0
    refuses: str | None = None
    clock_shift: float = 0.0
    late: float = 0.0
    late_hello: float = 0.0
    logs: dict[str, list[Event]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    busy: set[str] = field(default_factory=set)
    busy_for: float | None = 60
    deaf: set[str] = field(default_factory=set)
    limit: int = 1_000
    openings: list[float] = field(default_factory=list)
    gets: list[float] = field(default_factory=list)
    subscribes: list[tuple[float, dict[str, Cursor | None]]] = field(default_factory=list)
    unsubscribes: list[tuple[float, tuple[str, ...]]] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)
    commands: list[tuple[float, Command, Token | None]] = field(default_factory=list)
    decided: dict[str, Accepted] = field(default_factory=dict)

    def append(
        self,
        order_id: str = "A1",
        status: str = "placed",
        outcome: Outcome | None = None,
        *,
        lost: bool = False,
        quiet: bool = False,
        command_id: str | None = None,
    ) -> Event:
        """Add a version, and send it to every subscriber unless it gets `lost`."""
        log = self.logs.setdefault(order_id, [])
        added = event(
            len(log) + 1,
            status,
            order_id=order_id,
            epoch=self.epoch,
            outcome=outcome,
            quiet=quiet,
            command_id=command_id,
        )
        log.append(added)
        if not lost:
            self.send(added)
        return added

    def send(self, message: ServerMessage) -> None:
        """Send a message to every stream that watches the order it names, or to all."""
        for stream in self.streams:
            if not isinstance(message, Event) or message.order_id in stream.orders:
                stream.put(message)

    def head(self, order_id: str) -> Cursor:
        """Return the newest version of an order."""
        return Cursor(self.epoch, len(self.logs.get(order_id, ())))

    def snapshot_of(self, order_id: str) -> Snapshot:
        """Return the current snapshot of an order."""
        log = self.logs[order_id]
        history = tuple(each.milestone for each in log if each.milestone)[-500:]
        return Snapshot(order_id, self.epoch, len(log), order(order_id), log[-1].state, history, 1)

    def begin_epoch(self, epoch: int, *, tell: bool = True) -> None:
        """Start a new log with a renumbered history; send its snapshot to subscribers unless `tell` is False."""
        self.epoch = epoch
        for order_id, log in self.logs.items():
            log[:] = [
                event(
                    each.seq,
                    each.state.status,
                    order_id=order_id,
                    epoch=epoch,
                    outcome=each.state.outcome,
                    command_id=each.milestone.command_id if each.milestone else None,
                )
                for each in log
            ]
            if tell:
                for stream in self.streams:
                    stream.answer(order_id, None)

    def close(self, code: int, reason: str = "") -> None:
        """Close every stream."""
        for stream in list(self.streams):
            stream.end(StreamClosed(code, reason))

    async def connect(self, ask: StreamRequest) -> Stream:
        """Open a stream."""
        self.openings.append(asyncio.get_running_loop().time())
        if self.down is not None:
            raise self.down
        stream = Stream(self)
        self.streams.append(stream)
        if self.closes_at_once is not None:
            stream.end(StreamClosed(self.closes_at_once))
        elif not self.mute:
            stream.put(Hello(1, stream.now, None, "test", self.heartbeat))
            if not self.duplex:
                for order_id, cursor in ask.resume(ask.orders).items():
                    stream.answer(order_id, cursor)
            stream.beat()
        return stream

    async def snapshot(self, order_id: str, token: Token | None = None) -> Snapshot:
        """Answer a GET."""
        self.gets.append(asyncio.get_running_loop().time())
        if self.requests_fail_with is not None:
            raise self.requests_fail_with
        if order_id in self.unknown or order_id not in self.logs:
            raise Refused(Problem("order_not_found", "no such order"))
        return self.snapshot_of(order_id)

    async def command(self, order_id: str, command: Command, token: Token | None = None) -> Accepted:
        """Apply a command; a note does not change the status."""
        self.commands.append((asyncio.get_running_loop().time(), command, token))
        await asyncio.sleep(0)
        if self.commands_down is not None:
            raise self.commands_down
        if self.refuses is not None:
            raise Refused(Problem("conflict", self.refuses))
        if command.command_id not in self.decided:
            cancel = command.command is Verb.CANCEL
            status = "cancelled" if cancel else self.logs[order_id][-1].state.status
            outcome = Outcome.CANCELLED if cancel else None
            applied = self.append(order_id, status, outcome, command_id=command.command_id)
            self.decided[command.command_id] = Accepted(command.command_id, applied.epoch, applied.seq)
        if self.answers_lost:
            self.answers_lost -= 1
            raise TransportDown("no answer in time", connected=True)
        return self.decided[command.command_id]

    async def open_orders(self, token: Token | None = None) -> list[str]:
        """Return the ids of the orders that have not ended."""
        return [order_id for order_id, log in self.logs.items() if log[-1].state.outcome is None]

    async def probe_list(self, token: Token | None = None) -> None:
        """Answer the request for one order of the list."""

    async def aclose(self) -> None:
        """Close nothing."""


class Stream:
    """One connection to the gateway."""

    def __init__(self, gateway: FakeGateway) -> None:
        self.orders: set[str] = set()
        self.tally = IgnoredCounts()
        self.violations = 0
        self.heard_at = asyncio.get_running_loop().time()
        self.rtt: float | None = None
        self.frozen = False
        self.aborted = False
        self.closed = False
        self._gateway = gateway
        self._inbox: asyncio.Queue[ServerMessage | Exception] = asyncio.Queue()
        self._beat: asyncio.TimerHandle | None = None

    @property
    def now(self) -> datetime:
        """The gateway's wall time."""
        return START + timedelta(seconds=asyncio.get_running_loop().time() + self._gateway.clock_shift)

    def put(self, message: ServerMessage) -> None:
        """Send a message, unless the gateway is frozen."""
        lost = self._gateway.loses_answers and isinstance(message, Subscribed)
        if self._gateway.frozen or self.frozen or lost:
            return
        late = 0.0
        if isinstance(message, Event | Heartbeat):
            late = self._gateway.late
        elif isinstance(message, Hello):
            late = self._gateway.late_hello
        if late:
            asyncio.get_running_loop().call_later(late, self._deliver, message)
        else:
            self._deliver(message)

    def _deliver(self, message: ServerMessage) -> None:
        self.heard_at = asyncio.get_running_loop().time()
        self._inbox.put_nowait(message)

    def end(self, error: Exception) -> None:
        """Close the stream."""
        self._inbox.put_nowait(error)
        self._gone()

    def beat(self) -> None:
        """Send heartbeats from now on."""
        loop = asyncio.get_running_loop()
        self._beat = loop.call_later(self._gateway.heartbeat, self._on_beat)

    def _on_beat(self) -> None:
        self.put(Heartbeat(self.now, {order_id: self._gateway.head(order_id) for order_id in self.orders}))
        self.beat()

    def answer(self, order_id: str, cursor: Cursor | None) -> None:
        """Answer one subscription."""
        gateway = self._gateway
        if order_id in gateway.deaf:
            return
        if order_id in gateway.busy:
            self.put(Problem("rate_limited", "later", order_id, gateway.busy_for))
            return
        if order_id in gateway.unknown or order_id not in gateway.logs:
            self.put(Problem("order_not_found", "no such order", order_id))
            return
        if order_id not in self.orders and len(self.orders) >= gateway.limit:
            self.put(Problem("too_large", f"at most {gateway.limit} orders", order_id))
            return
        self.orders.add(order_id)
        if cursor is None or cursor.epoch != gateway.epoch or cursor.seq > len(gateway.logs[order_id]):
            self.put(Subscribed(order_id, Mode.SNAPSHOT, None, gateway.head(order_id)))
            self.put(gateway.snapshot_of(order_id))
            return
        self.put(Subscribed(order_id, Mode.REPLAY, gateway.echo or cursor, gateway.head(order_id)))
        for each in gateway.logs[order_id][cursor.seq :]:
            self.put(each)

    async def messages(self) -> AsyncIterator[ReceivedMessage]:
        """Yield the messages for the client."""
        while True:
            message = await self._inbox.get()
            if isinstance(message, Exception):
                raise message
            yield ReceivedMessage(message)

    async def send(self, message: ClientMessage) -> None:
        """Receive a message from the client."""
        gateway = self._gateway
        if isinstance(message, Unsubscribe):
            gateway.unsubscribes.append((asyncio.get_running_loop().time(), message.orders))
            self.orders.difference_update(message.orders)
            return
        assert isinstance(message, Subscribe)
        gateway.subscribes.append((asyncio.get_running_loop().time(), dict(message.orders)))
        if gateway.answers:
            for order_id, cursor in message.orders.items():
                self.answer(order_id, cursor)

    async def ping(self) -> None:
        """Answer a ping, unless the gateway is frozen."""
        if self._gateway.frozen:
            await asyncio.sleep(FOREVER)
        self.heard_at = asyncio.get_running_loop().time()

    async def close(self) -> None:
        """Close the stream as a client."""
        self.closed = True
        self.end(StreamClosed(1000, by_us=True))

    def abort(self) -> None:
        """Drop the stream as a client."""
        self.aborted = True
        self._gone()

    def _gone(self) -> None:
        if self._beat is not None:
            self._beat.cancel()
        if self in self._gateway.streams:
            self._gateway.streams.remove(self)


GOODBYE = Goodbye("restarting", 2)
