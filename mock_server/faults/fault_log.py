"""The fault log: the injected faults and their effects."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from mock_server.net.clock import Clock

MAX_RECORDS = 10_000
"""Newest records that are kept."""


@dataclass(frozen=True, slots=True)
class FaultRecord:
    """One injection, one effect, or one healing.

    Attributes:
        n: The number of the record, counted from 1 without gaps.
        at: The time.
        fault: The fault's name; `heal` when all faults were healed.
        effect: What was done: `injected`, `dropped`, `closed` …
        order_id: The order that was affected, if it was one.
        detail: Details, for people.
    """

    n: int
    at: datetime
    fault: str
    effect: str
    order_id: str | None = None
    detail: str = ""


class FaultLog:
    """The newest records, in order."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._records: deque[FaultRecord] = deque(maxlen=MAX_RECORDS)
        self._last_number = 0
        self._listeners: dict[Callable[[FaultRecord], None], None] = {}

    def write(self, fault: str, effect: str, order_id: str | None = None, detail: str = "") -> FaultRecord:
        """Add a record and call the listeners."""
        self._last_number += 1
        record = FaultRecord(self._last_number, self._clock.now(), fault, effect, order_id, detail)
        self._records.append(record)
        for listener in tuple(self._listeners):
            listener(record)
        return record

    def records(self, after: int = 0) -> list[FaultRecord]:
        """Return the kept records whose number is above `after`."""
        oldest = self._last_number - len(self._records)
        return list(islice(self._records, max(0, after - oldest), None))

    def subscribe(self, listener: Callable[[FaultRecord], None]) -> Callable[[], None]:
        """Call `listener` with each new record; return a function that removes the listener."""
        self._listeners[listener] = None
        return lambda: self._listeners.pop(listener, None)
