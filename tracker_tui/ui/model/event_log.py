"""The event log: lines about the link, the orders and, in a demo, the injected faults.

Lines are in order of arrival. Only the history of an order that arrives for the first time is merged by time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from tracker_tui.domain.history import Entry
from tracker_tui.domain.order import MilestoneKind, Outcome
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.timeline import label
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Noted
from tracker_tui.wording.sentences import effective_status
from tracker_tui.wording.times import age

MAX_LINES = 5_000
"""Lines that are kept."""

_LATE_AFTER = timedelta(seconds=5)
"""A milestone that arrives later than this after it occurred gets a remark."""


_UNPLACED = datetime.min.replace(tzinfo=UTC)

MilestoneIdentity = tuple[str, MilestoneKind, str, datetime, str | None]
"""Order, kind, status, time and note of a milestone.

A new epoch numbers the same history again, so the number doesn't identify a milestone.
"""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log; its text is safe to show.

    Attributes:
        at: Wall time of the line, or at which the milestone occurred.
        topic: The subject in one word.
        order_id: The order it is about; None if it is about all orders.
        kind: `note` or `correction` for such a milestone; else empty.
        milestone: The milestone's identity; None if the line is about none.
        placed_at: The time by which the line has its place in the log: when it arrived, or for a milestone of an
            order's first history, when it occurred.
        number: Number of the line, counted in order of arrival. It stays the same when other lines are put before it.
    """

    at: datetime
    topic: str
    text: str
    order_id: str | None = None
    kind: str = ""
    milestone: MilestoneIdentity | None = None
    placed_at: datetime = _UNPLACED
    number: int = 0


@dataclass(frozen=True, slots=True)
class _OrderMilestones:
    """The milestones of one order that were logged.

    Attributes:
        logged: The milestones that have a line.
        numbered: Per epoch and seq the milestone with that number.
        superseded: Epoch and seq of the milestones that were corrected.
    """

    logged: frozenset[MilestoneIdentity] = frozenset()
    numbered: Mapping[tuple[int, int], MilestoneIdentity] = field(default_factory=dict)
    superseded: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class EventLog:
    """The newest lines. A milestone has one line, however often and in whichever epoch it arrives.

    Attributes:
        lines: The lines that are kept, ordered by `LogLine.placed_at`.
        written: Number of lines written since the start, dropped ones included.
        corrected: The milestones that were corrected, as far as their lines are kept.
        corrections: Number of milestones corrected since the start.
    """

    lines: tuple[LogLine, ...] = ()
    written: int = 0
    corrected: frozenset[MilestoneIdentity] = frozenset()
    corrections: int = 0
    _milestones: Mapping[str, _OrderMilestones] = field(default_factory=dict)

    def add_note(self, noted: Noted) -> EventLog:
        """Return the log with a line about the link or an order."""
        return self._append(noted.at, LogLine(noted.at, noted.topic.value, sanitize(noted.text), noted.order_id))

    def add_fault(self, at: datetime, text: str) -> EventLog:
        """Return the log with a line about a fault of the demo's server."""
        return self._append(at, LogLine(at, "fault", sanitize(text)))

    def add_reopened(self, order_id: str, ended: Outcome, now: datetime) -> EventLog:
        """Return the log with a line about an order that is open again; its milestone need not say so."""
        return self._append(now, LogLine(now, "order", f"reopened after it had ended as {ended.value}", order_id))

    def add_milestones(self, view: OrderView, arrived: Iterable[Entry], now: datetime) -> EventLog:
        """Return the log with a line for each new milestone; only later ones get a remark about their delay."""
        arrived = list(arrived)
        if not arrived:
            return self
        order_id = view.order_id
        known = self._milestones.get(order_id, _OrderMilestones())
        known, corrected = _number(known, order_id, arrived)
        fresh: dict[MilestoneIdentity, Entry] = {}
        for entry in arrived:
            if (identity := _identity(order_id, entry)) not in known.logged:
                fresh.setdefault(identity, entry)
        is_first = len(fresh) == len(view.history)
        lines = [_milestone_line(view, entry, now, remark=not is_first) for entry in fresh.values()]
        known = replace(known, logged=known.logged | fresh.keys())
        corrected -= self.corrected
        log = replace(
            self,
            corrected=self.corrected | corrected if corrected else self.corrected,
            corrections=self.corrections + len(corrected),
            _milestones={**self._milestones, order_id: known},
        )
        if not lines:
            return log
        return log._merge(lines, now) if is_first else log._append(now, *lines)

    def forget(self, order_id: str) -> EventLog:
        """Return the log without the data that identifies an order's milestones; its lines stay."""
        milestones = {each: known for each, known in self._milestones.items() if each != order_id}
        written = {line.milestone for line in self.lines if line.order_id == order_id}
        corrected = frozenset(each for each in self.corrected if each[0] != order_id or each in written)
        return replace(self, corrected=corrected, _milestones=milestones)

    def newest_first(self, order_id: str | None) -> Iterator[LogLine]:
        """Yield the lines about one order or about all orders; with None every line."""
        for line in reversed(self.lines):
            if order_id is None or line.order_id is None or line.order_id == order_id:
                yield line

    def tail(self, order_id: str | None, count: int) -> tuple[LogLine, ...]:
        """Return the last `count` lines, oldest first."""
        return tuple(islice(self.newest_first(order_id), count))[::-1]

    def is_corrected(self, line: LogLine) -> bool:
        """Return whether the line is about a milestone that was corrected later."""
        return line.milestone in self.corrected

    def _append(self, now: datetime, *lines: LogLine) -> EventLog:
        """Return the log with lines at its end."""
        # The clock of this machine may have been set back since the last line.
        placed_at = max(now, self.lines[-1].placed_at) if self.lines else now
        numbered = [replace(line, placed_at=placed_at, number=self.written + n) for n, line in enumerate(lines, 1)]
        return self._with_lines((*self.lines, *numbered))

    def _merge(self, lines: Iterable[LogLine], now: datetime) -> EventLog:
        """Return the log with the milestones of a first history, each at its time."""
        merged = list(self.lines)
        for number, line in enumerate(lines, self.written + 1):
            # The clock of the server may be ahead.
            placed = replace(line, placed_at=min(line.at, now), number=number)
            merged.insert(bisect_right(merged, placed.placed_at, key=lambda each: each.placed_at), placed)
        return self._with_lines(tuple(merged))

    def _with_lines(self, every: tuple[LogLine, ...]) -> EventLog:
        """Return the log with the newest of the present and some new lines."""
        dropped, kept = every[:-MAX_LINES], every[-MAX_LINES:]
        # The common case keeps the same set: most lines are about no corrected milestone.
        gone = self.corrected.intersection(line.milestone for line in dropped if line.milestone is not None)
        corrected = self.corrected - gone if gone else self.corrected
        return replace(self, lines=kept, written=self.written + len(every) - len(self.lines), corrected=corrected)


def _number(
    known: _OrderMilestones, order_id: str, arrived: Iterable[Entry]
) -> tuple[_OrderMilestones, set[MilestoneIdentity]]:
    """Return the milestones with the arrived ones numbered, and those that are corrected now.

    A correction may arrive before the milestone that it corrects.
    """
    numbered, superseded = dict(known.numbered), set(known.superseded)
    corrected: set[MilestoneIdentity] = set()
    for entry in arrived:
        number, identity = entry.version, _identity(order_id, entry)
        numbered[number] = identity
        if number in superseded:
            corrected.add(identity)
        for seq in entry.milestone.supersedes:
            superseded.add((entry.epoch, seq))
            if (milestone := numbered.get((entry.epoch, seq))) is not None:
                corrected.add(milestone)
    return replace(known, numbered=numbered, superseded=frozenset(superseded)), corrected


def _identity(order_id: str, entry: Entry) -> MilestoneIdentity:
    milestone = entry.milestone
    return order_id, milestone.kind, milestone.status, milestone.occurred_at, milestone.note


def _milestone_line(view: OrderView, entry: Entry, now: datetime, *, remark: bool) -> LogLine:
    milestone = entry.milestone
    text, delay = _milestone_text(view, entry), now - milestone.occurred_at
    if remark and delay > _LATE_AFTER:
        text = f"{text}  (received {age(delay.total_seconds())} later)"
    kind = "" if milestone.kind is MilestoneKind.UPDATE else milestone.kind.value
    return LogLine(milestone.occurred_at, "order", text, view.order_id, kind, _identity(view.order_id, entry))


def _milestone_text(view: OrderView, entry: Entry) -> str:
    milestone = entry.milestone
    stage = sanitize(label(view, effective_status(view, milestone)))
    note = f": {sanitize(milestone.note)}" if milestone.note else ""
    match milestone.kind:
        case MilestoneKind.NOTE:
            return f"note{note}"
        case MilestoneKind.CORRECTION:
            return f"corrected to {stage}{note}"
        case _:
            return f"{stage}{note}"
