"""JSON on one line that a terminal can show."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.output.json_text import json_text

ENCODINGS = ["utf-8", "UTF-8", "ascii", "latin-1", "cp1252", "shift_jis"]

ANY_TEXT = st.text(
    st.characters() | st.sampled_from('"\\\x00\x1b\x7f\x85\u2028\u2029\u202e\u200d\ufeff\ud800\udfff😀é')
)


@given(ANY_TEXT, st.sampled_from(ENCODINGS))
def test_any_text_is_one_harmless_line_that_decodes_to_it(text: str, encoding: str) -> None:
    line = json_text({text: [text]}, encoding)
    assert len(line.splitlines()) == 1
    assert sanitize(line) == line
    # Two halves of a surrogate pair that meet are one character in JSON.
    assert json.loads(line) == json.loads(json.dumps({text: [text]}))
    assert json.loads(line.encode(encoding)) == json.loads(line)


@given(st.characters())
def test_a_character_is_escaped_exactly_if_sanitizing_changes_it(character: str) -> None:
    line = json_text(f"a{character}b")
    is_syntax = character in '"\\'
    assert ("\\" in line) is (is_syntax or sanitize(character) != character)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Grüße aus Köln · 王小明 · 👩🏽", '"Grüße aus Köln · 王小明 · 👩🏽"'),
        ("می‌خواهم", '"می‌خواهم"'),
        ("\x1b[2J", r'"\u001b[2J"'),
        ("\x7f\x85\x9b", r'"\u007f\u0085\u009b"'),
        ("\u2028\u2029\u202e", r'"\u2028\u2029\u202e"'),
        ("👩\u200d👧", r'"👩\u200d👧"'),
        ("\ud800", r'"\ud800"'),
        ("\U0010ffff", r'"\udbff\udfff"'),
    ],
)
def test_readable_characters_are_not_escaped_and_all_others_are(text: str, line: str) -> None:
    assert json_text(text) == line


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "shift_jis"])
def test_output_that_is_not_utf_8_is_ascii(encoding: str) -> None:
    assert json_text("ソé😀", encoding) == r'"\u30bd\u00e9\ud83d\ude00"'
