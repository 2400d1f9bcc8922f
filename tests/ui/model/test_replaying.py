"""Pausing a replay and moving it: its state is always that of a straight replay at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.orders import EPOCH, at, event, snapshot
from tests.support.virtual_time import VirtualLoop, virtual
from tests.support.watch import Watch, gateway
from tracker_tui.domain.command import Verb
from tracker_tui.domain.order import Location
from tracker_tui.link.changes import LinkState, Phase, ReplayChanged, ReplayEvent, Standing
from tracker_tui.link.feed import OrderFeed
from tracker_tui.link.recording.format import OrderRecorded, Record, Recording, RecordingEnd, read_recording
from tracker_tui.link.recording.player import CHECKPOINT_EVERY, ReplayFeed
from tracker_tui.link.recording.recorder import create_recorder
from tracker_tui.link.recording.replay_clock import ReplayClock
from tracker_tui.ui.model.replaying import apply_change
from tracker_tui.ui.model.scene import Replay
from tracker_tui.ui.model.state import AppState
from tracker_tui.wording.times import Instant

RECORDED_SECONDS = 40


async def record(path: Path, seed: int) -> Recording:
    """Record a feed of two orders, whose events get lost and whose connection breaks at random times."""
    random = Random(seed)
    there = gateway("placed")
    there.append("A2", "placed")
    watch = Watch(there, "A1", "A2", seed=seed)
    watch.feed = OrderFeed(
        ("A1", "A2"), [there], there, clock=watch.clock, random=random, recorder=create_recorder(path, "http://gateway")
    )
    async with watch.feed:
        reader = asyncio.create_task(watch.read())
        while watch.clock.time() < RECORDED_SECONDS:
            await asyncio.sleep(random.uniform(0.05, 4))
            order_id = random.choice(("A1", "A2"))
            match random.randrange(8):
                case 0:
                    there.close(1006)
                case 1:
                    there.begin_epoch(EPOCH + random.randint(1, 9))
                case 2:
                    watch.feed.send(order_id, Verb.NOTE, "ring twice")
                case 3:
                    there.append(order_id, random.choice(("ready", "arriving")), lost=True)
                case _:
                    there.append(order_id, random.choice(("accepted", "preparing", "ready", "placed")))
        await asyncio.sleep(0.1)
    await reader
    return read_recording(path)


class Viewer:
    """A replay with the state of the app that shows it."""

    def __init__(self, recording: Recording, checkpoint_every: int = CHECKPOINT_EVERY) -> None:
        self.feed = ReplayFeed(recording, ReplayClock(recording), checkpoint_every=checkpoint_every)
        self.feed.stays_open = True
        self.state = AppState.initial(recording.orders, replay=Replay(1.0))
        self.events: list[ReplayEvent] = []
        self.changes = 0
        self._saved: dict[int, AppState] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Viewer]:
        """Replay during the block."""
        async with self.feed:
            reader = asyncio.create_task(self._read())
            try:
                yield self
            finally:
                reader.cancel()
                await asyncio.wait({reader})

    async def _read(self) -> None:
        clock = self.feed.clock
        async for change in self.feed:
            instant = Instant(clock.time(), clock.wall())
            self.state = apply_change(self.state, change, self.feed, instant, self._saved)
            self.changes += 1
            if not self.feed.is_seeking:
                # As the app does when it paints.
                self.state = self.state.with_metrics(self.feed)
            if isinstance(change, ReplayChanged) and change.event is not ReplayEvent.CHECKPOINT:
                self.events.append(change.event)

    async def at(self, time: float) -> None:
        """Let the replay run to a time, and pause it there."""
        clock = self.feed.clock
        await asyncio.sleep(max(0.0, time - clock.time()))
        self.feed.pause()
        await settle()

    def shown(self) -> dict[str, object]:
        """Return everything that a user can see of the state."""
        feed, state = self.feed, self.state.with_metrics(self.feed)
        return {
            "views": dict(feed.views),
            "standings": [feed.standing(order_id) for order_id in feed.order_ids],
            "pending": [feed.pending_commands(order_id) for order_id in feed.order_ids],
            "link": feed.link,
            "counters": asdict(feed.counters),
            "heard": (feed.heard_at, feed.rtt),
            "orders": {
                each.view.order_id: (each.view, each.standing, each.versions, each.pending_commands)
                for each in state.orders.values()
            },
            "log": [(line.at, line.kind, line.text, line.number) for line in state.event_log.lines],
            "corrected": state.event_log.corrected,
            "was live": state.was_live,
        }

    def times(self) -> list[float]:
        """Return the seconds that the state contains."""
        state = self.state.with_metrics(self.feed)
        start = self.feed._records[0].at
        received = [(order.received_at - start).total_seconds() for order in state.orders.values() if order.received_at]
        lost = [order.in_sync_until for order in state.orders.values()]
        return [-1.0 if each is None else each for each in (*received, *lost, state.live_until, state.left_live_at)]


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def straight(recording: Recording, time: float) -> Viewer:
    """Return a replay that ran to `time` without a seek."""
    viewer = Viewer(recording)
    async with viewer.running():
        await viewer.at(time)
    return viewer


def assert_same(seeking: Viewer, plain: Viewer) -> None:
    assert seeking.shown() == plain.shown()
    assert seeking.times() == pytest.approx(plain.times(), abs=1e-3)


@given(
    st.integers(0, 10_000),
    st.lists(st.floats(-RECORDED_SECONDS, RECORDED_SECONDS), min_size=1, max_size=5),
    st.sampled_from([1, 3, 20, CHECKPOINT_EVERY]),
)
def test_after_any_seeks_the_state_is_that_of_a_straight_replay(seed: int, moves: list[float], every: int) -> None:
    async def check() -> None:
        with TemporaryDirectory() as folder:
            recording = await record(Path(folder) / "tape", seed)
        viewer = Viewer(recording, every)
        random = Random(seed)
        async with viewer.running():
            await viewer.at(random.uniform(0, RECORDED_SECONDS))
            for move in moves:
                if random.random() < 0.5:
                    viewer.feed.resume()
                    await asyncio.sleep(random.uniform(0, 5))
                    viewer.feed.pause()
                viewer.feed.seek(move)
                await settle()
                assert not viewer.feed.is_seeking
                assert_same(viewer, await straight(recording, viewer.feed.clock.time()))

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(check())


@virtual
async def test_a_seek_that_ends_a_rounding_error_before_a_line_shows_the_line(tmp_path: Path) -> None:
    recording = await record(tmp_path / "tape", seed=1)
    times = [each.mono for each in recording.records]
    viewer = Viewer(recording)
    async with viewer.running():
        await viewer.at(0)
        for time in times[len(times) // 2 :]:
            viewer.feed.seek(time - 1e-9 - viewer.feed.clock.time())
            await settle()
            assert viewer.feed.clock.time() == time


@virtual
async def test_a_paused_replay_stands_still_and_goes_on_where_it_was(tmp_path: Path) -> None:
    recording = await record(tmp_path / "tape", 3)
    viewer = Viewer(recording)
    async with viewer.running():
        await viewer.at(5)
        clock, before = viewer.feed.clock, viewer.shown()
        assert clock.is_paused
        shown = clock.wall()
        await asyncio.sleep(100)
        assert (clock.wall(), viewer.shown()) == (shown, before)
        viewer.feed.resume()
        await asyncio.sleep(7)
        assert clock.time() == pytest.approx(12)
        viewer.feed.pause()
        assert_same(viewer, await straight(recording, 12))


@virtual
async def test_a_seek_of_a_running_replay_goes_on_from_there(tmp_path: Path) -> None:
    recording = await record(tmp_path / "tape", 4)
    viewer = Viewer(recording)
    async with viewer.running():
        await asyncio.sleep(20)
        viewer.feed.seek(-10)
        await settle()
        assert viewer.feed.clock.time() == pytest.approx(10)
        await asyncio.sleep(3)
        await viewer.at(13)
        assert_same(viewer, await straight(recording, 13))
        assert viewer.events == [ReplayEvent.REWOUND, ReplayEvent.SOUGHT]


@virtual
async def test_a_replay_can_be_moved_back_from_its_end_and_no_further_than_its_ends(tmp_path: Path) -> None:
    recording = await record(tmp_path / "tape", 5)
    viewer = Viewer(recording)
    async with viewer.running():
        viewer.feed.seek(1e9)
        await settle()
        assert viewer.feed.clock.time() == recording.records[-1].mono
        assert viewer.events == [ReplayEvent.SOUGHT, ReplayEvent.FINISHED]
        assert viewer.state.replay == Replay(1.0, finished=True)
        viewer.feed.pause()
        viewer.feed.seek(-10)
        await settle()
        assert viewer.state.replay == Replay(1.0)
        assert_same(viewer, await straight(recording, viewer.feed.clock.time()))
        viewer.feed.seek(-1e9)
        await settle()
        assert viewer.feed.clock.time() == recording.records[0].mono
        viewer.feed.resume()
        await asyncio.sleep(2 * RECORDED_SECONDS)
        assert viewer.state.replay == Replay(1.0, finished=True)
        assert viewer.events.count(ReplayEvent.FINISHED) == 2


@virtual
async def test_seeks_before_the_first_one_is_done_add_up(tmp_path: Path) -> None:
    recording = await record(tmp_path / "tape", 6)
    viewer = Viewer(recording)
    async with viewer.running():
        await viewer.at(20)
        for move in (10, -25, 4):
            viewer.feed.seek(move)
        await settle()
        assert viewer.feed.clock.time() == pytest.approx(9)
        assert_same(viewer, await straight(recording, 9))


def hour_of_board(orders: int) -> Recording:
    """Return a recording of an hour, in which each order gets a position every 4 s and a milestone every 4 min."""
    order_ids = tuple(f"A{number}" for number in range(1, orders + 1))
    records = [Record(0.0, at(0), LinkState(Phase.LIVE, "websocket", connected_at=0.0))]
    records += [Record(0.0, at(0), snapshot(1, order_id=order_id)) for order_id in order_ids]
    for seq, seconds in enumerate(range(4, 3600, 4), 2):
        for order_id in order_ids:
            there = Location(52, 13, at(seconds))
            moved = event(seq, "picked_up", order_id=order_id, quiet=seq % 60 > 0, location=there)
            changed = OrderRecorded(order_id, Standing.IN_SYNC)
            records += [Record(float(seconds), at(seconds), content) for content in (moved, changed)]
    return Recording("http://gateway", order_ids, (*records, Record(3600.0, at(3600), RecordingEnd())))


@virtual
async def test_a_seek_in_a_recording_of_an_hour_takes_a_moment() -> None:
    recording = hour_of_board(20)
    viewer = Viewer(recording)
    async with viewer.running():
        viewer.feed.pause()
        viewer.feed.seek(3550)
        await settle_seek(viewer)
        for move in (-10, -10, 10, -1800, 10):
            changes, began = viewer.changes, process_time()
            viewer.feed.seek(move)
            await settle_seek(viewer)
            assert viewer.changes - changes <= CHECKPOINT_EVERY
            # CPU time, so that other processes don't count.
            assert process_time() - began < 0.5


async def settle_seek(viewer: Viewer) -> None:
    sought = viewer.events.count(ReplayEvent.SOUGHT)
    while viewer.events.count(ReplayEvent.SOUGHT) == sought:
        await asyncio.sleep(0)
