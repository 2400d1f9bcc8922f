"""What leaves the terminal: a ticket on the clipboard, a picture in a file, a page in the browser."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.ui.app_harness import Rig
from tests.ui.order_fixtures import FACTS, NOW, delivered, lunch, watched
from tests.ui.screens.test_board import IDS, four_orders
from tests.ui.test_hostile_text import HOSTILE, hostile_snapshot
from tracker_tui.domain.order import Links
from tracker_tui.link.changes import Phase

MakeRig = Callable[..., Rig]

PAGE = "https://orders.example/A1"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where files are kept; in no desktop and no SSH session unless a test says so."""
    for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "tracker-tui"


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desktop whose opener writes down each of its arguments, one a line."""
    note, program = tmp_path / "opened", tmp_path / "bin" / "xdg-open"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> "{note}"\n')
    program.chmod(0o755)
    monkeypatch.setattr("tracker_tui.ui.export.browser.sys.platform", "linux")
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":0")
    return note


def told(it: Rig) -> str:
    """What the toasts on the screen say, unwrapped."""
    return " | ".join(toast.message for toast in it.app._notifications)


def with_page() -> object:
    told = lunch(58)
    return replace(told, order=replace(FACTS, links=Links(PAGE)))


async def test_a_copied_ticket_says_what_is_known_and_that_it_is_live(rig: MakeRig, state: Path) -> None:
    it = rig()
    async with it.run(100, 30, toasts=True):
        await watched(it)
        await it.tell(with_page())  # type: ignore[arg-type]
        await it.press("c")
        assert it.app.clipboard == (
            "Order A1: 2 × Margherita, 1 × Tiramisù for 王小明 to 12 Elm Street\n"
            "Picked up. Expected between 14:48 and 14:53. 5 minutes late, promised for 14:45. "
            "Courier Ravi is en route. 1.2 km to go, last position 14 seconds ago.\n"
            f"{PAGE}\n"
            "As of 2026-11-24 14:31:40 +0000 (● Live).\n"
        )
        assert "A1 copied. Also saved to" in it.text()
    kept = state / "copied.txt"
    assert kept.read_text() == it.app.clipboard
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


async def test_a_ticket_that_may_be_old_says_so(rig: MakeRig, state: Path) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.link(Phase.BACKOFF, attempt=3, retry_at=NOW + 14, down_at=NOW)
        await it.at(NOW + 10)
        await it.press("c")
        last = it.app.clipboard.splitlines()[-1]
    assert last == (
        "Written 2026-11-24 14:31:50 +0000, not live (◐ Reconnecting… try 3, next in 4 s): "
        "known up to 2026-11-24 14:31:38 +0000."
    )


async def test_a_ticket_of_an_order_of_which_nothing_was_heard_claims_nothing(rig: MakeRig, state: Path) -> None:
    it = rig()
    async with it.run():
        await it.press("c")
        assert it.app.clipboard == (
            "Order A1\nNothing is known yet.\n"
            "Written 2026-11-24 14:00:00 +0000, not live (◌ Connecting…): never confirmed.\n"
        )


async def test_each_copy_replaces_the_file_of_the_last(rig: MakeRig, state: Path) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.press("c")
        await it.tell(delivered())
        await it.press("c")
    assert "Delivered at 14:50:00" in (state / "copied.txt").read_text()
    assert os.listdir(state) == ["copied.txt"]


async def test_on_the_board_the_order_under_the_cursor_is_copied(rig: MakeRig, state: Path) -> None:
    it = rig(*IDS)
    async with it.run(100, 30, toasts=True):
        await four_orders(it)
        for _ in IDS:
            await it.press("c")
            assert it.app.clipboard.startswith(f"Order {it.app.screen.selected_order_id}")  # type: ignore[attr-defined]
            await it.press("down")


async def test_what_cannot_be_written_is_copied_all_the_same(rig: MakeRig, state: Path) -> None:
    state.parent.mkdir()
    state.write_text("a file where a directory should be")
    it = rig()
    async with it.run(100, 30, toasts=True):
        await watched(it)
        await it.press("c")
        assert it.app.clipboard.startswith("Order A1")
        assert "Could not save a file: File exists" in told(it)


async def test_hostile_text_is_inert_in_what_is_copied_and_saved(rig: MakeRig, state: Path) -> None:
    it = rig()
    async with it.run():
        await it.live()
        await it.tell(hostile_snapshot())  # type: ignore[arg-type]
        await it.note(HOSTILE)
        await it.press("c", "x")
    for name in os.listdir(state):
        text = (state / name).read_text()
        assert all(line.isprintable() for line in text.split("\n")), name
        assert "\u202e" not in text


async def test_a_page_is_opened_without_a_shell(rig: MakeRig, state: Path, opened: Path) -> None:
    it = rig()
    async with it.run(100, 30, toasts=True):
        await it.live()
        await it.tell(replace(lunch(), order=replace(FACTS, links=Links(f"{PAGE}?a=$(id)&b=`id`;id"))))
        await it.press("o")
        await it.until(lambda: f"Opened {PAGE}" in told(it))
    assert opened.read_text() == f"{PAGE}?a=$(id)&b=`id`;id\n"


@pytest.mark.parametrize("why", ["ssh", "no desktop", "no opener", "it fails"])
async def test_where_no_browser_is_before_the_user_the_address_is_shown_and_copied(
    rig: MakeRig, state: Path, opened: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    program = opened.parent / "bin" / "xdg-open"
    if why == "ssh":
        monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22")
    elif why == "no desktop":
        monkeypatch.delenv("DISPLAY")
    elif why == "no opener":
        monkeypatch.setenv("PATH", "/nowhere")
    else:
        program.write_text("#!/bin/sh\nexit 3\n")
    it = rig()
    async with it.run(100, 30, toasts=True):
        await it.live()
        await it.tell(with_page())  # type: ignore[arg-type]
        await it.press("o")
        await it.until(lambda: f"No browser here. Copied: {PAGE}" in told(it))
        assert it.app.clipboard == PAGE
    assert (state / "copied.txt").read_text() == f"{PAGE}\n"
    assert not opened.exists()


async def test_an_order_without_a_page_says_so(rig: MakeRig, state: Path, opened: Path) -> None:
    it = rig()
    async with it.run(100, 30, toasts=True):
        await it.live()
        await it.tell(replace(lunch(), order=replace(FACTS, links=Links("file:///etc/passwd"))))
        await it.press("o")
        await it.until(lambda: "A1 has no page to open" in told(it))
    assert not opened.exists()


async def test_a_picture_and_a_report_are_saved_under_the_orders_name_and_the_time(rig: MakeRig, state: Path) -> None:
    it = rig()
    async with it.run(100, 30, toasts=True):
        await watched(it)
        await it.press("x")
        assert "A1-20261124T143140Z.svg and A1-20261124T143140Z.txt" in told(it)
        await it.press("x")
    stem = "A1-20261124T143140Z"
    assert sorted(os.listdir(state)) == [f"{stem}-2.svg", f"{stem}-2.txt", f"{stem}.svg", f"{stem}.txt"]
    assert "Picked" in (state / f"{stem}.svg").read_text()
    report = (state / f"{stem}.txt").read_text()
    for words in (
        "As of 2026-11-24 14:31:40 +0000 (● Live).",
        "14:02:11  Placed  (done)  took 0:51",
        "14:03:18  Preparing  (done)  took 15:47  0:47 over its limit",
        "14:19:05  Picked up  (here now)",
        "Delivered  (to come)",
        "14:20:00  order  note: ring twice",
    ):
        assert words in report, words
    assert all(stat.S_IMODE((state / name).stat().st_mode) == 0o600 for name in os.listdir(state))


async def test_the_board_is_saved_with_the_order_under_the_cursor(rig: MakeRig, state: Path) -> None:
    it = rig(*IDS)
    async with it.run(100, 30, toasts=True):
        await four_orders(it)
        await it.press("x")
        in_hand = it.app.screen.selected_order_id  # type: ignore[attr-defined]
    assert all(name.startswith(f"{in_hand}-") for name in os.listdir(state))


async def test_what_is_saved_of_a_frozen_picture_bears_the_time_at_which_it_is_saved(rig: MakeRig, state: Path) -> None:
    it = rig()
    async with it.run(100, 30):
        await watched(it)
        await it.press("p")
        await it.at(NOW + 25)
        await it.press("x", "c")
        [report] = state.glob("A1-*.txt")
        assert report.stem == "A1-20261124T143205Z"
        for text in (report.read_text(), (state / "copied.txt").read_text()):
            assert "Written 2026-11-24 14:32:05 +0000, not live (‖ Paused · 0 new)" in text
            assert "known up to 2026-11-24 14:31:3" in text


async def test_what_is_final_is_known_up_to_its_end_also_while_it_is_paused(rig: MakeRig, state: Path) -> None:
    it = rig()
    async with it.run(100, 30):
        await watched(it)
        await it.at(NOW + 20)
        await it.tell(delivered())
        await it.link(Phase.FINAL)
        await it.press("p")
        assert "as of 14:32:00" in it.rows()[1]
