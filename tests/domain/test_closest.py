"""The known id that a mistyped one probably means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker_tui.domain.closest import closest

KNOWN = ("A1042", "A2001", "P7", "parcel-9")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("a1042", "A1042"),
        ("p7", "P7"),
        ("A1024", "A1042"),
        ("a0142", "A1042"),
        ("A142", "A1042"),
        ("A10422", "A1042"),
        ("1042", "A1042"),
        ("A1O42", "A1042"),
        ("B1042", "A1042"),
        ("parcel_9", "parcel-9"),
        ("Parcel9", "parcel-9"),
    ],
)
def test_another_case_a_typo_and_swapped_characters_are_found(typed: str, meant: str) -> None:
    assert closest(typed, KNOWN) == meant


@pytest.mark.parametrize("typed", ["A1042", "X9", "P8", "A7", "A9942", "A1402x", "", "1"])
def test_nothing_else_is_suggested(typed: str) -> None:
    assert closest(typed, KNOWN) is None


def test_nothing_is_suggested_where_several_ids_are_equally_close() -> None:
    assert closest("A1043", ["A1041", "A1042"]) is None
    assert closest("a1", ["A1", "A1", "A2"]) == "A1"


def test_the_least_mistake_wins() -> None:
    assert closest("a1042", ["A1042", "a1043", "a10422"]) == "A1042"
    assert closest("A1024", ["A1042", "A1025"]) == "A1042"


@given(st.text("AB12", max_size=6), st.lists(st.text("AB12", max_size=6)))
def test_a_suggestion_is_a_known_id_in_any_order_of_them(typed: str, known: list[str]) -> None:
    found = closest(typed, known)
    assert found is None or (found in known and found != typed)
    assert closest(typed, known[::-1]) == found
