"""The timeline of an order as rows: done, active and pending stages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from tracker_tui.domain.order import Milestone, MilestoneKind, OrderState, Outcome, Stage
from tracker_tui.domain.view import OrderView

SIDE_STATES = {
    "available_for_pickup": "Available for pickup",
    "attempt_failed": "Attempt failed",
    "held": "Held",
    "returning": "Returning",
    "cancelled": "Cancelled",
    "rejected": "Rejected",
    "returned": "Returned",
    "lost": "Lost",
}
"""Labels of side states and outcomes, which flows do not list (PROTOCOL §3)."""


_ENDS = {outcome.value for outcome in Outcome}

_TOLERANCE = timedelta(seconds=1)
"""Screens show seconds; an excess below one second is not shown as one."""


_LONGEST_LIMIT = 1e9
"""Seconds. Longer limits are ignored: they could overflow a `timedelta`."""


class Mark(Enum):
    """The state of a row."""

    DONE = auto()
    ACTIVE = auto()
    PENDING = auto()
    SKIPPED = auto()
    """Passed without a milestone, or not reached because the order ended before."""
    STRUCK = auto()
    """Superseded by a correction."""
    ENDED = auto()
    """The order ended here without a delivery."""
    REOPENED = auto()
    """The order ended here and was reopened."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A milestone within a stage: a scan of a parcel, a note or a correction.

    Attributes:
        at: When it happened.
        note: Its text, which may name a place; "" for a correction without a text.
        superseded: Whether a correction superseded it.
    """

    at: datetime
    kind: MilestoneKind
    note: str
    superseded: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the timeline.

    Attributes:
        status: The stage or side state.
        label: The flow's label for it; the status itself if the flow has none.
        mark: Its state.
        at: Time at which it was reached.
        took: Duration of a finished stage.
        expected: Expected time of a pending stage; `with_estimates` adds it.
        seq: Seq of the row's milestone; None without one.
        limit: The flow's time limit for the stage; None without one.
        checkpoints: Milestones within the stage, by time.
    """

    status: str
    label: str
    mark: Mark
    at: datetime | None = None
    took: timedelta | None = None
    expected: datetime | None = None
    seq: int | None = None
    limit: timedelta | None = None
    checkpoints: tuple[Checkpoint, ...] = ()

    @property
    def undone(self) -> bool:
        """Whether the row is an end that was corrected or followed by a reopening."""
        return self.mark is Mark.REOPENED or (self.mark is Mark.STRUCK and self.status in _ENDS)


def label(view: OrderView, status: str) -> str:
    """Return the label of `status`: the flow's, the protocol's, else the status itself."""
    stages = view.facts.value.flow.stages if view.facts else ()
    return next((stage.label for stage in stages if stage.id == status), SIDE_STATES.get(status, status))


def timeline(view: OrderView) -> tuple[Row, ...]:
    """Return the rows of an order, in the order in which they were or will be reached.

    The newest version decides which row is active. A late scan of an earlier stage does not change it (PROTOCOL §3).
    """
    if view.state is None:
        return ()
    state = view.state.value
    stages = view.facts.value.flow.stages if view.facts else ()
    visits, status = _visits(view), state.status
    if (end := _end(view, visits)) is not None:
        visits, status = [*visits, end], end.status
    reached = _reached(visits, status)
    here = reached or Row(status, label(view, status), Mark.DONE)
    if state.outcome is not Outcome.DELIVERED:
        here = replace(here, mark=Mark.ACTIVE if state.outcome is None else Mark.ENDED)
    passed = [row for row in visits if row is not reached]
    passed = [replace(row, mark=Mark.REOPENED) if _is_end(row) else row for row in passed]
    passed = _with_skipped(passed, stages, status, whole=view.whole_history)
    limits = {stage.id: time_limit(stage) for stage in stages}
    timed = [replace(row, limit=limits.get(row.status)) for row in _timed([*passed, here])]
    return (*timed, *_to_come(state, stages, passed, status))


def entered(view: OrderView) -> datetime | None:
    """Return when the order entered its current status; None if no milestone says so."""
    if view.state is None:
        return None
    reached = _reached(_visits(view), view.state.value.status)
    return reached.at if reached is not None else None


def is_reopened(view: OrderView) -> bool:
    """Return whether an open order is in the first stage after an end that was corrected or followed by a reopening."""
    if view.state is None or view.state.value.outcome is not None:
        return False
    visits = _visits(view)
    reached = _reached(visits, view.state.value.status)
    place = visits.index(reached) if reached is not None else 0
    return place > 0 and visits[place - 1].status in _ENDS


def has_same_past(before: OrderView, after: OrderView) -> bool:
    """Return whether two views of an open order have passed the same stages at the same times.

    False only means that it is not certain. Most changes move a courier or the ETA, and leave the past as it was.
    """
    if before.history is not after.history or before.facts is not after.facts:
        return False
    if before.current is None or after.current is None:
        return False
    # An event that fills a gap may bring no milestone, and yet complete the history.
    if before.whole_history is not after.whole_history:
        return False
    # The time of an end may be the time of the newest version.
    return before.current.status == after.current.status and before.outcome is after.outcome is None


def ended_by(view: OrderView) -> Milestone | None:
    """Return the milestone of an order's end if the end is not a status of its own; else None.

    An order can end without leaving its stage; then only its outcome says so (PROTOCOL §3).
    """
    return _ending(view, _visits(view)) if _ends_apart(view) else None


def newest_milestone(view: OrderView) -> Milestone | None:
    """Return the newest milestone that is not a note; None without one."""
    milestones = (entry.milestone for entry in view.history.newest_first())
    return next((each for each in milestones if each.kind is not MilestoneKind.NOTE), None)


def exceeded_by(row: Row, now: datetime) -> timedelta | None:
    """Return by how much a stage exceeded its limit, until `now` if it is active; None if it did not."""
    stayed = now - row.at if row.mark is Mark.ACTIVE and row.at is not None else row.took
    if stayed is None or row.limit is None or stayed - row.limit < _TOLERANCE:
        return None
    return stayed - row.limit


def time_limit(stage: Stage) -> timedelta | None:
    """Return the flow's time limit for a stage; None without one."""
    if stage.sla_seconds is None or stage.sla_seconds > _LONGEST_LIMIT:
        return None
    return timedelta(seconds=stage.sla_seconds)


def superseded(view: OrderView) -> set[tuple[int, int]]:
    """Return the (epoch, seq) of every milestone that a correction supersedes."""
    return {(entry.epoch, seq) for entry in view.history for seq in entry.milestone.supersedes}


def _ends_apart(view: OrderView) -> bool:
    if view.state is None or (outcome := view.state.value.outcome) is None or outcome == view.state.value.status:
        return False
    # A flow may have another id for its last stage.
    stages = view.facts.value.flow.stages if view.facts else ()
    return outcome is not Outcome.DELIVERED or any(stage.id == outcome for stage in stages)


def _ending(view: OrderView, visits: list[Row]) -> Milestone | None:
    """Return the newest milestone, if it is not the one with which the current stage began."""
    if view.state is None:
        return None
    newest, reached = newest_milestone(view), _reached(visits, view.state.value.status)
    if newest is None or newest.status != view.state.value.status or reached is None or reached.seq == newest.seq:
        return None
    return newest


def _end(view: OrderView, visits: list[Row]) -> Row | None:
    """Return the row of an end that is not a status of its own; None without such an end."""
    if view.state is None or (outcome := view.state.value.outcome) is None or not _ends_apart(view):
        return None
    milestone = _ending(view, visits)
    at, seq = (milestone.occurred_at, milestone.seq) if milestone else (view.state.value.updated_at, None)
    return Row(outcome.value, label(view, outcome.value), Mark.DONE, at=at, seq=seq)


def _reached(visits: list[Row], status: str) -> Row | None:
    """Return the row of the last entry into `status`."""
    return next((row for row in reversed(visits) if row.mark is Mark.DONE and row.status == status), None)


def _is_end(row: Row) -> bool:
    return row.mark is Mark.DONE and row.status in _ENDS


def _visits(view: OrderView) -> list[Row]:
    """Return one row per entry into a status, by time; equal statuses in a row are one entry."""
    corrected = superseded(view)
    rows: list[Row] = []
    within: list[list[Checkpoint]] = []
    # Sorted by time: a late scan must not look as if the status had been left and entered again.
    for entry in sorted(view.history, key=lambda entry: entry.milestone.occurred_at):
        milestone, is_struck = entry.milestone, entry.version in corrected
        goes_on = bool(rows) and (rows[-1].status, rows[-1].mark) == (milestone.status, Mark.DONE)
        if milestone.kind is not MilestoneKind.NOTE and not goes_on:
            mark = Mark.STRUCK if is_struck else Mark.DONE
            rows.append(
                Row(milestone.status, label(view, milestone.status), mark, at=milestone.occurred_at, seq=milestone.seq)
            )
            within.append([])
        if within and (checkpoint := _checkpoint(milestone, is_struck)) is not None:
            within[-1].append(checkpoint)
    return [replace(row, checkpoints=tuple(each)) if each else row for row, each in zip(rows, within, strict=True)]


def _checkpoint(milestone: Milestone, is_struck: bool) -> Checkpoint | None:
    """Return the milestone's checkpoint; None if it has neither a note nor a correction."""
    if not milestone.note and milestone.kind is not MilestoneKind.CORRECTION:
        return None
    return Checkpoint(milestone.occurred_at, milestone.kind, milestone.note or "", is_struck)


def _with_skipped(rows: list[Row], stages: tuple[Stage, ...], status: str, *, whole: bool) -> list[Row]:
    """Add the stages before the furthest reached one that have no milestone."""
    places = {stage.id: place for place, stage in enumerate(stages)}
    reached = [places[row.status] for row in rows if row.status in places and row.mark is not Mark.STRUCK]
    furthest = max([*reached, places.get(status, -1)], default=-1)
    known = {row.status for row in rows if row.mark is not Mark.STRUCK} | {status}
    result = list(rows)
    for place, stage in enumerate(stages[: furthest + 1]):
        if stage.id in known:
            continue
        # If the history is incomplete, a stage without a milestone counts as passed.
        row = Row(stage.id, stage.label, Mark.SKIPPED if whole else Mark.DONE)
        later = (index for index, other in enumerate(result) if places.get(other.status, -1) > place)
        result.insert(next(later, len(result)), row)
    return result


def _timed(rows: list[Row]) -> list[Row]:
    """Add the duration of each stage: until the next one began."""
    timed: list[Row] = []
    following: datetime | None = None
    for row in reversed(rows):
        took = following - row.at if row.mark is Mark.DONE and row.at and following and following >= row.at else None
        timed.append(replace(row, took=took))
        if row.at is not None and row.mark is not Mark.STRUCK:
            following = row.at
    return timed[::-1]


def _to_come(state: OrderState, stages: tuple[Stage, ...], passed: list[Row], status: str) -> list[Row]:
    places = {stage.id: place for place, stage in enumerate(stages)}
    # After a side state the flow continues after the furthest stage that was reached.
    reached = (places[row.status] for row in passed if row.status in places and row.mark is not Mark.STRUCK)
    furthest = max(reached, default=-1)
    place = places.get(status, furthest)
    remaining = stages[place + 1 :]
    if state.outcome is not None:
        return [Row(stage.id, stage.label, Mark.SKIPPED) for stage in remaining]
    return [Row(stage.id, stage.label, Mark.PENDING, limit=time_limit(stage)) for stage in remaining]
