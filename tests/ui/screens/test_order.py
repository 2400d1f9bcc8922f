"""The order screen, as the user sees it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta, timezone, tzinfo
from io import BytesIO, TextIOWrapper

import pytest

from tests.support.clocks import SetClock
from tests.support.orders import EPOCH, at, event, milestone
from tests.ui.app_harness import AppHarness
from tests.ui.order_fixtures import NOW, ROUTE, cancelled_snapshot, delivered_snapshot, meal_snapshot, show_order
from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.order import Location, MilestoneKind, Outcome
from tracker_tui.link.changes import Phase, Standing
from tracker_tui.ui.model.scene import Replay

MakeHarness = Callable[..., AppHarness]


def side(ui: AppHarness) -> str:
    """Return the text of the facts and of the map."""
    rows = ui.rows()
    first = next(number for number, row in enumerate(rows) if "─ Order ─" in row)
    left = min(rows[first].index(title) for title in ("─ Order ─", "─ Route ─") if title in rows[first])
    return "\n".join(row[left - 1 :] for row in rows[first:-2])


def braille_dots(text: str) -> int:
    return sum((ord(char) - 0x2800).bit_count() for char in text if 0x2800 <= ord(char) < 0x2900)


async def test_the_first_paint_comes_before_the_feed_is_opened(harness: MakeHarness) -> None:
    ui = harness("A1042")
    seen: list[str] = []
    ui.on_open = lambda: seen.append(ui.rows()[0])
    async with ui.run():
        assert "A1042" in seen[0]
        assert "◌ Connecting…" in seen[0]


async def test_a_live_order_shows_all_its_data(harness: MakeHarness) -> None:
    ui = harness(server="http://orders.example.com")
    async with ui.run():
        await show_order(ui)
        text = ui.text()
    for words in (
        "A1 ▸ Picked up",
        "A1 ▸ Picked up  ▲ 5 min late",
        "● Live   14:31:40Z",
        "2 × Margherita, 1 × Tiramisù · for 王小明 · to 12 Elm Street",
        "✔ Placed     14:02:11 ",
        "✔ Preparing  14:03:18  took 15:47  ◔ 0:47 over",
        "– Ready      skipped",
        "▶ Picked up  14:19:05  12:35 so far",
        "○ Arriving   expected ~14:47",
        "ARRIVES  14:50   in 19 min      ▲ 5 min late · promised 14:45",
        "SAY  Your order is with the courier and should arrive around 14:50, 5 minutes",
        "◆━━━━━━━━━━━━━●╌╌╌╌╌╌╌╌⌂",
        "Courier  Ravi · en route",
        "Position seen 14 s ago",
        "· 14:20:00  note: ring twice",
        "14:31:12  link     live",
        "WebSocket · orders.example.com · connected",
    ):
        assert words in text, words


async def test_measurements_and_counters_are_above_the_log_only(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await show_order(ui)
        assert not any(words in ui.text() for words in ("rtt", "seq 57", "drops", "repaired"))
        await ui.press("l")
        line = "WebSocket · up 0:28 · rtt 41 ms · seq 57 · 2 drops · 3 gaps repaired · 0 missing"
        assert line in ui.rows()[2]


async def test_unexpected_errors_are_counted_if_there_were_any(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await show_order(ui)
        await ui.press("l")
        assert "unexpected" not in ui.text()
        ui.feed.counters.unexpected = 1
        await ui.tick_at(NOW + 1)
        assert "1 unexpected error" in ui.text()


async def test_a_lost_link_dims_the_data_and_shows_its_age(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        assert not ui.is_dimmed()
        await ui.set_link(Phase.BACKOFF, attempt=3, retry_at=NOW + 14, down_at=NOW, reason="1006 abnormal closure")
        await ui.tick_at(NOW + 10)
        assert ui.is_dimmed()
        text = ui.text()
    assert "◐ Reconnecting… down 10 s, try 3" in text
    assert "as of 14:31:38, 12 s ago" in text
    assert "▶ Picked up" in text
    assert "WebSocket · disconnected · next try in 4 s · 1006 abnormal closure" in text


async def test_the_age_counts_from_the_loss_until_the_order_is_in_sync(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.set_link(Phase.BACKOFF, attempt=1, retry_at=NOW + 1, down_at=NOW)
        ui.feed.heard_at = NOW + 4
        await ui.set_link(Phase.SYNCING, attempt=1, connected_at=NOW + 4, down_at=NOW)
        await ui.tick_at(NOW + 5)
        assert "as of 14:31:38, 7 s ago" in ui.text()
        await ui.go_live()
        assert "as of" not in ui.text()
        assert not ui.is_dimmed()


async def test_the_header_says_when_the_last_byte_arrived_from_five_seconds_on(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.tick_at(NOW + 2.9)
        assert "heard" not in ui.text()
        place = ui.rows()[0].index("● Live")
        await ui.tick_at(NOW + 3)
        assert "heard 5 s ago  ● Live" in ui.rows()[0]
        assert ui.rows()[0].index("● Live") == place


async def test_a_quiet_link_shows_for_how_long(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.set_link(Phase.QUIET, connected_at=NOW - 28)
        await ui.tick_at(NOW + 6)
        assert "◍ Quiet 8 s" in ui.rows()[0]
        assert ui.is_dimmed()


async def test_an_order_out_of_sync_shows_reconciling(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.receive(event(60, "arriving"), standing=Standing.RECONCILING)
        await ui.tick_at(NOW + 3)
        text = ui.text()
        assert "◐ Reconciling" in text
        assert "2 events missing" in text
        assert "as of 14:31:38, 5 s ago" in text
        assert ui.is_dimmed()


async def test_a_long_outage_is_called_offline(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.set_link(Phase.BACKOFF, attempt=9, retry_at=NOW + 158, down_at=NOW)
        await ui.tick_at(NOW + 130)
        assert "○ Offline 2m10s · next try in 28 s" in ui.rows()[0]


async def test_a_delivered_order_says_so_and_is_not_dimmed(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.receive(delivered_snapshot())
        await ui.set_link(Phase.FINAL)
        await ui.tick_at(3100)
        text = ui.text()
        assert "A1 ▸ Delivered" in text
        assert "■ Final" in text
        assert "✔ DELIVERED  14:50   1 min ago      ▲ 5 min late · promised 14:45" in text
        assert "SAY  Your order was delivered at 14:50, 5 minutes later than promised." in text
        assert "✔ Delivered  14:50:00" in text
        assert "WebSocket · closed" in text
        assert not ui.is_dimmed()


async def test_an_order_cancelled_while_it_is_watched_says_so(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.receive(cancelled_snapshot())
        await ui.set_link(Phase.FINAL)
        await ui.tick_at(2100)
        text = ui.text()
        assert "A1 ▸ Cancelled" in text
        assert "■ Final" in text
        assert "✖ CANCELLED  14:33   2 min ago" in text
        assert "✖ Cancelled  14:33:20" in text
        assert "– Delivered  not reached" in text
        assert "· 14:33:20  customer called" in text
        assert not ui.is_dimmed()


async def test_a_reopened_order_is_on_its_way_again(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.receive(delivered_snapshot())
        await ui.receive(event(81, "picked_up"))
        text = ui.text()
    assert "A1 ▸ Picked up" in text
    assert "ARRIVES" in text
    assert "↺ Delivered  14:50:00  reopened" in text


async def test_a_refused_order_says_why(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await ui.go_live()
        await ui.refuse("A1", detail="no order A1 here\x1b[2J")
        assert "✖ Unknown order" in ui.rows()[0]
        assert "no order A1 here␛[2J" in ui.rows()[1]


async def test_an_unknown_order_has_one_line_and_no_empty_panes(harness: MakeHarness) -> None:
    ui = harness(server="http://orders.example.com")
    async with ui.run():
        await ui.go_live()
        await ui.refuse("A1")
        rows = [row.strip() for row in ui.rows()]
        assert [row for row in rows[2:-2] if row] == ["Unknown order at orders.example.com: A1"]
        assert not any(word in ui.rows()[-1] for word in ("Note", "Cancel"))
        await ui.receive(meal_snapshot())
        assert "Timeline" in ui.text()
        assert "Unknown order" not in ui.text()


@pytest.mark.parametrize("end", [delivered_snapshot(), cancelled_snapshot()])
async def test_no_command_is_offered_for_an_order_that_has_ended(harness: MakeHarness, end: Snapshot) -> None:
    ui = harness("A1", "A2")

    def offered() -> list[bool]:
        palette = {command.title for command in ui.app.get_system_commands(ui.app.screen)}
        return [word in ui.rows()[-1] for word in ("n Note", "X Cancel")] + [
            title in palette for title in ("Note (n)", "Cancel (X)")
        ]

    async with ui.run(120, 30):
        await show_order(ui)
        # A key keeps the cursor on its order.
        for opener in ("home", "enter", "l"):
            await ui.press(opener)
            await ui.receive(meal_snapshot())
            assert offered() == [True] * 4
            ui.story.views.pop("A1")
            await ui.receive(end)
            assert offered() == [False] * 4
            await ui.press("n")
            assert "A1 is finished: notes and cancellation are closed." in ui.text()
            assert "Note on A1" not in ui.text()
            ui.story.views.pop("A1")
        await ui.receive(meal_snapshot())
        await ui.press("question_mark")
        await ui.receive(end)
        assert ui.rows()[-1].strip() == "" or "Quit" not in ui.rows()[-1]


async def test_a_failed_link_says_why(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await ui.set_link(Phase.FAILED, reason="the server speaks protocol 2, not 1")
        assert "✖ the server speaks protocol 2, not 1" in ui.rows()[0]


async def test_history_from_before_a_new_epoch_is_marked(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.receive(event(1, "arriving", epoch=EPOCH + 1), standing=Standing.RECONCILING)
        assert "Timeline, from before the server's new log" in ui.text()
        await ui.receive(meal_snapshot(57, "arriving", epoch=EPOCH + 1))
        assert "new log" not in ui.text()


async def test_a_corrected_stage_is_struck_through(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        slip = milestone(58, "arriving", occurred_at=at(1500))
        undone = milestone(59, "picked_up", occurred_at=at(1510), kind=MilestoneKind.CORRECTION, supersedes=(58,))
        await ui.receive(meal_snapshot(59, "picked_up", None, slip, undone))
        assert "⊘ Arriving" in ui.text()
        assert "corrected" in ui.text()
        assert ui.styles_of("Arriving")[0].strike


async def test_an_old_position_is_called_stale_and_later_lost(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await show_order(ui)
        await ui.tick_at(NOW + 60)
        assert "stale: seen 1 min ago" in ui.text()
        await ui.tick_at(NOW + 200)
        assert "lost: seen 3 min ago" in ui.text()


async def test_a_position_is_not_called_stale_because_the_link_is_down(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await show_order(ui)
        await ui.set_link(Phase.BACKOFF, attempt=3, retry_at=NOW + 400, down_at=NOW)
        await ui.tick_at(NOW + 200)
        text = ui.text()
        assert "seen 3 min ago" in text
        assert "no new position: disconnected" in text
        assert "━◌╌" in text
        assert "lost:" not in text
        await ui.go_live()
        assert "lost: seen 3 min ago" in ui.text()
        assert "disconnected" not in ui.text()


async def test_a_position_that_was_stale_before_the_link_was_lost_stays_stale(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await show_order(ui)
        ui.feed.heard_at = NOW + 60
        await ui.tick_at(NOW + 60)
        await ui.set_link(Phase.BACKOFF, attempt=3, retry_at=NOW + 400, down_at=NOW + 60)
        await ui.tick_at(NOW + 300)
        assert "stale: seen 5 min ago" in ui.text()
        assert "no new position: disconnected" in ui.text()


@pytest.mark.parametrize("size", [(100, 30), (160, 50), (200, 60)])
async def test_a_map_with_a_scale_is_shown_where_it_fits(harness: MakeHarness, size: tuple[int, int]) -> None:
    ui = harness()
    async with ui.run(*size):
        await show_order(ui)
        pane = side(ui)
        assert "Ravi · en route · 1.2 km" in pane
        assert (pane.count("●"), pane.count("◆")) == (2, 2)
        assert braille_dots(pane)
        assert re.search(r"├─+┤ (200|500) m", pane)


async def test_at_160_columns_there_are_three_panes_side_by_side(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(160, 50):
        await show_order(ui)
        (titles,) = [row for row in ui.rows() if "─ Timeline ─" in row]
        assert titles.index("Timeline") < titles.index("Route") < titles.index("Order")


@pytest.mark.parametrize("size", [(80, 24), (80, 50), (100, 22), (40, 12)])
async def test_the_bar_is_shown_where_no_map_fits(harness: MakeHarness, size: tuple[int, int]) -> None:
    ui = harness()
    async with ui.run(*size):
        await show_order(ui)
        assert not braille_dots(ui.text())
        assert "━━━●╌╌" in ui.text() or size == (40, 12)


async def test_an_order_without_a_route_has_the_bar_alone(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(160, 50):
        await show_order(ui)
        bare = meal_snapshot(58)
        await ui.receive(replace(bare, order=replace(bare.order, route=(ROUTE[0],))))
        assert "━━━●╌╌" in ui.text()
        assert not braille_dots(ui.text())


async def test_the_courier_on_the_map_is_hollow_if_the_position_may_be_old(harness: MakeHarness) -> None:
    ui = harness()

    def markers() -> tuple[int, int]:
        return side(ui).count("●"), side(ui).count("◌")

    async with ui.run(100, 30):
        await show_order(ui)
        assert markers() == (2, 0)
        there = Location(52.503, 13.3728, at(NOW))
        await ui.receive(event(60, "picked_up", location=there), standing=Standing.RECONCILING)
        assert markers() == (0, 2)
        await ui.receive(meal_snapshot(60))
        assert markers() == (2, 0)
        await ui.tick_at(NOW + 40)
        assert markers() == (0, 2)
        await ui.set_link(Phase.BACKOFF, attempt=1, retry_at=NOW + 90, down_at=NOW + 40)
        assert markers() == (0, 2)


async def test_the_map_of_a_delivered_order_shows_the_whole_route_as_travelled(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(160, 50):
        await show_order(ui)
        before = braille_dots(ui.text())
        await ui.receive(delivered_snapshot())
        assert braille_dots(ui.text()) > before
        assert side(ui).count("●") == 1


async def test_a_terminal_without_unicode_gets_an_ascii_map(
    harness: MakeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.__stderr__", TextIOWrapper(BytesIO(), encoding="latin-1"))
    ui = harness()
    async with ui.run(100, 30):
        await show_order(ui)
        assert braille_dots(ui.text()) == 0
        assert "A###" in ui.text()
        assert "@" in ui.text()


async def test_an_arrival_that_passes_is_said_by_its_latest_time_and_then_as_expected(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        assert "ARRIVES  14:50   in 19 min      ▲ 5 min late" in ui.text()
        await ui.tick_at(3060)
        assert "ARRIVES  by 14:53   in 2 min      ▲ 6 min late" in ui.text()
        await ui.tick_at(3240)
        assert "EXPECTED  by 14:53   1 min ago      ▲ 9 min late" in ui.text()
        await ui.receive(delivered_snapshot())
        assert "▲ 5 min late" in ui.text()
        assert "overdue" not in ui.text()


async def test_a_delivery_within_the_promised_second_is_on_time(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        end = milestone(80, "delivered", occurred_at=at(2700.4))
        await ui.receive(meal_snapshot(80, "delivered", Outcome.DELIVERED, end, eta=None))
        assert "✔ on time" in ui.text()
        assert "late" not in ui.text()


async def test_a_stage_over_its_limit_shows_the_excess(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        assert "took 15:47  ◔ 0:47 over" in ui.text()
        await ui.tick_at(1145 + 900)
        assert ui.text().count(" over") == 1
        await ui.tick_at(1145 + 960)
        assert "16:00 so far  ◔ 1:00 over" in ui.text()


async def test_a_position_without_a_route_is_shown_by_its_label(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await ui.go_live()
        place = Location(52.5, 13.3, at(0), label="Sortierzentrum Großbeeren")
        await ui.receive(event(1, "in_transit", location=place))
        assert "Position ● Sortierzentrum Großbeeren" in ui.text()


async def test_flags_and_attempts_are_shown_in_words(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run(100, 30):
        await show_order(ui)
        await ui.receive(event(58, "attempt_failed", flags=("action_required", "held"), attempt=2))
        text = ui.text()
        assert "A1 ▸ Attempt failed" in text
        assert "Flags    action required, held" in text
        assert "Attempt  2" in text


async def test_an_unknown_status_is_shown_verbatim(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.receive(event(58, "beamed_up"))
        assert "A1 ▸ beamed_up" in ui.text()
        assert "▶ beamed_up" in ui.text()


async def test_a_long_timeline_is_folded_around_the_present_stage(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        detour = [
            milestone(57 + step, status, occurred_at=at(1200 + step))
            for step, status in enumerate(["attempt_failed", "arriving"] * 8, 1)
        ]
        await ui.receive(meal_snapshot(90, "arriving", None, *detour))
        assert "earlier" in ui.text()
        assert "▶ Arriving" in ui.text()
        assert "○ Delivered" in ui.text()


@pytest.mark.parametrize(
    ("zone", "clock_text", "arrival"),
    [(timezone(timedelta(hours=2)), "16:31:40 ", "16:50"), (UTC, "14:31:40Z", "14:50")],
)
async def test_times_are_in_the_zone_of_the_viewer(
    clock: SetClock, zone: tzinfo, clock_text: str, arrival: str
) -> None:
    ui = AppHarness(clock, ("A1",), demo=False, zone=zone)
    async with ui.run():
        await show_order(ui)
        assert clock_text in ui.rows()[0]
        assert f"{arrival}   in 19 min" in ui.text()


async def test_a_pause_freezes_the_screen_and_counts_changes(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        await ui.press("p")
        assert "‖ Paused · 0 new" in ui.rows()[0]
        await ui.receive(event(58, "arriving"), event(59, "arriving"))
        await ui.receive_note("lost: 1006 abnormal closure")
        await ui.tick_at(NOW + 10)
        text = ui.text()
        assert "‖ Paused · 2 new" in text
        assert "as of 14:31:38, 12 s ago" in text
        assert "A1 ▸ Picked up" in text
        assert "in 19 min" in text
        assert "1006" not in text
        await ui.press("p")
        assert "● Live" in ui.text()
        assert "A1 ▸ Arriving" in ui.text()
        assert "lost: 1006 abnormal closure" in ui.text()


async def test_a_replay_says_so_in_its_badge(harness: MakeHarness) -> None:
    ui = harness(replay=Replay(2.0))
    async with ui.run():
        await show_order(ui)
        assert "▷ Replay ×2 · ● Live" in ui.rows()[0]
        assert not ui.is_dimmed()
        ui.feed.emit(None)
        await ui.wait_until(lambda: "▷ Replay finished · was ● Live" in ui.rows()[0])
        assert "heard" not in ui.rows()[0]
        assert "A1 ▸ Picked up" in ui.text()


async def test_r_reconnects_the_feed(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await ui.press("r")
        assert ui.feed.reconnects == 1


async def test_the_log_has_every_line_and_follows_new_ones(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        await show_order(ui)
        for number in range(40):
            await ui.receive_note(f"line {number}")
        assert "line 39" in ui.text()
        assert "line 36" not in ui.text()
        await ui.press("l")
        assert "Log of A1" in ui.text()
        assert "line 39" in ui.text()
        await ui.receive_note("one more")
        assert "one more" in ui.text()
        await ui.press("home")
        await ui.wait_until(lambda: "order    Placed" in ui.text())
        await ui.receive_note("and another")
        assert "and another" not in ui.text()
        await ui.press("escape")
        assert "Timeline" in ui.text()
