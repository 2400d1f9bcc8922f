"""Text in terminal cells."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tracker_tui.ui.cells import courier, progress
from tracker_tui.ui.cells.measure import fit, line, pad, wrap_chips
from tracker_tui.ui.model import actions, styles
from tracker_tui.ui.screens import help_page as help_screen


@pytest.mark.parametrize(
    "text", ["", "short", "exactly 10", "longer than ten", "王小明王小明", "a王小明王小明", "e\u0301" * 12]
)
@pytest.mark.parametrize("width", [0, 1, 2, 9, 10, 11])
def test_text_is_cut_and_padded_by_cells_and_not_by_characters(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) <= width
    assert cell_len(pad(text, width)) == width


def test_cut_text_ends_in_an_ellipsis() -> None:
    assert fit("王小明王小明", 6) == "王小 …"
    assert fit("Delivered", 6) == "Deliv…"


def test_a_line_keeps_its_styles_and_its_width() -> None:
    drawn = line([("ab", "bold"), ("王小明", "")], 5)
    assert drawn.plain == "ab王…"
    assert drawn.cell_length == 5


def test_chips_share_a_line_while_they_fit() -> None:
    assert wrap_chips(["one", "two", "three"], 9) == ["one · two", "three"]
    assert wrap_chips([], 9) == []


def test_every_glyph_is_one_cell_wide() -> None:
    glyphs = [glyph for glyph, _ in progress.STAGE_GLYPHS.values()]
    glyphs += [glyph for glyph, _, _ in courier.FRESHNESS.values()]
    glyphs += [each[0] for table in (styles.OUTCOMES, styles.STANDINGS) for each in table.values()]
    glyphs += [glyph for glyph, _, _ in styles.LATENESS.values() if glyph]
    glyphs += [glyph for glyph, _, _ in help_screen.BADGE_HELP]
    glyphs += [*"◆━╌⌂⋮▸…·–"]
    assert {cell_len(glyph) for glyph in glyphs} == {1}


def test_no_key_is_declared_twice() -> None:
    keys = [command.key for command in (*actions.ACTIONS, actions.PALETTE, actions.INTERRUPT)]
    assert len(keys) == len(set(keys))
