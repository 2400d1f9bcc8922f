"""The fault lab: injecting and removing faults, their rates, and the screen behind it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mock_server.faults.spec import list_faults, parse_fault
from tests.support.orders import at
from tests.ui.app_harness import AppHarness
from tests.ui.order_fixtures import show_order
from tests.ui.recording_demo import CATALOGUE, RecordingDemo
from tracker_tui.cli.demo import demo
from tracker_tui.link.changes import Counters
from tracker_tui.ui.demo.lab import PRESETS, FaultLab

MakeHarness = Callable[..., AppHarness]


def calls(ui: AppHarness) -> list[str]:
    assert ui.demo is not None
    return ui.demo.calls


async def test_the_lab_lists_and_can_inject_every_fault_of_the_server() -> None:
    async with demo("quick") as server:
        lab = FaultLab(server, "A1")
        assert {row.entry.name for row in lab.rows} == {entry.name for entry in list_faults()}
        for row in lab.rows:
            parse_fault(lab._spec(row.entry.name))
            assert row.entry.summary
            assert row.entry.advice
    assert [row.digit for row in lab.rows[:10]] == [*map(str, range(1, 10)), ""]
    assert len(PRESETS) == 10


async def test_digits_inject_a_fault_and_show_the_advice(harness: MakeHarness) -> None:
    ui = harness(demo=True)
    async with ui.run():
        await show_order(ui)
        await ui.press("f", "1", "5")
        assert calls(ui) == ["disconnect", "new-epoch"]
        await ui.press("1")
        assert "Injected: disconnect" in ui.text()
        assert "The client should reconnect after a short random" in ui.text()


async def test_the_arrow_keys_reach_every_fault(harness: MakeHarness) -> None:
    ui = harness(demo=True)
    async with ui.run():
        await ui.press("f", "end", "enter")
        assert calls(ui) == ["duplicate:probability=0.3"]
        await ui.press("home", "enter", "down", "down", "enter", "up", "enter")
        assert calls(ui)[1:] == ["disconnect", "reorder:window=6,probability=0.5", "lose-tail:count=3,probability=1"]


async def test_a_steady_fault_is_marked_until_it_is_removed(harness: MakeHarness) -> None:
    ui = harness(demo=True)
    async with ui.run():
        await ui.press("f", "7")
        assert "7 drop                    message    on 30%" in ui.text()
        await ui.press("enter")
        assert calls(ui) == ["drop:probability=0.3", "disarm drop"]
        assert "on 30%" not in ui.text()
        assert "Removed: drop" in ui.text()


async def test_the_rate_of_an_armed_fault_can_be_changed(harness: MakeHarness) -> None:
    ui = harness(demo=True)
    async with ui.run():
        await ui.press("f", "7", "plus", "plus")
        assert "rate − 50% +" in ui.text()
        assert calls(ui)[-2:] == ["disarm drop", "drop:probability=0.5"]
        await ui.press("enter", *["minus"] * 9)
        assert "rate − 10% +" in ui.text()
        await ui.press("enter", *["plus"] * 15)
        assert calls(ui)[-1] == "drop:probability=1"


@pytest.mark.parametrize("key", ["plus", "minus"])
async def test_a_fault_that_acts_once_has_no_rate(harness: MakeHarness, key: str) -> None:
    ui = harness(demo=True)
    async with ui.run():
        await ui.press("f", key)
        assert "disconnect acts once" in ui.text()
        assert calls(ui) == []


@pytest.mark.parametrize(
    ("columns", "keys"),
    [(40, "─ Esc close · Enter inject ─"), (80, "─ Esc close · Enter inject · + - rate · h heal ─")],
)
async def test_the_key_that_closes_the_lab_is_named_at_every_width(
    harness: MakeHarness, columns: int, keys: str
) -> None:
    ui = harness(demo=True)
    async with ui.run(columns, 24):
        await ui.press("f")
        assert keys in ui.text()
        assert "Esc close" in ui.text()


async def test_a_fault_for_one_order_affects_the_selected_one(harness: MakeHarness) -> None:
    ui = harness("A1", "A2", "A3", demo=True)
    async with ui.run():
        await ui.press("down", "f", "9", "escape")
        await ui.press("down", "enter", "f", "9")
        assert calls(ui) == ["terminal-while-watching:order=A2", "terminal-while-watching:order=A3"]


async def test_the_screen_behind_shows_the_fault_and_its_effect(harness: MakeHarness) -> None:
    ui = harness(demo=True)
    async with ui.run():
        await show_order(ui)
        await ui.press("f", "1")
        assert ui.demo is not None
        ui.demo.record(at(1901), "disconnect: disconnected")
        await ui.receive_note("lost: 1006 abnormal closure")
        assert "14:31:41  fault    disconnect: disconnected" in ui.text()
        assert "14:31:40  link     lost: 1006 abnormal closure" in ui.text()
        assert "● Live" in ui.rows()[0]


async def test_a_refused_fault_shows_one_line(harness: MakeHarness) -> None:
    ui = harness(demo=True)
    async with ui.run():
        await ui.press("f", "6")
        assert "no outage today" in ui.text()


async def test_h_removes_all_faults_and_only_in_the_lab(harness: MakeHarness) -> None:
    ui = harness(demo=True)
    async with ui.run():
        await ui.press("f", "7", "h")
        assert "All faults removed" in ui.text()
        assert "on 30%" not in ui.text()
        await ui.press("escape", "h")
        assert calls(ui) == ["drop:probability=0.3", "heal"]
        assert "All faults removed" not in ui.text()


async def test_capital_t_starts_the_tour_and_only_in_the_lab(harness: MakeHarness) -> None:
    ui = harness(demo=True)
    async with ui.run():
        await show_order(ui)
        await ui.press("T")
        assert "Ten failures" not in ui.text()
        await ui.press("f", "T")
        await ui.wait_until(lambda: "Ten failures" in ui.text() and "Fault lab" not in ui.text())


async def test_clicks_inject_a_fault_and_change_its_rate(harness: MakeHarness) -> None:
    ui = harness(demo=True)
    async with ui.run() as pilot:
        await ui.press("f")
        row = next(index for index, text in enumerate(ui.rows()) if "reorder" in text)
        await pilot.click(offset=(8, row))
        await ui.wait_until(lambda: calls(ui) == ["reorder:window=6,probability=0.5"])
        await ui.wait_until(lambda: "rate − 50% +" in ui.text())
        line = next(index for index, text in enumerate(ui.rows()) if "rate −" in text)
        await pilot.click(offset=(ui.rows()[line].index("+"), line))
        await ui.wait_until(lambda: calls(ui)[-1] == "reorder:window=6,probability=0.6")
        await ui.wait_until(lambda: "rate − 60% +" in ui.text())


async def test_the_chart_shows_events_sent_and_received_and_gaps_repaired(harness: MakeHarness) -> None:
    ui = harness(demo=True)
    async with ui.run():
        await show_order(ui)
        assert ui.demo is not None
        await ui.press("f")
        for second, (sent, received, repaired) in enumerate([(8, 8, 3), (16, 12, 3), (17, 17, 7)], 1901):
            ui.demo.sent = sent
            ui.feed.counters = Counters(events=received, repaired=repaired)
            await ui.tick_at(second)
        rows = {words: text for words in ("sent", "received", "repaired") for text in ui.rows() if f"{words}  " in text}
        assert rows["sent"].split("│")[1].split() == ["events", "sent", "██▁", "17"]
        assert rows["received"].split("│")[1].split() == ["events", "received", "█▄▅", "17"]
        assert rows["repaired"].split("│")[1].split() == ["gaps", "repaired", "▃", "▄", "7"]


@pytest.mark.parametrize("size", [(40, 12), (20, 5), (80, 24), (200, 60)])
async def test_the_selected_fault_is_visible_at_every_size(harness: MakeHarness, size: tuple[int, int]) -> None:
    ui = harness(demo=True)
    async with ui.run(*size):
        await ui.press("f", "end")
        assert "▸  dup" in ui.text()
        await ui.press("home")
        assert "▸1 disc" in ui.text()


def test_the_lab_works_without_the_preset_faults() -> None:
    bare = RecordingDemo()
    bare.catalogue = CATALOGUE[:1]
    lab = FaultLab(bare, None)
    lab.move(5)
    assert lab.toggle() == "Injected: drop"
