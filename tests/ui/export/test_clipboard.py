"""Copying a ticket, saving a picture, opening a page in the browser."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.ui.app_harness import AppHarness
from tests.ui.order_fixtures import FACTS, NOW, delivered_snapshot, meal_snapshot, show_order
from tests.ui.screens.test_board import IDS, show_four_orders
from tests.ui.test_hostile_text import HOSTILE, hostile_snapshot
from tracker_tui.domain.order import Links
from tracker_tui.link.changes import Phase

MakeHarness = Callable[..., AppHarness]

PAGE = "https://orders.example/A1"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of saved files; there is no desktop and no SSH session."""
    for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "tracker-tui"


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file to which a fake opener writes its arguments, one a line."""
    note, program = tmp_path / "opened", tmp_path / "bin" / "xdg-open"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> "{note}"\n')
    program.chmod(0o755)
    monkeypatch.setattr("tracker_tui.ui.export.browser.sys.platform", "linux")
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":0")
    return note


def notices(ui: AppHarness) -> str:
    """Return the texts of the notices, whole."""
    return " | ".join(notice.text for notice in ui.app.notices.items)


def with_page() -> object:
    told = meal_snapshot(58)
    return replace(told, order=replace(FACTS, links=Links(PAGE)))


async def test_c_copies_the_sentence_with_its_time_and_nothing_after_it(harness: MakeHarness, state: Path) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await show_order(ui)
        await ui.press("c")
        sentence = "Your order is with the courier and should arrive around 14:50, 5 minutes later than promised."
        assert ui.app.clipboard == f"{sentence} (as of 14:31 UTC)"
        assert (state / "copied.txt").read_text() == f"{ui.app.clipboard}\n"
        assert "Copied the sentence for A1. Also saved to" in notices(ui)
        await ui.set_link(Phase.BACKOFF, attempt=1, retry_at=NOW + 99, down_at=NOW)
        await ui.tick_at(NOW + 95)
        await ui.press("c")
        assert ui.app.clipboard.startswith("As of 14:31, your order was with the courier")
        assert ui.app.clipboard.endswith("(as of 14:31 UTC)")


async def test_c_during_a_pause_copies_what_was_known_at_the_pause(harness: MakeHarness, state: Path) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await show_order(ui)
        await ui.press("p")
        await ui.receive(delivered_snapshot())
        await ui.tick_at(NOW + 3600)
        await ui.press("c")
        assert ui.app.clipboard.startswith("As of 14:31, your order was with the courier and was expected around 14:50")


async def test_the_board_copies_the_sentence_of_the_selected_order(harness: MakeHarness, state: Path) -> None:
    ui = harness(*IDS)
    async with ui.run(100, 30):
        await show_four_orders(ui)
        for _ in IDS:
            await ui.press("c")
            scene = ui.app.current_frame().order_scene(ui.app.screen.selected_order_id)  # type: ignore[attr-defined]
            assert ui.app.clipboard.startswith(f"{scene.say} (as of ")
            await ui.press("down")


async def test_a_copied_ticket_has_the_data_and_says_live(harness: MakeHarness, state: Path) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await show_order(ui)
        await ui.receive(with_page())  # type: ignore[arg-type]
        await ui.press("C")
        assert ui.app.clipboard == (
            "Order A1: 2 × Margherita, 1 × Tiramisù for 王小明 to 12 Elm Street\n"
            "Picked up. Expected between 14:48 and 14:53. 5 minutes late, promised for 14:45. "
            "Courier Ravi is en route. 1.2 km to go, last position 14 seconds ago.\n"
            f"{PAGE}\n"
            "As of 2026-11-24 14:31:40 +0000 (● Live).\n"
        )
        assert "Copied the ticket of A1. Also saved to" in ui.text()
    kept = state / "copied.txt"
    assert kept.read_text() == ui.app.clipboard
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


async def test_a_ticket_of_old_data_says_so(harness: MakeHarness, state: Path) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.set_link(Phase.BACKOFF, attempt=3, retry_at=NOW + 14, down_at=NOW)
        await ui.tick_at(NOW + 10)
        await ui.press("C")
        last = ui.app.clipboard.splitlines()[-1]
    assert last == (
        "Written 2026-11-24 14:31:50 +0000, not live (◐ Reconnecting… down 10 s, try 3): "
        "known up to 2026-11-24 14:31:38 +0000."
    )


async def test_a_ticket_without_data_says_so(harness: MakeHarness, state: Path) -> None:
    ui = harness()
    async with ui.run():
        await ui.press("C")
        assert ui.app.clipboard == (
            "Order A1\nNothing is known yet.\n"
            "Written 2026-11-24 14:00:00 +0000, not live (◌ Connecting…): never confirmed.\n"
        )


async def test_each_copy_replaces_the_file_of_the_last_one(harness: MakeHarness, state: Path) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.press("C")
        await ui.receive(delivered_snapshot())
        await ui.press("C")
    assert "Delivered at 14:50:00" in (state / "copied.txt").read_text()
    assert os.listdir(state) == ["copied.txt"]


async def test_the_board_copies_the_ticket_of_the_selected_order(harness: MakeHarness, state: Path) -> None:
    ui = harness(*IDS)
    async with ui.run(100, 30):
        await show_four_orders(ui)
        for _ in IDS:
            await ui.press("C")
            assert ui.app.clipboard.startswith(f"Order {ui.app.screen.selected_order_id}")  # type: ignore[attr-defined]
            await ui.press("down")


async def test_a_ticket_is_copied_even_if_its_file_cannot_be_written(harness: MakeHarness, state: Path) -> None:
    state.parent.mkdir()
    state.write_text("a file where a directory should be")
    ui = harness()
    async with ui.run(100, 30):
        await show_order(ui)
        await ui.press("C")
        assert ui.app.clipboard.startswith("Order A1")
        assert "Could not save a file: File exists" in notices(ui)


async def test_hostile_text_stays_text_in_copies_and_files(harness: MakeHarness, state: Path) -> None:
    ui = harness()
    async with ui.run():
        await ui.go_live()
        await ui.receive(hostile_snapshot())  # type: ignore[arg-type]
        await ui.receive_note(HOSTILE)
        await ui.press("c", "x")
    for name in os.listdir(state):
        text = (state / name).read_text()
        assert all(line.isprintable() for line in text.split("\n")), name
        assert "\u202e" not in text


async def test_a_page_is_opened_without_a_shell(harness: MakeHarness, state: Path, opened: Path) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await ui.go_live()
        await ui.receive(replace(meal_snapshot(), order=replace(FACTS, links=Links(f"{PAGE}?a=$(id)&b=`id`;id"))))
        await ui.press("o")
        await ui.wait_until(lambda: f"Opened {PAGE}" in notices(ui))
    assert opened.read_text() == f"{PAGE}?a=$(id)&b=`id`;id\n"


@pytest.mark.parametrize("why", ["ssh", "no desktop", "no opener", "it fails"])
async def test_without_a_browser_the_address_is_shown_and_copied(
    harness: MakeHarness, state: Path, opened: Path, monkeypatch: pytest.MonkeyPatch, why: str
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
    ui = harness()
    async with ui.run(100, 30):
        await ui.go_live()
        await ui.receive(with_page())  # type: ignore[arg-type]
        await ui.press("o")
        await ui.wait_until(lambda: f"No browser here. Copied: {PAGE}" in notices(ui))
        assert ui.app.clipboard == PAGE
    assert (state / "copied.txt").read_text() == f"{PAGE}\n"
    assert not opened.exists()


async def test_an_order_without_a_page_shows_a_message(harness: MakeHarness, state: Path, opened: Path) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await ui.go_live()
        await ui.receive(replace(meal_snapshot(), order=replace(FACTS, links=Links("file:///etc/passwd"))))
        await ui.press("o")
        await ui.wait_until(lambda: "A1 has no page to open" in notices(ui))
    assert not opened.exists()


async def test_a_picture_and_a_report_are_named_after_order_and_time(harness: MakeHarness, state: Path) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await show_order(ui)
        for _ in range(2):
            await ui.press("e", "p")
            await ui.wait_until(lambda: ".svg" in notices(ui))
            await ui.press("e", "r")
        assert "A1-20261124T143140Z.txt" in notices(ui)
    stem = "A1-20261124T143140Z"
    assert sorted(os.listdir(state)) == [f"{stem}-2.svg", f"{stem}-2.txt", f"{stem}.svg", f"{stem}.txt"]
    picture = (state / f"{stem}.svg").read_text()
    assert "Picked" in picture
    assert "Export" not in picture
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


async def test_a_picture_of_the_board_is_named_after_the_selected_order(harness: MakeHarness, state: Path) -> None:
    ui = harness(*IDS)
    async with ui.run(100, 30):
        await show_four_orders(ui)
        await ui.press("e", "p")
        in_hand = ui.app.screen.selected_order_id  # type: ignore[attr-defined]
        await ui.wait_until(lambda: ".svg" in notices(ui))
    assert all(name.startswith(f"{in_hand}-") for name in os.listdir(state))


async def test_a_board_without_orders_offers_a_picture_alone(harness: MakeHarness, state: Path) -> None:
    ui = harness(everything=True)
    async with ui.run(100, 30):
        await ui.press("e")
        assert "Export the board" in ui.text()
        assert "p Picture" in ui.text()
        assert "r Report" not in ui.text()
        await ui.press("r", "c", "enter")
        await ui.wait_until(lambda: "board-" in notices(ui))
    assert [Path(name).suffix for name in os.listdir(state)] == [".svg"]


async def test_the_export_menu_can_be_left_and_used_with_arrows(harness: MakeHarness, state: Path) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await show_order(ui)
        await ui.press("e", "escape", "e", "e")
        assert "Export A1" not in ui.text()
        assert not state.exists()
        await ui.press("e", "down", "enter")
        assert ".txt" in notices(ui)


async def test_files_saved_during_a_pause_have_the_present_time(harness: MakeHarness, state: Path) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await show_order(ui)
        await ui.press("p")
        await ui.tick_at(NOW + 25)
        await ui.press("e", "r", "C")
        [report] = state.glob("A1-*.txt")
        assert report.stem == "A1-20261124T143205Z"
        for text in (report.read_text(), (state / "copied.txt").read_text()):
            assert "Written 2026-11-24 14:32:05 +0000, not live (‖ Paused · 0 new)" in text
            assert "known up to 2026-11-24 14:31:3" in text


async def test_a_paused_final_order_is_complete_up_to_its_end(harness: MakeHarness, state: Path) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await show_order(ui)
        await ui.tick_at(NOW + 20)
        await ui.receive(delivered_snapshot())
        await ui.set_link(Phase.FINAL)
        await ui.press("p")
        assert "as of 14:32:00" in ui.rows()[1]
