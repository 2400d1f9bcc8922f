"""The words and colours in which the screens speak of orders and links."""

from __future__ import annotations

from tracker_tui.domain.lateness import Lateness
from tracker_tui.domain.order import Outcome
from tracker_tui.domain.visible import visible
from tracker_tui.link.state import Standing
from tracker_tui.ui.ports import Refusal

MUTED = "$text-muted"
GOOD = "$text-success"
BAD = "$text-error"
CAUTION = "$text-warning"
STRONG = "bold"
ACCENT = "$text-primary"

OUTCOMES = {
    Outcome.DELIVERED: ("✔", "Delivered", GOOD),
    Outcome.CANCELLED: ("✖", "Cancelled", BAD),
    Outcome.REJECTED: ("✖", "Rejected", BAD),
    Outcome.RETURNED: ("✖", "Returned", BAD),
    Outcome.LOST: ("✖", "Lost", BAD),
}
"""Per outcome: glyph, word, style."""

LATENESS = {
    Lateness.UNKNOWN: ("", "", ""),
    Lateness.ON_TIME: ("✔", "on time", GOOD),
    Lateness.AT_RISK: ("▲", "at risk", CAUTION),
    Lateness.LATE: ("▲", "late", BAD),
}
"""Per lateness: glyph, word, style."""

STANDINGS = {
    Standing.WAITING: ("◌", "waiting", MUTED),
    Standing.IN_SYNC: ("●", "in sync", GOOD),
    Standing.RECONCILING: ("◐", "reconciling", CAUTION),
    Standing.REFUSED: ("✖", "refused", BAD),
}
"""Per standing: glyph, word, style."""

_REFUSALS = {"order_not_found": "Unknown order", "forbidden": "Not allowed"}


def refusal(problem: Refusal | None) -> str:
    """Why an order is not shown."""
    if problem is None:
        return "Refused"
    return _REFUSALS.get(problem.code) or f"Refused: {visible(problem.code).replace('_', ' ')}"


def spoken(name: str) -> str:
    """A protocol's identifier as words: ``action_required`` → ``action required``."""
    return visible(name).replace("_", " ")


def counted(number: int, one: str, many: str) -> str:
    """``1 drop``, ``2 drops``."""
    return f"{number} {one if number == 1 else many}"
