"""Tests of the text form and the order of cursors."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.support.strategies import CURSORS
from tracker_tui.domain.cursor import MAX_NUMBER, Cursor


@pytest.mark.parametrize(
    ("text", "cursor"),
    [
        ("1764000000000:42", Cursor(1764000000000, 42)),
        ("1764000000000:0", Cursor(1764000000000, 0)),
        ("0:0", Cursor(0, 0)),
        ("9999999999999999:9999999999999999", Cursor(MAX_NUMBER, MAX_NUMBER)),
    ],
)
def test_a_cursor_is_read_and_written_as_epoch_and_seq(text: str, cursor: Cursor) -> None:
    assert Cursor.parse(text) == cursor
    assert str(cursor) == text


@pytest.mark.parametrize(
    "text",
    [
        "1:2\n",
        "\n1:2",
        " 1:2",
        "1: 2",
        "1:2 ",
        "１:２",
        "1:٢",
        "²:1",
        "01:2",
        "1:02",
        "00:0",
        "1_000:2",
        "1:2_0",
        "10000000000000000:1",
        "1:10000000000000000",
        "+1:2",
        "-1:2",
        "1:-0",
        "1.0:2",
        "1e3:2",
        "0x1:2",
        "1:2:3",
        "1",
        ":",
        "1:",
        ":2",
        "",
        "null",
    ],
)
def test_any_other_text_is_not_a_cursor(text: str) -> None:
    with pytest.raises(ValueError, match="EPOCH:SEQ"):
        Cursor.parse(text)


def test_cursors_are_ordered_by_epoch_and_then_by_seq() -> None:
    assert Cursor(1, 99) < Cursor(2, 0) < Cursor(2, 1)


@given(CURSORS)
def test_the_text_form_survives_the_round_trip(cursor: Cursor) -> None:
    assert Cursor.parse(str(cursor)) == cursor
