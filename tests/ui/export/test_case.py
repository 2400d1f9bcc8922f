"""The export of a case: a report, and a recording that replays the same screen."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest

from tests.support.orders import EPOCH, at, event
from tests.ui.app_harness import AppHarness
from tests.ui.order_fixtures import NOW, meal_snapshot, show_order
from tests.ui.screen_reader import ScreenReader
from tests.ui.test_hostile_text import hostile_snapshot
from tracker_tui.domain.cached_view import CachedView
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Phase, Standing, Topic
from tracker_tui.link.recording.format import read_recording
from tracker_tui.link.recording.player import ReplayFeed
from tracker_tui.link.recording.replay_clock import ReplayClock
from tracker_tui.ui.app import TrackerApp
from tracker_tui.ui.model.scene import Replay

MakeHarness = Callable[..., AppHarness]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of saved files."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "tracker-tui"


def exported_files(state: Path) -> tuple[Path, Path]:
    """Return the paths of the recording and the report."""
    [tape], [words] = state.glob("handover-*.ndjson"), state.glob("handover-*.txt")
    return tape, words


async def replayed_rows(tape: Path, width: int, height: int) -> list[str]:
    """Return the rows of the screen that replays a recording, without badge and key bar."""
    recording = read_recording(tape)
    clock = ReplayClock(recording)
    feed = ReplayFeed(recording, clock)

    async def opened() -> ReplayFeed:
        return feed

    other = ScreenReader(
        TrackerApp(recording.orders, opened, replay=Replay(1.0), clock=clock, zone=UTC, server="http://gateway")
    )
    async with other.app.run_test(size=(width, height)) as pilot:
        other.attach(pilot)
        await other.wait_until(lambda: "finished" in other.rows()[0])
        other.app.tick()
        await pilot.pause(0)
        return other.rows()[1:-1]


async def test_replaying_an_exported_case_shows_the_same_screen(harness: MakeHarness, state: Path) -> None:
    ui = harness(server="http://gateway")
    async with ui.run(100, 30):
        await show_order(ui)
        await ui.receive_note("recovered 2 missing events: seq 52, 57", Topic.GAP, "A1")
        await ui.receive_note("of another order", Topic.GAP, "A2")
        seen = ui.rows()[1:-1]
        await ui.press("e", "enter")
        [notice] = ui.app.notices.items
    tape, words = exported_files(state)
    assert notice.text == f"A1 exported: {words} and {tape.name}"
    assert [stat.S_IMODE(file.stat().st_mode) for file in (tape, words)] == [0o600, 0o600]
    assert '"server":"http://gateway"' in tape.read_text().split("\n", 1)[0]
    assert await replayed_rows(tape, 100, 30) == seen
    assert "another order" not in tape.read_text() + words.read_text()


async def test_the_report_has_summary_timeline_notes_and_log(harness: MakeHarness, state: Path) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        for number in range(60):
            await ui.receive_note(f"line {number}")
        await ui.press("e", "enter")
    tape, words = exported_files(state)
    text = words.read_text()
    assert "2 × Margherita, 1 × Tiramisù" in text
    assert re.search(r"Picked up +\(here now\)", text)
    assert "line 0\n" in text
    assert "line 59\n" in text
    assert "\nNotes\n14:20:00  ring twice\n" in text
    assert f"tracker-tui --replay {tape}\n" in text


async def test_a_case_that_was_not_live_is_not_replayed_as_live(harness: MakeHarness, state: Path) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.set_link(Phase.BACKOFF, attempt=3, retry_at=NOW + 14, down_at=NOW, reason="1006 abnormal closure")
        await ui.receive(event(60, "arriving"), standing=Standing.RECONCILING)
        await ui.tick_at(NOW + 10)
        await ui.press("e", "enter")
    tape, _ = exported_files(state)
    feed = ReplayFeed(recording := read_recording(tape), ReplayClock(recording))
    async with feed:
        _ = [change async for change in feed]
    assert (feed.link.phase, feed.standing("A1")) == (Phase.BACKOFF, Standing.RECONCILING)
    assert (feed.link.retry_at, feed.link.down_at) == (4.0, -10.0)


async def test_a_view_between_two_epochs_can_be_exported(harness: MakeHarness, state: Path) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.receive(event(1, "arriving", epoch=EPOCH + 1), standing=Standing.RECONCILING)
        await ui.press("e", "enter")
    rows = await replayed_rows(exported_files(state)[0], 80, 24)
    assert any("▶ Arriving" in row for row in rows)
    assert any("✔ Placed" in row for row in rows)


async def test_two_exports_in_a_second_are_two_cases(harness: MakeHarness, state: Path) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.press("e", "enter", "e", "enter")
    assert len(list(state.glob("handover-*"))) == 4


async def test_an_order_without_data_is_not_exported(harness: MakeHarness, state: Path) -> None:
    ui = harness()
    async with ui.run():
        await ui.press("e", "enter")
        [notice] = ui.app.notices.items
        assert notice.text == "No data for A1 yet: nothing to export"
    assert not state.exists()


async def test_an_exported_cached_view_says_its_time(harness: MakeHarness, state: Path) -> None:
    ui = harness()
    async with ui.run():
        ui.app.show_cached({"A1": CachedView(OrderView("A1").join(meal_snapshot()), at(NOW))})
        await ui.tick_at(NOW + 60)
        await ui.press("e", "enter")
    tape, words = exported_files(state)
    assert "14:31:40" in words.read_text().split("Timeline")[0]
    assert read_recording(tape).orders == ("A1",)


async def test_a_folder_that_cannot_be_written_is_reported(harness: MakeHarness, state: Path) -> None:
    state.write_text("a file, where a folder should be")
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.press("e", "enter")
        [notice] = ui.app.notices.items
        assert notice.text == "Could not export A1: File exists"


async def test_hostile_text_in_a_case_stays_text(harness: MakeHarness, state: Path) -> None:
    ui = harness()
    async with ui.run():
        await ui.go_live()
        await ui.receive(hostile_snapshot())  # type: ignore[arg-type]
        await ui.press("e", "enter")
    tape, words = exported_files(state)
    assert not [character for character in words.read_text() if character < " " and character != "\n"]
    assert "\x1b" not in tape.read_text()
    assert (await replayed_rows(tape, 80, 24))[0]
