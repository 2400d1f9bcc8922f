"""A life while it is being made: each beat is the one before it with some changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from mock_server.simulation.lifecycles.keyframe import Beat, Line, between
from tracker_tui.domain.order import MilestoneKind, Outcome

Beats = tuple[Beat, ...]


class Story:
    """Collects beats. All durations are seconds of life.

    Args:
        first: The first beat, without its line.
        note: The note of the first line of history.
        source: Whose line it is.
    """

    def __init__(self, first: Beat, note: str | None, source: str) -> None:
        self._beats = [replace(first, line=Line(first.status, first.at, note, source))]

    @property
    def now(self) -> Beat:
        """The newest beat."""
        return self._beats[-1]

    @property
    def beats(self) -> Beats:
        """What has been told."""
        return tuple(self._beats)

    def later(self, seconds: float) -> float | None:
        """The expected time of delivery, moved; still None if nobody says."""
        return None if self.now.expected is None else self.now.expected + seconds

    def then(self, after: float, *, line: Line | None = None, **changes: Any) -> None:
        """Add a beat, by default one that leaves no line in history."""
        self._beats.append(replace(self.now, at=self.now.at + after, line=line, **changes))

    def tell(
        self,
        after: float,
        note: str | None,
        source: str,
        *,
        kind: MilestoneKind = MilestoneKind.UPDATE,
        strikes: tuple[Line, ...] = (),
        **changes: Any,
    ) -> Line:
        """Add a beat with a line about it; returns the line, for a correction to strike."""
        line = Line(changes.get("status", self.now.status), self.now.at + after, note, source, kind, strikes)
        self.then(after, line=line, **changes)
        return line

    def end(self, after: float, outcome: Outcome, note: str, source: str, **changes: Any) -> Line:
        """Add a beat at which the order ends: nothing is expected any more."""
        return self.tell(after, note, source, outcome=outcome, expected=None, flags=(), **changes)


def stage_of(beats: Sequence[Beat], status: str) -> tuple[float, float] | None:
    """When an order first enters and then leaves a status; None = it never has it.

    An order that ends in the status leaves it at its last beat.
    """
    entered = next((beat.at for beat in beats if beat.status == status), None)
    if entered is None:
        return None
    left = next((beat.at for beat in beats if beat.at > entered and beat.status != status), beats[-1].at)
    return entered, left


def end_early(beats: Beats, stage: str, outcome: Outcome, note: str, source: str) -> Beats:
    """The life as it is when the order ends late in `stage` instead, which has to be one that it passes."""
    span = stage_of(beats, stage)
    if span is None:
        raise ValueError(f"this order never is {stage!r}")
    at = span[0] + 0.8 * (span[1] - span[0])
    kept = tuple(beat for beat in beats if beat.at < at)
    last = replace(
        between(kept[-1], beats[len(kept)], at),
        outcome=outcome,
        expected=None,
        flags=(),
        courier=None,
        line=Line(stage, at, note, source),
    )
    return *kept, last


def insert_note(beats: Beats, at: float, note: str, source: str) -> Beats:
    """The life with a note told at a moment within it."""
    for index, (before, after) in enumerate(pairwise(beats), start=1):
        if before.at <= at <= after.at:
            told = between(before, after, at)
            line = Line(told.status, at, note, source, MilestoneKind.NOTE)
            return *beats[:index], replace(told, line=line), *beats[index:]
    return beats
