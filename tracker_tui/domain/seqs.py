"""Sets of seqs, stored as ranges; in practice one interval and a few numbers above it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seqs:
    """An immutable set of seqs.

    Attributes:
        ranges: (first, last) pairs, both included; ascending, disjoint and never adjacent.
    """

    ranges: tuple[tuple[int, int], ...] = ()

    @classmethod
    def span(cls, first: int, last: int) -> Seqs:
        """Return the seqs from `first` to `last`, both included; empty if `first` > `last`."""
        return cls(((first, last),)) if first <= last else cls()

    @property
    def upto(self) -> int:
        """Last seq of the gap-free prefix 1…n; 0 if seq 1 is missing."""
        return self.ranges[0][1] if self.ranges and self.ranges[0][0] <= 1 else 0

    def __contains__(self, seq: int) -> bool:
        return any(first <= seq <= last for first, last in reversed(self.ranges))

    def __or__(self, other: Seqs) -> Seqs:
        if not other.ranges or self == other:
            return self
        if not self.ranges:
            return other
        joined: list[tuple[int, int]] = []
        for first, last in sorted(self.ranges + other.ranges):
            if joined and first <= joined[-1][1] + 1:
                joined[-1] = (joined[-1][0], max(joined[-1][1], last))
            else:
                joined.append((first, last))
        ranges = tuple(joined)
        return self if ranges == self.ranges else Seqs(ranges)

    def gaps(self, upto: int) -> Iterator[tuple[int, int]]:
        """Yield the missing ranges between 1 and `upto`, both included."""
        start = 1
        for first, last in self.ranges:
            if first > upto:
                break
            if start < first:
                yield start, first - 1
            start = last + 1
        if start <= upto:
            yield start, upto
