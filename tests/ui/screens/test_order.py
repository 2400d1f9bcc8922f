"""The order screen, as a person sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta, timezone
from io import BytesIO, TextIOWrapper

import pytest

from tests.support.clocks import SetClock
from tests.support.orders import EPOCH, at, event, milestone
from tests.ui.app_harness import Rig
from tests.ui.order_fixtures import NOW, ROUTE, cancelled, delivered, lunch, watched
from tracker_tui.domain.order import Location, MilestoneKind, Outcome
from tracker_tui.link.changes import Phase, Standing
from tracker_tui.ui.model.scene import Replay

MakeRig = Callable[..., Rig]


def courier_pane(it: Rig) -> str:
    rows = it.rows()
    first = next(number for number, row in enumerate(rows) if "Courier" in row)
    last = next(number for number, row in enumerate(rows) if "Connection" in row)
    left = rows[first].index("Courier") - 2
    return "\n".join(row[left:] for row in rows[first:last])


def braille_dots(text: str) -> int:
    return sum((ord(char) - 0x2800).bit_count() for char in text if 0x2800 <= ord(char) < 0x2900)


async def test_the_first_paint_comes_before_the_feed_is_opened(rig: MakeRig) -> None:
    it = rig("A1042")
    seen: list[str] = []
    it.on_open = lambda: seen.append(it.rows()[0])
    async with it.run():
        assert "A1042" in seen[0]
        assert "◌ Connecting…" in seen[0]


async def test_a_live_order_shows_all_that_is_known(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        text = it.text()
    for words in (
        "A1 ▸ Picked up",
        "● Live  heard 2 s ago   14:31:40Z",
        "2 × Margherita, 1 × Tiramisù · for 王小明 · to 12 Elm Street",
        "✔ Placed     14:02:11  took 0:51",
        "– Ready      skipped",
        "▶ Picked up  14:19:05  12:35 so far",
        "○ Arriving   expected ~14:47",
        "14:50   in 18 min",
        "14:48–14:53",
        "promised 14:45",
        "▲ 5 min late",
        "◆━━━━━━━━━━━━━●╌╌╌╌╌╌╌╌⌂",
        "1.2 km · seen 14 s ago",
        "Ravi · en route",
        "WebSocket · up 0:28",
        "seq 57 · 0 missing",
        "2 drops · 3 repaired",
        "14:20:00  order    note: ring twice",
        "14:31:12  link     live",
    ):
        assert words in text, words


async def test_the_round_trip_is_shown_where_there_is_room(rig: MakeRig) -> None:
    it = rig()
    async with it.run(100, 30):
        await watched(it)
        assert "WebSocket · up 0:28 · rtt 41 ms · seq 57" in it.text()


async def test_unexpected_errors_are_counted_where_there_were_any(rig: MakeRig) -> None:
    it = rig()
    async with it.run(100, 30):
        await watched(it)
        assert "unexpected" not in it.text()
        it.feed.counters.unexpected = 1
        await it.at(NOW + 1)
        assert "1 unexpected error" in it.text()


async def test_a_lost_link_dims_the_last_known_state_and_tells_its_age(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        assert not it.is_dimmed()
        await it.link(Phase.BACKOFF, attempt=3, retry_at=NOW + 14, down_at=NOW, reason="1006 abnormal closure")
        await it.at(NOW + 10)
        assert it.is_dimmed()
        text = it.text()
    assert "◐ Reconnecting… try 3, next in 4 s" in text
    assert "as of 14:31:38, 12 s ago" in text
    assert "▶ Picked up" in text
    assert "WebSocket · down 0:10" in text
    assert "1006 abnormal closure" in text


async def test_the_age_goes_on_from_the_loss_until_everything_is_in_sync_again(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.link(Phase.BACKOFF, attempt=1, retry_at=NOW + 1, down_at=NOW)
        it.feed.heard_at = NOW + 4
        await it.link(Phase.SYNCING, attempt=1, connected_at=NOW + 4, down_at=NOW)
        await it.at(NOW + 5)
        assert "as of 14:31:38, 7 s ago" in it.text()
        await it.live()
        assert "as of" not in it.text()
        assert not it.is_dimmed()


async def test_a_quiet_link_says_for_how_long(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.link(Phase.QUIET, connected_at=NOW - 28)
        await it.at(NOW + 6)
        assert "◍ Quiet 8 s" in it.rows()[0]
        assert it.is_dimmed()


async def test_an_order_that_is_not_in_sync_is_not_called_live(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.tell(event(60, "arriving"), standing=Standing.RECONCILING)
        await it.at(NOW + 3)
        text = it.text()
        assert "◐ Reconciling" in text
        assert "2 missing" in text
        assert "as of 14:31:38, 5 s ago" in text
        assert it.is_dimmed()


async def test_a_long_outage_is_called_offline(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.link(Phase.BACKOFF, attempt=9, retry_at=NOW + 158, down_at=NOW)
        await it.at(NOW + 130)
        assert "○ Offline 2m10s · next try in 28 s" in it.rows()[0]


async def test_a_delivered_order_says_so_and_keeps_its_colours(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.tell(delivered())
        await it.link(Phase.FINAL)
        await it.at(3100)
        text = it.text()
        assert "A1 ▸ Delivered" in text
        assert "■ Final" in text
        assert "Arrived" in text
        assert "✔ Delivered  14:50:00" in text
        assert "▲ 5 min late" in text
        assert "WebSocket · closed" in text
        assert not it.is_dimmed()


async def test_an_order_cancelled_while_it_is_watched_says_so(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.tell(cancelled())
        await it.link(Phase.FINAL)
        await it.at(2100)
        text = it.text()
        assert "A1 ▸ Cancelled" in text
        assert "■ Final" in text
        assert "✖ Cancelled  14:33:20" in text
        assert "– Delivered  not reached" in text
        assert "Cancelled: customer called" in text
        assert not it.is_dimmed()


async def test_a_reopened_order_is_on_its_way_again(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.tell(delivered())
        await it.tell(event(81, "picked_up"))
        text = it.text()
    assert "A1 ▸ Picked up" in text
    assert "Arrives" in text
    assert "↺ Delivered  14:50:00  reopened" in text
    assert "order    reopened after it had ended as delivered" in text


async def test_a_refused_order_says_why(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await it.live()
        await it.refuse("A1", detail="no order A1 here\x1b[2J")
        assert "✖ Unknown order" in it.rows()[0]
        assert "no order A1 here␛[2J" in it.rows()[1]


async def test_a_failed_link_says_why(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await it.link(Phase.FAILED, reason="the server speaks protocol 2, not 1")
        assert "✖ the server speaks protocol 2, not 1" in it.rows()[0]


async def test_what_is_from_before_a_new_epoch_is_marked(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.tell(event(1, "arriving", epoch=EPOCH + 1), standing=Standing.RECONCILING)
        assert "Timeline, from before the server's new log" in it.text()
        await it.tell(lunch(57, "arriving", epoch=EPOCH + 1))
        assert "new log" not in it.text()


async def test_a_corrected_stage_is_struck_through(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        slip = milestone(58, "arriving", occurred_at=at(1500))
        undone = milestone(59, "picked_up", occurred_at=at(1510), kind=MilestoneKind.CORRECTION, supersedes=(58,))
        await it.tell(lunch(59, "picked_up", None, slip, undone))
        assert "⊘ Arriving" in it.text()
        assert "corrected" in it.text()
        assert it.styles_of("Arriving")[0].strike


async def test_an_old_position_is_called_stale_and_then_lost(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.at(NOW + 60)
        assert "stale: seen 1 min ago" in it.text()
        await it.at(NOW + 200)
        assert "lost: seen 3 min ago" in it.text()


async def test_a_position_that_our_own_link_keeps_from_us_is_not_called_stale(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.link(Phase.BACKOFF, attempt=3, retry_at=NOW + 400, down_at=NOW)
        await it.at(NOW + 200)
        text = it.text()
        assert "seen 3 min ago" in text
        assert "no update: disconnected" in text
        assert "━◌╌" in text
        assert "lost:" not in text
        await it.live()
        assert "lost: seen 3 min ago" in it.text()
        assert "disconnected" not in it.text()


async def test_a_position_that_was_old_before_the_link_went_stays_so(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        it.feed.heard_at = NOW + 60
        await it.at(NOW + 60)
        await it.link(Phase.BACKOFF, attempt=3, retry_at=NOW + 400, down_at=NOW + 60)
        await it.at(NOW + 300)
        assert "stale: seen 5 min ago" in it.text()
        assert "no update: disconnected" in it.text()


@pytest.mark.parametrize("size", [(100, 30), (160, 50), (200, 60)])
async def test_a_map_is_where_it_fits_below_the_line_of_the_route(rig: MakeRig, size: tuple[int, int]) -> None:
    it = rig()
    async with it.run(*size):
        await watched(it)
        pane = courier_pane(it)
        assert "1.2 km · seen 14 s ago" in pane
        assert (pane.count("●"), pane.count("◆")) == (2, 2 + (size != (100, 30)))
        assert braille_dots(pane)
        assert ("◆ Trattoria Roma   ⌂ 12 Elm Street" in pane) is (size != (100, 30))


@pytest.mark.parametrize("size", [(80, 24), (80, 50), (100, 24), (40, 12), (200, 20)])
async def test_where_no_map_fits_the_line_of_the_route_does(rig: MakeRig, size: tuple[int, int]) -> None:
    it = rig()
    async with it.run(*size):
        await watched(it)
        assert not braille_dots(it.text())
        assert "━━━●╌╌" in it.text() or size == (40, 12)


async def test_the_map_of_an_order_without_a_polyline_is_the_line_alone(rig: MakeRig) -> None:
    it = rig()
    async with it.run(160, 50):
        await watched(it)
        bare = lunch(58)
        await it.tell(replace(bare, order=replace(bare.order, route=(ROUTE[0],))))
        assert "━━━●╌╌" in it.text()
        assert not braille_dots(it.text())


async def test_the_marker_on_the_map_is_hollow_unless_the_position_is_the_present_one(rig: MakeRig) -> None:
    it = rig()

    def markers() -> tuple[int, int]:
        return courier_pane(it).count("●"), courier_pane(it).count("◌")

    async with it.run(100, 30):
        await watched(it)
        assert markers() == (2, 0)
        there = Location(52.503, 13.3728, at(NOW))
        await it.tell(event(60, "picked_up", location=there), standing=Standing.RECONCILING)
        assert markers() == (0, 2)
        await it.tell(lunch(60))
        assert markers() == (2, 0)
        await it.at(NOW + 40)
        assert markers() == (0, 2)
        await it.link(Phase.BACKOFF, attempt=1, retry_at=NOW + 90, down_at=NOW + 40)
        assert markers() == (0, 2)


async def test_a_delivered_order_has_its_whole_way_behind_it(rig: MakeRig) -> None:
    it = rig()
    async with it.run(160, 50):
        await watched(it)
        before = braille_dots(it.text())
        await it.tell(delivered())
        assert braille_dots(it.text()) > before
        assert courier_pane(it).count("●") == 1


async def test_a_terminal_without_unicode_has_its_map_in_ascii(rig: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.__stderr__", TextIOWrapper(BytesIO(), encoding="latin-1"))
    it = rig()
    async with it.run(100, 30):
        await watched(it)
        assert braille_dots(it.text()) == 0
        assert "A###" in it.text()
        assert "@" in it.text()


async def test_a_passed_promise_is_called_overdue_until_it_has_come(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.at(2700)
        assert "▲ 5 min late" in it.text()
        await it.at(2701)
        assert "▲ 5 min late  overdue" in it.text()
        await it.tell(delivered())
        assert "▲ 5 min late" in it.text()


async def test_a_delivery_within_the_promised_second_is_on_time(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        end = milestone(80, "delivered", occurred_at=at(2700.4))
        await it.tell(lunch(80, "delivered", Outcome.DELIVERED, end, eta=None))
        assert "✔ on time" in it.text()
        assert "late" not in it.text()


async def test_a_stage_over_its_limit_says_by_how_much(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        assert "took 15:47  ▲ 0:47 over" in it.text()
        await it.at(1145 + 900)
        assert it.text().count(" over") == 1
        await it.at(1145 + 960)
        assert "16:00 so far  ▲ 1:00 over" in it.text()


async def test_a_position_without_a_way_is_told_in_words(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await it.live()
        place = Location(52.5, 13.3, at(0), label="Sortierzentrum Großbeeren")
        await it.tell(event(1, "in_transit", location=place))
        assert "● Sortierzentrum Großbe" in it.text()


async def test_flags_and_attempts_are_in_plain_words(rig: MakeRig) -> None:
    it = rig()
    async with it.run(100, 30):
        await watched(it)
        await it.tell(event(58, "attempt_failed", flags=("action_required", "held"), attempt=2))
        text = it.text()
        assert "A1 ▸ Attempt failed" in text
        assert "▲ action required, held" in text
        assert "attempt 2" in text


async def test_a_status_that_nobody_knows_is_shown_as_it_is(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.tell(event(58, "beamed_up"))
        assert "A1 ▸ beamed_up" in it.text()
        assert "▶ beamed_up" in it.text()


async def test_a_long_way_is_folded_around_where_the_order_is(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        detour = [
            milestone(57 + step, status, occurred_at=at(1200 + step))
            for step, status in enumerate(["attempt_failed", "arriving"] * 8, 1)
        ]
        await it.tell(lunch(90, "arriving", None, *detour))
        assert "earlier" in it.text()
        assert "▶ Arriving" in it.text()
        assert "○ Delivered" in it.text()


async def test_local_time_and_utc_take_turns(clock: SetClock) -> None:
    it = Rig(clock, ("A1",), demo=False, zone=timezone(timedelta(hours=2)))
    async with it.run():
        await watched(it)
        assert "16:31:40 " in it.rows()[0]
        await it.press("t")
        assert "14:31:40Z" in it.rows()[0]
        assert "14:50   in 18 min" in it.text()
        await it.press("t")
        assert "16:50   in 18 min" in it.text()


async def test_a_pause_freezes_the_picture_and_counts_what_is_waiting(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        await it.press("p")
        assert "‖ Paused · 0 new" in it.rows()[0]
        await it.tell(event(58, "arriving"), event(59, "arriving"))
        await it.note("lost: 1006 abnormal closure")
        await it.at(NOW + 10)
        text = it.text()
        assert "‖ Paused · 2 new" in text
        assert "as of 14:31:38, 12 s ago" in text
        assert "A1 ▸ Picked up" in text
        assert "in 18 min" in text
        assert "1006" not in text
        await it.press("p")
        assert "● Live" in it.text()
        assert "A1 ▸ Arriving" in it.text()
        assert "lost: 1006 abnormal closure" in it.text()


async def test_a_replay_is_called_one_and_shows_what_was_shown(rig: MakeRig) -> None:
    it = rig(replay=Replay(2.0))
    async with it.run():
        await watched(it)
        assert "▷ Replay ×2 · ● Live" in it.rows()[0]
        assert not it.is_dimmed()
        await it.press("p")
        assert "▷ Replay ×2 · ‖ Paused · 0 new" in it.rows()[0]
        await it.press("p")
        it.feed.say(None)
        await it.until(lambda: "▷ Replay finished · was ● Live" in it.rows()[0])
        assert "heard" not in it.rows()[0]
        assert "A1 ▸ Picked up" in it.text()


async def test_reconnect_asks_the_feed(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await it.press("r")
        assert it.feed.reconnects == 1


async def test_the_log_has_every_line_and_takes_in_new_ones(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        await watched(it)
        for number in range(40):
            await it.note(f"line {number}")
        assert "Placed " not in it.text().split("Events")[1]
        await it.press("l")
        assert "Log of A1" in it.text()
        assert "line 39" in it.text()
        await it.note("one more")
        assert "one more" in it.text()
        await it.press("home")
        await it.until(lambda: "order    Placed" in it.text())
        await it.note("and another")
        assert "and another" not in it.text()
        await it.press("t", "escape")
        assert "Timeline" in it.text()
