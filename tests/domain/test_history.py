"""Tests of the milestones of an order as a persistent list."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest

from tests.support.orders import EPOCH, milestone
from tracker_tui.domain.history import Entry, History

LONG = 5_000


def entry(seq: int, *, epoch: int = EPOCH, whole: bool = False, **fields: Any) -> Entry:
    return Entry(epoch, milestone(seq, **fields), whole)


def history(*seqs: int) -> History:
    return History.of(entry(seq) for seq in seqs)


@pytest.fixture
def count_steps(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Return the number of version reads since the last call: a cost that is independent of the machine."""
    steps = 0

    def counting_version(entry: Entry) -> tuple[int, int]:
        nonlocal steps
        steps += 1
        return entry.epoch, entry.milestone.seq

    def since_last() -> int:
        nonlocal steps
        taken, steps = steps, 0
        return taken

    monkeypatch.setattr(Entry, "version", property(counting_version))
    return since_last


def test_a_union_is_ordered_by_version_for_any_order_of_arrival() -> None:
    older = History.of(iter([entry(9, epoch=EPOCH - 1)]))
    assert [e.version for e in history(4, 1) | older | history(2)] == [
        (EPOCH - 1, 9),
        (EPOCH, 1),
        (EPOCH, 2),
        (EPOCH, 4),
    ]


def test_a_union_with_known_entries_is_the_same_object() -> None:
    known = history(1, 2, 3)
    assert known | history(2) is known
    assert known | history(1, 2, 3) is known
    assert known | History() is known


def test_at_one_version_the_snapshot_wins_and_then_the_greater_milestone() -> None:
    from_snapshot, event, other = (
        entry(1, whole=True, note="a"),
        entry(1, note="z"),
        entry(1, note="y"),
    )
    for one, two in [(from_snapshot, event), (event, from_snapshot)]:
        assert list(History.of(iter([one])) | History.of(iter([two]))) == [from_snapshot]
        assert list(History.of(iter([one, two]))) == [from_snapshot]
    for one, two in [(event, other), (other, event)]:
        assert list(History.of(iter([one])) | History.of(iter([two]))) == [event]


def test_added_entries_come_newest_first() -> None:
    before = history(1, 3)
    after = before | history(2, 5, 4)
    assert [e.milestone.seq for e in after.added_to(before)] == [5, 4, 2]
    assert list(after.added_to(after)) == []
    assert list(before.added_to(after)) == []
    assert [e.milestone.seq for e in before.added_to(History())] == [3, 1]


def test_another_milestone_at_a_known_version_adds_no_entry() -> None:
    before = history(1, 2)
    after = before | History.of(iter([entry(1, whole=True, note="corrected")]))
    assert after != before
    assert list(after.added_to(before)) == []


def test_since_keeps_the_given_epoch_and_later_ones() -> None:
    known = History.of(entry(1, epoch=EPOCH + n) for n in range(3))
    assert [e.epoch for e in known.since(EPOCH + 1)] == [EPOCH + 1, EPOCH + 2]
    assert not known.since(EPOCH + 3)


def test_histories_with_equal_entries_are_equal() -> None:
    assert history(1, 2) == history(2, 1)
    assert hash(history(1, 2)) == hash(history(2, 1))
    assert history(1, 2) != history(1, 3)
    assert history(1) != history(1, 2)
    assert history(1) != [entry(1)]
    assert not History()
    assert len(history(1, 2)) == 2
    assert "seq=2" in repr(history(2))


def test_a_long_history_causes_no_deep_recursion() -> None:
    known = history(*range(1, LONG + 1))
    twin = History.of(reversed(list(known)))
    assert (len(known), known == twin, hash(known) == hash(twin)) == (LONG, True, True)
    assert len(repr(known)) > LONG
    assert known | twin is known
    assert len(known.since(EPOCH)) == LONG
    assert len(list(known.added_to(History()))) == LONG
    del known, twin  # Releasing it must not recurse either.


def test_an_append_costs_the_same_for_any_length_of_history(count_steps: Callable[[], int]) -> None:
    known, added = history(*range(1, LONG + 1)), history(LONG + 1)
    count_steps()
    longer = known | added
    assert count_steps() <= 4
    assert [e.milestone.seq for e in longer.added_to(known)] == [LONG + 1]
    assert count_steps() <= 4
    assert next(islice(longer.newest_first(), 1, None)) is next(known.newest_first())


def test_a_late_milestone_costs_its_distance_from_the_end(count_steps: Callable[[], int]) -> None:
    known, late = history(*range(1, LONG - 10), *range(LONG - 9, LONG + 1)), history(LONG - 10)
    count_steps()
    repaired = known | late
    assert count_steps() <= 50
    assert [e.milestone.seq for e in repaired.added_to(known)] == [LONG - 10]
    assert count_steps() <= 50
    assert len(repaired) == LONG
