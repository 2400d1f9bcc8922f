"""The milestones of an order as a persistent list."""

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
    """Return how often versions were compared since the last call: the cost of a walk, on any machine."""
    steps = 0

    def counted(entry: Entry) -> tuple[int, int]:
        nonlocal steps
        steps += 1
        return entry.epoch, entry.milestone.seq

    def since_last() -> int:
        nonlocal steps
        taken, steps = steps, 0
        return taken

    monkeypatch.setattr(Entry, "version", property(counted))
    return since_last


def test_a_union_is_in_order_of_version_whatever_the_order_of_arrival() -> None:
    older = History.of(iter([entry(9, epoch=EPOCH - 1)]))
    assert [e.version for e in history(4, 1) | older | history(2)] == [
        (EPOCH - 1, 9),
        (EPOCH, 1),
        (EPOCH, 2),
        (EPOCH, 4),
    ]


def test_a_union_with_what_is_held_is_the_very_same_object() -> None:
    held = history(1, 2, 3)
    assert held | history(2) is held
    assert held | history(1, 2, 3) is held
    assert held | History() is held


def test_at_one_version_the_snapshot_tells_and_then_the_greater_milestone() -> None:
    told, event, other = (
        entry(1, whole=True, note="a"),
        entry(1, note="z"),
        entry(1, note="y"),
    )
    for one, two in [(told, event), (event, told)]:
        assert list(History.of(iter([one])) | History.of(iter([two]))) == [told]
        assert list(History.of(iter([one, two]))) == [told]
    for one, two in [(event, other), (other, event)]:
        assert list(History.of(iter([one])) | History.of(iter([two]))) == [event]


def test_what_was_added_comes_newest_first() -> None:
    before = history(1, 3)
    after = before | history(2, 5, 4)
    assert [e.milestone.seq for e in after.added_to(before)] == [5, 4, 2]
    assert list(after.added_to(after)) == []
    assert list(before.added_to(after)) == []
    assert [e.milestone.seq for e in before.added_to(History())] == [3, 1]


def test_another_telling_of_a_version_adds_nothing() -> None:
    before = history(1, 2)
    after = before | History.of(iter([entry(1, whole=True, note="corrected")]))
    assert after != before
    assert list(after.added_to(before)) == []


def test_since_an_epoch_keeps_that_epoch_and_later_ones() -> None:
    held = History.of(entry(1, epoch=EPOCH + n) for n in range(3))
    assert [e.epoch for e in held.since(EPOCH + 1)] == [EPOCH + 1, EPOCH + 2]
    assert not held.since(EPOCH + 3)


def test_a_history_is_a_value() -> None:
    assert history(1, 2) == history(2, 1)
    assert hash(history(1, 2)) == hash(history(2, 1))
    assert history(1, 2) != history(1, 3)
    assert history(1) != history(1, 2)
    assert history(1) != [entry(1)]
    assert not History()
    assert len(history(1, 2)) == 2
    assert "seq=2" in repr(history(2))


def test_a_long_history_recurses_nowhere() -> None:
    held = history(*range(1, LONG + 1))
    twin = History.of(reversed(list(held)))
    assert (len(held), held == twin, hash(held) == hash(twin)) == (LONG, True, True)
    assert len(repr(held)) > LONG
    assert held | twin is held
    assert len(held.since(EPOCH)) == LONG
    assert len(list(held.added_to(History()))) == LONG
    del held, twin  # … nor does letting go of it


def test_an_append_costs_the_same_however_long_the_history_is(count_steps: Callable[[], int]) -> None:
    held, added = history(*range(1, LONG + 1)), history(LONG + 1)
    count_steps()
    longer = held | added
    assert count_steps() <= 4
    assert [e.milestone.seq for e in longer.added_to(held)] == [LONG + 1]
    assert count_steps() <= 4
    assert next(islice(longer.newest_first(), 1, None)) is next(held.newest_first())


def test_a_late_milestone_costs_the_distance_back_to_its_place(count_steps: Callable[[], int]) -> None:
    held, late = history(*range(1, LONG - 10), *range(LONG - 9, LONG + 1)), history(LONG - 10)
    count_steps()
    mended = held | late
    assert count_steps() <= 50
    assert [e.milestone.seq for e in mended.added_to(held)] == [LONG - 10]
    assert count_steps() <= 50
    assert len(mended) == LONG
