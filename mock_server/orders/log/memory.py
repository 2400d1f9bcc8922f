"""An event log in memory."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import islice

from mock_server.orders.encoded import Encoded
from mock_server.orders.log.base import (
    LARGEST_SNAPSHOT,
    LONGEST_HISTORY,
    LONGEST_REPLAY,
    Answer,
    MilestoneDraft,
    Replay,
    Summary,
    Watcher,
    Whole,
    every,
)
from tracker_tui.domain.canonical import plain
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.order import Milestone, Order, OrderState


@dataclass(slots=True)
class _Life:
    """One order: its present, its history, and its newest events, contiguous up to `seq`."""

    facts: Order
    state: OrderState
    seq: int = 0
    facts_seq: int = 0
    history: deque[Milestone] = field(default_factory=deque)
    history_from: int = 1
    events: deque[Encoded[Event]] = field(default_factory=deque)
    snapshot: Encoded[Snapshot] | None = None
    watchers: dict[Watcher, None] = field(default_factory=dict)

    def add(self, milestone: Milestone) -> None:
        self.history.append(milestone)
        if len(self.history) > LONGEST_HISTORY:
            self.forget_milestone()

    def forget_milestone(self) -> None:
        self.history_from = self.history.popleft().seq + 1


class MemoryLog:
    """Every order's events in this process; nothing in it ever waits.

    Args:
        wall_ms: The wall clock in milliseconds since 1970, from which epochs are taken.
    """

    def __init__(self, wall_ms: Callable[[], int]) -> None:
        self._wall_ms = wall_ms
        self._epoch = wall_ms()
        self._lives: dict[str, _Life] = {}

    @property
    def epoch(self) -> int:
        """The epoch in which events are appended now."""
        return self._epoch

    @property
    def order_ids(self) -> list[str]:
        """Every order, sorted."""
        return sorted(self._lives)

    async def append(
        self, order_id: str, state: OrderState, milestone: MilestoneDraft | None, order: Order | None = None
    ) -> Encoded[Event]:
        """See `EventLog.append`."""
        if order is not None and order_id not in self._lives:
            self._lives[order_id] = _Life(order, state)
        life = self._lives[order_id]
        seq = life.seq + 1
        line = _number(milestone, seq)
        event = Encoded(Event(order_id, self._epoch, seq, state, line))
        life.seq, life.state, life.snapshot = seq, state, None
        if line is not None:
            life.add(line)
        if order is not None:
            life.facts, life.facts_seq = order, seq
        life.events.append(event)
        if len(life.events) > LONGEST_REPLAY:
            life.events.popleft()
        if life.watchers:
            news = event if order is None else self._snapshot(order_id, life)
            for watcher in tuple(life.watchers):
                watcher.deliver(news)
        return event

    async def attach(self, order_id: str, after: Cursor | None, watcher: Watcher) -> Answer | None:
        """See `EventLog.attach`."""
        life = self._lives.get(order_id)
        if life is None:
            return None
        life.watchers[watcher] = None
        head = Cursor(self._epoch, life.seq)
        # Facts travel in snapshots only, so a replay may not leap over a change of them.
        oldest = max(life.seq - len(life.events), life.facts_seq)
        if after is None or after.epoch != self._epoch or not oldest <= after.seq <= life.seq:
            return Whole(head, self._snapshot(order_id, life))
        missed = life.seq - after.seq
        return Replay(after, head, tuple(islice(life.events, len(life.events) - missed, None)))

    def detach(self, order_id: str, watcher: Watcher) -> None:
        """See `EventLog.detach`."""
        if (life := self._lives.get(order_id)) is not None:
            life.watchers.pop(watcher, None)

    async def heads(self, order_ids: Iterable[str]) -> dict[str, Cursor]:
        """See `EventLog.heads`."""
        return {
            order_id: Cursor(self._epoch, life.seq)
            for order_id in order_ids
            if (life := self._lives.get(order_id)) is not None
        }

    async def snapshot(self, order_id: str, *, behind: int = 0) -> Encoded[Snapshot] | None:
        """See `EventLog.snapshot`."""
        life = self._lives.get(order_id)
        if life is None or (behind > 0 and behind >= len(life.events)):
            return None
        present = self._snapshot(order_id, life)
        if behind == 0:
            return present
        then = life.events[-1 - behind].message
        history = tuple(line for line in present.message.history if line.seq <= then.seq)
        return Encoded(replace(present.message, seq=then.seq, state=then.state, history=history))

    async def summaries(
        self, *, open_only: bool, after: str | None, limit: int, covered: Callable[[str], bool] = every
    ) -> list[Summary]:
        """See `EventLog.summaries`."""
        chosen = (
            (order_id, self._lives[order_id])
            for order_id in self.order_ids
            if (after is None or order_id > after)
            and covered(order_id)
            and not (open_only and self._lives[order_id].state.outcome is not None)
        )
        return [
            Summary(order_id, self._epoch, life.seq, life.facts.title, life.state, life.facts.promised_at)
            for order_id, life in islice(chosen, limit)
        ]

    async def reopen(self) -> dict[str, dict[int, int]]:
        """See `EventLog.reopen`."""
        self._epoch = max(self._wall_ms(), self._epoch + 1)
        numbers = {order_id: _renumber(life) for order_id, life in self._lives.items()}
        for order_id, life in self._lives.items():
            for watcher in tuple(life.watchers):
                watcher.reopened(order_id)
        return numbers

    async def truncate(self, order_id: str, keep: int) -> int:
        """See `EventLog.truncate`."""
        life = self._lives.get(order_id)
        if life is None:
            return 0
        forgotten = max(0, len(life.events) - keep)
        for _ in range(forgotten):
            life.events.popleft()
        while life.history and life.history[0].seq <= life.seq - keep:
            life.forget_milestone()
        life.snapshot = None
        return forgotten

    def _snapshot(self, order_id: str, life: _Life) -> Encoded[Snapshot]:
        if life.snapshot is None:
            life.snapshot = _fitted(
                Snapshot(
                    order_id, self._epoch, life.seq, life.facts, life.state, tuple(life.history), life.history_from
                )
            )
        return life.snapshot


def _number(draft: MilestoneDraft | None, seq: int) -> Milestone | None:
    if draft is None:
        return None
    return Milestone(
        seq=seq,
        kind=draft.kind,
        status=draft.status,
        occurred_at=draft.occurred_at,
        note=draft.note,
        source=draft.source,
        supersedes=tuple(earlier for earlier in draft.supersedes if 1 <= earlier < seq),
        command_id=draft.command_id,
    )


def _renumber(life: _Life) -> dict[int, int]:
    """Move `life` into a new epoch; gives the new seq of each milestone by its old one."""
    numbers = {line.seq: new for new, line in enumerate(life.history, start=1)}
    life.history = deque(
        replace(
            line,
            seq=numbers[line.seq],
            supersedes=tuple(numbers[earlier] for earlier in line.supersedes if earlier in numbers),
        )
        for line in life.history
    )
    # An order that exists has at least one version, even if no line of history is left of it.
    life.seq = life.facts_seq = max(1, len(life.history))
    life.history_from = 1
    life.events.clear()
    life.snapshot = None
    return numbers


def _fitted(snapshot: Snapshot) -> Encoded[Snapshot]:
    """Encode `snapshot` with as much of its newest history as `LARGEST_SNAPSHOT` has room for."""
    whole = Encoded(snapshot)
    excess = len(whole.text) - LARGEST_SNAPSHOT
    if excess <= 0:
        return whole
    excess += len(str(snapshot.seq))  # historyFrom grows from "1" to at most this many digits
    cut = 0
    for line in snapshot.history:
        if excess <= 0:
            break
        excess -= len(json.dumps(plain(line), separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")) + 1
        cut += 1
    history_from = snapshot.history[cut - 1].seq + 1 if cut else snapshot.history_from
    return Encoded(replace(snapshot, history=snapshot.history[cut:], history_from=history_from))
