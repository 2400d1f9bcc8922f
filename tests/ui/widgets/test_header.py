"""The header: its parts stay while the numbers in the badge change."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.orders import order, snapshot
from tests.ui.app_harness import AppHarness
from tests.ui.board_fixtures import BOARD_IDS, show_board
from tracker_tui.link.changes import Phase
from tracker_tui.ui.model.server_label import LabelColour, ServerLabel

MakeHarness = Callable[..., AppHarness]


@pytest.mark.parametrize("ids", [("A1",), ("A1", "A2")])
@pytest.mark.parametrize("width", [72, 80, 90, 93, 100])
async def test_the_headers_parts_stay_while_reconnecting(
    harness: MakeHarness, ids: tuple[str, ...], width: int
) -> None:
    ui = harness(*ids)
    async with ui.run(width, 24):
        await ui.go_live()
        await ui.receive(snapshot(3, "preparing", facts=order()))
        parts = set()
        for second in (1, 9, 55):
            for attempt, phase in ((2, Phase.BACKOFF), (12, Phase.BACKOFF), (12, Phase.CONNECTING)):
                await ui.tick_at(second)
                await ui.set_link(phase, attempt=attempt, retry_at=second + (attempt * 5) % 31, down_at=1.0)
                top = ui.rows()[0]
                parts.add(("tracker-tui" in top, "heard" in top, "14:00:" in top, "Preparing" in top))
        assert len(parts) == 1


async def test_the_counts_filter_on_a_click_and_another_click_removes_the_filter(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run(100, 30) as pilot:
        await show_board(ui)
        place = ui.rows()[1].index("risk")
        await pilot.click(offset=(place, 1))
        await ui.settle()
        assert "/risk 1 of 9" in ui.rows()[1]
        assert "A1003" not in " ".join(ui.rows()[3:12])
        await pilot.click(offset=(ui.rows()[1].rindex("risk"), 1))
        await ui.settle()
        assert "/risk" not in ui.rows()[1]


async def test_the_counts_have_their_colours(harness: MakeHarness) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run(100, 30):
        await show_board(ui)
        colours = {word: ui.styles_of(word)[0].color for word in ("1 late", "1 risk", "done")}
        assert len(set(colours.values())) == 3


async def test_a_board_without_a_problem_says_so(harness: MakeHarness) -> None:
    ui = harness("A1", "A2")
    async with ui.run():
        await ui.go_live()
        for order_id in ("A1", "A2"):
            await ui.receive(snapshot(3, "preparing", order_id=order_id, facts=order(order_id)))
        assert "✔ nothing needs attention" in ui.rows()[1]


@pytest.mark.parametrize("ids", [("A1",), ("A1", "A2")])
async def test_the_header_names_the_server_and_the_user(harness: MakeHarness, ids: tuple[str, ...]) -> None:
    ui = harness(*ids, server="https://orders.example.com")
    async with ui.run(120, 24):
        await ui.go_live()
        assert ui.rows()[0].startswith(" orders.example.com  ")
        ui.feed.user = "mara\x1b[2J"
        await ui.tick_at(1)
        assert ui.rows()[0].startswith(" mara␛[2J@orders.example.com  ")


async def test_a_servers_own_name_stays_on_a_narrow_terminal(harness: MakeHarness) -> None:
    label = ServerLabel("prod", LabelColour.RED)
    ui = harness("A1", "A2", server="https://orders.example.com", server_label=label)
    async with ui.run() as pilot:
        await ui.go_live()
        for width in (200, 80, 60, 40):
            await pilot.resize_terminal(width, 24)
            await ui.settle()
            assert ui.rows()[0].startswith(" prod  2 orders")
        assert "Live" in ui.rows()[1]
