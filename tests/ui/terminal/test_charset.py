"""Replacements for characters that the terminal's encoding lacks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

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


def test_different_glyphs_have_different_replacements() -> None:
    for signs in ("●○", "◆⌂●○", "✔▶○–⊘✖↺", "▲!△◔▶✔✖∅○*", "▾▹▸"):
        assert len(set(transliterate(signs, "ascii"))) == len(signs), signs
