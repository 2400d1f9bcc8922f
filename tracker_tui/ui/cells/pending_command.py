"""One pending command as text: its status, its reason, its text."""

from __future__ import annotations

from tracker_tui.domain.command import Verb
from tracker_tui.domain.overlay import CommandStatus, PendingCommand, PendingCommands
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.ui.cells.measure import Part
from tracker_tui.ui.model.styles import BAD, CAUTION, GOOD, MUTED

COMMAND_STATUSES = {
    CommandStatus.PENDING: ("◌", "pending", CAUTION),
    CommandStatus.UNCONFIRMED: ("?", "unconfirmed", CAUTION),
    CommandStatus.ACCEPTED: ("◌", "accepted, not seen yet", CAUTION),
    CommandStatus.CONFIRMED: ("✔", "confirmed", GOOD),
    CommandStatus.REFUSED: ("✖", "refused", BAD),
    CommandStatus.UNSEEN: ("≠", "accepted, not in the history", CAUTION),
}
"""Per status of a command: glyph, word, style."""

_VERBS = {Verb.CANCEL: "Cancel", Verb.NOTE: "Note"}


def render_pending_command(pending: PendingCommand, reason: str) -> list[Part]:
    """Return the line of a pending command: its status, `reason` if not empty, a note's text."""
    glyph, word, style = COMMAND_STATUSES[pending.status]
    parts: list[Part] = [(f"{glyph} ", style), (_VERBS[pending.command.command], ""), (f" {word}", style)]
    if reason:
        parts.append((f": {reason}", ""))
    if pending.command.text:
        parts.append((f"  “{sanitize(pending.command.text)}”", MUTED))
    return parts


def summarize_pending(pending_commands: PendingCommands) -> str:
    """Return the newest pending command in a few words: ``◌ cancel pending``; empty if there is none to show."""
    if not pending_commands or pending_commands[-1].status is CommandStatus.CONFIRMED:
        return ""
    pending = pending_commands[-1]
    glyph, word, _ = COMMAND_STATUSES[pending.status]
    return f"{glyph} {_VERBS[pending.command.command].lower()} {word.partition(',')[0]}"
