"""An event log in memory."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import islice

from mock_server.orders.encoded import Encoded
from mock_server.orders.log.base import (
    MAX_HISTORY,
    MAX_REPLAY_EVENTS,
    MAX_SNAPSHOT_BYTES,
    FullSnapshot,
    MilestoneDraft,
    MissedVersions,
    OrderSummary,
    Replay,
    Watcher,
    all_orders,
)
from tracker_tui.domain.canonical import plain
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.order import Milestone, Order, OrderState


@dataclass(slots=True)
class _OrderEntry:
    """One order: its state, its history, and its newest events without gaps up to `seq`."""

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
        if len(self.history) > MAX_HISTORY:
            self.forget_milestone()

    def forget_milestone(self) -> None:
        self.history_from = self.history.popleft().seq + 1


class MemoryLog:
    """Every order's events in this process; no method waits.

    Args:
        wall_ms: Returns the wall-clock time in milliseconds since 1970, for the numbers of epochs.
    """

    def __init__(self, wall_ms: Callable[[], int]) -> None:
        self._wall_ms = wall_ms
        self._epoch = wall_ms()
        self._entries: dict[str, _OrderEntry] = {}

    @property
    def epoch(self) -> int:
        """The epoch in which events are appended now."""
        return self._epoch

    @property
    def order_ids(self) -> list[str]:
        """The ids of all orders, sorted."""
        return sorted(self._entries)

    async def append(
        self, order_id: str, state: OrderState, milestone: MilestoneDraft | None, order: Order | None = None
    ) -> Encoded[Event]:
        """See `EventLog.append`."""
        if order is not None and order_id not in self._entries:
            self._entries[order_id] = _OrderEntry(order, state)
        entry = self._entries[order_id]
        seq = entry.seq + 1
        numbered = _number(milestone, seq)
        event = Encoded(Event(order_id, self._epoch, seq, state, numbered))
        entry.seq, entry.state, entry.snapshot = seq, state, None
        if numbered is not None:
            entry.add(numbered)
        if order is not None:
            entry.facts, entry.facts_seq = order, seq
        entry.events.append(event)
        if len(entry.events) > MAX_REPLAY_EVENTS:
            entry.events.popleft()
        if entry.watchers:
            message = event if order is None else self._snapshot(order_id, entry)
            for watcher in tuple(entry.watchers):
                watcher.deliver(message)
        return event

    async def attach(self, order_id: str, after: Cursor | None, watcher: Watcher) -> MissedVersions | None:
        """See `EventLog.attach`."""
        entry = self._entries.get(order_id)
        if entry is None:
            return None
        entry.watchers[watcher] = None
        head = Cursor(self._epoch, entry.seq)
        # Facts are sent in snapshots only, so a replay must not span a change of facts.
        oldest = max(entry.seq - len(entry.events), entry.facts_seq)
        if after is None or after.epoch != self._epoch or not oldest <= after.seq <= entry.seq:
            return FullSnapshot(head, self._snapshot(order_id, entry))
        missed = entry.seq - after.seq
        return Replay(after, head, tuple(islice(entry.events, len(entry.events) - missed, None)))

    def detach(self, order_id: str, watcher: Watcher) -> None:
        """See `EventLog.detach`."""
        if (entry := self._entries.get(order_id)) is not None:
            entry.watchers.pop(watcher, None)

    async def heads(self, order_ids: Iterable[str]) -> dict[str, Cursor]:
        """See `EventLog.heads`."""
        return {
            order_id: Cursor(self._epoch, entry.seq)
            for order_id in order_ids
            if (entry := self._entries.get(order_id)) is not None
        }

    async def snapshot(self, order_id: str, *, behind: int = 0) -> Encoded[Snapshot] | None:
        """See `EventLog.snapshot`."""
        entry = self._entries.get(order_id)
        if entry is None or (behind > 0 and behind >= len(entry.events)):
            return None
        current = self._snapshot(order_id, entry)
        if behind == 0:
            return current
        past = entry.events[-1 - behind].message
        history = tuple(milestone for milestone in current.message.history if milestone.seq <= past.seq)
        return Encoded(replace(current.message, seq=past.seq, state=past.state, history=history))

    async def summaries(
        self, *, open_only: bool, after: str | None, limit: int, covered: Callable[[str], bool] = all_orders
    ) -> list[OrderSummary]:
        """See `EventLog.summaries`."""
        selected = (
            (order_id, self._entries[order_id])
            for order_id in self.order_ids
            if (after is None or order_id > after)
            and covered(order_id)
            and not (open_only and self._entries[order_id].state.outcome is not None)
        )
        return [
            OrderSummary(order_id, self._epoch, entry.seq, entry.facts.title, entry.state, entry.facts.promised_at)
            for order_id, entry in islice(selected, limit)
        ]

    async def reopen(self) -> dict[str, dict[int, int]]:
        """See `EventLog.reopen`."""
        self._epoch = max(self._wall_ms(), self._epoch + 1)
        numbers = {order_id: _renumber(entry) for order_id, entry in self._entries.items()}
        for order_id, entry in self._entries.items():
            for watcher in tuple(entry.watchers):
                watcher.reopened(order_id)
        return numbers

    async def truncate(self, order_id: str, keep: int) -> int:
        """See `EventLog.truncate`."""
        entry = self._entries.get(order_id)
        if entry is None:
            return 0
        forgotten = max(0, len(entry.events) - keep)
        for _ in range(forgotten):
            entry.events.popleft()
        while entry.history and entry.history[0].seq <= entry.seq - keep:
            entry.forget_milestone()
        entry.snapshot = None
        return forgotten

    def _snapshot(self, order_id: str, entry: _OrderEntry) -> Encoded[Snapshot]:
        if entry.snapshot is None:
            entry.snapshot = _fit_to_limit(
                Snapshot(
                    order_id, self._epoch, entry.seq, entry.facts, entry.state, tuple(entry.history), entry.history_from
                )
            )
        return entry.snapshot


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


def _renumber(entry: _OrderEntry) -> dict[int, int]:
    """Move `entry` into a new epoch; return the new seq of each milestone by its old one."""
    numbers = {milestone.seq: new for new, milestone in enumerate(entry.history, start=1)}
    entry.history = deque(
        replace(
            milestone,
            seq=numbers[milestone.seq],
            supersedes=tuple(numbers[earlier] for earlier in milestone.supersedes if earlier in numbers),
        )
        for milestone in entry.history
    )
    # An existing order has at least one version, even if its history is empty.
    entry.seq = entry.facts_seq = max(1, len(entry.history))
    entry.history_from = 1
    entry.events.clear()
    entry.snapshot = None
    return numbers


def _fit_to_limit(snapshot: Snapshot) -> Encoded[Snapshot]:
    """Encode `snapshot` with as much of its newest history as fits `MAX_SNAPSHOT_BYTES`."""
    full = Encoded(snapshot)
    excess = len(full.text) - MAX_SNAPSHOT_BYTES
    if excess <= 0:
        return full
    excess += len(str(snapshot.seq))  # historyFrom grows from "1" to at most this many digits
    cut = 0
    for milestone in snapshot.history:
        if excess <= 0:
            break
        excess -= (
            len(json.dumps(plain(milestone), separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")) + 1
        )
        cut += 1
    history_from = snapshot.history[cut - 1].seq + 1 if cut else snapshot.history_from
    return Encoded(replace(snapshot, history=snapshot.history[cut:], history_from=history_from))
