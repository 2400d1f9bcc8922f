"""Replays a recording: a feed that publishes the recorded changes at their times, on a clock of its own.

A seek publishes all changes up to the new time at once, on the clock of their times; a seek back first returns to a
checkpoint.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType, TracebackType
from typing import Self

from tracker_tui.domain.command import Verb
from tracker_tui.domain.overlay import PendingCommands
from tracker_tui.domain.view import OrderView
from tracker_tui.link import debug_log
from tracker_tui.link.changes import (
    Change,
    Counters,
    Coverage,
    FeedEnded,
    LinkState,
    Noted,
    ReplayChanged,
    ReplayEvent,
    Standing,
    Topic,
)
from tracker_tui.link.feed_protocol import ReplayControls
from tracker_tui.link.recording.format import Recording, RecordingEnd
from tracker_tui.link.recording.playback import Playback
from tracker_tui.link.recording.replay_clock import ReplayClock
from tracker_tui.wire.messages import Problem

CHECKPOINT_EVERY = 1_000
"""Records between two checkpoints; a seek back replays at most this number of records, however long the recording."""


@dataclass(frozen=True, slots=True)
class _Checkpoint:
    """A state to which the replay can go back.

    Attributes:
        position: The number of records that were replayed.
        time: The time of the last of them.
    """

    position: int
    time: float
    playback: Playback


class ReplayFeed:
    """A `Feed` that replays a recording and connects to no server.

    Views are joined again from the messages, and published when they were recorded, so that all changes come in the
    same order. Standings, the link and log lines are published as recorded.

    Args:
        recording: The recording.
        clock: Its clock; entering the feed starts it.
        order_ids: The orders to replay; None for all.
        checkpoint_every: Records between two checkpoints.

    Attributes:
        stays_open: Whether the feed waits for a seek after the end of the recording, instead of ending.
        is_seeking: Whether changes are yielded that happened before the time that was sought.
    """

    def __init__(
        self,
        recording: Recording,
        clock: ReplayClock,
        order_ids: Sequence[str] | None = None,
        *,
        checkpoint_every: int = CHECKPOINT_EVERY,
    ) -> None:
        self.order_ids = tuple(recording.orders if order_ids is None else order_ids)
        self.clock = clock
        self.stays_open = False
        self.is_seeking = False
        self.listed = False
        self.user: str | None = None
        self._records = recording.records
        self._sought: float | None = None
        self._next = 0
        self._has_finished = False
        self._playback = Playback.initial(self.order_ids)
        self._checkpoint_every = checkpoint_every
        self._checkpoints = [_Checkpoint(0, clock.start_time, self._playback.copy())]
        self._changes = self._play()

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
        self._sought = self.clock.nearest(present + seconds)
        self.clock.wake()

    @property
    def views(self) -> Mapping[str, OrderView]:
        """The newest view of every order, by id."""
        return MappingProxyType(self._playback.views)

    @property
    def refused(self) -> Mapping[str, Problem]:
        """The orders that the server refused permanently, with its reason."""
        return MappingProxyType(self._playback.refused)

    @property
    def coverage(self) -> Coverage:
        """The number of replayed orders; a recording names no others."""
        return Coverage(len(self.order_ids), len(self.order_ids))

    @property
    def link(self) -> LinkState:
        """The recorded state of the connection."""
        return self._playback.link

    @property
    def counters(self) -> Counters:
        """The recorded counts of what happened."""
        return self._playback.metrics.counters

    @property
    def heard_at(self) -> float | None:
        """When the last byte arrived, in seconds on `clock`; None before the first."""
        return self._playback.metrics.heard_at

    @property
    def rtt(self) -> float | None:
        """The recorded round-trip time of the last ping, in seconds."""
        return self._playback.metrics.rtt

    def standing(self, order_id: str) -> Standing:
        """Return the recorded standing of an order."""
        return self._playback.standing(order_id)

    def add(self, order_ids: Iterable[str]) -> tuple[str, ...]:
        """Do nothing, and return the orders that are not in the recording: it has no others."""
        return tuple(order_id for order_id in dict.fromkeys(order_ids) if order_id not in self._playback.views)

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
        return self._playback.pending_commands.get(order_id, ())

    async def _play(self) -> AsyncGenerator[Change, None]:
        while True:
            if self._sought is not None:
                for change in self._seek():
                    yield change
            elif self._next < len(self._records):
                if await self.clock.reach(self._records[self._next].mono):
                    for change in self._advance():
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
                checkpoint = next(each for each in reversed(self._checkpoints) if each.time <= goal)
                self._next, self._playback = checkpoint.position, checkpoint.playback.copy()
                self._has_finished = False
                self.clock.show(checkpoint.time)
                yield ReplayChanged(ReplayEvent.REWOUND, checkpoint.position)
            elif self._next < len(self._records) and self._records[self._next].mono <= goal:
                self.clock.show(self._records[self._next].mono)
                yield from self._advance()
            else:
                self._sought = None
                self.clock.move(goal)
        self.is_seeking = False
        yield ReplayChanged(ReplayEvent.SOUGHT)

    def _advance(self) -> Iterator[Change]:
        """Replay the next record, and yield its changes; first, yield a checkpoint that is due."""
        if self.stays_open and self._next >= self._checkpoints[-1].position + self._checkpoint_every:
            time = self._records[self._next - 1].mono
            self._checkpoints.append(_Checkpoint(self._next, time, self._playback.copy()))
            yield ReplayChanged(ReplayEvent.CHECKPOINT, self._next)
        record = self._records[self._next]
        self._next += 1
        yield from self._playback.replay(record)

    def _finish(self) -> Iterator[Change]:
        yield from self._playback.publish_rest()
        if self._records and not isinstance(self._records[-1].content, RecordingEnd):
            yield Noted(self._records[-1].at, Topic.ODDITY, "the recording stops here: its end is missing")
        if self.stays_open:
            yield ReplayChanged(ReplayEvent.FINISHED)
