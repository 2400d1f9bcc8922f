"""The milestones of an order as a persistent list; the cost of adding one does not depend on its length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, final

from tracker_tui.domain.canonical import canonical
from tracker_tui.domain.order import Milestone

V = TypeVar("V")


def greater(one: V, other: V) -> V:
    """Return the body that wins if two bodies have one version (PROTOCOL §2)."""
    return one if one == other else max(one, other, key=canonical)


@dataclass(frozen=True, slots=True)
class Entry:
    """A milestone, its epoch, and whether a snapshot or an event carried it."""

    epoch: int
    milestone: Milestone
    from_snapshot: bool

    @property
    def version(self) -> tuple[int, int]:
        """(epoch, seq), which identifies the milestone within its order."""
        return self.epoch, self.milestone.seq


# Nested pairs are faster than objects. Every event walks this list, always from the newest end.
_Node = tuple[Entry, Any] | None


@final
class History:
    """Milestones ordered by (epoch, seq), oldest first. Merging is a union."""

    __slots__ = ("_newest",)

    def __init__(self, _newest: _Node = None) -> None:
        self._newest = _newest

    @classmethod
    def of(cls, entries: Iterator[Entry]) -> History:
        """Return a history of `entries`, which may come in any order."""
        node: _Node = None
        for entry in sorted(entries, key=lambda entry: entry.version):
            if node is not None and node[0].version == entry.version:
                node = (_either(node[0], entry), node[1])
            else:
                node = (entry, node)
        return cls(node)

    def newest_first(self) -> Iterator[Entry]:
        """Yield entries from the newest to the oldest, lazily."""
        node = self._newest
        while node is not None:
            yield node[0]
            node = node[1]

    def __iter__(self) -> Iterator[Entry]:
        return reversed(list(self.newest_first()))

    def __len__(self) -> int:
        return sum(1 for _ in self.newest_first())

    def __bool__(self) -> bool:
        return self._newest is not None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, History):
            return NotImplemented
        one, two = self._newest, other._newest
        while one is not two:
            if one is None or two is None or one[0] != two[0]:
                return False
            one, two = one[1], two[1]
        return True

    def __hash__(self) -> int:
        return hash(self._newest[0] if self._newest else None)

    def __repr__(self) -> str:
        return f"History({list(self)!r})"

    def __or__(self, other: History) -> History:
        """Return the union. At one version a snapshot's milestone wins, then the greater one."""
        one, two = self._newest, other._newest
        above: list[Entry] = []
        changed = False
        while one is not two and two is not None:
            if one is None or one[0].version < two[0].version:
                above.append(two[0])
                two = two[1]
                changed = True
            elif one[0].version > two[0].version:
                above.append(one[0])
                one = one[1]
            else:
                winner = _either(one[0], two[0])
                changed = changed or winner is not one[0]
                above.append(winner)
                one, two = one[1], two[1]
        if not changed:
            return self
        for entry in reversed(above):
            one = (entry, one)
        return History(one)

    def since(self, epoch: int) -> History:
        """Return the entries of `epoch` and later epochs."""
        return History.of(entry for entry in self.newest_first() if entry.epoch >= epoch)

    def added_to(self, before: History) -> Iterator[Entry]:
        """Yield the entries of versions that `before` lacks, newest first.

        The cost depends on the distance to the last difference, not on the length of the history.
        """
        one, two = self._newest, before._newest
        while one is not two and one is not None:
            if two is None or one[0].version > two[0].version:
                yield one[0]
                one = one[1]
            elif one[0].version == two[0].version:
                one, two = one[1], two[1]
            else:
                two = two[1]


def _either(one: Entry, other: Entry) -> Entry:
    if one.from_snapshot != other.from_snapshot:
        return one if one.from_snapshot else other
    return one if greater(one.milestone, other.milestone) == one.milestone else other
