"""The keys of a replay: pausing it, and moving it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path

import pytest

from tests.support.clocks import SetClock
from tests.support.orders import event, snapshot
from tests.ui.app_harness import fix_surroundings
from tests.ui.screen_reader import ScreenReader
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import LinkChanged, LinkState, OrderChanged, Phase, Standing
from tracker_tui.link.recording.format import read_recording
from tracker_tui.link.recording.player import ReplayFeed
from tracker_tui.link.recording.recorder import create_recorder
from tracker_tui.link.recording.replay_clock import ReplayClock
from tracker_tui.ui.app import TrackerApp
from tracker_tui.ui.model.scene import Replay


@asynccontextmanager
async def replaying(
    folder: Path, monkeypatch: pytest.MonkeyPatch, clock: SetClock
) -> AsyncIterator[ScreenReader[TrackerApp]]:
    """Show the replay of an order that is placed at once, accepted after 15 s, and being prepared after 25 s."""
    fix_surroundings(monkeypatch)
    recorder = create_recorder(folder / "tape", "http://gateway")
    recorder.begin(["A1"], clock, print)
    recorder.record_change(LinkChanged(LinkState(Phase.LIVE, "websocket")))
    for seconds, message in ((0, snapshot(1)), (15, event(2, "accepted")), (25, event(3, "preparing"))):
        clock.seconds = seconds
        recorder.record_message(message)
        recorder.record_change(OrderChanged("A1", OrderView("A1"), Standing.IN_SYNC))
    clock.seconds = 60
    recorder.end()
    recording = read_recording(folder / "tape")
    replay_clock = ReplayClock(recording)
    feed = ReplayFeed(recording, replay_clock)
    feed.stays_open = True

    async def opened() -> ReplayFeed:
        return feed

    ui = ScreenReader(TrackerApp(["A1"], opened, replay=Replay(1.0), clock=replay_clock, zone=UTC))
    async with ui.app.run_test(size=(80, 24)) as pilot:
        ui.attach(pilot)
        await ui.wait_until(lambda: "A1 ▸ Placed" in ui.rows()[0])
        yield ui


async def test_p_pauses_the_replay_and_the_keys_move_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: SetClock
) -> None:
    async with replaying(tmp_path, monkeypatch, clock) as ui:
        assert "▷ Replay ×1 · ● Live" in ui.rows()[0]

        async def press(key: str, *expected: str) -> None:
            assert ui._pilot is not None
            await ui._pilot.press(key)
            await ui.wait_until(lambda: all(each in ui.rows()[0] for each in expected))

        await press("p", "‖ Replay ×1 at 14:00:0")
        await press("full_stop", "‖ Replay ×1 at 14:00:1", "Placed")
        await press("right", "‖ Replay ×1 at 14:00:2", "Accepted")
        await press("full_stop", "‖ Replay ×1 at 14:00:3", "Preparing")
        assert "Accepted" in ui.text()
        await press("comma", "‖ Replay ×1 at 14:00:2", "Accepted")
        await press("left", "‖ Replay ×1 at 14:00:1", "Placed")
        assert "Preparing  " not in ui.rows()[-3]
        await press("p", "▷ Replay ×1 · ● Live")
        for _ in range(6):
            await press("right", "Replay")
        await press("right", "▷ Replay finished · was ● Live", "Preparing")
        await press("left", "▷ Replay ×1 · ● Live", "Preparing")
        for _ in range(4):
            await press("left", "Replay")
        await ui.wait_until(lambda: "A1 ▸ Placed" in ui.rows()[0])


async def test_the_keys_of_a_replay_are_offered_there_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: SetClock
) -> None:
    async with replaying(tmp_path, monkeypatch, clock) as ui:
        names = {action.name for action in ui.app.available_actions()}
        assert {"pause", "seek_back", "seek_forward"} <= names
        assert not {"reconnect", "note"} & names
    live = TrackerApp(["A1"], lambda: None)  # type: ignore[arg-type, return-value]
    assert not {"seek_back", "seek_forward"} & {action.name for action in live.available_actions()}
