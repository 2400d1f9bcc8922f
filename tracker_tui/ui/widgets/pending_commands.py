"""What was asked of an order, beside its true state: one line a wish, until it is known what came of it."""

from __future__ import annotations

from textwrap import wrap

from textual.content import Content

from tracker_tui.domain.command import Verb
from tracker_tui.domain.overlay import Fate, Wish, Wishes
from tracker_tui.domain.sanitize import visible
from tracker_tui.ui.cells.measure import Part, line
from tracker_tui.ui.model.styles import BAD, CAUTION, GOOD, MUTED

FATES = {
    Fate.PENDING: ("◌", "pending", CAUTION),
    Fate.UNCONFIRMED: ("?", "unconfirmed", CAUTION),
    Fate.ACCEPTED: ("◌", "accepted, not seen yet", CAUTION),
    Fate.CONFIRMED: ("✔", "confirmed", GOOD),
    Fate.REFUSED: ("✖", "refused", BAD),
    Fate.UNSEEN: ("▲", "accepted, not in the history", CAUTION),
}
"""Per fate: glyph, word, style."""

HEADING = "Asked for here"

_VERBS = {Verb.CANCEL: "Cancel", Verb.NOTE: "Note"}
_REASONED = {Fate.PENDING, Fate.UNCONFIRMED, Fate.REFUSED}


def rows(wishes: Wishes, width: int, height: int) -> list[Content]:
    """A line a wish, with the reason below where there is room; the newest wishes where there is not."""
    spare = height - len(wishes)
    drawn: list[Content] = []
    # The newest first: what was asked last is what is looked for.
    for wish in reversed(wishes[-height:] if height > 0 else ()):
        reason = visible(wish.reason) if wish.reason and wish.fate in _REASONED else ""
        below = wrap(reason, max(1, width - 2))[:2]
        if len(below) > spare:
            below = []
        spare -= len(below)
        told = [line(_parts(wish, "" if below else reason), width)]
        drawn = [*told, *(line([(f"  {row}", "")], width) for row in below), *drawn]
    if drawn and spare > 0:
        drawn.insert(0, line([(HEADING, MUTED)], width))
    return drawn


def _parts(wish: Wish, reason: str) -> list[Part]:
    glyph, word, style = FATES[wish.fate]
    parts: list[Part] = [(f"{glyph} ", style), (_VERBS[wish.command.command], ""), (f" {word}", style)]
    if reason:
        parts.append((f": {reason}", ""))
    if wish.command.text:
        parts.append((f"  “{visible(wish.command.text)}”", MUTED))
    return parts


def brief(wishes: Wishes) -> str:
    """The newest wish in two words or three: ``◌ cancel pending``; empty where there is none, or it came true."""
    if not wishes or wishes[-1].fate is Fate.CONFIRMED:
        return ""
    return _brief(wishes[-1])


def _brief(wish: Wish) -> str:
    glyph, word, _ = FATES[wish.fate]
    return f"{glyph} {_VERBS[wish.command.command].lower()} {word.partition(',')[0]}"
