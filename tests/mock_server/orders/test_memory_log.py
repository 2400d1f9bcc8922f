"""The event log in memory: numbering, replay, snapshots, epochs."""

from __future__ import annotations

from dataclasses import dataclass, field

from mock_server.orders.encoded import Encoded
from mock_server.orders.log.base import MAX_HISTORY, MAX_REPLAY_EVENTS, MAX_SNAPSHOT_BYTES, FullSnapshot, Replay
from mock_server.orders.log.memory import MemoryLog
from tests.support.mock_servers import draft
from tests.support.orders import order, state
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.wire.codec import decode


@dataclass(eq=False)
class RecordingWatcher:
    """A watcher that records its calls."""

    told: list[Event | Snapshot] = field(default_factory=list)
    reopenings: list[str] = field(default_factory=list)

    def deliver(self, message: Encoded[Event] | Encoded[Snapshot]) -> None:
        self.told.append(message.message)

    def reopened(self, order_id: str) -> None:
        self.reopenings.append(order_id)


async def log_of(count: int, *, wall_ms: int = 1000) -> MemoryLog:
    log = MemoryLog(lambda: wall_ms)
    await log.append("A1", state(), draft(), order())
    for _ in range(count - 1):
        await log.append("A1", state("preparing"), draft("preparing"))
    return log


async def test_events_are_numbered_from_one_without_gaps_and_delivered_to_watchers() -> None:
    log = await log_of(1)
    watcher = RecordingWatcher()
    await log.attach("A1", None, watcher)
    for _ in range(3):
        await log.append("A1", state(), None)
    assert [news.seq for news in watcher.told] == [2, 3, 4]


async def test_a_cursor_within_reach_gets_exactly_the_missed_events() -> None:
    log = await log_of(10)
    answer = await log.attach("A1", Cursor(1000, 7), RecordingWatcher())
    assert isinstance(answer, Replay)
    assert [event.message.seq for event in answer.events] == [8, 9, 10]
    assert answer.head == Cursor(1000, 10)


async def test_a_cursor_at_the_head_gets_an_empty_replay() -> None:
    log = await log_of(2)
    answer = await log.attach("A1", Cursor(1000, 2), RecordingWatcher())
    assert isinstance(answer, Replay)
    assert answer.events == ()


async def test_without_a_usable_cursor_a_watcher_gets_a_snapshot() -> None:
    log = await log_of(MAX_REPLAY_EVENTS + 20)
    for cursor in (None, Cursor(1000, MAX_REPLAY_EVENTS + 21), Cursor(999, 520), Cursor(1001, 1), Cursor(1000, 19)):
        assert isinstance(await log.attach("A1", cursor, RecordingWatcher()), FullSnapshot), cursor
    assert isinstance(await log.attach("A1", Cursor(1000, 20), RecordingWatcher()), Replay)


async def test_an_unknown_order_cannot_be_watched() -> None:
    assert await (await log_of(1)).attach("B2", None, RecordingWatcher()) is None


async def test_a_changed_fact_has_a_seq_and_is_sent_as_a_snapshot_that_no_replay_spans() -> None:
    log = await log_of(3)
    watcher = RecordingWatcher()
    await log.attach("A1", None, watcher)
    await log.append("A1", state(), None, order(title="Three pizzas"))
    (news,) = watcher.told
    assert isinstance(news, Snapshot)
    assert (news.seq, news.order.title) == (4, "Three pizzas")
    assert isinstance(await log.attach("A1", Cursor(1000, 3), RecordingWatcher()), FullSnapshot)
    assert isinstance(await log.attach("A1", Cursor(1000, 4), RecordingWatcher()), Replay)


async def test_a_new_epoch_is_higher_renumbers_history_and_keeps_correction_references() -> None:
    log = await log_of(1)
    await log.append("A1", state(), None)
    await log.append("A1", state("ready"), draft("ready"))
    await log.append("A1", state("ready"), draft("ready", supersedes=(3,)))
    watcher = RecordingWatcher()
    await log.attach("A1", None, watcher)
    numbers = await log.reopen()
    snapshot = await log.snapshot("A1")
    assert snapshot is not None
    assert log.epoch == 1001  # the wall clock has not moved
    assert watcher.reopenings == ["A1"]
    assert [line.seq for line in snapshot.message.history] == [1, 2, 3]
    assert snapshot.message.history[2].supersedes == (2,)
    assert numbers == {"A1": {1: 1, 3: 2, 4: 3}}
    assert (await log.append("A1", state(), None)).message.seq == 4
    assert isinstance(await log.attach("A1", Cursor(1001, 2), RecordingWatcher()), FullSnapshot)


async def test_a_truncated_log_has_a_history_that_starts_later_and_replays_less() -> None:
    log = await log_of(10)
    assert await log.truncate("A1", 2) == 8
    snapshot = await log.snapshot("A1")
    assert snapshot is not None
    assert [line.seq for line in snapshot.message.history] == [9, 10]
    assert snapshot.message.history_from == 9
    assert isinstance(await log.attach("A1", Cursor(1000, 8), RecordingWatcher()), Replay)
    assert isinstance(await log.attach("A1", Cursor(1000, 7), RecordingWatcher()), FullSnapshot)


async def test_a_snapshot_contains_the_newest_milestones_and_where_they_start() -> None:
    log = await log_of(MAX_HISTORY + 10)
    snapshot = await log.snapshot("A1")
    assert snapshot is not None
    assert len(snapshot.message.history) == MAX_HISTORY
    assert snapshot.message.history_from == 11


async def test_a_snapshot_with_long_notes_is_trimmed_to_the_maximum_size() -> None:
    log = await log_of(1)
    for _ in range(400):
        await log.append("A1", state(), draft(note="€" * 1000))
    snapshot = await log.snapshot("A1")
    assert snapshot is not None
    assert MAX_SNAPSHOT_BYTES * 0.95 < len(snapshot.text) <= MAX_SNAPSHOT_BYTES
    message = decode(snapshot.text)
    assert isinstance(message, Snapshot)
    assert message.history_from == message.history[0].seq


async def test_an_older_version_is_known_while_its_event_is_kept() -> None:
    log = await log_of(5)
    older = await log.snapshot("A1", behind=2)
    assert older is not None
    assert older.message.seq == 3
    assert [line.seq for line in older.message.history] == [1, 2, 3]
    assert await log.snapshot("A1", behind=5) is None


async def test_the_list_is_sorted_paged_and_can_be_limited_to_open_orders() -> None:
    log = await log_of(1)
    from tracker_tui.domain.order import Outcome

    await log.append("C3", state(), None, order("C3"))
    await log.append("B2", state("delivered", Outcome.DELIVERED), None, order("B2"))
    everything = await log.summaries(open_only=False, after=None, limit=2)
    assert [line.order_id for line in everything] == ["A1", "B2"]
    assert [line.order_id for line in await log.summaries(open_only=True, after="A1", limit=9)] == ["C3"]


async def test_an_event_is_encoded_once() -> None:
    log = await log_of(1)
    event = await log.append("A1", state(), draft())
    answer = await log.attach("A1", Cursor(1000, 1), RecordingWatcher())
    assert isinstance(answer, Replay)
    assert answer.events[0].frame is event.frame
