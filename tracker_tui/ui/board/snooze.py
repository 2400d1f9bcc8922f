"""Snoozed orders: they are at the end of their class for a while, unless they get worse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker_tui.domain.attention import ActionReason, Assessment, Attention

SNOOZE_LENGTH = timedelta(minutes=10)
"""Time for which an order is snoozed."""

WORSE_BY = timedelta(minutes=5)
"""Additional lateness that ends a snooze early."""


@dataclass(frozen=True, slots=True)
class Snooze:
    """One snoozed order.

    Attributes:
        until: When the snooze ends, as a wall time.
        attention: The order's class at the snooze.
        action: Why somebody had to act at the snooze.
        late_by: How late the order was at the snooze; zero if it was not late.
    """

    until: datetime
    attention: Attention
    action: ActionReason | None
    late_by: timedelta

    @classmethod
    def of(cls, assessment: Assessment, now: datetime) -> Snooze:
        """Return the snooze of an order from the wall time `now` on."""
        late_by = assessment.late_by or timedelta()
        return cls(now + SNOOZE_LENGTH, assessment.attention, assessment.action, late_by)

    def is_over(self, assessment: Assessment, now: datetime) -> bool:
        """Return whether the time is over, the order got worse, or it has ended."""
        if now >= self.until or assessment.attention is Attention.ENDED:
            return True
        is_new_action = assessment.action not in {None, self.action}
        is_later = assessment.late_by is not None and assessment.late_by >= self.late_by + WORSE_BY
        return assessment.attention < self.attention or is_new_action or is_later

    def seconds_left(self, now: datetime) -> int:
        """Return the time left in seconds, rounded up to whole minutes."""
        return -int((now - self.until).total_seconds() // 60) * 60


class Snoozes:
    """The snoozed orders by id."""

    def __init__(self) -> None:
        self._snoozes: dict[str, Snooze] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._snoozes)

    def __contains__(self, order_id: str) -> bool:
        return order_id in self._snoozes

    def toggle(self, order_id: str, assessment: Assessment, now: datetime) -> None:
        """Snooze an order at the wall time `now`, or end its snooze."""
        if self._snoozes.pop(order_id, None) is None:
            self._snoozes[order_id] = Snooze.of(assessment, now)

    def seconds_left(self, order_id: str, assessment: Assessment, now: datetime) -> int | None:
        """Return the time left of an order's snooze in seconds, in whole minutes; None if it is not snoozed.

        A snooze that is over is removed.
        """
        snooze = self._snoozes.get(order_id)
        if snooze is None:
            return None
        if snooze.is_over(assessment, now):
            del self._snoozes[order_id]
            return None
        return snooze.seconds_left(now)
