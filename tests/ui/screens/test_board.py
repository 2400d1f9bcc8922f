"""The board of several orders."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.orders import at, event, order, snapshot
from tests.ui.app_harness import Rig
from tracker_tui.domain.order import Eta, Outcome, Precision
from tracker_tui.link.changes import Phase, Standing

MakeRig = Callable[..., Rig]

IDS = ("A1", "A2", "B7", "C9")


async def four_orders(it: Rig) -> None:
    """One on its way and late, one cancelled and in doubt, one unknown, one of which nothing has come."""
    await it.live()
    eta = Eta(at(2880), at(3180), Precision.MINUTE)
    await it.tell(snapshot(3, "preparing", facts=order(promised_at=at(2700)), eta=eta))
    await it.tell(
        snapshot(9, "cancelled", order_id="A2", outcome=Outcome.CANCELLED, updated_at=at(-86400)),
        standing=Standing.RECONCILING,
    )
    await it.refuse("B7")
    await it.at(2)


async def test_it_has_one_row_an_order_what_wants_attention_first_and_what_has_ended_last(rig: MakeRig) -> None:
    it = rig(*IDS)
    async with it.run():
        await four_orders(it)
        rows = [row.split() for row in it.rows()]
    assert rows[3:7] == [
        ["▸▲", "A1", "Preparing", "––▶○○○○", "14:50", "late", "5m", "●", "in", "sync"],
        ["✖", "B7", "✖", "Unknown", "order"],
        ["○", "C9", "◌", "waiting"],
        ["✖", "A2", "Cancelled", "✖–––––––", "◐", "reconciling"],
    ]
    assert "4 orders" in " ".join(rows[0])
    assert rows[1] == ["▲", "1", "late", "·", "△", "0", "risk", "·", "◔", "0", "stuck", "·", "■", "1", "done"]


async def test_its_badge_counts_the_orders_in_sync_among_those_not_refused(rig: MakeRig) -> None:
    it = rig(*IDS)
    async with it.run():
        await four_orders(it)
        assert "● Live · 1/3" in it.rows()[0]


async def test_enter_opens_the_order_under_the_cursor_and_b_comes_back_to_it(rig: MakeRig) -> None:
    it = rig(*IDS)
    async with it.run():
        await four_orders(it)
        await it.press("end", "enter")
        assert "A2 ▸ Cancelled" in it.rows()[0]
        await it.press("b")
        assert "4 orders" in it.rows()[0]
        await it.press("enter")
        assert "A2 ▸ Cancelled" in it.rows()[0]
        await it.press("escape", "home", "enter")
        assert "A1 ▸ Preparing" in it.rows()[0]


async def test_an_opened_order_goes_on_living(rig: MakeRig) -> None:
    it = rig(*IDS)
    async with it.run():
        await four_orders(it)
        await it.press("enter")
        await it.tell(event(4, "ready"))
        assert "A1 ▸ Ready" in it.rows()[0]
        await it.press("b")
        assert any(row.split()[:3] == ["▸▶", "A1", "Ready"] for row in it.rows())


async def test_an_order_shows_its_own_events_and_the_board_those_of_all(rig: MakeRig) -> None:
    it = rig(*IDS)
    async with it.run():
        await four_orders(it)
        await it.note("for one only", order_id="C9")
        assert "C9  for one only" in it.text()
        await it.press("enter")
        assert "for one only" not in it.text()
        await it.press("l")
        assert "Log of A1" in it.text()
        await it.press("escape", "b", "l")
        assert "Log of all orders" in it.text()
        assert "C9  for one only" in it.text()


async def test_a_lost_link_dims_it_and_tells_its_age(rig: MakeRig) -> None:
    it = rig(*IDS)
    async with it.run():
        await four_orders(it)
        await it.link(Phase.BACKOFF, attempt=1, retry_at=9.0, down_at=2.0)
        await it.at(8)
        assert it.is_dimmed()
        assert "as of 14:00:00, 8 s ago" in it.rows()[1]


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase not in {Phase.LIVE, Phase.FINAL}])
async def test_no_row_is_in_sync_while_the_link_is_not_live(rig: MakeRig, phase: Phase) -> None:
    it = rig(*IDS)
    async with it.run(160, 40):
        await four_orders(it)
        assert "in sync" in it.text()
        await it.link(phase, down_at=2.0)
        assert not any(word in it.text() for word in ("in sync", "reconciling"))
        assert [row.split()[1] for row in it.rows() if "○ not live" in row] == ["A1", "A2"]
        assert "✖ Unknown order" in it.text()
        await it.live()
        assert "● in sync" in it.text()
        assert "not live" not in it.text()


async def test_no_row_is_in_sync_while_it_is_paused(rig: MakeRig) -> None:
    it = rig(*IDS)
    async with it.run():
        await four_orders(it)
        await it.press("p")
        assert "in sync" not in it.text()
        await it.press("p")
        assert "in sync" in it.text()


async def test_a_pause_holds_for_every_screen(rig: MakeRig) -> None:
    it = rig(*IDS)
    async with it.run():
        await four_orders(it)
        await it.press("p")
        await it.tell(event(4, "ready"), event(10, "returning", order_id="A2"))
        assert "‖ Paused · 2 new" in it.rows()[0]
        await it.press("enter")
        assert "‖ Paused · 1 new" in it.rows()[0]
        assert "A1 ▸ Preparing" in it.rows()[0]


async def test_what_is_typed_ahead_goes_where_it_was_meant_to_go(rig: MakeRig) -> None:
    it = rig(*IDS)
    async with it.run():
        await four_orders(it)
        it.type_ahead("slash", *"late", "enter")
        await it.until(lambda: "/late 1 of 4" in it.rows()[1])
        assert "Log of" not in it.text()
        await it.press("slash", "slash")
        assert "/late/" in it.text()


async def test_what_is_typed_ahead_of_a_question_is_no_command(rig: MakeRig) -> None:
    it = rig(*IDS)
    async with it.run():
        await four_orders(it)
        it.type_ahead("n", "p", "l")
        await it.until(lambda: "Note on A1" in it.text())
        await it.settle()
        assert "Paused" not in it.text()
        await it.press("escape")
        assert "Log of" not in it.text()


async def test_one_order_alone_has_no_board(rig: MakeRig) -> None:
    it = rig()
    async with it.run():
        assert "b Board" not in it.rows()[-1]
        await it.press("b", "escape")
        assert "A1" in it.rows()[0]


async def test_a_flood_is_painted_by_frames_and_its_last_word_is_not_lost(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = rig(*IDS)
    async with it.run():
        await four_orders(it)
        for bound in ("MIN_INTERVAL", "MAX_INTERVAL"):
            monkeypatch.setattr(f"tracker_tui.ui.terminal.frame_limiter.{bound}", 3600.0)
        for seq in range(4, 60):
            it.feed.say(it.story.told(event(seq, "ready")))
        await it.until(lambda: it.feed.idle)
        assert "Preparing" in it.text()
        await it.at(3)
        assert "Ready" in it.text()
        assert "Preparing" not in it.text().split("Events")[0]


async def test_without_an_order_to_watch_the_badge_names_the_list_and_the_first_stream_is_no_reconnection(
    rig: MakeRig,
) -> None:
    it = rig(everything=True)
    async with it.run(100, 30):
        await it.live()
        await it.link(Phase.LIVE, transport="sse", list_every=10.0)
        assert "● Live · list every 10 s" in it.rows()[0]
        await it.link(Phase.CONNECTING, transport="sse", down_at=1.0)
        assert "◌ Connecting…" in it.rows()[0]
        await it.live(transport="sse")
        assert "● Live · SSE · 0/0" in it.rows()[0]
        await it.link(Phase.CONNECTING, transport="sse", down_at=1.0)
        assert "◐ Reconnecting…" in it.rows()[0]
