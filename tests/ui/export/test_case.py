"""A case handed over: who gets it sees what was seen."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest

from tests.support.orders import EPOCH, at, event
from tests.ui.app_harness import Rig
from tests.ui.order_fixtures import NOW, lunch, watched
from tests.ui.svg_text import Viewer
from tests.ui.test_hostile_text import hostile_snapshot
from tracker_tui.domain.cached_view import CachedView
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Phase, Standing, Topic
from tracker_tui.link.recording.format import read_recording
from tracker_tui.link.recording.player import ReplayClock, ReplayFeed
from tracker_tui.ui.app import TrackerApp
from tracker_tui.ui.model.scene import Replay

MakeRig = Callable[..., Rig]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where files are kept."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "tracker-tui"


def handed_over(state: Path) -> tuple[Path, Path]:
    """The recording, and the words."""
    [tape], [words] = state.glob("handover-*.ndjson"), state.glob("handover-*.txt")
    return tape, words


async def replayed(tape: Path, width: int, height: int) -> list[str]:
    """The screen of whoever replays a recording, without its badge and its keys."""
    recording = read_recording(tape)
    clock = ReplayClock(recording)
    feed = ReplayFeed(recording, clock)

    async def opened() -> ReplayFeed:
        return feed

    other = Viewer(
        TrackerApp(recording.orders, opened, replay=Replay(1.0), clock=clock, zone=UTC, server="http://gateway")
    )
    async with other.app.run_test(size=(width, height)) as pilot:
        other.watch(pilot)
        await other.until(lambda: "finished" in other.rows()[0])
        other.app.tick()
        await pilot.pause(0)
        return other.rows()[1:-1]


async def test_who_replays_it_sees_the_screen_that_was_handed_over(rig: MakeRig, state: Path) -> None:
    it = rig(server="http://gateway")
    async with it.run(100, 30, toasts=True):
        await watched(it)
        await it.note("mended 2 events that had been missing: seq 52, 57", Topic.GAP, "A1")
        await it.note("of another order", Topic.GAP, "A2")
        seen = it.rows()[1:-1]
        await it.press("e")
        [toast] = it.app._notifications
    tape, words = handed_over(state)
    assert toast.message == f"A1 exported: {words} and {tape.name}"
    assert [stat.S_IMODE(file.stat().st_mode) for file in (tape, words)] == [0o600, 0o600]
    assert '"server":"http://gateway"' in tape.read_text().split("\n", 1)[0]
    assert await replayed(tape, 100, 30) == seen
    assert "another order" not in tape.read_text() + words.read_text()


async def test_the_words_hold_the_summary_the_timeline_the_notes_and_the_log(rig: MakeRig, state: Path) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        for number in range(60):
            await it.note(f"line {number}")
        await it.press("e")
    tape, words = handed_over(state)
    text = words.read_text()
    assert "2 × Margherita, 1 × Tiramisù" in text
    assert re.search(r"Picked up +\(here now\)", text)
    assert "line 0\n" in text
    assert "line 59\n" in text
    assert "\nNotes\n14:20:00  ring twice\n" in text
    assert f"tracker-tui --replay {tape}\n" in text


async def test_what_was_not_live_is_not_called_live_by_whoever_gets_it(rig: MakeRig, state: Path) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.link(Phase.BACKOFF, attempt=3, retry_at=NOW + 14, down_at=NOW, reason="1006 abnormal closure")
        await it.tell(event(60, "arriving"), standing=Standing.RECONCILING)
        await it.at(NOW + 10)
        await it.press("e")
    tape, _ = handed_over(state)
    feed = ReplayFeed(recording := read_recording(tape), ReplayClock(recording))
    async with feed:
        _ = [change async for change in feed]
    assert (feed.link.phase, feed.standing("A1")) == (Phase.BACKOFF, Standing.RECONCILING)
    assert (feed.link.retry_at, feed.link.down_at) == (4.0, -10.0)


async def test_a_view_between_two_epochs_can_be_handed_over(rig: MakeRig, state: Path) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.tell(event(1, "arriving", epoch=EPOCH + 1), standing=Standing.RECONCILING)
        await it.press("e")
    rows = await replayed(handed_over(state)[0], 80, 24)
    assert any("▶ Arriving" in row for row in rows)
    assert any("✔ Placed" in row for row in rows)


async def test_two_in_a_second_are_two(rig: MakeRig, state: Path) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.press("e", "e")
    assert len(list(state.glob("handover-*"))) == 4


async def test_of_what_is_not_known_nothing_is_handed_over(rig: MakeRig, state: Path) -> None:
    it = rig()
    async with it.run(toasts=True):
        await it.press("e")
        [toast] = it.app._notifications
        assert toast.message == "No data for A1 yet: nothing to export"
    assert not state.exists()


async def test_what_is_from_an_earlier_session_says_so(rig: MakeRig, state: Path) -> None:
    it = rig()
    async with it.run():
        it.app.show_cached({"A1": CachedView(OrderView("A1").join(lunch()), at(NOW))})
        await it.at(NOW + 60)
        await it.press("e")
    tape, words = handed_over(state)
    assert "14:31:40" in words.read_text().split("Timeline")[0]
    assert read_recording(tape).orders == ("A1",)


async def test_a_folder_that_cannot_be_written_is_told(rig: MakeRig, state: Path) -> None:
    state.write_text("a file, where a folder should be")
    it = rig()
    async with it.run(toasts=True):
        await watched(it)
        await it.press("e")
        [toast] = it.app._notifications
        assert toast.message == "Could not export A1: File exists"


async def test_hostile_words_are_only_words(rig: MakeRig, state: Path) -> None:
    it = rig()
    async with it.run():
        await it.live()
        await it.tell(hostile_snapshot())  # type: ignore[arg-type]
        await it.press("e")
    tape, words = handed_over(state)
    assert not [character for character in words.read_text() if character < " " and character != "\n"]
    assert "\x1b" not in tape.read_text()
    assert (await replayed(tape, 80, 24))[0]
