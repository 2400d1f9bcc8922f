"""The content of one order, laid out by the widget's own size: the first lines, the panes, the map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.app import App, ComposeResult

from tests.support.orders import at, event
from tests.ui.app_harness import AppHarness
from tests.ui.handlers.test_orders import NOTE
from tests.ui.order_fixtures import FACTS, NOW, ROUTE, delivered_snapshot, meal_snapshot, show_order
from tests.ui.screens.test_board import IDS, show_four_orders
from tests.ui.unusual_orders import show_parcel
from tracker_tui.domain.order import Eta, Links, Place, Precision
from tracker_tui.link.changes import Phase, Standing, Topic
from tracker_tui.ui import app as app_module
from tracker_tui.ui.model.scene import OrderScene
from tracker_tui.ui.widgets.hero import hero_rows
from tracker_tui.ui.widgets.order_body import OrderBody

MakeHarness = Callable[..., AppHarness]

BERLIN = replace(FACTS, destination=Place(*ROUTE[-1], "12 Elm Street", "Europe/Berlin"))


def minutes(first: float, last: float) -> Eta:
    """Return a window in minutes after 14:00."""
    return Eta(at(first * 60), at(last * 60), Precision.MINUTE)


def scene_of(ui: AppHarness) -> OrderScene:
    return ui.app.current_frame().order_scene("A1")


def hero(ui: AppHarness, width: int, height: int = 1) -> list[str]:
    """Return the first lines at a width, for sizes that no terminal of the test has."""
    return [row.plain for row in hero_rows(scene_of(ui), width, height)]


async def slip(ui: AppHarness) -> None:
    """Move the arrival from 14:50 to 14:53 and then to 14:57; it is promised for 14:45."""
    await show_order(ui)
    await ui.receive(meal_snapshot(58, eta=minutes(51, 55)), meal_snapshot(59, eta=minutes(55, 59)))
    await ui.tick_at(NOW)


async def test_an_arrival_that_moved_is_shown_with_its_steps_as_far_as_they_fit(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(120, 30):
        await slip(ui)
        whole = "ARRIVES  14:57   in 26 min      ▲ 12 min late · promised 14:45"
        assert f"{whole} (moved 3 times: 14:45 → 14:50 → 14:53 → 14:57 ▁▄▆█)" in ui.text()
        assert hero(ui, 90) == [f"{whole} (moved 3 times)"]
        assert hero(ui, 70) == [whole]
        assert hero(ui, 50) == ["ARRIVES  14:57   in 26 min      ▲ 12 min late"]
        assert hero(ui, 30) == [" 14:57       ▲ 12 min late"]
        assert hero(ui, 8) == [" 14:57 "]


async def test_a_narrow_hero_has_a_line_for_the_lateness_and_the_whole_sentence(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(40, 12):
        await slip(ui)
        rows = [row.rstrip() for row in ui.rows()[3:8]]
    assert rows == [
        " ARRIVES  14:57   in 26 min",
        " ▲ 12 min late · promised 14:45",
        " SAY  Your order is with the courier",
        " and should arrive around 14:57, 12",
        " minutes later than promised.",
    ]


async def test_a_wide_window_stands_beside_its_middle(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await show_order(ui)
        await ui.receive(meal_snapshot(58, eta=minutes(40, 52)))
        assert "ARRIVES  14:40–14:52   in 15 min      △ at risk · promised 14:45" in ui.text()
        assert "(moved twice: 14:45 → 14:50 → 14:40–14:52 ▁█▂)" in hero(ui, 120)[0]
        await ui.receive(meal_snapshot(59, eta=minutes(47, 59)))
        assert "ARRIVES  14:53  (14:47–14:59)  in 22 min      ▲ 8 min late" in ui.text()
        assert "between 14:47 and 14:59, 8 minutes later than promised." in " ".join(ui.text().split())


async def test_one_line_has_times_of_one_zone_which_is_named_where_it_is_not_the_viewers(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(120, 30):
        await show_order(ui)
        told = meal_snapshot(58, eta=minutes(48, 53))
        await ui.receive(replace(told, order=BERLIN))
        assert "ARRIVES  15:50  Berlin time  in 19 min      ▲ 5 min late · promised 15:45" in ui.text()
        assert "should arrive around 15:50 (Berlin time), 5 minutes later" in ui.text()
        await ui.set_link(Phase.BACKOFF, attempt=1, retry_at=NOW + 9, down_at=NOW)
        assert "Berlin time  in 19 min · as of 15:31      ▲ 5 min late" in ui.text()
        assert "SAY  As of 15:31 (Berlin time), your order was with the courier" in ui.text()


async def test_where_days_are_judged_the_promise_is_a_day(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(120, 30):
        await show_parcel(ui)
        assert "ARRIVES  Wed 25 Nov  Berlin time  tomorrow      ✔ on time · promised Wed 25 Nov" in ui.text()


async def test_nothing_of_a_parcel_has_seconds(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(120, 40):
        await show_parcel(ui)
        timeline = "\n".join(row.split("││")[0] for row in ui.rows()[6:-4])
        assert "11:07         Arrived at Leipzig-Halle" in timeline
        assert not any(char.isdigit() and timeline[at : at + 9].count(":") > 1 for at, char in enumerate(timeline))


async def test_a_map_is_shown_for_a_position_or_bends_only(harness: MakeHarness) -> None:
    ui = harness()
    straight = replace(FACTS, route=(ROUTE[0], ROUTE[-1]))
    async with ui.run(160, 50):
        await show_order(ui)
        assert "─ Route ─" in ui.text()
        for seq, (order, location, is_shown) in enumerate(
            (
                (straight, None, False),
                (FACTS, None, True),
                (straight, meal_snapshot().state.location, True),
                (replace(FACTS, route=()), meal_snapshot().state.location, False),
            ),
            58,
        ):
            await ui.receive(replace(meal_snapshot(seq, location=location), order=order))
            assert ("─ Route ─" in ui.text()) is is_shown
            assert ui.rows()[5].rstrip().endswith("╮")


async def test_the_lines_of_the_log_below_the_timeline_are_those_that_it_cannot_show(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await show_order(ui)
        await ui.receive_note("note sent: “ring twice”", Topic.COMMAND, "A1")
        await ui.receive_pending(NOTE)
        assert "note sent" not in ui.text()
        await ui.receive_pending()
        assert "note sent" in ui.text()
        await ui.receive_note("seq 58 missing; subscribing again", Topic.GAP, "A1")
        await ui.receive_note("two", Topic.ODDITY)
        await ui.receive_note("three")
        rows = ui.rows()
        last = next(number for number, row in enumerate(rows) if row.startswith("╰"))
        assert [row[2:40].split(maxsplit=2)[1] for row in rows[last - 3 : last]] == ["gap", "oddity", "link"]
        assert "note sent" not in ui.text()
        assert rows[last - 4].split("││")[0].strip("│ ") == ""


@pytest.mark.parametrize(("size", "shown"), [((100, 17), 0), ((80, 24), 3)])
async def test_stages_and_pending_commands_come_before_lines_of_the_log(
    harness: MakeHarness, size: tuple[int, int], shown: int
) -> None:
    ui = harness()
    async with ui.run(*size):
        await show_order(ui)
        for number in range(4):
            await ui.receive_note(f"line {number}")
        assert ui.text().count("  link  ") == shown
        assert "○ Delivered" in ui.text()


async def test_an_order_that_goes_out_of_sync_is_said_as_of_its_last_time(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await show_order(ui)
        assert "SAY  Your order is with the courier" in ui.text()
        await ui.receive(event(60, "arriving"), standing=Standing.RECONCILING)
        await ui.tick_at(NOW + 90)
        assert "SAY  As of 14:31, your order was nearly there" in ui.text()
        await ui.receive(delivered_snapshot())
        assert "SAY  Your order was delivered at 14:50" in ui.text()


async def test_the_courier_is_named_only_if_the_user_wants_it(harness: MakeHarness) -> None:
    for names_courier in (False, True):
        ui = harness(names_courier=names_courier)
        async with ui.run(100, 30):
            await show_order(ui)
            assert ("on its way with Ravi" in ui.text()) is names_courier


async def test_the_board_has_the_sentence_of_the_selected_order(harness: MakeHarness) -> None:
    ui = harness(*IDS)
    async with ui.run(120, 40):
        await show_four_orders(ui)
        for _ in IDS:
            scene = ui.app.current_frame().order_scene(ui.app.screen.selected_order_id)  # type: ignore[attr-defined]
            shown = " ".join(row.split("││")[0].strip("│ ") for row in ui.rows())
            assert f"SAY  {scene.say}" in shown or scene.view.current is None
            await ui.press("down")


@pytest.mark.parametrize("size", [(159, 30), (160, 30), (99, 30), (59, 30), (30, 6)])
async def test_the_body_lays_itself_out_by_its_own_size(harness: MakeHarness, size: tuple[int, int]) -> None:
    ui = harness()
    async with ui.run(200, 60):
        await show_order(ui)
        scene = scene_of(ui)

    class Beside(App[None]):
        CSS_PATH = Path(app_module.__file__).with_name("order.tcss")
        CSS = f"OrderBody {{ width: {size[0]}; height: {size[1]}; }}"

        def compose(self) -> ComposeResult:
            yield OrderBody(is_beside_board=True)

    app = Beside()
    async with app.run_test(size=(200, 60)) as pilot:
        body = app.query_one(OrderBody)
        body.show(scene)
        await pilot.pause()
        timeline, facts, route = (body.query_one(f"#{name}") for name in ("timeline", "facts", "route"))
        assert (route.region.y == facts.region.y and route.display) is (size[0] >= 160)
        assert route.display is (size[0] >= 100)
        assert (facts.region.x > timeline.region.x and bool(facts.region)) is (size[0] >= 60)
        assert all(pane.region.right <= size[0] and pane.region.bottom <= size[1] for pane in (timeline, facts, route))


async def test_the_facts_of_an_order_without_a_header_of_its_own_include_items_customer_and_destination(
    harness: MakeHarness,
) -> None:
    from tracker_tui.ui.widgets.facts import render_facts

    ui = harness()
    async with ui.run():
        await ui.go_live()
        await ui.receive(replace(meal_snapshot(), order=replace(FACTS, links=Links("https://orders.example/A1"))))
        text = render_facts(scene_of(ui), 60, 20, names_order=True).plain
        assert text.splitlines()[:3] == [
            "Items    2 × Margherita, 1 × Tiramisù",
            "Customer 王小明",
            "To       12 Elm Street",
        ]
        assert text.splitlines()[-1] == "Page     https://orders.example/A1"
        assert "Customer" not in render_facts(scene_of(ui), 60, 20).plain
