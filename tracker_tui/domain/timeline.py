"""An order's way as rows: where it was, where it is, what is still to come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from tracker_tui.domain.order import Milestone, MilestoneKind, OrderState, Outcome, Stage
from tracker_tui.domain.view import OrderView

_SIDE_STATES = {
    "available_for_pickup": "Available for pickup",
    "attempt_failed": "Attempt failed",
    "held": "Held",
    "returning": "Returning",
    "cancelled": "Cancelled",
    "rejected": "Rejected",
    "returned": "Returned",
    "lost": "Lost",
}
"""Labels of the side states and ends that the protocol names; no flow lists them (PROTOCOL §3)."""


_ENDS = {outcome.value for outcome in Outcome}

_TOLERANCE = timedelta(seconds=1)
"""Less than this over a limit is within it: nobody could tell it from the limit as it is shown."""


_LONGEST_LIMIT = 1e9
"""Seconds: a limit over thirty years is none, and might be more than can be reckoned with."""


class Mark(Enum):
    """What a row says about its stage."""

    DONE = auto()
    ACTIVE = auto()
    PENDING = auto()
    SKIPPED = auto()
    """Passed without a milestone, or never to come because the order ended before it."""
    STRUCK = auto()
    """Told once and corrected since."""
    ENDED = auto()
    """The order ended here, and not by being delivered."""
    REOPENED = auto()
    """The order ended here once, and went on."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What was told of an order within a stage: a scan of a parcel, a note, a correction.

    Attributes:
        at: When it happened.
        note: What was told, a place among it; "" for a correction that says nothing.
        struck: Whether it was corrected since.
    """

    at: datetime
    kind: MilestoneKind
    note: str
    struck: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the timeline.

    Attributes:
        status: The stage or side state.
        label: How it is called in the order's flow; the status itself where the flow doesn't know it.
        mark: What is said of it.
        at: When it was reached.
        took: How long it lasted, for stages that are over.
        expected: When it is expected, for stages to come.
        seq: The milestone that the row stands for; None where there is none.
        limit: How long the flow lets the order stay in it; None where it doesn't say.
        checkpoints: What was told within it, by time.
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
        """Whether the order ended here, and that was taken back or went on."""
        return self.mark is Mark.REOPENED or (self.mark is Mark.STRUCK and self.status in _ENDS)


def label(view: OrderView, status: str) -> str:
    """What people call `status`: the flow's word, the protocol's, else the status as it is."""
    stages = view.facts.value.flow.stages if view.facts else ()
    return next((stage.label for stage in stages if stage.id == status), _SIDE_STATES.get(status, status))


def timeline(view: OrderView) -> tuple[Row, ...]:
    """The rows of an order, in the order in which they were or will be reached.

    The version decides where the order is: a late scan of an earlier stage, or a way back, doesn't move the active row
    from `state.status` (PROTOCOL §3).
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
    limits = {stage.id: _limit(stage) for stage in stages}
    timed = [replace(row, limit=limits.get(row.status)) for row in _timed([*passed, here])]
    return (*timed, *_to_come(state, stages, passed, status))


def entered(view: OrderView) -> datetime | None:
    """When the order entered the status in which it is; None where no milestone tells."""
    if view.state is None:
        return None
    reached = _reached(_visits(view), view.state.value.status)
    return reached.at if reached is not None else None


def ended_by(view: OrderView) -> Milestone | None:
    """The milestone that tells of an order's end, where it bears another status than the end has; else None.

    An order may end without leaving the stage in which it is: only its outcome says so (PROTOCOL §3).
    """
    return _ending(view, _visits(view)) if _ends_apart(view) else None


def newest_told(view: OrderView) -> Milestone | None:
    """The newest milestone that is more than a note; None where none is held."""
    milestones = (entry.milestone for entry in view.history.newest_first())
    return next((each for each in milestones if each.kind is not MilestoneKind.NOTE), None)


def over(row: Row, now: datetime) -> timedelta | None:
    """How much longer than its limit the order stayed in a stage, or has been in it by `now`; None if it didn't."""
    stayed = now - row.at if row.mark is Mark.ACTIVE and row.at is not None else row.took
    if stayed is None or row.limit is None or stayed - row.limit < _TOLERANCE:
        return None
    return stayed - row.limit


def struck(view: OrderView) -> set[tuple[int, int]]:
    """The (epoch, seq) of every milestone that a correction supersedes."""
    return {(entry.epoch, seq) for entry in view.history for seq in entry.milestone.supersedes}


def _limit(stage: Stage) -> timedelta | None:
    if stage.sla_seconds is None or stage.sla_seconds > _LONGEST_LIMIT:
        return None
    return timedelta(seconds=stage.sla_seconds)


def _ends_apart(view: OrderView) -> bool:
    if view.state is None or (outcome := view.state.value.outcome) is None or outcome == view.state.value.status:
        return False
    # A flow may well have another name for its last stage.
    stages = view.facts.value.flow.stages if view.facts else ()
    return outcome is not Outcome.DELIVERED or any(stage.id == outcome for stage in stages)


def _ending(view: OrderView, visits: list[Row]) -> Milestone | None:
    """The milestone of an end that is no status of its own: the newest one, if it is more than how the stage began."""
    if view.state is None:
        return None
    newest, reached = newest_told(view), _reached(visits, view.state.value.status)
    if newest is None or newest.status != view.state.value.status or reached is None or reached.seq == newest.seq:
        return None
    return newest


def _end(view: OrderView, visits: list[Row]) -> Row | None:
    """The row of an end that is no status of its own; None where there is none."""
    if view.state is None or (outcome := view.state.value.outcome) is None or not _ends_apart(view):
        return None
    told = _ending(view, visits)
    at = told.occurred_at if told is not None else view.state.value.updated_at
    return Row(outcome.value, label(view, outcome.value), Mark.DONE, at=at, seq=told.seq if told is not None else None)


def _reached(visits: list[Row], status: str) -> Row | None:
    """The last time that `status` was entered."""
    return next((row for row in reversed(visits) if row.mark is Mark.DONE and row.status == status), None)


def _is_end(row: Row) -> bool:
    return row.mark is Mark.DONE and row.status in _ENDS


def _visits(view: OrderView) -> list[Row]:
    """One row for each time that a status was entered, by time; a status told twice in a row was entered once."""
    corrected = struck(view)
    rows: list[Row] = []
    within: list[list[Checkpoint]] = []
    # A late scan belongs among what happened with it, lest it seem that the status was left and entered again.
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
    """What a milestone tells beside its status; None where that is nothing."""
    if not milestone.note and milestone.kind is not MilestoneKind.CORRECTION:
        return None
    return Checkpoint(milestone.occurred_at, milestone.kind, milestone.note or "", is_struck)


def _with_skipped(rows: list[Row], stages: tuple[Stage, ...], status: str, *, whole: bool) -> list[Row]:
    """Add the stages before the furthest one reached of which no milestone tells."""
    places = {stage.id: place for place, stage in enumerate(stages)}
    reached = [places[row.status] for row in rows if row.status in places and row.mark is not Mark.STRUCK]
    furthest = max([*reached, places.get(status, -1)], default=-1)
    told = {row.status for row in rows if row.mark is not Mark.STRUCK} | {status}
    result = list(rows)
    for place, stage in enumerate(stages[: furthest + 1]):
        if stage.id in told:
            continue
        # Without the whole history, a stage of which nothing is told was passed all the same.
        row = Row(stage.id, stage.label, Mark.SKIPPED if whole else Mark.DONE)
        later = (index for index, other in enumerate(result) if places.get(other.status, -1) > place)
        result.insert(next(later, len(result)), row)
    return result


def _timed(rows: list[Row]) -> list[Row]:
    """Fill in how long each stage lasted: until the next one began."""
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
    # From a side state the way goes on after the furthest stage that was reached, or through it once more.
    reached = (places[row.status] for row in passed if row.status in places and row.mark is not Mark.STRUCK)
    furthest = max(reached, default=-1)
    place = places.get(status, furthest)
    remaining = stages[place + 1 :]
    if state.outcome is not None:
        return [Row(stage.id, stage.label, Mark.SKIPPED) for stage in remaining]
    expected = state.eta.earliest + (state.eta.latest - state.eta.earliest) / 2 if state.eta else None
    rows: list[Row] = []
    for stage in reversed(remaining):
        rows.append(Row(stage.id, stage.label, Mark.PENDING, expected=expected))
        before = stages[places[stage.id] - 1] if places[stage.id] else None
        lasts = before.sla_seconds if before else None
        expected = _earlier(expected, lasts, state.updated_at)
    return rows[::-1]


def _earlier(time: datetime | None, seconds: float | None, first: datetime) -> datetime | None:
    """`seconds` before `time`; None if that isn't known, or would be before `first`, when the state was published."""
    if time is None or seconds is None or seconds > (time - first).total_seconds():
        return None
    return time - timedelta(seconds=seconds)
