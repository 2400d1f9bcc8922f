"""Identifiers and numbers as words."""

from __future__ import annotations

from tracker_tui.domain.lateness import Lateness
from tracker_tui.domain.order import Outcome
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.timeline import label
from tracker_tui.domain.view import OrderView

LATENESS = {
    Lateness.UNKNOWN: "",
    Lateness.ON_TIME: "on time",
    Lateness.AT_RISK: "at risk",
    Lateness.LATE: "late",
}
"""Per lateness: its word."""

OUTCOMES = {
    Outcome.DELIVERED: "Delivered",
    Outcome.CANCELLED: "Cancelled",
    Outcome.REJECTED: "Rejected",
    Outcome.RETURNED: "Returned",
    Outcome.LOST: "Lost",
}
"""Per outcome: its word."""


def stage_of(view: OrderView) -> str:
    """Where the order is, in a word or two; empty while nothing is known."""
    if view.state is None:
        return ""
    state = view.state.value
    return OUTCOMES[state.outcome] if state.outcome else sanitize(label(view, state.status))


def spoken(name: str) -> str:
    """A protocol's identifier as words: ``action_required`` → ``action required``."""
    return sanitize(name).replace("_", " ")


def counted(number: int, one: str, many: str) -> str:
    """``1 drop``, ``2 drops``."""
    return f"{number} {one if number == 1 else many}"


def sentence(text: str) -> str:
    """`text` with a great letter at its beginning and a full stop at its end; empty stays empty."""
    if not text:
        return ""
    return f"{text[0].upper()}{text[1:]}{'' if text[-1] in '.!?…' else '.'}"
