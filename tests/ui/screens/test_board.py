"""The board of several orders."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.orders import at, event, order, snapshot
from tests.ui.app_harness import AppHarness
from tracker_tui.domain.order import Eta, Outcome, Precision
from tracker_tui.link.changes import Phase, Standing

MakeHarness = Callable[..., AppHarness]

IDS = ("A1", "A2", "B7", "C9")


async def show_four_orders(ui: AppHarness) -> None:
    """Show four orders: a late one, a cancelled and reconciling one, an unknown one, one without data."""
    await ui.go_live()
    eta = Eta(at(2880), at(3180), Precision.MINUTE)
    await ui.receive(snapshot(3, "preparing", facts=order(promised_at=at(2700)), eta=eta))
    await ui.receive(
        snapshot(9, "cancelled", order_id="A2", outcome=Outcome.CANCELLED, updated_at=at(-86400)),
        standing=Standing.RECONCILING,
    )
    await ui.refuse("B7")
    await ui.tick_at(2)


async def test_the_board_has_a_row_an_order_sorted_by_attention(harness: MakeHarness) -> None:
    ui = harness(*IDS)
    async with ui.run():
        await show_four_orders(ui)
        rows = [row.split() for row in ui.rows()]
    assert rows[3:7] == [
        ["▸▲", "A1", "Preparing", "▰▰▰▱▱▱▱▱", "14:50", "late", "5m"],
        ["∅", "B7", "Unknown", "order"],
        ["○", "C9", "◌", "waiting"],
        ["✖", "A2", "Cancelled", "▱▱▱▱▱▱▱▱", "◐", "reconciling"],
    ]
    assert "4 orders" in " ".join(rows[0])
    assert rows[1] == ["▲", "1", "late", "·", "■", "1", "done"]


async def test_the_badge_counts_the_orders_in_sync_except_refused_ones(harness: MakeHarness) -> None:
    ui = harness(*IDS)
    async with ui.run():
        await show_four_orders(ui)
        assert "● Live · 1/3" in ui.rows()[0]


async def test_enter_opens_the_selected_order_and_b_returns_to_it(harness: MakeHarness) -> None:
    ui = harness(*IDS)
    async with ui.run():
        await show_four_orders(ui)
        await ui.press("end", "enter")
        assert "A2 ▸ Cancelled" in ui.rows()[0]
        await ui.press("b")
        assert "4 orders" in ui.rows()[0]
        await ui.press("enter")
        assert "A2 ▸ Cancelled" in ui.rows()[0]
        await ui.press("escape", "home", "enter")
        assert "A1 ▸ Preparing" in ui.rows()[0]


async def test_an_opened_order_stays_live(harness: MakeHarness) -> None:
    ui = harness(*IDS)
    async with ui.run():
        await show_four_orders(ui)
        await ui.press("enter")
        await ui.receive(event(4, "ready"))
        assert "A1 ▸ Ready" in ui.rows()[0]
        await ui.press("b")
        assert any(row.split()[:3] == ["▸▶", "A1", "Ready"] for row in ui.rows())


async def test_an_order_shows_its_own_events_and_the_board_all_events(harness: MakeHarness) -> None:
    ui = harness(*IDS)
    async with ui.run(80, 40):
        await show_four_orders(ui)
        await ui.receive_note("for one only", order_id="C9")
        assert "C9  for one only" in ui.text()
        await ui.press("enter")
        assert "for one only" not in ui.text()
        await ui.press("l")
        assert "Log of A1" in ui.text()
        await ui.press("escape", "b", "l")
        assert "Log of all orders" in ui.text()
        assert "C9  for one only" in ui.text()


async def test_a_lost_link_dims_the_board_and_shows_its_age(harness: MakeHarness) -> None:
    ui = harness(*IDS)
    async with ui.run():
        await show_four_orders(ui)
        await ui.set_link(Phase.BACKOFF, attempt=1, retry_at=9.0, down_at=2.0)
        await ui.tick_at(8)
        assert ui.is_dimmed()
        assert "as of 14:00:00, 8 s ago" in ui.rows()[1]


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase not in {Phase.LIVE, Phase.FINAL}])
async def test_no_row_speaks_of_its_standing_while_the_link_is_not_live(harness: MakeHarness, phase: Phase) -> None:
    ui = harness(*IDS)
    async with ui.run(160, 40):
        await show_four_orders(ui)
        assert "◐ reconciling" in ui.text()
        await ui.set_link(phase, down_at=2.0)
        assert "reconciling" not in " ".join(ui.rows()[3:7])
        assert "Unknown order" in ui.text()
        await ui.go_live()
        assert "◐ reconciling" in ui.text()


async def test_a_pause_applies_to_every_screen(harness: MakeHarness) -> None:
    ui = harness(*IDS)
    async with ui.run():
        await show_four_orders(ui)
        await ui.press("p")
        await ui.receive(event(4, "ready"), event(10, "returning", order_id="A2"))
        assert "‖ Paused · 2 new" in ui.rows()[0]
        await ui.press("enter")
        assert "‖ Paused · 1 new" in ui.rows()[0]
        assert "A1 ▸ Preparing" in ui.rows()[0]


async def test_typed_ahead_keys_go_to_the_filter_line(harness: MakeHarness) -> None:
    ui = harness(*IDS)
    async with ui.run():
        await show_four_orders(ui)
        ui.type_ahead("slash", *"late", "enter")
        await ui.wait_until(lambda: "/late 1 of 4" in ui.rows()[1])
        assert "Log of" not in ui.text()
        await ui.press("slash", "slash")
        assert "/late/" in ui.text()


async def test_typed_ahead_keys_go_to_the_note(harness: MakeHarness) -> None:
    ui = harness(*IDS)
    async with ui.run():
        await show_four_orders(ui)
        ui.type_ahead("n", "p", "l")
        await ui.wait_until(lambda: "Note on A1" in ui.text())
        await ui.settle()
        assert "Paused" not in ui.text()
        await ui.press("escape")
        assert "Log of" not in ui.text()


async def test_a_single_order_has_no_board(harness: MakeHarness) -> None:
    ui = harness()
    async with ui.run():
        assert "b Board" not in ui.rows()[-1]
        await ui.press("b", "escape")
        assert "A1" in ui.rows()[0]


async def test_many_changes_are_painted_in_few_frames_up_to_the_last_change(
    harness: MakeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    ui = harness(*IDS)
    async with ui.run():
        await show_four_orders(ui)
        for bound in ("MIN_INTERVAL", "MAX_INTERVAL"):
            monkeypatch.setattr(f"tracker_tui.ui.terminal.frame_limiter.{bound}", 3600.0)
        for seq in range(4, 60):
            ui.feed.emit(ui.story.change_for(event(seq, "ready")))
        await ui.wait_until(lambda: ui.feed.idle)
        assert "Preparing" in ui.text()
        await ui.tick_at(3)
        assert "Ready" in ui.text()
        assert "Preparing" not in ui.text().split("Events")[0]


async def test_without_an_order_to_watch_the_badge_names_the_list_and_the_first_stream_is_no_reconnection(
    harness: MakeHarness,
) -> None:
    ui = harness(everything=True)
    async with ui.run(100, 30):
        await ui.go_live()
        await ui.set_link(Phase.LIVE, transport="sse", list_every=10.0)
        assert "● Live · list every 10 s" in ui.rows()[0]
        await ui.set_link(Phase.CONNECTING, transport="sse", down_at=1.0)
        assert "◌ Connecting…" in ui.rows()[0]
        await ui.go_live(transport="sse")
        assert "● Live · SSE · 0/0" in ui.rows()[0]
        await ui.set_link(Phase.CONNECTING, transport="sse", down_at=1.0)
        assert "◐ Reconnecting…" in ui.rows()[0]


async def test_the_header_of_a_board_without_a_stream_names_no_transport(harness: MakeHarness) -> None:
    ui = harness(everything=True)
    async with ui.run(100, 30):
        await ui.set_link(Phase.LIVE, transport="sse", fallback="WebSocket is blocked")
        assert "over SSE; WebSocket is blocked" in ui.text()
        await ui.set_link(Phase.LIVE, transport="sse", fallback="WebSocket is blocked", list_every=10.0)
        assert "WebSocket is blocked" in ui.text()
        assert "over " not in ui.text()
