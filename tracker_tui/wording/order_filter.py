"""What a word of a filter asks of an order: how it is, its status, or a text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Protocol

from tracker_tui.domain.attention import Assessment, Attention, assess, stuck_from
from tracker_tui.domain.lateness import Lateness
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.view import OrderView
from tracker_tui.wording.names import stage_of

STATUS = "status:"
"""What a word begins with that asks for a status."""


class FilteredOrder(Protocol):
    """An order, as far as a filter looks at it."""

    @property
    def judgement(self) -> Assessment:
        """How it stands."""

    @property
    def marked(self) -> bool:
        """Whether the user marked it."""

    @property
    def status(self) -> str:
        """Its status as `status_of` gives it."""

    @property
    def words(self) -> str:
        """What a text is looked for in, as `search_text_of` gives it."""


class OrderAt:
    """An order at one moment, without a mark.

    Args:
        view: What is known of the order.
        now: The wall-clock time.
    """

    marked = False

    def __init__(self, view: OrderView, now: datetime) -> None:
        self._view = view
        self._now = now

    @cached_property
    def judgement(self) -> Assessment:
        """How it stands."""
        return assess(self._view, self._now, stuck_from(self._view))

    @property
    def status(self) -> str:
        """Its status as `status_of` gives it."""
        return status_of(self._view)

    @cached_property
    def words(self) -> str:
        """What a text is looked for in, as `search_text_of` gives it."""
        return search_text_of(self._view)


KEYWORDS: dict[str, Callable[[FilteredOrder], bool]] = {
    "late": lambda subject: _is_open(subject) and subject.judgement.lateness is Lateness.LATE,
    "risk": lambda subject: _is_open(subject) and subject.judgement.lateness is Lateness.AT_RISK,
    "stuck": lambda subject: subject.judgement.stuck,
    "done": lambda subject: subject.judgement.attention is Attention.ENDED,
    "marked": lambda subject: subject.marked,
}
"""Words that stand for how an order is; any other one is text to look for."""


def order_matches(subject: FilteredOrder, word: str) -> bool:
    """Whether an order is what a word in lower case asks for."""
    if (keyword := KEYWORDS.get(word)) is not None:
        return keyword(subject)
    if word.startswith(STATUS):
        # A beginning is enough, so that something is to be seen while it is typed.
        return subject.status.startswith(word.removeprefix(STATUS))
    return word in subject.words


def status_of(view: OrderView) -> str:
    """The status as the gateway names it, in lower case; empty while it isn't known."""
    return view.state.value.status.casefold() if view.state else ""


def search_text_of(view: OrderView) -> str:
    """Id, stage, status, customer and title, in lower case."""
    facts = view.facts.value if view.facts else None
    status = sanitize(view.state.value.status) if view.state else ""
    customer = sanitize(facts.customer) if facts and facts.customer else ""
    title = sanitize(facts.title) if facts else ""
    return "\n".join((view.order_id, stage_of(view), status, customer, title)).casefold()


def _is_open(subject: FilteredOrder) -> bool:
    return subject.judgement.attention < Attention.UNKNOWN
