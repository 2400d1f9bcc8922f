"""The demo's fault lab: what it injects and takes back, at which rate, and that its effects are seen behind it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mock_server.faults.spec import catalogue, parse
from tests.support.orders import at
from tests.ui.app_harness import Rig
from tests.ui.noted_demo import CATALOGUE, NotedDemo
from tests.ui.order_fixtures import watched
from tracker_tui.cli.demo import demo
from tracker_tui.link.changes import Counters
from tracker_tui.ui.demo.lab import PRESETS, FaultLab

MakeRig = Callable[..., Rig]


def asked(it: Rig) -> list[str]:
    assert it.demo is not None
    return it.demo.asked


async def test_the_lab_lists_everything_that_the_server_can_do_and_can_inject_it() -> None:
    async with demo("quick") as server:
        lab = FaultLab(server, "A1")
        assert {row.entry.name for row in lab.rows} == {entry.name for entry in catalogue()}
        for row in lab.rows:
            parse(lab._spec(row.entry.name))
            assert row.entry.summary
            assert row.entry.advice
    assert [row.digit for row in lab.rows[:10]] == [*map(str, range(1, 10)), ""]
    assert len(PRESETS) == 10


async def test_digits_inject_and_say_what_the_client_should_do(rig: MakeRig) -> None:
    it = rig(demo=True)
    async with it.run():
        await watched(it)
        await it.press("f", "1", "5")
        assert asked(it) == ["disconnect", "new-epoch"]
        await it.press("1")
        assert "Injected: disconnect" in it.text()
        assert "The client should reconnect after a short random" in it.text()


async def test_every_fault_is_reached_with_the_arrow_keys(rig: MakeRig) -> None:
    it = rig(demo=True)
    async with it.run():
        await it.press("f", "end", "enter")
        assert asked(it) == ["duplicate:probability=0.3"]
        await it.press("home", "enter", "down", "down", "enter", "up", "enter")
        assert asked(it)[1:] == ["disconnect", "reorder:window=6,probability=0.5", "lose-tail:count=3,probability=1"]


async def test_a_steady_fault_is_marked_until_it_is_taken_back(rig: MakeRig) -> None:
    it = rig(demo=True)
    async with it.run():
        await it.press("f", "7")
        assert "7 drop                    message    ▲ on 30%" in it.text()
        await it.press("enter")
        assert asked(it) == ["drop:probability=0.3", "disarm drop"]
        assert "▲ on" not in it.text()
        assert "Removed: drop" in it.text()


async def test_the_rate_of_a_steady_fault_can_be_turned_also_while_it_is_at_work(rig: MakeRig) -> None:
    it = rig(demo=True)
    async with it.run():
        await it.press("f", "7", "plus", "plus")
        assert "rate − 50% +" in it.text()
        assert asked(it)[-2:] == ["disarm drop", "drop:probability=0.5"]
        await it.press("enter", *["minus"] * 9)
        assert "rate − 10% +" in it.text()
        await it.press("enter", *["plus"] * 15)
        assert asked(it)[-1] == "drop:probability=1"


async def test_a_rate_can_be_typed(rig: MakeRig) -> None:
    it = rig(demo=True)
    async with it.run():
        await it.press("f", "7", "percent_sign")
        assert "Rate of drop, in %" in it.text()
        await it.press("4", "5", "enter")
        assert "rate − 45% +" in it.text()
        assert asked(it)[1:] == ["disarm drop", "drop:probability=0.45"]
        # A fault that is not at work only keeps it for when it is.
        await it.press("enter", "percent_sign", "3", "enter", "enter")
        assert asked(it)[3:] == ["disarm drop", "drop:probability=0.03"]


@pytest.mark.parametrize("typed", ["0", "101", "999", ""])
async def test_what_is_no_rate_is_refused_until_it_is_one_or_is_left(rig: MakeRig, typed: str) -> None:
    it = rig(demo=True)
    async with it.run():
        await it.press("f", "7", "percent_sign", "backspace", *typed, "enter")
        assert "A rate is from 1 to 100 %" in it.text()
        await it.press("escape")
        assert "rate − 30% +" in it.text()
        assert asked(it) == ["drop:probability=0.3"]


@pytest.mark.parametrize("key", ["plus", "percent_sign"])
async def test_what_strikes_once_has_no_rate(rig: MakeRig, key: str) -> None:
    it = rig(demo=True)
    async with it.run():
        await it.press("f", key)
        assert "disconnect acts once" in it.text()
        assert asked(it) == []


@pytest.mark.parametrize(
    ("columns", "keys"), [(40, "─ Esc close · Enter inject ─"), (80, "─ Esc close · Enter inject · + - % rate ─")]
)
async def test_how_to_leave_is_said_at_every_width(rig: MakeRig, columns: int, keys: str) -> None:
    it = rig(demo=True)
    async with it.run(columns, 24):
        await it.press("f")
        assert keys in it.text()
        assert "Esc close" in it.text()


async def test_the_order_that_is_ended_is_the_one_on_the_screen_or_under_the_cursor(rig: MakeRig) -> None:
    it = rig("A1", "A2", "A3", demo=True)
    async with it.run():
        await it.press("down", "f", "9", "escape")
        await it.press("down", "enter", "f", "9")
        assert asked(it) == ["terminal-while-watching:order=A2", "terminal-while-watching:order=A3"]


async def test_the_screen_behind_shows_injection_and_healing_side_by_side(rig: MakeRig) -> None:
    it = rig(demo=True)
    async with it.run():
        await watched(it)
        await it.press("f", "1")
        assert it.demo is not None
        it.demo.tell(at(1901), "disconnect: disconnected")
        await it.note("lost: 1006 abnormal closure")
        assert "14:31:41  fault    disconnect: disconnected" in it.text()
        assert "14:31:40  link     lost: 1006 abnormal closure" in it.text()
        assert "● Live" in it.rows()[0]


async def test_a_fault_that_the_server_refuses_is_one_line(rig: MakeRig) -> None:
    it = rig(demo=True)
    async with it.run():
        await it.press("f", "6")
        assert "no outage today" in it.text()


async def test_h_heals_in_the_panel_and_outside(rig: MakeRig) -> None:
    it = rig(demo=True)
    async with it.run():
        await it.press("f", "7", "h")
        assert "All faults removed" in it.text()
        assert "▲ on" not in it.text()
        await it.press("f", "h")
        assert asked(it) == ["drop:probability=0.3", "heal", "heal"]
        assert "All faults removed" not in it.text()


async def test_clicks_inject_and_turn_the_rate_as_well(rig: MakeRig) -> None:
    it = rig(demo=True)
    async with it.run() as pilot:
        await it.press("f")
        row = next(index for index, text in enumerate(it.rows()) if "reorder" in text)
        await pilot.click(offset=(8, row))
        await it.until(lambda: asked(it) == ["reorder:window=6,probability=0.5"])
        await it.until(lambda: "rate − 50% +" in it.text())
        line = next(index for index, text in enumerate(it.rows()) if "rate −" in text)
        await pilot.click(offset=(it.rows()[line].index("+"), line))
        await it.until(lambda: asked(it)[-1] == "reorder:window=6,probability=0.6")
        await it.until(lambda: "rate − 60% +" in it.text())
        await pilot.click(offset=(it.rows()[line].index("60%"), line))
        await it.until(lambda: "Rate of reorder" in it.text())


async def test_the_chart_shows_what_was_sent_what_arrived_and_what_was_mended(rig: MakeRig) -> None:
    it = rig(demo=True)
    async with it.run():
        await watched(it)
        assert it.demo is not None
        await it.press("f")
        for second, (sent, received, mended) in enumerate([(8, 8, 3), (16, 12, 3), (17, 17, 7)], 1901):
            it.demo.sent = sent
            it.feed.counters = Counters(events=received, repaired=mended)
            await it.at(second)
        rows = {words: text for words in ("sent", "received", "repaired") for text in it.rows() if f"{words}  " in text}
        assert rows["sent"].split("│")[1].split() == ["events", "sent", "██▁", "17"]
        assert rows["received"].split("│")[1].split() == ["events", "received", "█▄▅", "17"]
        assert rows["repaired"].split("│")[1].split() == ["gaps", "repaired", "▃", "▄", "7"]


@pytest.mark.parametrize("size", [(40, 12), (20, 5), (80, 24), (200, 60)])
async def test_the_fault_in_hand_is_in_sight_at_every_size(rig: MakeRig, size: tuple[int, int]) -> None:
    it = rig(demo=True)
    async with it.run(*size):
        await it.press("f", "end")
        assert "▸  dup" in it.text()
        await it.press("home")
        assert "▸1 disc" in it.text()


def test_a_catalogue_without_the_prepared_faults_will_do() -> None:
    bare = NotedDemo()
    bare.catalogue = CATALOGUE[:1]
    lab = FaultLab(bare, None)
    lab.move(5)
    assert lab.toggle() == "Injected: drop"
