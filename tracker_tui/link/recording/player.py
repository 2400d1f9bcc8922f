"""Replays a recording: a feed that publishes the recorded changes at their times, on a clock of its own."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType, TracebackType
from typing import Self

from tracker_tui.domain.codes import Recovery
from tracker_tui.domain.command import Verb
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.history import Entry
from tracker_tui.domain.overlay import PendingCommands
from tracker_tui.domain.transport import TransportName
from tracker_tui.domain.view import OrderView
from tracker_tui.link import debug_log
from tracker_tui.link.change_queue import Significance, compare
from tracker_tui.link.changes import (
    Change,
    Counters,
    Coverage,
    FeedEnded,
    LinkChanged,
    LinkState,
    Metrics,
    Noted,
    OrderChanged,
    OrderForgotten,
    Phase,
    Standing,
    Topic,
)
from tracker_tui.link.recording.format import OrderRecorded, Record, Recording, RecordingEnd
from tracker_tui.link.session.verdicts import verdict_of_problem
from tracker_tui.wire.messages import Heartbeat, Message, Problem, Subscribed


class ReplayClock:
    """The clock of a replay, from the first line of the recording to its last.

    Args:
        recording: The recording.
        speed: Seconds of the recording that pass in one second.
    """

    def __init__(self, recording: Recording, speed: float = 1.0) -> None:
        self._recording = recording
        self._speed = speed
        self._times = [record.mono for record in recording.records]
        self._started: float | None = None

    def start(self) -> None:
        """Start the clock, if it is not running."""
        if self._started is None:
            self._started = asyncio.get_running_loop().time()

    def time(self) -> float:
        """Return the seconds since the start of the recording."""
        if self._started is None:
            return self._times[0]
        played = (asyncio.get_running_loop().time() - self._started) * self._speed
        return min(self._times[0] + played, self._times[-1])

    def wall(self) -> datetime:
        """Return the wall time in the recording."""
        now = self.time()
        record = self._recording.records[max(0, bisect_right(self._times, now) - 1)]
        return record.at + timedelta(seconds=now - record.mono)

    async def reach(self, time: float) -> None:
        """Wait until the clock shows `time`."""
        left = (time - self.time()) / self._speed
        # Even without a wait, let other tasks run.
        await asyncio.sleep(max(0.0, left))


class ReplayFeed:
    """A `Feed` that replays a recording and connects to no server.

    Views are joined again from the messages, and published when they were recorded, so that all changes come in the
    same order. Standings, the link and log lines are published as recorded.

    Args:
        recording: The recording.
        clock: Its clock; entering the feed starts it.
        order_ids: The orders to replay; None for all.
    """

    def __init__(self, recording: Recording, clock: ReplayClock, order_ids: Sequence[str] | None = None) -> None:
        self.order_ids = tuple(recording.orders if order_ids is None else order_ids)
        self.clock = clock
        self.counters = Counters()
        self.link = LinkState(Phase.CONNECTING, TransportName.WEBSOCKET)
        self.heard_at: float | None = None
        self.rtt: float | None = None
        self.user: str | None = None
        self.listed = False
        self._views = {order_id: OrderView(order_id) for order_id in self.order_ids}
        self._refused: dict[str, Problem] = {}
        self._standings: dict[str, Standing] = {}
        self._pending_commands: dict[str, PendingCommands] = {}
        self._unpublished: dict[str, tuple[Entry, ...]] = {}
        self._changes = self._play(recording.records)

    async def __aenter__(self) -> Self:
        self.clock.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._changes.aclose()

    def __aiter__(self) -> AsyncIterator[Change]:
        return self

    async def __anext__(self) -> Change:
        change = await anext(self._changes)
        debug_log.log_change(change)
        return change

    @property
    def views(self) -> Mapping[str, OrderView]:
        """The newest view of every order, by id."""
        return MappingProxyType(self._views)

    @property
    def refused(self) -> Mapping[str, Problem]:
        """The orders that the server refused permanently, with its reason."""
        return MappingProxyType(self._refused)

    @property
    def coverage(self) -> Coverage:
        """The number of replayed orders; a recording names no others."""
        return Coverage(len(self.order_ids), len(self.order_ids))

    def standing(self, order_id: str) -> Standing:
        """Return the recorded standing of an order."""
        known = self._views[order_id].facts is not None
        return self._standings.get(order_id, Standing.IN_SYNC if known else Standing.WAITING)

    def add(self, order_ids: Iterable[str]) -> tuple[str, ...]:
        """Do nothing, and return the orders that are not in the recording: it has no others."""
        return tuple(order_id for order_id in dict.fromkeys(order_ids) if order_id not in self._views)

    def remove(self, order_id: str) -> bool:
        """Do nothing, and return False: a recording is replayed as it is."""
        return False

    def reconnect(self) -> None:
        """Do nothing: there is no connection."""

    def wake(self) -> None:
        """Do nothing: there is no connection."""

    def send(self, order_id: str, verb: Verb, text: str | None = None) -> str:
        """Reject the command: there is no server.

        Raises:
            FeedEnded: Always.
        """
        raise FeedEnded

    def pending_commands(self, order_id: str) -> PendingCommands:
        """Return the recorded pending commands of an order."""
        return self._pending_commands.get(order_id, ())

    async def _play(self, records: Sequence[Record]) -> AsyncGenerator[Change, None]:
        for record in records:
            await self.clock.reach(record.mono)
            for change in self._replay(record):
                yield change
        # A program that was killed had no time to publish what it had received.
        for order_id in tuple(self._unpublished):
            yield self._publish(order_id)
        if records and not isinstance(records[-1].content, RecordingEnd):
            yield Noted(records[-1].at, Topic.ODDITY, "the recording stops here: its end is missing")

    def _replay(self, record: Record) -> Iterator[Change]:
        match record.content:
            case LinkState() as link:
                self.link = link
                yield LinkChanged(link)
            case Noted(order_id=order_id) as note if order_id is None or order_id in self._views:
                yield note
            case OrderRecorded(order_id=order_id, standing=standing, pending_commands=pending) if (
                order_id in self._views
            ):
                self._standings[order_id], self._pending_commands[order_id] = standing, pending
                yield self._publish(order_id)
            case OrderForgotten(order_id=order_id) as forgotten if order_id in self._views:
                yield forgotten
            case Metrics(counters=counters, heard_at=heard_at, rtt=rtt):
                self.counters, self.heard_at, self.rtt = counters, heard_at, rtt
            case Noted() | OrderRecorded() | OrderForgotten() | RecordingEnd():
                pass
            case message:
                self.heard_at = record.mono
                self._join(message)

    def _publish(self, order_id: str) -> OrderChanged:
        arrived = self._unpublished.pop(order_id, ())
        return OrderChanged(
            order_id, self._views[order_id], self.standing(order_id), arrived, self.pending_commands(order_id)
        )

    def _join(self, message: Message) -> None:
        match message:
            case Event(order_id=order_id) | Snapshot(order_id=order_id) if order_id in self._views:
                self._update(self._views[order_id].join(message))
            case Subscribed(order_id=order_id, head=head) if order_id in self._views:
                self._update(self._views[order_id].announce(head))
            case Heartbeat(heads=heads):
                for order_id in filter(self._views.__contains__, heads):
                    self._update(self._views[order_id].announce(heads[order_id]))
            case Problem(order_id=str(order_id)) if order_id in self._views:
                if verdict_of_problem(message).recovery not in {Recovery.RETRY, Recovery.REFRESH}:
                    self._refused[order_id] = message
            case _:
                pass

    def _update(self, after: OrderView) -> None:
        before = self._views[after.order_id]
        self._views[after.order_id] = after
        if compare(before, after) is not Significance.NOTHING:
            arrived = tuple(after.history.added_to(before.history))[::-1]
            self._unpublished[after.order_id] = self._unpublished.get(after.order_id, ()) + arrived
