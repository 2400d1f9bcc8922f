"""Replacements for characters that the terminal's encoding lacks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO, TextIOWrapper

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.support.orders import at
from tests.ui.app_harness import AppHarness
from tests.ui.handlers.test_orders import CANCEL
from tests.ui.order_fixtures import FACTS, NOW, meal_snapshot, show_order
from tracker_tui.domain.order import Eta, Precision
from tracker_tui.domain.overlay import CommandStatus
from tracker_tui.ui.terminal.charset import supports_unicode, transliterate


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "utf-16", "gb18030"])
def test_unicode_encodings_are_supported(encoding: str) -> None:
    assert supports_unicode(encoding)


@pytest.mark.parametrize("encoding", ["ascii", "ANSI_X3.4-1968", "latin-1", "iso-8859-15", "cp437", "no such encoding"])
def test_other_encodings_lack_the_screens_glyphs(encoding: str) -> None:
    assert not supports_unicode(encoding)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Mn", "Me", "Cf"])))
def test_a_replacement_is_ascii_and_has_the_same_width(text: str) -> None:
    assert transliterate(text, "ascii").isascii()
    assert cell_len(transliterate(text, "ascii")) == cell_len(text)


def test_encodable_characters_are_kept() -> None:
    assert transliterate("● Théo · 2 × 王", "latin-1") == "@ Théo · 2 × ??"
    assert transliterate("● Théo · 2 × 王", "utf-8") == "● Théo · 2 × 王"


@pytest.mark.parametrize("size", [(40, 20), (100, 30), (160, 50)])
async def test_every_sign_of_the_order_screen_has_a_replacement(
    harness: Callable[..., AppHarness], monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setattr("sys.__stderr__", TextIOWrapper(BytesIO(), encoding="ascii"))
    ui = harness()
    plain = replace(FACTS, title="Two pizzas", customer="Mara")
    async with ui.run(*size):
        await show_order(ui)
        for seq, minute in enumerate((50, 53, 57), 58):
            eta = Eta(at(minute * 60), at(minute * 60), Precision.MINUTE)
            await ui.receive(replace(meal_snapshot(seq, eta=eta), order=plain))
        await ui.receive_pending(replace(CANCEL, status=CommandStatus.UNSEEN, settled_at=at(NOW)))
        shown = ui.text()
        assert "≠ Cancel accepted" in shown
        assert ("▁▄▆█" in shown) is (size[0] >= 120)
        assert "?" not in transliterate(shown, "ascii").replace("? Help", "")


def test_different_glyphs_have_different_replacements() -> None:
    for signs in ("●○", "◆⌂●○", "✔▶○–⊘✖↺", "▲!△◔▶✔✖∅○*", "▾▹▸"):
        assert len(set(transliterate(signs, "ascii"))) == len(signs), signs
