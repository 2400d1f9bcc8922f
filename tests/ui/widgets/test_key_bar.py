"""The key bar promises no key that does nothing: under a dialog it is empty, and the dialog names its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.ui.app_harness import Rig

MakeRig = Callable[..., Rig]


@pytest.mark.parametrize(
    ("opens", "closes", "named"),
    [
        ("f", "escape", "Esc close"),
        ("T", "escape", "Space next · Esc leave"),
        ("n", "escape", "Enter sends · Esc closes"),
        ("X", "n", "n  No, keep it"),
        ("question_mark", "escape", "Esc closes"),
        ("ctrl+p", "escape", "Search for commands"),
    ],
)
@pytest.mark.parametrize("width", [80, 120])
async def test_under_a_dialog_the_bar_is_empty(rig: MakeRig, opens: str, closes: str, named: str, width: int) -> None:
    it = rig(demo=True)
    async with it.run(width, 30):
        await it.live()
        before = it.rows()[-1]
        assert " q Quit " in before
        await it.press(opens)
        assert named in it.text()
        assert "q Quit" not in it.text()
        assert "^p palette" not in it.text()
        await it.press(closes)
        assert it.rows()[-1] == before


async def test_under_the_sort_menu_the_bar_is_empty(rig: MakeRig) -> None:
    it = rig("A1", "A2")
    async with it.run():
        await it.live()
        before = it.rows()[-1]
        assert " s Sort " in before
        await it.press("s")
        assert "Esc closes" in it.text()
        assert it.rows()[-1].strip() == ""
        await it.press("escape")
        assert it.rows()[-1] == before


async def test_it_stays_empty_while_one_dialog_lies_on_another(rig: MakeRig) -> None:
    it = rig(demo=True)
    async with it.run(80, 40):
        await it.live()
        await it.press("f", "question_mark")
        assert "─ Help ─" in it.text()
        await it.press("escape")
        assert "Fault lab" in it.text()
        assert it.rows()[-1].strip() == ""
        await it.press("escape")
        assert " q Quit " in it.rows()[-1]
