"""The colours: what the user chose, else what the terminal can show, and none with NO_COLOR."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rich.color import ColorType
from rich.segment import Segment

from tests.ui.app_harness import Rig
from tests.ui.order_fixtures import NOW, watched
from tests.ui.screens.test_board import IDS, four_orders
from tracker_tui.link.changes import Phase

MakeRig = Callable[..., Rig]


def segments(it: Rig) -> list[Segment]:
    return [segment for row in it.strips() for segment in row if segment.style is not None]


def colours(it: Rig) -> set[ColorType]:
    """The kinds of colour that are on the screen."""
    styles = [segment.style for segment in segments(it) if segment.style is not None]
    return {colour.type for style in styles for colour in (style.color, style.bgcolor) if colour is not None}


async def stale(it: Rig) -> None:
    await watched(it)
    await it.link(Phase.BACKOFF, attempt=3, retry_at=NOW + 14, down_at=NOW)


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
def test_the_theme_is_the_chosen_one_or_what_suits_the_terminal(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], theme: str | None, name: str
) -> None:
    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)
    assert rig(theme=theme).app.theme == name


async def test_no_color_emits_none_not_even_grey_and_the_cursor_is_still_seen(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    it = rig(*IDS, demo=True)
    async with it.run():
        await four_orders(it)
        assert colours(it) == {ColorType.DEFAULT}
        (cursor,) = [segment.text for segment in segments(it) if segment.style and segment.style.reverse]
        assert cursor.split()[:2] == ["▸▲", "A1"]
        await it.press("f", "1")
        assert colours(it) == {ColorType.DEFAULT}
        assert "Injected" in it.text()


async def test_no_color_holds_for_what_is_stale_too(rig: MakeRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    it = rig()
    async with it.run():
        await stale(it)
        assert colours(it) == {ColorType.DEFAULT}
        assert "◐ Reconnecting…" in it.text()


@pytest.mark.parametrize("environ", [{"NO_COLOR": ""}, {}], ids=["empty", "unset"])
async def test_an_empty_no_color_is_none(
    rig: MakeRig, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)
    it = rig()
    async with it.run():
        await watched(it)
        hues = {style.color.get_truecolor() for each in segments(it) if (style := each.style) and style.color}
        assert any(max(hue) - min(hue) > 40 for hue in hues)


async def test_a_terminal_of_16_colours_is_sent_its_own_ones(rig: MakeRig) -> None:
    it = rig(theme="terminal")
    async with it.run():
        await watched(it)
        assert colours(it) == {ColorType.DEFAULT, ColorType.STANDARD}
