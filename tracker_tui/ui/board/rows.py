"""One row of the board: an order, and the values derived from it."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cached_property

from tracker_tui.domain.attention import AssessmentBasis, Attention, assess, stuck_since
from tracker_tui.domain.lateness import Lateness, middle
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.timeline import Row, entered, has_same_past, is_reopened, timeline
from tracker_tui.domain.view import OrderView
from tracker_tui.ui.cells.progress import progress_bar
from tracker_tui.ui.model.scene import TrackedOrder
from tracker_tui.wording.names import stage_of
from tracker_tui.wording.order_filter import search_text_of, status_of
from tracker_tui.wording.sentences import milestone_text

_NUMBER = re.compile(r"([0-9]+)")

_OF_THE_HISTORY = ("timeline", "entered_at", "is_reopened", "last_event", "items", "destination")
"""Cached values that stay the same while only the courier moves."""

_OF_THE_ORDER = (
    *_OF_THE_HISTORY,
    "basis",
    "stage",
    "stage_index",
    "progress",
    "expected_at",
    "customer",
    "courier_name",
    "natural_id",
    "search_text",
)
"""Cached values that stay the same while the order doesn't change."""


class BoardRow:
    """An order on the board; two rows are equal only if they are the same object.

    Derived values are computed on first use. A row takes over unchanged values of its predecessor, because few orders
    of a long board change at a time.

    Attributes:
        tracked: The order as the feed reported it.
        order_id: The order's id.
        line_id: A name for the row among all lines of the board: the same id.
        is_marked: Whether the user marked it.
        is_current: Whether the link is live.
        known_until: The wall time up to which the order is known, if that is not the present; else None.
        assessment: The order's lateness and attention, at that time.
        snoozed_for: Seconds left of its snooze, in whole minutes; None if it is not snoozed.
        has_news: Whether it changed since the user last looked at it.
        placement: The class of the row: its attention, and in it the snoozed orders last.
        condition: Whether it is late, needs action, is at risk, is stuck, has ended, is marked, is snoozed, has news.
    """

    def __init__(
        self,
        tracked: TrackedOrder,
        now: datetime,
        *,
        is_marked: bool = False,
        is_current: bool = True,
        known_until: datetime | None = None,
        snoozed_for: int | None = None,
        has_news: bool = False,
        before: BoardRow | None = None,
    ) -> None:
        """Assess an order.

        Args:
            tracked: The order as the feed reported it.
            now: The wall time.
            is_marked: Whether the user marked it.
            is_current: Whether the link is live.
            known_until: The wall time up to which the order is known; None if that is `now`.
            snoozed_for: Seconds left of its snooze; None if it is not snoozed.
            has_news: Whether it changed since the user last looked at it.
            before: The row of the same order before.
        """
        self.tracked = tracked
        self.order_id = self.line_id = tracked.view.order_id
        self.is_marked = is_marked
        self.is_current = is_current
        self.known_until = known_until
        self.snoozed_for = snoozed_for
        self.has_news = has_news
        if before is not None:
            self.__dict__.update(_unchanged_values(before, tracked))
        self.assessment = assess(tracked.view, known_until or now, self.basis)
        self.placement = (self.assessment.attention, snoozed_for is not None)
        self.condition = self._condition()

    def updated(
        self, now: datetime, *, is_marked: bool, is_current: bool, known_until: datetime | None = None
    ) -> BoardRow:
        """Return the row at the wall time `now`; the row itself if it looks the same."""
        is_same = (self.is_marked, self.is_current, self.known_until) == (is_marked, is_current, known_until)
        if is_same and self.tracked.is_timeless:
            return self
        if is_same and self.assessment == assess(self.view, known_until or now, self.basis):
            return self
        return BoardRow(
            self.tracked,
            now,
            is_marked=is_marked,
            is_current=is_current,
            known_until=known_until,
            snoozed_for=self.snoozed_for,
            has_news=self.has_news,
            before=self,
        )

    def with_signs(self, now: datetime, *, snoozed_for: int | None, has_news: bool) -> BoardRow:
        """Return the row at the wall time `now` with another snooze or news; the row itself if both are the same."""
        if (snoozed_for, has_news) == (self.snoozed_for, self.has_news):
            return self
        return BoardRow(
            self.tracked,
            now,
            is_marked=self.is_marked,
            is_current=self.is_current,
            known_until=self.known_until,
            snoozed_for=snoozed_for,
            has_news=has_news,
            before=self,
        )

    def _condition(self) -> tuple[bool, ...]:
        assessment = self.assessment
        own = (self.is_marked, self.snoozed_for is not None, self.has_news)
        if not self.is_open:
            return (False, False, False, False, assessment.attention is Attention.ENDED, *own)
        is_late, is_at_risk = assessment.lateness is Lateness.LATE, assessment.lateness is Lateness.AT_RISK
        return (is_late, assessment.action is not None, is_at_risk, assessment.stuck, False, *own)

    @property
    def is_snoozed(self) -> bool:
        """Whether the user snoozed the order."""
        return self.snoozed_for is not None

    @property
    def view(self) -> OrderView:
        """The order's view."""
        return self.tracked.view

    @property
    def is_open(self) -> bool:
        """Whether the order is known and has not ended."""
        return self.assessment.attention < Attention.UNKNOWN

    @property
    def status(self) -> str:
        """The server's name of the status, in lower case; empty while it is unknown."""
        return status_of(self.view)

    @cached_property
    def timeline(self) -> tuple[Row, ...]:
        """The rows of the order's timeline."""
        return timeline(self.view)

    @cached_property
    def basis(self) -> AssessmentBasis:
        """The values on which the assessment depends and that change only with the view."""
        return AssessmentBasis(stuck_since(self.view, self.entered_at), self.is_reopened)

    @cached_property
    def is_reopened(self) -> bool:
        """Whether the order is in its first stage after an end."""
        return is_reopened(self.view)

    @cached_property
    def entered_at(self) -> datetime | None:
        """When the present stage was entered; faster than reading it from the timeline."""
        return entered(self.view)

    @cached_property
    def stage(self) -> str:
        """The order's stage or outcome in a word or two; empty while it is unknown."""
        return stage_of(self.view)

    @cached_property
    def stage_index(self) -> int:
        """Index of the present stage in the order's flow; -1 if it is unknown."""
        if self.view.current is None:
            return -1
        ids = [stage.id for stage in self.view.stages]
        return ids.index(self.view.current.status) if self.view.current.status in ids else -1

    @cached_property
    def progress(self) -> str:
        """The share of stages that were reached, as a bar."""
        return progress_bar(self.timeline, self.view.stages)

    @cached_property
    def last_event(self) -> tuple[datetime, str] | None:
        """When the newest milestone occurred, and its note or stage, safe to show; None without one."""
        entry = next(self.view.history.newest_first(), None)
        if entry is None:
            return None
        milestone = entry.milestone
        return milestone.occurred_at, sanitize(milestone.note or "") or milestone_text(self.view, milestone)

    @cached_property
    def items(self) -> str:
        """The order's title, safe to show; empty if unknown."""
        return sanitize(self.view.order.title) if self.view.order else ""

    @cached_property
    def destination(self) -> str:
        """The label of the destination, safe to show; empty if unknown."""
        place = self.view.order.destination if self.view.order else None
        return sanitize(place.label) if place else ""

    @cached_property
    def expected_at(self) -> datetime | None:
        """The middle of the ETA; None if there is none, or the order has ended."""
        state = self.view.current
        return middle(state.eta) if state and state.eta and state.outcome is None else None

    @cached_property
    def customer(self) -> str:
        """The customer's name, safe to show; empty if unknown."""
        order = self.view.order
        return sanitize(order.customer) if order and order.customer else ""

    @cached_property
    def courier_name(self) -> str:
        """The courier's name, safe to show; empty if unknown."""
        courier = self.view.current.courier if self.view.current else None
        return sanitize(courier.name) if courier and courier.name else ""

    @cached_property
    def natural_id(self) -> tuple[tuple[str | int, ...], str]:
        """The id as a sort key that compares numbers as numbers: A2 is before A10."""
        parts = _NUMBER.split(self.order_id.casefold())
        return tuple(int(part) if index % 2 else part for index, part in enumerate(parts)), self.order_id

    @cached_property
    def search_text(self) -> str:
        """The text in which a filter's words are searched, in lower case."""
        return search_text_of(self.view)


def _unchanged_values(before: BoardRow, tracked: TrackedOrder) -> dict[str, object]:
    if before.tracked is tracked:
        names: tuple[str, ...] = _OF_THE_ORDER
    elif has_same_past(before.view, tracked.view):
        names = _OF_THE_HISTORY
    else:
        return {}
    return {name: before.__dict__[name] for name in names if name in before.__dict__}
