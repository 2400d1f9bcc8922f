"""What happened since a step of the tour began, measured on the app's state; and the step's checklist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tracker_tui.link.changes import Counters, Phase, Standing
from tracker_tui.link.labels import BEST, transport_label
from tracker_tui.ui.model.state import AppState

VISIBLE_SECONDS = 3.0
"""Seconds for which an effect must last, so that a user sees it."""


class StepRecord:
    """Measurements since a step began.

    Args:
        state: The state at the start.
        order_id: The order on the screen.
        time: Seconds on the app's clock.

    Attributes:
        seconds_not_live: Seconds for which the badge was not Live.
        seconds_quiet: Seconds for which it was Quiet.
        seconds_fallback: Seconds for which it was Live over another transport than WebSocket.
        recovered: Versions of the order that arrived while the badge was not Live.
        attempts: The highest number of attempts to reconnect.
        transport: The last fallback transport; empty without one.
    """

    def __init__(self, state: AppState, order_id: str, time: float) -> None:
        self.seconds_not_live = self.seconds_quiet = self.seconds_fallback = 0.0
        self.recovered = self.attempts = 0
        self.transport = ""
        self._start = self._state = state
        self._order_id = order_id
        self._time = time

    def observe(self, state: AppState, time: float) -> None:
        """Take the state at `time` into account; until then, the state before was the present one."""
        passed, link = max(0.0, time - self._time), self._state.link
        if link.phase is not Phase.LIVE:
            self.seconds_not_live += passed
            self.recovered += state.versions_since(self._state, self._order_id)
        elif link.transport != BEST:
            self.seconds_fallback += passed
        if link.phase is Phase.QUIET:
            self.seconds_quiet += passed
        self._state, self._time = state, time
        self.attempts = max(self.attempts, state.link.attempt)
        if state.link.phase is Phase.LIVE and state.link.transport != BEST:
            self.transport = transport_label(state.link)

    def counted(self, count: Callable[[Counters], int]) -> int:
        """Return by how much a counter of the feed grew."""
        return count(self._state.metrics.counters) - count(self._start.metrics.counters)

    def fault_effects(self, name: str) -> int:
        """Return how often the server recorded an effect of a fault."""
        return sum(
            line.number > self._start.event_log.written and line.topic == "fault" and line.text.startswith(f"{name}: ")
            for line in self._state.event_log.lines
        )

    @property
    def is_up_to_date(self) -> bool:
        """Whether the screen is Live and nothing of the order is missing."""
        order = self._state.orders.get(self._order_id)
        return (
            self._state.link.phase is Phase.LIVE
            and order is not None
            and order.standing is Standing.IN_SYNC
            and order.view.complete
        )

    @property
    def epoch_changed(self) -> bool:
        """Whether the order's view is of another epoch than at the start, and complete."""
        before, after = self._start.orders.get(self._order_id), self._state.orders.get(self._order_id)
        if before is None or after is None or before.view.version is None or after.view.version is None:
            return False
        return after.view.complete and after.view.version.epoch != before.view.version.epoch

    @property
    def repeated_lines(self) -> int:
        """Lines of the log that repeat an earlier line of the order's history."""
        lines = Counter(
            line.milestone
            for line in self._state.event_log.lines
            if line.order_id == self._order_id and line.milestone is not None
        )
        return sum(lines.values()) - len(lines)


@dataclass(frozen=True, slots=True)
class Check:
    """An item of a checklist.

    Attributes:
        text: What is to happen; ``{}`` is replaced by the measured value.
        measure: Returns the measured value; a text is added to the words.
        at_least: The value from which the item is checked.
        is_last: Whether it is checked only after all items before it.
    """

    text: str
    measure: Callable[[StepRecord], float | str]
    at_least: float = 1
    is_last: bool = False

    def is_met(self, record: StepRecord) -> bool:
        """Return whether it has happened."""
        value = self.measure(record)
        return bool(value) if isinstance(value, str) else value >= self.at_least

    def words(self, record: StepRecord) -> str:
        """Return the item with its measured value."""
        value = self.measure(record)
        if isinstance(value, str):
            return f"{self.text}: {value}" if value else self.text
        return self.text.format(f"{value:.0f}")


class Checklist:
    """The items of a step. A checked item stays checked.

    Args:
        checks: The items.
        record: The measurements of the step.
    """

    def __init__(self, checks: Sequence[Check], record: StepRecord) -> None:
        self._checks = checks
        self._record = record
        self._done: set[int] = set()

    def observe(self, state: AppState, time: float) -> None:
        """Take the state at `time` into account."""
        self._record.observe(state, time)
        for number, check in enumerate(self._checks):
            is_due = not check.is_last or self._done >= set(range(number))
            if is_due and check.is_met(self._record):
                self._done.add(number)

    @property
    def items(self) -> tuple[tuple[bool, str], ...]:
        """Each item: whether it is checked, and its words."""
        return tuple((number in self._done, check.words(self._record)) for number, check in enumerate(self._checks))

    @property
    def is_complete(self) -> bool:
        """Whether all items are checked."""
        return len(self._done) == len(self._checks)


def _seconds_not_live(record: StepRecord) -> float:
    return record.seconds_not_live


def fault_check(text: str, name: str, at_least: int = 1) -> Check:
    """Return an item about effects of a fault, as the server recorded them."""
    return Check(text, lambda record: record.fault_effects(name), at_least)


def counter_check(text: str, count: Callable[[Counters], int], at_least: int = 1) -> Check:
    """Return an item about a counter of the feed."""
    return Check(text, lambda record: record.counted(count), at_least)


LEFT_LIVE = Check("the badge was not Live for {} s", _seconds_not_live, VISIBLE_SECONDS)
EVENTS_RECOVERED = Check("events recovered: {}", lambda record: record.recovered)
TRIED_AGAIN = Check("{} attempts to reconnect", lambda record: record.attempts, 2)
GAPS_REPAIRED = counter_check("gaps repaired: {}", lambda counters: counters.repaired)
NO_LINE_TWICE = Check("no line of the log appears twice", lambda record: not record.repeated_lines, is_last=True)
RECOVERED = Check("Live, and nothing is missing", lambda record: record.is_up_to_date, is_last=True)
