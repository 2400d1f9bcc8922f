"""The demo's events per second: sent, received, and gaps repaired."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

SECONDS_KEPT = 60
"""Seconds that the chart can show."""


@dataclass(frozen=True, slots=True)
class EventCounts:
    """Totals since the start.

    Attributes:
        sent: Events that the server sent.
        received: Events that arrived.
        repaired: Gaps that were repaired.
    """

    sent: int = 0
    received: int = 0
    repaired: int = 0


class EventRates:
    """The last totals, one a second."""

    def __init__(self) -> None:
        self._counts: deque[EventCounts] = deque([EventCounts()], maxlen=SECONDS_KEPT + 1)

    @property
    def total(self) -> EventCounts:
        """The newest totals."""
        return self._counts[-1]

    def record(self, counts: EventCounts) -> None:
        """Record the totals at the end of a second."""
        self._counts.append(counts)

    def series(self) -> dict[str, tuple[int, ...]]:
        """Return the numbers of each second, oldest first, by the name of the count."""
        pairs = list(zip(self._counts, list(self._counts)[1:], strict=False))
        return {
            "sent": tuple(after.sent - before.sent for before, after in pairs),
            "received": tuple(after.received - before.received for before, after in pairs),
            "repaired": tuple(after.repaired - before.repaired for before, after in pairs),
        }
