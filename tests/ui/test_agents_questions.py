"""What a support agent does with a caller on the phone, in as few keys as possible, on a whole evening's board."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.orders import START, at
from tests.ui.app_harness import AppHarness
from tests.ui.gallery.evening import EVENING_IDS, NOW, show_evening
from tests.ui.gallery.meals_and_parcels import moment
from tracker_tui.domain.event import Event
from tracker_tui.domain.order import Eta, Precision
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Phase

MakeHarness = Callable[..., AppHarness]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of saved files."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "tracker-tui"


def moved(view: OrderView, minutes: float) -> Event:
    """Return the next event of an order, with an arrival `minutes` later than in the evening."""
    state = view.current
    assert state is not None
    assert state.eta is not None
    assert view.version is not None
    first, last = (at(EVENING_ETA + 60 * minutes + offset) for offset in (0, 240))
    eta = Eta(first, last, Precision.MINUTE)
    return Event(view.order_id, view.version.epoch, view.version.seq + 1, replace(state, eta=eta), None)


EVENING_ETA = (moment("18:51:00") - START).total_seconds()
"""The beginning of the window of A1025, in seconds after the start."""


def row_of(ui: AppHarness, start: str) -> str:
    """Return the first line of the screen that begins with a text."""
    return next(row for row in ui.rows() if row.strip().startswith(start))


async def test_the_worst_late_order_and_its_sentence_take_one_key(harness: MakeHarness) -> None:
    ui = harness(*EVENING_IDS)
    async with ui.run(100, 30):
        await show_evening(ui)
        await ui.press("enter")
        assert "A1009 ▸ Picked up  ▲ 40 min late" in ui.rows()[0]
        assert "Your order is with the courier and should arrive around 18:45, 40 minutes later than promised." in (
            " ".join(ui.text().split())
        )


async def test_at_140_columns_it_takes_no_key(harness: MakeHarness) -> None:
    ui = harness(*EVENING_IDS)
    async with ui.run(160, 50):
        await show_evening(ui)
        assert "▲ 40 min late" in ui.text()
        assert "Your order is with the courier and should arrive around 18:45, 40" in ui.text()


async def test_the_sentence_is_copied_with_its_time(harness: MakeHarness, state: Path) -> None:
    ui = harness(*EVENING_IDS)
    async with ui.run(100, 30):
        await show_evening(ui)
        await ui.press("c")
        assert ui.app.clipboard.startswith("Your order is with the courier and should arrive around 18:45")
        assert ui.app.clipboard.strip().endswith(")")
        assert "(as of 18:41" in ui.app.clipboard


async def test_an_order_that_a_caller_names_takes_two_keys_and_its_id(harness: MakeHarness) -> None:
    ui = harness(*EVENING_IDS)
    async with ui.run(100, 30):
        await show_evening(ui)
        await ui.press("a", *"A1025", "enter")
        assert "A1025 ▸ Preparing" in ui.rows()[0]


async def test_the_five_late_orders_are_walked_with_one_key_each(harness: MakeHarness) -> None:
    ui = harness(*EVENING_IDS)
    async with ui.run(100, 30):
        await show_evening(ui)
        await ui.press("slash", *"late", "enter", "enter")
        walked = [ui.rows()[0].split()[1]]
        for _ in range(4):
            await ui.press("J")
            walked.append(ui.rows()[0].split()[1])
        assert walked == ["A1009", "A1014", "A1022", "A1011", "A1025"]
        assert "5 of 5" in ui.rows()[0]


async def test_whether_it_was_late_before_is_on_the_screen(harness: MakeHarness) -> None:
    ui = harness(*EVENING_IDS)
    async with ui.run(120, 30):
        await show_evening(ui)
        for minutes in (4, 8):
            await ui.receive(moved(ui.feed.views["A1025"], minutes))
        await ui.press("a", *"A1025", "enter")
        arrives = row_of(ui, "ARRIVES")
        assert "promised 18:50" in arrives
        assert "(moved 3 times: 18:50 → 18:53 → 18:57 → 19:01" in arrives


async def test_a_case_is_handed_over_with_two_keys(harness: MakeHarness, state: Path) -> None:
    ui = harness(*EVENING_IDS)
    async with ui.run(100, 30):
        await show_evening(ui)
        await ui.press("e", "enter")
        assert sorted(path.suffix for path in state.iterdir()) == [".ndjson", ".txt"]


async def test_an_outage_is_said_before_anything_else(harness: MakeHarness) -> None:
    ui = harness(*EVENING_IDS)
    async with ui.run(100, 30):
        await show_evening(ui)
        await ui.set_link(Phase.BACKOFF, attempt=3, retry_at=NOW + 614, down_at=NOW, reason="1006 abnormal closure")
        await ui.tick_at(NOW + 600)
        await ui.press("enter")
        assert "as of 18:41" in ui.rows()[1]
        assert row_of(ui, "SAY").strip().startswith("SAY  As of 18:41")
        # Ten minutes without the server make it no later.
        assert "▲ 40 min late" in ui.rows()[0]
