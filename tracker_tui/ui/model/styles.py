"""Glyphs, words and colours for orders and connections, the same on every screen."""

from __future__ import annotations

from tracker_tui.domain.lateness import Lateness
from tracker_tui.domain.order import Outcome
from tracker_tui.link.changes import Standing
from tracker_tui.link.labels import why_refused
from tracker_tui.ui.model.ports import Refusal
from tracker_tui.wording import names

MUTED = "$text-muted"
GOOD = "$text-success"
BAD = "$text-error"
CAUTION = "$text-warning"
STRONG = "bold"
ACCENT = "$text-primary"

OUTCOMES = {
    Outcome.DELIVERED: ("✔", names.OUTCOMES[Outcome.DELIVERED], GOOD),
    Outcome.CANCELLED: ("✖", names.OUTCOMES[Outcome.CANCELLED], BAD),
    Outcome.REJECTED: ("✖", names.OUTCOMES[Outcome.REJECTED], BAD),
    Outcome.RETURNED: ("✖", names.OUTCOMES[Outcome.RETURNED], BAD),
    Outcome.LOST: ("✖", names.OUTCOMES[Outcome.LOST], BAD),
}
"""Per outcome: glyph, word, style."""

LATENESS = {
    Lateness.UNKNOWN: ("", "", ""),
    Lateness.ON_TIME: ("✔", names.LATENESS[Lateness.ON_TIME], GOOD),
    Lateness.AT_RISK: ("△", names.LATENESS[Lateness.AT_RISK], CAUTION),
    Lateness.LATE: ("▲", names.LATENESS[Lateness.LATE], BAD),
}
"""Per lateness: glyph, word, style."""

NEEDS_ACTION = ("!", "needs action", BAD)
"""Glyph, word and style of an order on which somebody has to act."""

STUCK = ("◔", "stuck", CAUTION)
"""Glyph, word and style of an order that stays in a stage for too long."""

STANDINGS = {
    Standing.WAITING: ("◌", "waiting", MUTED),
    Standing.IN_SYNC: ("●", "in sync", GOOD),
    Standing.RECONCILING: ("◐", "reconciling", CAUTION),
    Standing.REFUSED: ("∅", "refused", BAD),
    Standing.FINAL: ("■", "final", MUTED),
}
"""Per standing: glyph, word, style."""

NOT_LIVE = ("○", "not live", MUTED)
"""Glyph, word and style of an order whose standing is unknown because the link isn't live."""


def refusal_text(problem: Refusal | None) -> str:
    """Return why the server refused an order, as a sentence without a full stop."""
    words = why_refused(problem.code if problem else None)
    return f"{words[0].upper()}{words[1:]}"
