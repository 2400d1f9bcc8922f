"""An order of rows that stays calm: a row moves at once when its class changes, all rows only now and then."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace

SORT_EVERY = 10.0
"""Least number of seconds between two sorts of all rows."""

QUIET_FOR = 2.0
"""Seconds after a key, a click or a scroll in which rows are not sorted: the user may aim at one."""


@dataclass(frozen=True, slots=True)
class SortPace:
    """The times that decide when all rows may be sorted again.

    Attributes:
        sorted_at: When they were sorted last, in seconds; None to sort them now, because the user asked for it.
        touched_at: When the user last pressed a key, clicked or scrolled, in seconds; None if never.
    """

    sorted_at: float | None = None
    touched_at: float | None = None

    def is_due(self, time: float) -> bool:
        """Return whether all rows may be sorted at `time`, in seconds."""
        if self.sorted_at is None or time < self.sorted_at:
            # The user asked for it, or a replay went back.
            return True
        is_quiet = self.touched_at is None or not 0 <= time - self.touched_at < QUIET_FOR
        return is_quiet and time - self.sorted_at >= SORT_EVERY

    def sorted(self, time: float) -> SortPace:
        """Return the pace after a sort at `time`."""
        return replace(self, sorted_at=time)

    def touched(self, time: float) -> SortPace:
        """Return the pace after an action of the user at `time`."""
        return replace(self, touched_at=time)

    def sort_now(self) -> SortPace:
        """Return the pace with a sort that is due at once."""
        return replace(self, sorted_at=None)


@dataclass(frozen=True, slots=True)
class CalmOrder:
    """The keys of rows in the order shown, and the class in which each was placed."""

    keys: tuple[str, ...] = ()
    classes: Mapping[str, Hashable] = field(default_factory=dict)

    def follow(
        self, classes: Mapping[str, Hashable], ranked: Callable[[], Sequence[str]], *, is_due: bool = False
    ) -> CalmOrder:
        """Return the order for the present rows.

        New rows and rows whose class changed get their sorted place. All others keep their order, unless a sort is due.

        Args:
            classes: The class of each row, by its key.
            ranked: Returns all keys sorted; called only if rows move.
            is_due: Whether to sort all rows.
        """
        if is_due:
            return CalmOrder(tuple(ranked()), classes)
        if classes == self.classes:
            return self
        before = self.classes
        moved = {key for key, each in classes.items() if key not in before or before[key] != each}
        kept = [key for key in self.keys if key in classes and key not in moved]
        return CalmOrder(tuple(_merge(kept, moved, ranked()) if moved else kept), classes)


def _merge(kept: Sequence[str], moved: set[str], ranked: Sequence[str]) -> list[str]:
    """Return the kept keys in their order, with each moved one before the first that ranks after it."""
    places = {key: place for place, key in enumerate(ranked)}
    waiting = [key for key in ranked if key in moved]
    merged: list[str] = []
    first = 0
    for key in kept:
        while first < len(waiting) and places[waiting[first]] < places[key]:
            merged.append(waiting[first])
            first += 1
        merged.append(key)
    return [*merged, *waiting[first:]]
