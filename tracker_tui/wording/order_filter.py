"""Matches orders against the words of a filter: a keyword, a status, or a text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Protocol

from tracker_tui.domain.attention import Assessment, AssessmentBasis, Attention, assess
from tracker_tui.domain.lateness import Lateness
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.view import OrderView
from tracker_tui.wording.names import stage_of

STATUS = "status:"
"""Prefix of a word that matches a status."""


class FilteredOrder(Protocol):
    """The properties of an order that a filter uses."""

    @property
    def assessment(self) -> Assessment:
        """Lateness, attention, and whether the order is stuck."""

    @property
    def is_marked(self) -> bool:
        """Whether the user marked the order."""

    @property
    def status(self) -> str:
        """The status, as `status_of` returns it."""

    @property
    def search_text(self) -> str:
        """The searched text, as `search_text_of` returns it."""


class OrderAt:
    """An unmarked order at one moment.

    Args:
        view: The order's view.
        now: The wall-clock time up to which the view is known to be true.
        basis: The basis of the view's assessment, if it is known.
    """

    is_marked = False

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
}
"""Words for properties of an order; any other word is text to search for."""


def order_matches(subject: FilteredOrder, word: str) -> bool:
    """Return whether an order matches a word in lower case."""
    if (keyword := KEYWORDS.get(word)) is not None:
        return keyword(subject)
    if word.startswith(STATUS):
        # A prefix matches, so that the result is useful while the user types.
        return subject.status.startswith(word.removeprefix(STATUS))
    return word in subject.search_text


def status_of(view: OrderView) -> str:
    """Return the status in the protocol's word, in lower case; empty without a state."""
    return view.state.value.status.casefold() if view.state else ""


def search_text_of(view: OrderView) -> str:
    """Return id, stage, status, customer and title, in lower case."""
    facts = view.facts.value if view.facts else None
    status = sanitize(view.state.value.status) if view.state else ""
    customer = sanitize(facts.customer) if facts and facts.customer else ""
    title = sanitize(facts.title) if facts else ""
    return "\n".join((view.order_id, stage_of(view), status, customer, title)).casefold()


def _is_open(subject: FilteredOrder) -> bool:
    return subject.assessment.attention < Attention.UNKNOWN
