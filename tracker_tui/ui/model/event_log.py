"""The event log: what the link, the orders and, in a demo, the injected faults had to say, in order of arrival."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from tracker_tui.domain.history import Entry
from tracker_tui.domain.order import MilestoneKind, Outcome
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.timeline import label
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Noted
from tracker_tui.wording.sentences import effective_status
from tracker_tui.wording.times import age

LIMIT = 5_000
"""Lines that are kept."""

_PROMPT = timedelta(seconds=5)
"""A milestone that is told within this time of its happening is not worth the mention of its delay."""


Identity = tuple[str, MilestoneKind, str, datetime, str | None]
"""Order, kind, status, time and note of a milestone.

A new epoch numbers the same history afresh: what happened, not its number, tells whether it was written.
"""


_Number = tuple[int, int]
"""Epoch and seq of a milestone."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log; its text is safe to show.

    Attributes:
        at: Wall time: of the note, or at which the milestone occurred.
        topic: What it is about, in one word.
        order_id: The order that it is about; None if it is about all.
        kind: Of a milestone, where it is another one than an update: `note` or `correction`; else as `topic`.
        milestone: What tells the milestone from any other, under whatever number; None if it is about none.
    """

    at: datetime
    topic: str
    text: str
    order_id: str | None = None
    kind: str = ""
    milestone: Identity | None = None


class Journal:
    """The newest lines; a milestone is written once, however often and under whatever epoch it is told."""

    def __init__(self) -> None:
        self._lines: deque[Line] = deque(maxlen=LIMIT)
        self._told: dict[str, set[Identity]] = {}
        self._numbered: dict[str, dict[_Number, Identity]] = {}
        self._superseded: dict[str, set[_Number]] = {}
        self._struck: set[Identity] = set()
        self.struck = 0
        """How many times a milestone was corrected so far."""
        self.written = 0
        """Lines written since the start, those that were dropped again included."""

    def note(self, noted: Noted) -> None:
        """Write down what the link did or saw."""
        self._write(Line(noted.at, noted.topic.value, sanitize(noted.text), noted.order_id))

    def fault(self, at: datetime, text: str) -> None:
        """Write down what the demo's server did to us."""
        self._write(Line(at, "fault", sanitize(text)))

    def milestones(self, view: OrderView, arrived: Iterable[Entry], now: datetime) -> None:
        """Write down the milestones that arrived; the first ones of an order are its past and bear no remark."""
        arrived = list(arrived)
        for entry in arrived:
            self._strike(view.order_id, entry)
        fresh = [entry for entry in arrived if self._is_new(view.order_id, entry)]
        if not fresh:
            return
        past = len(fresh) == len(view.history)
        for entry in fresh:
            text = _words(view, entry)
            late = now - entry.milestone.occurred_at
            if not past and late > _PROMPT:
                text = f"{text}  (heard {age(late.total_seconds())} later)"
            kind = "" if entry.milestone.kind is MilestoneKind.UPDATE else entry.milestone.kind.value
            identity = _identity(view.order_id, entry)
            self._write(Line(entry.milestone.occurred_at, "order", text, view.order_id, kind, identity))

    def reopened(self, order_id: str, ended: Outcome, now: datetime) -> None:
        """Write down that an order that had ended is open again; its milestone need not say so."""
        self._write(Line(now, "order", f"reopened: it had ended as {ended.value}, and is open again", order_id))

    def newest_first(self, order_id: str | None) -> Iterator[Line]:
        """Yield the lines about one order or about all; with None every line."""
        for line in reversed(self._lines):
            if order_id is None or line.order_id is None or line.order_id == order_id:
                yield line

    def forget(self, order_id: str) -> None:
        """Drop what tells an order's milestones from others; the lines stay as long as there is room."""
        for held in (self._told, self._numbered, self._superseded):
            held.pop(order_id, None)
        written = {line.milestone for line in self._lines if line.order_id == order_id}
        self._struck = {each for each in self._struck if each[0] != order_id or each in written}

    def is_struck(self, line: Line) -> bool:
        """Whether it tells of a milestone that was corrected since."""
        return line.milestone in self._struck

    def tail(self, order_id: str | None, count: int) -> tuple[Line, ...]:
        """The last `count` lines, oldest first."""
        return tuple(islice(self.newest_first(order_id), count))[::-1]

    def __copy__(self) -> Journal:
        """The journal as it is now; what is written later is not in it."""
        twin = Journal()
        twin._lines, twin._struck = copy(self._lines), copy(self._struck)
        twin.written, twin.struck = self.written, self.struck
        return twin

    def _write(self, line: Line) -> None:
        if len(self._lines) == LIMIT and (dropped := self._lines[0].milestone) is not None:
            self._struck.discard(dropped)
        self._lines.append(line)
        self.written += 1

    def _strike(self, order_id: str, entry: Entry) -> None:
        """Strike what this milestone corrects, or itself if its correction came first."""
        number, identity = entry.version, _identity(order_id, entry)
        numbered = self._numbered.setdefault(order_id, {})
        superseded = self._superseded.setdefault(order_id, set())
        numbered[number] = identity
        struck = {identity} if number in superseded else set()
        for seq in entry.milestone.supersedes:
            superseded.add((entry.epoch, seq))
            if (known := numbered.get((entry.epoch, seq))) is not None:
                struck.add(known)
        self.struck += len(struck - self._struck)
        self._struck |= struck

    def _is_new(self, order_id: str, entry: Entry) -> bool:
        told = self._told.setdefault(order_id, set())
        key = _identity(order_id, entry)
        if key in told:
            return False
        told.add(key)
        return True


def _identity(order_id: str, entry: Entry) -> Identity:
    milestone = entry.milestone
    return order_id, milestone.kind, milestone.status, milestone.occurred_at, milestone.note


def _words(view: OrderView, entry: Entry) -> str:
    milestone = entry.milestone
    stage = sanitize(label(view, effective_status(view, milestone)))
    said = f": {sanitize(milestone.note)}" if milestone.note else ""
    match milestone.kind:
        case MilestoneKind.NOTE:
            return f"note{said}"
        case MilestoneKind.CORRECTION:
            return f"corrected to {stage}{said}"
        case _:
            return f"{stage}{said}"
