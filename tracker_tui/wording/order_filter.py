"""Matches orders against the words of a filter: a keyword, a status, a lateness, or a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cached_property
from typing import Protocol

from tracker_tui.domain.attention import Assessment, AssessmentBasis, Attention, assess
from tracker_tui.domain.lateness import Lateness
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.view import OrderView
from tracker_tui.wording.names import spoken, stage_of

STATUS = "status:"
"""Prefix of a word that matches a status."""

NEWS_WORD = "new"
"""The word for orders that changed since the user looked at them."""

_LATER_THAN = re.compile(r"late>(=?)(?:([0-9]{1,6})(m|min|h|d)?)?")
"""A word that matches late orders by minutes, or by the unit: ``late>10m``; incomplete while the user types."""

_UNITS = {"m": timedelta(minutes=1), "min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class FilteredOrder(Protocol):
    """The properties of an order that a filter uses."""

    @property
    def assessment(self) -> Assessment:
        """Lateness, attention, and whether the order is stuck."""

    @property
    def is_marked(self) -> bool:
        """Whether the user marked the order."""

    @property
    def is_snoozed(self) -> bool:
        """Whether the user snoozed the order."""

    @property
    def has_news(self) -> bool:
        """Whether the order changed since the user looked at it."""

    @property
    def status(self) -> str:
        """The status, as `status_of` returns it."""

    @property
    def search_text(self) -> str:
        """The searched text, as `search_text_of` returns it."""


class OrderAt:
    """An order at one moment, neither marked, snoozed nor changed.

    Args:
        view: The order's view.
        now: The wall-clock time up to which the view is known to be true.
        basis: The basis of the view's assessment, if it is known.
    """

    is_marked = is_snoozed = has_news = False

    def __init__(self, view: OrderView, now: datetime, basis: AssessmentBasis | None = None) -> None:
        self._view = view
        self._now = now
        self._basis = basis

    @cached_property
    def assessment(self) -> Assessment:
        """Lateness, attention, and whether the order is stuck."""
        return assess(self._view, self._now, self._basis)

    @property
    def status(self) -> str:
        """The status; see `status_of`."""
        return status_of(self._view)

    @cached_property
    def search_text(self) -> str:
        """The searched text; see `search_text_of`."""
        return search_text_of(self._view)


KEYWORDS: dict[str, Callable[[FilteredOrder], bool]] = {
    "late": lambda subject: _is_open(subject) and subject.assessment.lateness is Lateness.LATE,
    "action": lambda subject: _is_open(subject) and subject.assessment.action is not None,
    "risk": lambda subject: _is_open(subject) and subject.assessment.lateness is Lateness.AT_RISK,
    "stuck": lambda subject: subject.assessment.stuck,
    "done": lambda subject: subject.assessment.attention is Attention.ENDED,
    "marked": lambda subject: subject.is_marked,
    "snoozed": lambda subject: subject.is_snoozed,
    NEWS_WORD: lambda subject: subject.has_news,
}
"""Words for properties of an order; any other word is text to search for."""


def order_matches(subject: FilteredOrder, word: str) -> bool:
    """Return whether an order matches a word in lower case."""
    if (keyword := KEYWORDS.get(word)) is not None:
        return keyword(subject)
    if word.startswith(STATUS):
        # A prefix matches, so that the result is useful while the user types.
        return subject.status.startswith(word.removeprefix(STATUS))
    if (later := _LATER_THAN.fullmatch(word)) is not None:
        return KEYWORDS["late"](subject) and _is_later(subject.assessment, *later.groups())
    return word in subject.search_text


def status_of(view: OrderView) -> str:
    """Return the status in the protocol's word, in lower case; empty without a state."""
    return view.state.value.status.casefold() if view.state else ""


def search_text_of(view: OrderView) -> str:
    """Return the texts of an order that are shown, in lower case: people, places, stage, flags, the last note."""
    return "\n".join(sanitize(text) for text in (*_facts(view), *_state(view), _last_note(view)) if text).casefold()


def _facts(view: OrderView) -> Iterator[str | None]:
    yield view.order_id
    if (order := view.order) is not None:
        yield from (order.title, order.customer, order.flow.id)
        yield from (place.label for place in (order.origin, order.destination) if place is not None)


def _state(view: OrderView) -> Iterator[str | None]:
    if (state := view.current) is None:
        return
    yield from (stage_of(view), state.status, *(spoken(flag) for flag in state.flags))
    if state.courier is not None:
        yield from (state.courier.name, spoken(state.courier.state or ""))
    if state.location is not None:
        yield state.location.label


def _last_note(view: OrderView) -> str | None:
    return next((entry.milestone.note for entry in view.history.newest_first() if entry.milestone.note), None)


def _is_later(assessment: Assessment, or_equal: str, number: str | None, unit: str | None) -> bool:
    """Return whether an order is later than a time; without a number, whether it is late at all."""
    if number is None or assessment.late_by is None:
        return number is None
    limit = int(number) * _UNITS[unit or "m"]
    return assessment.late_by >= limit if or_equal else assessment.late_by > limit


def _is_open(subject: FilteredOrder) -> bool:
    return subject.assessment.attention < Attention.UNKNOWN
