"""Identifiers and numbers in words."""

from __future__ import annotations

from tracker_tui.domain.attention import ActionReason
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
"""Words for lateness."""

ACTION_REASONS = {
    ActionReason.ATTEMPT_FAILED: "attempt failed",
    ActionReason.HELD: "held",
    ActionReason.ACTION_REQUIRED: "action required",
    ActionReason.COURIER_SILENT: "courier silent",
    ActionReason.REOPENED: "reopened",
}
"""Words for the reasons why somebody has to act."""

OUTCOMES = {
    Outcome.DELIVERED: "Delivered",
    Outcome.CANCELLED: "Cancelled",
    Outcome.REJECTED: "Rejected",
    Outcome.RETURNED: "Returned",
    Outcome.LOST: "Lost",
}
"""Words for outcomes."""


def stage_of(view: OrderView) -> str:
    """Return the name of the order's stage or outcome; empty without a state."""
    if view.state is None:
        return ""
    state = view.state.value
    return OUTCOMES[state.outcome] if state.outcome else sanitize(label(view, state.status))


def spoken(name: str) -> str:
    """Return an identifier of the protocol as words: ``action_required`` → ``action required``."""
    return sanitize(name).replace("_", " ")


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun: ``1 drop``, ``2 drops``."""
    return f"{number} {one if number == 1 else many}"


def sentence(text: str) -> str:
    """Return the text with a capital letter and a full stop; an empty text stays empty."""
    if not text:
        return ""
    return f"{text[0].upper()}{text[1:]}{'' if text[-1] in '.!?…' else '.'}"
