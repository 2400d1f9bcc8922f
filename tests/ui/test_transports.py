"""What a person sees of the road that the events take, and of being signed out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.ui.app_harness import Rig
from tests.ui.order_fixtures import NOW, watched
from tests.ui.screens.test_board import IDS, four_orders
from tracker_tui.link.changes import Phase

MakeRig = Callable[..., Rig]

HOST = "orders.example.com:8443"
BLOCKED = "WebSocket: the upgrade got HTTP 403"
RENEWAL = "waiting for a new token (r looks again): /run/token"
EXPIRED = {"reason": "4001 token expired", "code": "token_expired", "down_at": NOW}


async def fallen_back(it: Rig, transport: str, why: str = BLOCKED, period: float | None = None) -> None:
    """The order is live over another road than the best."""
    await watched(it)
    await it.live(transport=transport, fallback=why, period=period)
    it.feed.heard_at = NOW + 26
    await it.at(NOW + 28)


async def signed_out(it: Rig) -> None:
    """The token ran out ten seconds ago."""
    await watched(it)
    await it.note("signed out: 4001 token expired")
    await it.link(Phase.SIGNED_OUT, **EXPIRED)
    await it.at(NOW + 10)


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (60, 24)])
@pytest.mark.parametrize(
    ("transport", "badge"),
    [("sse", "● Live · SSE"), ("longpoll", "● Live · long-poll"), ("polling", "● Live · polling 5 s")],
)
async def test_a_fallback_is_named_in_the_badge(
    rig: MakeRig, transport: str, badge: str, size: tuple[int, int]
) -> None:
    it = rig(server=f"http://{HOST}")
    async with it.run(*size):
        await fallen_back(it, transport, period=5.0)
        assert badge in it.rows()[0]
        assert not it.is_dimmed()


async def test_the_connection_pane_names_road_reason_and_host(rig: MakeRig) -> None:
    it = rig(server=f"http://{HOST}")
    async with it.run(100, 30):
        await fallen_back(it, "sse")
        text = it.text()
    assert "SSE · up 0:28" in text
    assert BLOCKED in text
    assert f"to {HOST}" in text


async def test_at_80_columns_the_reason_goes_before_what_is_past(rig: MakeRig) -> None:
    it = rig(server=f"http://{HOST}")
    async with it.run():
        await fallen_back(it, "sse")
        text = it.text()
    assert "SSE · up 0:28" in text
    assert "WebSocket: the upgrade" in text
    assert "got HTTP 403" in text
    assert "drops" not in text


async def test_hostile_words_about_a_fallback_are_inert(rig: MakeRig) -> None:
    it = rig(server="http://[/b][@click=app.quit]")
    async with it.run(160, 50):
        await fallen_back(it, "sse", "[/b]\x1b[2J said the box")
        assert "[/b]␛[2J said the box" in it.text()
        assert "to http://[/b][@click=app.quit]" in it.text()


@pytest.mark.parametrize(
    ("width", "why"), [(60, "over SSE; We"), (80, "over SSE; WebSocket"), (120, f"over SSE; {BLOCKED}")]
)
async def test_the_board_names_the_road_and_after_its_counts_why(rig: MakeRig, width: int, why: str) -> None:
    it = rig(*IDS, server=f"http://{HOST}")
    async with it.run(width, 24):
        await four_orders(it)
        await it.live(transport="sse", fallback=BLOCKED)
        assert "● Live · SSE · 1/3" in it.rows()[0]
        assert f"▲ 1 late · △ 0 risk · ◔ 0 stuck · ■ 1 done · {why}" in it.rows()[1]


@pytest.mark.parametrize("width", [60, 80, 100])
async def test_signed_out_keeps_the_last_view_with_its_age_and_says_what_to_do(rig: MakeRig, width: int) -> None:
    it = rig(sign_in_hint=RENEWAL)
    async with it.run(width, 24):
        await signed_out(it)
        rows = it.rows()
        assert "✖ Signed out: token expired" in rows[0]
        assert "as of 14:31:38, 12 s ago · waiting for a new token" in rows[1]
        assert it.is_dimmed()
        assert "▶ Picked up" in it.text()


async def test_a_board_that_is_signed_out_says_what_to_do(rig: MakeRig) -> None:
    it = rig(*IDS, sign_in_hint=RENEWAL)
    async with it.run():
        await four_orders(it)
        await it.link(Phase.SIGNED_OUT, **EXPIRED)
        assert "✖ Signed out: token expired" in it.rows()[0]
        assert RENEWAL in it.rows()[1]
        assert it.is_dimmed()


async def test_signed_out_before_anything_was_known_says_what_to_do_as_well(rig: MakeRig) -> None:
    it = rig(sign_in_hint=RENEWAL)
    async with it.run():
        await it.link(Phase.SIGNED_OUT, reason="the token file /run/token can't be read: No such file or directory")
        assert "✖ Signed out" in it.rows()[0]
        assert it.rows()[1].strip() == RENEWAL
        await it.press("r")
        assert it.feed.reconnects == 1


async def test_a_new_token_takes_it_all_back(rig: MakeRig) -> None:
    it = rig(sign_in_hint=RENEWAL)
    async with it.run():
        await signed_out(it)
        await it.live()
        assert "● Live" in it.rows()[0]
        assert "token" not in it.rows()[1]
        assert not it.is_dimmed()
