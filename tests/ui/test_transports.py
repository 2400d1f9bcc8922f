"""The display of fallback transports, and of being signed out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.ui.app_harness import AppHarness
from tests.ui.order_fixtures import NOW, show_order
from tests.ui.screens.test_board import IDS, show_four_orders
from tracker_tui.link.changes import Phase

MakeHarness = Callable[..., AppHarness]

HOST = "orders.example.com:8443"
BLOCKED = "WebSocket: the upgrade got HTTP 403"
RENEWAL = "waiting for a new token (r looks again): /run/token"
EXPIRED = {"reason": "4001 token expired", "code": "token_expired", "down_at": NOW}


async def show_fallback(ui: AppHarness, transport: str, why: str = BLOCKED, period: float | None = None) -> None:
    """Show an order that is live over a fallback transport."""
    await show_order(ui)
    await ui.go_live(transport=transport, fallback=why, period=period)
    ui.feed.heard_at = NOW + 26
    await ui.tick_at(NOW + 28)


async def show_signed_out(ui: AppHarness) -> None:
    """Show an order ten seconds after its token expired."""
    await show_order(ui)
    await ui.receive_note("signed out: 4001 token expired")
    await ui.set_link(Phase.SIGNED_OUT, **EXPIRED)
    await ui.tick_at(NOW + 10)


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (60, 24)])
@pytest.mark.parametrize(
    ("transport", "badge"),
    [("sse", "● Live · SSE"), ("longpoll", "● Live · long-poll"), ("polling", "● Live · polling 5 s")],
)
async def test_the_badge_names_a_fallback_transport(
    harness: MakeHarness, transport: str, badge: str, size: tuple[int, int]
) -> None:
    ui = harness(server=f"http://{HOST}")
    async with ui.run(*size):
        await show_fallback(ui, transport, period=5.0)
        assert badge in ui.rows()[0]
        assert not ui.is_dimmed()


async def test_the_connection_line_names_transport_host_and_reason(harness: MakeHarness) -> None:
    ui = harness(server=f"http://{HOST}")
    async with ui.run(100, 30):
        await show_fallback(ui, "sse")
        assert f" SSE · {HOST} · connected · {BLOCKED}" in ui.rows()[-2]
        await ui.press("l")
        assert "SSE · up 0:28 · rtt 41 ms · seq 57 · 2 drops · 3 gaps repaired · 0 missing" in ui.text()
        assert f"to {HOST}" in ui.text()


async def test_hostile_text_about_a_fallback_stays_text(harness: MakeHarness) -> None:
    ui = harness(server="http://[/b][@click=app.quit]")
    async with ui.run(160, 50):
        await show_fallback(ui, "sse", "[/b]\x1b[2J said the box")
        assert "[/b]␛[2J said the box" in ui.text()
        assert "http://[/b][@click=app.quit]" in ui.text()


@pytest.mark.parametrize(
    ("width", "why"), [(60, "over SSE; We"), (80, "over SSE; WebSocket"), (120, f"over SSE; {BLOCKED}")]
)
async def test_the_board_names_the_transport_and_the_reason_after_its_counts(
    harness: MakeHarness, width: int, why: str
) -> None:
    ui = harness(*IDS, server=f"http://{HOST}")
    async with ui.run(width, 24):
        await show_four_orders(ui)
        await ui.go_live(transport="sse", fallback=BLOCKED)
        assert "● Live · SSE · 1/3" in ui.rows()[0]
        assert f"▲ 1 late · ■ 1 done · {why}" in ui.rows()[1]


@pytest.mark.parametrize("width", [60, 80, 100])
async def test_signed_out_shows_the_last_view_its_age_and_a_hint(harness: MakeHarness, width: int) -> None:
    ui = harness(sign_in_hint=RENEWAL)
    async with ui.run(width, 24):
        await show_signed_out(ui)
        rows = ui.rows()
        assert "✖ Signed out: token expired" in rows[0]
        assert "as of 14:31:38, 12 s ago · waiting for a new token" in rows[1]
        assert ui.is_dimmed()
        assert "▶ Picked up" in ui.text()


async def test_a_signed_out_board_shows_the_hint(harness: MakeHarness) -> None:
    ui = harness(*IDS, sign_in_hint=RENEWAL)
    async with ui.run():
        await show_four_orders(ui)
        await ui.set_link(Phase.SIGNED_OUT, **EXPIRED)
        assert "✖ Signed out: token expired" in ui.rows()[0]
        assert RENEWAL in ui.rows()[1]
        assert ui.is_dimmed()


async def test_signed_out_before_the_first_view_shows_the_hint(harness: MakeHarness) -> None:
    ui = harness(sign_in_hint=RENEWAL)
    async with ui.run():
        await ui.set_link(Phase.SIGNED_OUT, reason="the token file /run/token can't be read: No such file or directory")
        assert "✖ Signed out" in ui.rows()[0]
        assert ui.rows()[1].strip() == RENEWAL
        await ui.press("r")
        assert ui.feed.reconnects == 1


async def test_a_new_token_removes_the_hint(harness: MakeHarness) -> None:
    ui = harness(sign_in_hint=RENEWAL)
    async with ui.run():
        await show_signed_out(ui)
        await ui.go_live()
        assert "● Live" in ui.rows()[0]
        assert "token" not in ui.rows()[1]
        assert not ui.is_dimmed()
