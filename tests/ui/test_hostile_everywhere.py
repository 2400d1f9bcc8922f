"""A table of hostile texts, checked on every screen and in everything that leaves the terminal."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.cells import cell_len

from tests.support.hostile_text import HOSTILE, active_characters, hostile_snapshot
from tests.support.orders import at, event
from tests.ui.app_harness import AppHarness
from tracker_tui.domain.command import LONGEST_TEXT, Command, Verb
from tracker_tui.domain.order import Courier
from tracker_tui.domain.overlay import CommandStatus, PendingCommand
from tracker_tui.link.changes import Phase, Topic
from tracker_tui.ui.model.notifier import desktop_notification
from tracker_tui.ui.model.ports import FaultEntry

MakeHarness = Callable[..., AppHarness]

every = pytest.mark.parametrize("evil", HOSTILE.values(), ids=HOSTILE)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of saved files; there is no desktop."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "tracker-tui"


def check(ui: AppHarness, width: int) -> None:
    """Check that every row is as wide as the screen, is text, and has no action."""
    for row in ui.rows():
        assert active_characters(row) == [], row
    for strip in ui.strips():
        # By segment: a dialog may cut a joined emoji, and the joiner then joins nothing.
        assert sum(cell_len(segment.text) for segment in strip) == width
        for segment in strip:
            assert segment.style is None or segment.style.link is None
            # The key bar's own actions have another key in the meta.
            assert segment.style is None or "@click" not in segment.style.meta
    assert ui.app.is_running
    assert active_characters(f"{ui.app.title}{ui.app.sub_title}") == []


def check_picture(ui: AppHarness) -> None:
    """Check that a picture of the screen is well-formed and contains only text."""
    picture = ElementTree.fromstring(ui.app.export_screenshot())
    assert picture.tag.endswith("svg")
    # In a picture, spaces are non-breaking.
    assert active_characters("".join(picture.itertext()).replace("\n", "").replace("\xa0", " ")) == []


@every
async def test_hostile_text_stays_text_on_every_screen_of_an_order(harness: MakeHarness, evil: str) -> None:
    width = 120
    ui = harness(demo=True)
    async with ui.run(width, 30):
        await ui.go_live()
        await ui.receive(hostile_snapshot(evil))
        await ui.receive_pending(
            PendingCommand(Command("7a1f4c5e-0000-4a86-9d52-3a1f0c1d2e3f", Verb.NOTE, evil[:LONGEST_TEXT]), at(0)),
            PendingCommand(
                Command("0b5c3f0a-6d5e-4a86-9d52-3a1f0c1d2e3f", Verb.CANCEL), at(0), CommandStatus.REFUSED, reason=evil
            ),
        )
        await ui.receive_note(evil, Topic.ODDITY)
        assert ui.demo is not None
        ui.demo.record(at(0), evil)
        ui.demo.catalogue = [FaultEntry(evil, evil, evil, evil)]
        await ui.receive(event(3, evil[:64], courier=Courier(evil, evil)))
        await ui.tick_at(1)
        check(ui, width)
        for keys in ("l", "question_mark", "n", "X", "f", "ctrl+p"):
            await ui.press(keys)
            check(ui, width)
            await ui.press("escape")
        for keys in ("c", "C", "o"):
            await ui.press(keys)
            check(ui, width)
        check_picture(ui)
        assert active_characters("".join(notice.text for notice in ui.app.notices.items)) == []
        await ui.set_link(Phase.BACKOFF, attempt=1, retry_at=5.0, down_at=0.0, reason=evil)
        check(ui, width)
        await ui.set_link(Phase.FAILED, reason=evil, code=evil)
        check(ui, width)


@every
async def test_hostile_text_stays_text_on_the_board(harness: MakeHarness, evil: str) -> None:
    width = 160
    ui = harness("A1", "A2", filter_text=evil)
    async with ui.run(width, 30):
        await ui.go_live()
        await ui.receive(hostile_snapshot(evil), hostile_snapshot(evil, "A2"))
        await ui.refuse("A2", code=evil, detail=evil)
        check(ui, width)
        check_picture(ui)
        await ui.press("slash")
        check(ui, width)
        await ui.press("escape", "escape", "s")
        check(ui, width)
        await ui.press("escape", "enter")
        check(ui, width)


@every
async def test_hostile_text_stays_text_in_copies_reports_and_cases(
    harness: MakeHarness, state: Path, evil: str
) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await ui.go_live()
        await ui.receive(hostile_snapshot(evil))
        await ui.receive_note(evil, Topic.ODDITY)
        await ui.press("c", "e", "c", "e", "r")
        assert active_characters(ui.app.clipboard.replace("\n", "")) == []
    files = [file for file in state.iterdir() if file.is_file()]
    assert {file.suffix for file in files} >= {".txt", ".ndjson"}
    for file in files:
        text = file.read_bytes().decode()
        # Control characters are escaped in JSON and XML.
        assert active_characters(re.sub(r"\n", "", text)) == [], file.name


@every
def test_hostile_text_stays_text_in_a_desktop_notification(evil: str) -> None:
    sequence = desktop_notification(f"A1: ▶ {evil}")
    assert sequence.startswith("\x1b]9;tracker-tui: A1: ")
    assert sequence.endswith("\x07")
    assert active_characters(sequence[4:-1]) == []
