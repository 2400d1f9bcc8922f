"""The demo's fault panel: what it injects, and that its effects are seen behind it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mock_server.faults.spec import parse
from tests.support.orders import at
from tests.ui.lunch import watched
from tests.ui.rig import Rig
from tracker_tui.ui.screens.faults import FAULTS

MakeRig = Callable[..., Rig]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_server_knows_every_fault_of_the_panel(fault: object) -> None:
    parse(fault.spec)  # type: ignore[attr-defined]


async def test_digits_inject_and_say_what_the_client_should_do(rig: MakeRig) -> None:
    it = rig(demo=True)
    async with it.run():
        await watched(it)
        await it.press("f", "1", "5")
        assert it.demo is not None
        assert it.demo.asked == ["disconnect", "new-epoch"]
        await it.press("1")
        assert "Injected: drop the connection" in it.text()
        assert "The client should reconnect after a short random" in it.text()


async def test_the_order_that_is_cancelled_is_the_one_on_the_screen_or_under_the_cursor(rig: MakeRig) -> None:
    it = rig("A1", "A2", "A3", demo=True)
    async with it.run():
        assert it.demo is not None
        await it.press("down", "f", "9", "escape")
        await it.press("down", "enter", "f", "9")
        assert it.demo.asked == ["terminal-while-watching:order=A2", "terminal-while-watching:order=A3"]


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
        await it.press("f", "h")
        assert "Healed" in it.text()
        await it.press("f", "h")
        assert it.demo is not None
        assert it.demo.asked == ["heal", "heal"]
        assert "Healed" not in it.text()


async def test_a_click_injects_as_well(rig: MakeRig) -> None:
    it = rig(demo=True)
    async with it.run() as pilot:
        await it.press("f")
        row = next(index for index, text in enumerate(it.rows()) if "Drop the connection" in text)
        await pilot.click(offset=(8, row))
        await it.until(lambda: it.demo is not None and it.demo.asked == ["disconnect"])
