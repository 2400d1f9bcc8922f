"""The construction of a lifecycle: each keyframe is the previous one with some changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from mock_server.simulation.lifecycles.keyframe import Keyframe, MilestonePlan, interpolate
from tracker_tui.domain.order import MilestoneKind, Outcome

Keyframes = tuple[Keyframe, ...]


class Builder:
    """Collects keyframes. All durations are seconds of the order's lifecycle.

    Args:
        first: The first keyframe, without a milestone.
        note: The note of the first milestone.
        source: The source of the first milestone.
    """

    def __init__(self, first: Keyframe, note: str | None, source: str) -> None:
        self._keyframes = [replace(first, milestone=MilestonePlan(first.status, first.at, note, source))]

    @property
    def current(self) -> Keyframe:
        """The newest keyframe."""
        return self._keyframes[-1]

    @property
    def keyframes(self) -> Keyframes:
        """The keyframes so far."""
        return tuple(self._keyframes)

    def postponed(self, seconds: float) -> float | None:
        """Return the expected time of delivery plus `seconds`; None if none is known."""
        return None if self.current.expected is None else self.current.expected + seconds

    def add(self, after: float, *, milestone: MilestonePlan | None = None, **changes: Any) -> None:
        """Add a keyframe, by default without a milestone."""
        self._keyframes.append(replace(self.current, at=self.current.at + after, milestone=milestone, **changes))

    def add_milestone(
        self,
        after: float,
        note: str | None,
        source: str,
        *,
        kind: MilestoneKind = MilestoneKind.UPDATE,
        corrects: tuple[MilestonePlan, ...] = (),
        **changes: Any,
    ) -> MilestonePlan:
        """Add a keyframe with a milestone; return the milestone, so that a correction can refer to it."""
        milestone = MilestonePlan(
            changes.get("status", self.current.status), self.current.at + after, note, source, kind, corrects
        )
        self.add(after, milestone=milestone, **changes)
        return milestone

    def add_end(self, after: float, outcome: Outcome, note: str, source: str, **changes: Any) -> MilestonePlan:
        """Add the keyframe at which the order ends."""
        return self.add_milestone(after, note, source, outcome=outcome, expected=None, flags=(), **changes)


def stage_span(keyframes: Sequence[Keyframe], status: str) -> tuple[float, float] | None:
    """Return when an order first enters and leaves a status; None if it never has that status.

    An order that ends in the status leaves it at its last keyframe.
    """
    entered = next((keyframe.at for keyframe in keyframes if keyframe.status == status), None)
    if entered is None:
        return None
    left = next(
        (keyframe.at for keyframe in keyframes if keyframe.at > entered and keyframe.status != status), keyframes[-1].at
    )
    return entered, left


def end_early(keyframes: Keyframes, stage: str, outcome: Outcome, note: str, source: str) -> Keyframes:
    """Return the lifecycle of an order that ends late in `stage` instead.

    Raises:
        ValueError: The order never has that status.
    """
    span = stage_span(keyframes, stage)
    if span is None:
        raise ValueError(f"this order never has the status {stage!r}")
    at = span[0] + 0.8 * (span[1] - span[0])
    remaining = tuple(keyframe for keyframe in keyframes if keyframe.at < at)
    last = replace(
        interpolate(remaining[-1], keyframes[len(remaining)], at),
        outcome=outcome,
        expected=None,
        flags=(),
        courier=None,
        milestone=MilestonePlan(stage, at, note, source),
    )
    return *remaining, last


def insert_note(keyframes: Keyframes, at: float, note: str, source: str) -> Keyframes:
    """Return the lifecycle with a note at the time `at`."""
    for index, (before, after) in enumerate(pairwise(keyframes), start=1):
        if before.at <= at <= after.at:
            note_keyframe = interpolate(before, after, at)
            milestone = MilestonePlan(note_keyframe.status, at, note, source, MilestoneKind.NOTE)
            return *keyframes[:index], replace(note_keyframe, milestone=milestone), *keyframes[index:]
    return keyframes
