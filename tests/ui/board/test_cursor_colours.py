"""The selected row: a background and a pointer mark it, and its texts keep the colours of their status."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rich.color import Color, ColorSystem
from rich.segment import Segment

from tests.ui.app_harness import AppHarness
from tests.ui.board_fixtures import BOARD_IDS, NOW, show_board
from tests.ui.contrast import AA, FRAMES, contrast
from tracker_tui.link.changes import Phase

MakeHarness = Callable[..., AppHarness]


def selected_row(ui: AppHarness) -> list[Segment]:
    """Return the segments of the selected row, without the scroll bar."""
    [row] = [row for row in ui.strips() if "".join(segment.text for segment in row).startswith("▸")]
    return [segment for segment in row if segment.text.strip(" ┃")]


def colours_of_row(ui: AppHarness, order_id: str) -> list[str]:
    """Return the colours of a row's texts, from left to right."""
    [row] = [row for row in ui.strips() if "".join(segment.text for segment in row)[5:].startswith(f"{order_id} ")]
    styles = [segment.style for segment in row if segment.text.strip(" ▸┃") and segment.style]
    return [str(style.color) for style in styles]


async def lose_link(ui: AppHarness) -> None:
    await ui.set_link(Phase.BACKOFF, attempt=3, retry_at=NOW + 14, down_at=NOW)


@pytest.mark.parametrize("theme", ["tracker-dark", "tracker-light", "tracker-terminal"])
async def test_a_row_has_the_same_colours_with_and_without_the_cursor(harness: MakeHarness, theme: str) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run(130, 30):
        await show_board(ui)
        ui.app.theme = theme
        await ui.settle()
        with_cursor = colours_of_row(ui, "A1002")
        await ui.press("down")
        assert with_cursor == colours_of_row(ui, "A1002")
        assert len(set(with_cursor)) > 2


@pytest.mark.parametrize("is_live", [True, False])
@pytest.mark.parametrize("theme", ["tracker-dark", "tracker-light"])
async def test_every_selected_row_is_readable(harness: MakeHarness, theme: str, is_live: bool) -> None:
    ui = harness(*BOARD_IDS)
    async with ui.run(130, 30):
        await show_board(ui)
        ui.app.theme = theme
        if not is_live:
            await lose_link(ui)
        await ui.settle()
        for _ in BOARD_IDS:
            texts = [segment for segment in selected_row(ui) if not set(segment.text) <= FRAMES]
            for depth in (ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT):
                assert [each for each in texts if contrast(each, depth) < AA] == []
            await ui.press("down")


@pytest.mark.parametrize("is_live", [True, False])
async def test_without_colours_the_whole_selected_row_is_reversed(
    harness: MakeHarness, monkeypatch: pytest.MonkeyPatch, is_live: bool
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    ui = harness(*BOARD_IDS)
    async with ui.run(100, 30):
        await show_board(ui)
        if not is_live:
            await lose_link(ui)
        row = selected_row(ui)
        assert all(segment.style is not None and segment.style.reverse for segment in row)
        assert all(segment.style is not None and segment.style.bgcolor in {None, Color.default()} for segment in row)
        assert "late 8m" in "".join(segment.text for segment in row)
