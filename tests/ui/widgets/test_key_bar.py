"""The key bar is empty under a dialog, which names its own keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.ui.app_harness import AppHarness

MakeHarness = Callable[..., AppHarness]


@pytest.mark.parametrize(
    ("opens", "closes", "named"),
    [
        ("f", "escape", "Esc close"),
        ("n", "escape", "Enter sends · Esc closes"),
        ("X", "n", "n  No, keep it"),
        ("question_mark", "escape", "Esc closes"),
        ("ctrl+p", "escape", "Search for commands"),
    ],
)
@pytest.mark.parametrize("width", [80, 120])
async def test_the_key_bar_is_empty_under_a_dialog(
    harness: MakeHarness, opens: str, closes: str, named: str, width: int
) -> None:
    ui = harness(demo=True)
    async with ui.run(width, 30):
        await ui.go_live()
        before = ui.rows()[-1]
        assert " q Quit " in before
        await ui.press(opens)
        assert named in ui.text()
        assert "q Quit" not in ui.text()
        assert "^p palette" not in ui.text()
        await ui.press(closes)
        assert ui.rows()[-1] == before


async def test_the_key_bar_is_empty_under_the_sort_menu(harness: MakeHarness) -> None:
    ui = harness("A1", "A2")
    async with ui.run():
        await ui.go_live()
        before = ui.rows()[-1]
        assert " / Filter " in before
        await ui.press("s")
        assert "Esc closes" in ui.text()
        assert ui.rows()[-1].strip() == ""
        await ui.press("escape")
        assert ui.rows()[-1] == before


async def test_the_key_bar_stays_empty_under_two_dialogs(harness: MakeHarness) -> None:
    ui = harness(demo=True)
    async with ui.run(80, 40):
        await ui.go_live()
        await ui.press("f", "question_mark")
        assert "─ Help · type" in ui.text()
        await ui.press("escape")
        assert "Fault lab" in ui.text()
        assert ui.rows()[-1].strip() == ""
        await ui.press("escape")
        assert " q Quit " in ui.rows()[-1]
