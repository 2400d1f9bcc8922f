"""A board whose server has never answered."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.hostile_text import HOSTILE, active_characters
from tests.support.orders import snapshot
from tests.ui.app_harness import AppHarness
from tracker_tui.link.changes import Phase

MakeHarness = Callable[..., AppHarness]

DEFAULT = "http://127.0.0.1:8765"


async def lose_server(ui: AppHarness, **link: object) -> None:
    """Emit the state after a failed first try."""
    fields = {"attempt": 3, "retry_at": 4.0, "down_at": 0.0, "reason": "connection refused", **link}
    await ui.set_link(Phase.BACKOFF, **fields)


async def test_a_server_that_never_answered_is_named_with_the_reason_the_next_try_and_the_ways_on(
    harness: MakeHarness,
) -> None:
    ui = harness(everything=True, server=DEFAULT)
    async with ui.run():
        await lose_server(ui)
        await ui.tick_at(1)
        text = ui.text()
        for words in (
            "Cannot reach 127.0.0.1:8765",
            "Connection refused.",
            "Retrying in 3 s (try 3). Press r to retry now.",
            "Start a server on this machine:  mock-server",
            "Use another server:              tracker-tui --server URL",
            "Try it without a server:         tracker-tui --demo",
        ):
            assert words in text
        assert text.count("onnection refused") == 1
        for words in ("0 orders", "0 late", "Loading orders…", "Promise"):
            assert words not in text
        await ui.press("r")
        assert ui.feed.reconnects == 1


async def test_only_the_default_server_can_be_started_on_this_machine(harness: MakeHarness) -> None:
    ui = harness(everything=True, server="https://orders.example.com")
    async with ui.run():
        await lose_server(ui)
        assert "Cannot reach orders.example.com" in ui.text()
        assert "Check --server and the network on the way to it." in ui.text()
        assert "mock-server" not in ui.text()


async def test_a_server_that_is_none_is_not_retried(harness: MakeHarness) -> None:
    ui = harness(everything=True, server=DEFAULT)
    async with ui.run():
        await ui.set_link(Phase.FAILED, reason="it answers without orders")
        assert "Cannot use 127.0.0.1:8765" in ui.text()
        assert "It answers without orders." in ui.text()
        assert "etry" not in ui.text().split("Cannot use")[1].split("─")[0]


async def test_the_board_appears_with_the_first_answer_and_stays(harness: MakeHarness) -> None:
    ui = harness(everything=True, server=DEFAULT)
    async with ui.run():
        assert "Loading orders…" in ui.text()
        await lose_server(ui)
        assert "Loading orders…" not in ui.text()
        ui.feed.listed = True
        await ui.go_live()
        assert "Cannot reach" not in ui.text()
        assert "There are no open orders yet." in ui.text()
        await lose_server(ui)
        assert "Cannot reach" not in ui.text()
        await ui.receive(snapshot(1))
        assert "A1 " in ui.text()


@pytest.mark.parametrize("size", [(40, 12), (24, 6), (20, 3), (200, 60)])
async def test_the_server_and_the_reason_are_visible_at_any_size(harness: MakeHarness, size: tuple[int, int]) -> None:
    ui = harness(everything=True, server=DEFAULT)
    async with ui.run(*size):
        await lose_server(ui)
        if size[1] > 4:
            assert "Cannot reach" in ui.text()
            assert "refused" in ui.text()
        assert "Reconnecting" in ui.text()


@pytest.mark.parametrize("evil", HOSTILE.values(), ids=HOSTILE)
async def test_a_hostile_reason_stays_text(harness: MakeHarness, evil: str) -> None:
    ui = harness(everything=True, server=DEFAULT)
    async with ui.run():
        await lose_server(ui, reason=evil)
        assert "Cannot reach" in ui.text()
        assert [active_characters(row) for row in ui.rows()] == [[]] * 24
