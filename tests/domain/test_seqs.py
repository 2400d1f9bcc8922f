"""Tests of sets of sequence numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tracker_tui.domain.seqs import Seqs

SPANS = st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), max_size=8)


def seqs(*spans: tuple[int, int]) -> Seqs:
    result = Seqs()
    for first, last in spans:
        result |= Seqs.span(first, last)
    return result


def test_adjacent_ranges_are_merged() -> None:
    assert seqs((1, 3), (4, 4)).ranges == ((1, 4),)
    assert seqs((4, 4), (1, 2)).ranges == ((1, 2), (4, 4))
    assert seqs((1, 2), (4, 5), (3, 3)).ranges == ((1, 5),)


def test_a_span_that_ends_before_it_begins_is_empty() -> None:
    assert Seqs.span(5, 4) == Seqs()
    assert Seqs.span(1, 0).upto == 0


def test_upto_is_the_last_number_before_the_first_gap() -> None:
    assert seqs((1, 3), (5, 9)).upto == 3
    assert seqs((2, 3)).upto == 0
    assert Seqs().upto == 0


def test_gaps_are_the_missing_ranges_up_to_a_number() -> None:
    known = seqs((2, 3), (6, 6))
    assert list(known.gaps(9)) == [(1, 1), (4, 5), (7, 9)]
    assert list(known.gaps(6)) == [(1, 1), (4, 5)]
    assert list(known.gaps(0)) == []
    assert list(Seqs().gaps(2)) == [(1, 2)]


def test_adding_known_numbers_gives_the_same_object() -> None:
    known = seqs((1, 3), (5, 9))
    assert known | Seqs() is known
    assert known | Seqs.span(2, 3) is known
    assert known | seqs((1, 3), (5, 9)) is known


def test_a_thousand_appends_stay_one_range() -> None:
    assert seqs(*((seq, seq) for seq in range(1, 1001))).ranges == ((1, 1000),)


@given(SPANS, SPANS)
def test_seqs_behave_like_sets_of_numbers(some: list[tuple[int, int]], others: list[tuple[int, int]]) -> None:
    one, other = seqs(*some), seqs(*others)
    union = {n for first, last in some + others for n in range(first, last + 1)}
    assert {n for n in range(40) if n in (one | other)} == union
    assert one | other == other | one
    missing = {n for first, last in (one | other).gaps(35) for n in range(first, last + 1)}
    assert missing == set(range(1, 36)) - union
