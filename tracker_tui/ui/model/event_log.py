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
from tracker_tui.wording.sentences import meant
from tracker_tui.wording.times import age

MAX_LINES = 5_000
"""Lines that are kept."""

_PROMPT = timedelta(seconds=5)
"""A milestone that is told within this time of its happening is not worth the mention of its delay."""


MilestoneIdentity = tuple[str, MilestoneKind, str, datetime, str | None]
"""Order, kind, status, time and note of a milestone.

A new epoch numbers the same history afresh: what happened, not its number, tells whether it was written.
"""


@dataclass(frozen=True, slots=True)
class LogLine:
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
    milestone: MilestoneIdentity | None = None


class EventLog:
    """The newest lines; a milestone is written once, however often and under whatever epoch it is told."""

    def __init__(self) -> None:
        self._lines: deque[LogLine] = deque(maxlen=MAX_LINES)
        self._told: set[MilestoneIdentity] = set()
        self._numbered: dict[tuple[str, int, int], MilestoneIdentity] = {}
        self._superseded: set[tuple[str, int, int]] = set()
        self._struck: set[MilestoneIdentity] = set()
        self.written = 0
        """Lines written since the start, those that were dropped again included."""

    def add_note(self, noted: Noted) -> None:
        """Write down what the link did or saw."""
        self._write(LogLine(noted.at, noted.topic.value, sanitize(noted.text), noted.order_id))

    def add_fault(self, at: datetime, text: str) -> None:
        """Write down what the demo's server did to us."""
        self._write(LogLine(at, "fault", sanitize(text)))

    def add_milestones(self, view: OrderView, arrived: Iterable[Entry], now: datetime) -> None:
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
            self._write(LogLine(entry.milestone.occurred_at, "order", text, view.order_id, kind, identity))

    def add_reopened(self, order_id: str, ended: Outcome, now: datetime) -> None:
        """Write down that an order that had ended is open again; its milestone need not say so."""
        self._write(LogLine(now, "order", f"reopened: it had ended as {ended.value}, and is open again", order_id))

    def newest_first(self, order_id: str | None) -> Iterator[LogLine]:
        """Yield the lines about one order or about all; with None every line."""
        for line in reversed(self._lines):
            if order_id is None or line.order_id is None or line.order_id == order_id:
                yield line

    @property
    def struck(self) -> int:
        """How many milestones were corrected so far."""
        return len(self._struck)

    def is_struck(self, line: LogLine) -> bool:
        """Whether it tells of a milestone that was corrected since."""
        return line.milestone in self._struck

    def tail(self, order_id: str | None, count: int) -> tuple[LogLine, ...]:
        """The last `count` lines, oldest first."""
        return tuple(islice(self.newest_first(order_id), count))[::-1]

    def __copy__(self) -> EventLog:
        """The journal as it is now; what is written later is not in it."""
        twin = EventLog()
        twin._lines, twin._struck, twin.written = copy(self._lines), copy(self._struck), self.written
        return twin

    def _write(self, line: LogLine) -> None:
        self._lines.append(line)
        self.written += 1

    def _strike(self, order_id: str, entry: Entry) -> None:
        """Strike what this milestone corrects, or itself if its correction came first."""
        number, identity = (order_id, *entry.version), _identity(order_id, entry)
        self._numbered[number] = identity
        if number in self._superseded:
            self._struck.add(identity)
        for seq in entry.milestone.supersedes:
            corrected = (order_id, entry.epoch, seq)
            self._superseded.add(corrected)
            if (known := self._numbered.get(corrected)) is not None:
                self._struck.add(known)

    def _is_new(self, order_id: str, entry: Entry) -> bool:
        key = _identity(order_id, entry)
        if key in self._told:
            return False
        self._told.add(key)
        return True


def _identity(order_id: str, entry: Entry) -> MilestoneIdentity:
    milestone = entry.milestone
    return order_id, milestone.kind, milestone.status, milestone.occurred_at, milestone.note


def _words(view: OrderView, entry: Entry) -> str:
    milestone = entry.milestone
    stage = sanitize(label(view, meant(view, milestone)))
    said = f": {sanitize(milestone.note)}" if milestone.note else ""
    match milestone.kind:
        case MilestoneKind.NOTE:
            return f"note{said}"
        case MilestoneKind.CORRECTION:
            return f"corrected to {stage}{said}"
        case _:
            return f"{stage}{said}"
