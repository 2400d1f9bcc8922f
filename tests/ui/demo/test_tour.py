"""The guided tour: space injects each failure and removes the last one; leaving removes all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mock_server.faults.spec import parse_fault
from tests.support.orders import event, snapshot
from tests.ui.app_harness import AppHarness
from tests.ui.order_fixtures import NOW, show_order
from tests.ui.screen_reader import ScreenReader
from tracker_tui.cli.demo import demo
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.order import Outcome
from tracker_tui.link.changes import Phase
from tracker_tui.link.feed_protocol import Feed
from tracker_tui.link.track import track
from tracker_tui.ui.app import TrackerApp
from tracker_tui.ui.demo.tour import STOPS, TourStop

MakeHarness = Callable[..., AppHarness]


def test_there_are_ten_different_failures() -> None:
    assert len(STOPS) == 10
    assert len({stop.faults for stop in STOPS}) == 10


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.title)
def test_the_server_knows_every_failure_of_the_tour(stop: TourStop) -> None:
    for fault in stop.faults:
        parse_fault(fault)


async def test_space_removes_the_faults_and_injects_the_next_ones(harness: MakeHarness) -> None:
    ui = harness(demo=True, tour=True)
    async with ui.run():
        await show_order(ui)
        assert ui.demo is not None
        assert "Ten failures, one after another" in ui.text()
        assert ui.demo.calls == []
        await ui.press("space")
        assert "Tour · 1 of 10" in ui.text()
        assert "The client should reconnect after" in ui.text()
        await ui.press("space")
        assert "Tour · 2 of 10" in ui.text()
        assert ui.demo.calls == [
            "heal", "disconnect", "refuse:for=4", "heal", "lose-tail:count=all,for=6,order=A1",
        ]  # fmt: skip


async def test_leaving_the_tour_removes_all_faults(harness: MakeHarness) -> None:
    ui = harness(demo=True, tour=True)
    async with ui.run():
        await ui.press("space", "space", "space", "escape")
        assert ui.demo is not None
        assert ui.demo.calls[-1] == "heal"
        assert "Tour" not in ui.text()


async def test_the_tour_starts_over_the_selected_order_of_a_board(harness: MakeHarness) -> None:
    ui = harness("A1", "A2", demo=True)
    async with ui.run():
        await ui.press("down")
        await ui.app.run_action("tour")
        await ui.settle()
        assert "Ten failures" in ui.text()
        assert "A2" in ui.rows()[0]
        await ui.press("escape", "escape")
        assert "2 orders" in ui.text()


async def test_the_tour_starts_over_an_open_order(harness: MakeHarness) -> None:
    ui = harness("A1", "A2", demo=True)
    async with ui.run():
        await ui.go_live()
        await ui.receive(snapshot(2, "cancelled", outcome=Outcome.CANCELLED), snapshot(2, "preparing", order_id="A2"))
        await ui.press("s", "i", "home", "enter")
        assert "A1 ▸ Cancelled" in ui.rows()[0]
        await ui.app.run_action("tour")
        await ui.settle()
        assert "Ten failures" in ui.text()
        assert "A2 ▸ Preparing" in ui.rows()[0]
        await ui.press("escape")
        await ui.receive(event(3, "cancelled", order_id="A2", outcome=Outcome.CANCELLED))
        await ui.app.run_action("tour")
        await ui.settle()
        assert "Ten failures" not in ui.text()
        assert "all orders have ended" in " ".join(notice.text for notice in ui.app.notices.items)


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (20, 5), (100, 30), (160, 50), (200, 60)])
async def test_every_stop_is_readable_at_every_size_and_covers_nothing(
    harness: MakeHarness, size: tuple[int, int]
) -> None:
    ui = harness(demo=True, tour=True)
    async with ui.run(*size):
        await show_order(ui)
        # The last one is an outage, which this demo refuses.
        for stop in STOPS[:9]:
            await ui.press("space")
            top = next(index for index, row in enumerate(ui.rows()) if row.startswith("╭─ Tour"))
            panel = " ".join(" ".join(row.strip("│") for row in ui.rows()[top:]).split())
            assert stop.title[: size[0] - 6] in panel
            behind = ui.app.screen_stack[-2]
            # The order's screen ends where the panel begins.
            assert behind.query_one("#header").region.bottom <= top or size[1] < 8
            if size >= (80, 24):
                assert stop.text.split()[-1] in panel
                assert panel.count("○") == len(stop.checks)
                assert "● Live" in ui.rows()[0]
                assert "Picked up" in "\n".join(ui.rows()[2:top])
        await ui.press("escape")
        assert ui.app.screen.styles.padding.bottom == 0


async def test_the_checklist_is_measured_on_the_connection(harness: MakeHarness) -> None:
    ui = harness(demo=True, tour=True)
    async with ui.run(100, 30):
        await show_order(ui)
        await ui.tick_at(NOW)
        await ui.press("space")
        assert "○ the badge was not Live for 0 s" in ui.text()
        await ui.set_link(Phase.BACKOFF, attempt=1)
        await ui.tick_at(NOW + 2)
        assert "○ the badge was not Live for 2 s" in ui.text()
        await ui.set_link(Phase.CONNECTING, attempt=2)
        await ui.tick_at(NOW + 4)
        assert "✔ the badge was not Live for 4 s" in ui.text()
        assert "✔ 2 attempts to reconnect" in ui.text()
        assert "○ events recovered: 0" in ui.text()
        assert "○ Live, and nothing is missing" in ui.text()
        await ui.receive(event(58, "picked_up", quiet=True), event(59, "picked_up", quiet=True))
        await ui.go_live()
        await ui.tick_at(NOW + 5)
        assert "✔ events recovered: 2" in ui.text()
        assert "✔ no line of the log appears twice" in ui.text()
        assert "✔ Live, and nothing is missing" in ui.text()
        await ui.press("space")
        assert "✔" not in "\n".join(row for row in ui.rows() if row.startswith("│ ") and "events" in row)


async def test_the_checklist_is_measured_under_the_help_too(harness: MakeHarness) -> None:
    ui = harness(demo=True, tour=True)
    async with ui.run(100, 30):
        await show_order(ui)
        await ui.tick_at(NOW)
        await ui.press("space")
        await ui.set_link(Phase.BACKOFF, attempt=1)
        await ui.press("question_mark")
        await ui.tick_at(NOW + 2)
        await ui.go_live()
        await ui.tick_at(NOW + 9)
        await ui.press("escape")
        assert "○ the badge was not Live for 2 s" in ui.text()


async def test_the_tour_claims_only_what_it_measured(harness: MakeHarness) -> None:
    ui = harness(demo=True, tour=True)
    async with ui.run():
        await ui.tick_at(1)
        assert "Ten failures" in ui.text()
        assert "○ Live, and nothing is missing" in ui.text()
        await show_order(ui)
        assert "✔ Live, and nothing is missing" in ui.text()


def logged(ui: ScreenReader[TrackerApp]) -> str:
    """Return the event log as text; the screen has only its last lines."""
    return "\n".join(line.text for line in ui.app._state.event_log.lines)


async def test_the_screen_is_live_and_up_to_date_after_the_tour() -> None:
    async with demo("tour") as server:

        async def open_feed() -> Feed:
            return track("A1042", server=server.url)

        ui = ScreenReader(TrackerApp(server.orders, open_feed, demo=server, tour=True))
        async with ui.app.run_test(size=(100, 40)) as pilot:
            ui.attach(pilot)
            await ui.wait_until(lambda: "● Live" in ui.text() and "Ten failures" in ui.text())
            for number, stop in enumerate(STOPS, 1):
                await pilot.press("space")
                await ui.wait_until(lambda number=number: f"Tour · {number} of 10" in ui.text())  # type: ignore[misc]
                name = stop.faults[0].partition(":")[0]
                await ui.wait_until(lambda name=name: f"injected {name}" in logged(ui))  # type: ignore[misc]
            await pilot.press("space")
            await ui.wait_until(lambda: "That was the tour" in ui.text() and "● Live" in ui.text())
            assert list(server.armed) == []
            truth = (await server._server.events.heads(["A1042"]))["A1042"]

            def known() -> Cursor | None:
                assert ui.app.feed is not None
                view = ui.app.feed.views["A1042"]
                return view.version if view.complete else None

            await ui.wait_until(lambda: (cursor := known()) is not None and cursor >= truth)
            await pilot.press("space")
            await ui.wait_until(lambda: "That was the tour" not in ui.text())
