"""Replays a recording: a feed that publishes the recorded changes at their times, on a clock of its own.

A seek publishes all changes up to the new time at once, on the clock of their times; a seek back first starts again.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping, Sequence
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
    ReplayChanged,
    ReplayEvent,
    Standing,
    Topic,
)
from tracker_tui.link.feed_protocol import ReplayControls
from tracker_tui.link.recording.format import OrderRecorded, Record, Recording, RecordingEnd
from tracker_tui.link.recording.replay_clock import ReplayClock
from tracker_tui.link.session.verdicts import verdict_of_problem
from tracker_tui.wire.messages import Heartbeat, Message, Problem, Subscribed


class ReplayFeed:
    """A `Feed` that replays a recording and connects to no server.

    Views are joined again from the messages, and published when they were recorded, so that all changes come in the
    same order. Standings, the link and log lines are published as recorded.

    Args:
        recording: The recording.
        clock: Its clock; entering the feed starts it.
        order_ids: The orders to replay; None for all.

    Attributes:
        stays_open: Whether the feed waits for a seek after the end of the recording, instead of ending.
        is_seeking: Whether changes are yielded that happened before the time that was sought.
    """

    def __init__(self, recording: Recording, clock: ReplayClock, order_ids: Sequence[str] | None = None) -> None:
        self.order_ids = tuple(recording.orders if order_ids is None else order_ids)
        self.clock = clock
        self.stays_open = False
        self.is_seeking = False
        self.listed = False
        self._records = recording.records
        self._sought: float | None = None
        self._reset()
        self._changes = self._play()

    def _reset(self) -> None:
        """Return to the start of the recording."""
        self.counters = Counters()
        self.link = LinkState(Phase.CONNECTING, TransportName.WEBSOCKET)
        self.heard_at: float | None = None
        self.rtt: float | None = None
        self.user: str | None = None
        self._next = 0
        self._has_finished = False
        self._views = {order_id: OrderView(order_id) for order_id in self.order_ids}
        self._refused: dict[str, Problem] = {}
        self._standings: dict[str, Standing] = {}
        self._pending_commands: dict[str, PendingCommands] = {}
        self._unpublished: dict[str, tuple[Entry, ...]] = {}

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
    def replay(self) -> ReplayControls:
        """The controls of the replay."""
        return self

    @property
    def is_paused(self) -> bool:
        """Whether the clock stands still until `resume`."""
        return self.clock.is_paused

    def pause(self) -> None:
        """Stop the replay's clock."""
        self.clock.pause()

    def resume(self) -> None:
        """Let the replay's clock run again."""
        if self.is_seeking:
            # The end of the seek starts it.
            self.clock.is_paused = False
        else:
            self.clock.resume()

    def seek(self, seconds: float) -> None:
        """Move the replay by seconds of its recording, back if they are negative, within its start and end."""
        present = self.clock.time() if self._sought is None else self._sought
        self._sought = min(max(present + seconds, self.clock.start_time), self.clock.end_time)
        self.clock.wake()

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

    async def _play(self) -> AsyncGenerator[Change, None]:
        while True:
            if self._sought is not None:
                for change in self._seek():
                    yield change
            elif self._next < len(self._records):
                record = self._records[self._next]
                if await self.clock.reach(record.mono):
                    self._next += 1
                    for change in self._replay(record):
                        yield change
            elif not self._has_finished:
                self._has_finished = True
                for change in self._finish():
                    yield change
            elif self.stays_open:
                await self.clock.change()
            else:
                return

    def _seek(self) -> Iterator[Change]:
        """Yield the changes up to the time that is sought, each while the clock shows its time."""
        self.is_seeking = True
        # A further seek may change the time while this one is under way.
        while (goal := self._sought) is not None:
            if goal < self.clock.time():
                self._reset()
                self.clock.show(self.clock.start_time)
                yield ReplayChanged(ReplayEvent.REWOUND)
            elif self._next < len(self._records) and self._records[self._next].mono <= goal:
                record = self._records[self._next]
                self._next += 1
                self.clock.show(record.mono)
                yield from self._replay(record)
            else:
                self._sought = None
                self.clock.move(goal)
        self.is_seeking = False
        yield ReplayChanged(ReplayEvent.SOUGHT)

    def _finish(self) -> Iterator[Change]:
        # A program that was killed had no time to publish what it had received.
        for order_id in tuple(self._unpublished):
            yield self._publish(order_id)
        if self._records and not isinstance(self._records[-1].content, RecordingEnd):
            yield Noted(self._records[-1].at, Topic.ODDITY, "the recording stops here: its end is missing")
        if self.stays_open:
            yield ReplayChanged(ReplayEvent.FINISHED)

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
