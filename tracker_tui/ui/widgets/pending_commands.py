"""What was asked of an order, beside its true state: one line a wish, until it is known what came of it."""

from __future__ import annotations

from textwrap import wrap

from textual.content import Content

from tracker_tui.domain.command import Verb
from tracker_tui.domain.overlay import CommandStatus, PendingCommand, PendingCommands
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.ui.cells.measure import Part, line
from tracker_tui.ui.model.styles import BAD, CAUTION, GOOD, MUTED

FATES = {
    CommandStatus.PENDING: ("◌", "pending", CAUTION),
    CommandStatus.UNCONFIRMED: ("?", "unconfirmed", CAUTION),
    CommandStatus.ACCEPTED: ("◌", "accepted, not seen yet", CAUTION),
    CommandStatus.CONFIRMED: ("✔", "confirmed", GOOD),
    CommandStatus.REFUSED: ("✖", "refused", BAD),
    CommandStatus.UNSEEN: ("▲", "accepted, not in the history", CAUTION),
}
"""Per fate: glyph, word, style."""

HEADING = "Asked for here"

_VERBS = {Verb.CANCEL: "Cancel", Verb.NOTE: "Note"}
_REASONED = {CommandStatus.PENDING, CommandStatus.UNCONFIRMED, CommandStatus.REFUSED}


def rows(pending_commands: PendingCommands, width: int, height: int) -> list[Content]:
    """A line a wish, with the reason below where there is room; the newest wishes where there is not."""
    spare = height - len(pending_commands)
    drawn: list[Content] = []
    # The newest first: what was asked last is what is looked for.
    for pending in reversed(pending_commands[-height:] if height > 0 else ()):
        reason = sanitize(pending.reason) if pending.reason and pending.status in _REASONED else ""
        below = wrap(reason, max(1, width - 2))[:2]
        if len(below) > spare:
            below = []
        spare -= len(below)
        told = [line(_parts(pending, "" if below else reason), width)]
        drawn = [*told, *(line([(f"  {row}", "")], width) for row in below), *drawn]
    if drawn and spare > 0:
        drawn.insert(0, line([(HEADING, MUTED)], width))
    return drawn


def _parts(pending: PendingCommand, reason: str) -> list[Part]:
    glyph, word, style = FATES[pending.status]
    parts: list[Part] = [(f"{glyph} ", style), (_VERBS[pending.command.command], ""), (f" {word}", style)]
    if reason:
        parts.append((f": {reason}", ""))
    if pending.command.text:
        parts.append((f"  “{sanitize(pending.command.text)}”", MUTED))
    return parts


def brief(pending_commands: PendingCommands) -> str:
    """The newest wish in two words or three: ``◌ cancel pending``; empty where there is none, or it came true."""
    if not pending_commands or pending_commands[-1].status is CommandStatus.CONFIRMED:
        return ""
    return _brief(pending_commands[-1])


def _brief(pending: PendingCommand) -> str:
    glyph, word, _ = FATES[pending.status]
    return f"{glyph} {_VERBS[pending.command.command].lower()} {word.partition(',')[0]}"
