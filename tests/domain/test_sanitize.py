"""Tests of sanitizing text from outside."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tracker_tui.domain.sanitize import sanitize


@pytest.mark.parametrize("code", range(0x20))
def test_a_c0_control_becomes_its_picture(code: int) -> None:
    assert sanitize(f"a{chr(code)}b") == f"a{chr(0x2400 + code)}b"


@pytest.mark.parametrize("code", range(0x80, 0xA0))
def test_a_c1_control_becomes_a_replacement(code: int) -> None:
    assert sanitize(chr(code)) == "�"


@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\u061c", "ALM"),
        ("\u200e", "LRM"),
        ("\u200f", "RLM"),
        ("\u202a", "LRE"),
        ("\u202b", "RLE"),
        ("\u202c", "PDF"),
        ("\u202d", "LRO"),
        ("\u202e", "RLO"),
        ("\u2066", "LRI"),
        ("\u2067", "RLI"),
        ("\u2068", "FSI"),
        ("\u2069", "PDI"),
    ],
)
def test_a_bidirectional_control_becomes_its_abbreviation(character: str, name: str) -> None:
    assert unicodedata.bidirectional(character) in {"AL", "L", "R", name}
    assert sanitize(f"1{character}2") == f"1⟨{name}⟩2"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;x\x07", "␛]0;x␇"),
        ("\x1b[2J", "␛[2J"),
        ("\x9b2J", "�2J"),
        ("\x7f", "␡"),
        ("two\r\nlines", "two␍␊lines"),
        ("\u2028\u2029", "��"),
        ("zero\u200bwidth", "zero�width"),
        ("\ufeffmark", "�mark"),
        ("soft\u00adhyphen", "soft�hyphen"),
        ("👩\u200d👩\u200d👧 family", "👩👩👧 family"),
        ("❤\ufe0f ☎\ufe0e", "❤ ☎"),
        ("क\u094d\u200dष", "क\u094dष"),
        ("\ud800", "�"),
        ("\ue000\U0010ffff", "��"),
    ],
)
def test_controls_and_invisible_characters_are_replaced_or_removed(text: str, shown: str) -> None:
    assert sanitize(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Two pizzas, please!",
        "[/b] [@click=app.quit]",
        "Grüße aus Köln",
        "您的订单",
        "مرحبا",
        "می\u200cخواهم",
        "e\u0301",
        "a\u00a0b",
    ],
)
def test_readable_text_is_unchanged(text: str) -> None:
    assert sanitize(text) == text


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("👩🏽👦❤🇩🇪\u200d\ufe0f\u200c\u0301")), st.data())
def test_a_text_is_as_wide_as_its_parts_at_any_cut(text: str, data: st.DataObject) -> None:
    shown = sanitize(text)
    place = data.draw(st.integers(0, len(shown)))
    assert cell_len(shown) == cell_len(shown[:place]) + cell_len(shown[place:])


@given(st.text(st.characters()))
def test_sanitized_text_does_not_control_a_terminal(text: str) -> None:
    shown = sanitize(text)
    left = {unicodedata.category(c) for c in shown if c != "\u200c"}
    assert not left & {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}
    assert len(shown.splitlines()) <= 1
    assert shown.encode() is not None
    assert sanitize(shown) == shown
