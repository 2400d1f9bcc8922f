"""Colours: the chosen theme, else the best one for the terminal, and none with NO_COLOR."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rich.color import ColorType
from rich.segment import Segment

from tests.ui.app_harness import AppHarness
from tests.ui.order_fixtures import NOW, show_order
from tests.ui.screens.test_board import IDS, show_four_orders
from tracker_tui.link.changes import Phase

MakeHarness = Callable[..., AppHarness]


def segments(ui: AppHarness) -> list[Segment]:
    return [segment for row in ui.strips() for segment in row if segment.style is not None]


def colours(ui: AppHarness) -> set[ColorType]:
    """Return the kinds of colours on the screen."""
    styles = [segment.style for segment in segments(ui) if segment.style is not None]
    return {colour.type for style in styles for colour in (style.color, style.bgcolor) if colour is not None}


async def stale(ui: AppHarness) -> None:
    await show_order(ui)
    await ui.set_link(Phase.BACKOFF, attempt=3, retry_at=NOW + 14, down_at=NOW)


@pytest.mark.parametrize(
    ("environ", "theme", "name"),
    [
        ({"COLORTERM": "truecolor"}, None, "tracker-dark"),
        ({"TERM": "xterm-256color", "COLORTERM": ""}, None, "tracker-dark"),
        ({"TERM": "xterm", "COLORTERM": ""}, None, "tracker-terminal"),
        ({"TERM": "linux", "COLORTERM": ""}, None, "tracker-terminal"),
        ({"TERM": "screen", "COLORTERM": ""}, None, "tracker-terminal"),
        ({"NO_COLOR": "1"}, None, "tracker-terminal"),
        ({"NO_COLOR": ""}, None, "tracker-dark"),
        ({"NO_COLOR": "1"}, "light", "tracker-light"),
        ({"TERM": "xterm", "COLORTERM": ""}, "dark", "tracker-dark"),
        ({}, "terminal", "tracker-terminal"),
    ],
)
def test_the_theme_is_the_chosen_one_or_the_best_for_the_terminal(
    harness: MakeHarness, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], theme: str | None, name: str
) -> None:
    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)
    assert harness(theme=theme).app.theme == name


async def test_no_color_emits_no_colour_and_the_cursor_is_visible(
    harness: MakeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    ui = harness(*IDS, demo=True)
    async with ui.run():
        await show_four_orders(ui)
        assert colours(ui) == {ColorType.DEFAULT}
        cursor = "".join(segment.text for segment in segments(ui) if segment.style and segment.style.reverse)
        assert cursor.split()[:2] == ["▸▲", "A1"]
        await ui.press("f", "1")
        assert colours(ui) == {ColorType.DEFAULT}
        assert "Injected" in ui.text()


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_no_color_applies_to_stale_data(
    harness: MakeHarness, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    ui = harness()
    async with ui.run(*size):
        await stale(ui)
        assert colours(ui) == {ColorType.DEFAULT}
        assert "◐ Reconnecting…" in ui.text()


@pytest.mark.parametrize("environ", [{"NO_COLOR": ""}, {}], ids=["empty", "unset"])
async def test_an_empty_no_color_is_ignored(
    harness: MakeHarness, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)
    ui = harness()
    async with ui.run():
        await show_order(ui)
        hues = {style.color.get_truecolor() for each in segments(ui) if (style := each.style) and style.color}
        assert any(max(hue) - min(hue) > 40 for hue in hues)


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (160, 50)])
async def test_a_terminal_with_16_colours_gets_its_own_colours(harness: MakeHarness, size: tuple[int, int]) -> None:
    ui = harness(theme="terminal")
    async with ui.run(*size):
        await show_order(ui)
        assert colours(ui) == {ColorType.DEFAULT, ColorType.STANDARD}


async def test_without_colours_the_arrival_is_reversed_and_the_lateness_bold(
    harness: MakeHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    ui = harness()
    async with ui.run():
        await show_order(ui)
        assert all(style.reverse and style.bold for style in ui.styles_of(" 14:50 "))
        assert all(style.bold for style in ui.styles_of("▲ 5 min late"))
