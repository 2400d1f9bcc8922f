"""How the events of a demo fare, second by second: sent, received, and holes mended."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

SECONDS_KEPT = 60
"""Seconds that are kept."""

_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class EventCounts:
    """What has been counted up to some second.

    Attributes:
        sent: Events that the server has sent.
        received: Events that have arrived.
        repaired: Holes that were closed again.
    """

    sent: int = 0
    received: int = 0
    repaired: int = 0


class EventRates:
    """The last counts, one a second."""

    def __init__(self) -> None:
        self._counts: deque[EventCounts] = deque([EventCounts()], maxlen=SECONDS_KEPT + 1)

    @property
    def total(self) -> EventCounts:
        """All that has been counted."""
        return self._counts[-1]

    def record(self, count: EventCounts) -> None:
        """Another second is over."""
        self._counts.append(count)

    def series(self) -> dict[str, tuple[int, ...]]:
        """What was counted in each second, oldest first."""
        pairs = list(zip(self._counts, list(self._counts)[1:], strict=False))
        return {
            "sent": tuple(after.sent - before.sent for before, after in pairs),
            "received": tuple(after.received - before.received for before, after in pairs),
            "mended": tuple(after.repaired - before.repaired for before, after in pairs),
        }


def sparkline(values: tuple[int, ...], width: int, top: int) -> str:
    """The newest values as bars, one a cell, the newest at the right.

    Args:
        values: Nothing below 0.
        width: Cells.
        top: The value of a whole bar.
    """
    shown = values[-width:] if width > 0 else ()
    return "".join(_bar(value, top) for value in shown).rjust(width)


def _bar(value: int, top: int) -> str:
    # One event must be seen beside many, and none must not look like one.
    return " " if value <= 0 else _BARS[min(len(_BARS), max(1, round(len(_BARS) * value / max(top, 1)))) - 1]
