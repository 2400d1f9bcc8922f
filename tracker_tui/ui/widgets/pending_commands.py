"""What was asked of an order, beside its true state: one line a wish, until it is known what came of it."""

from __future__ import annotations

from textwrap import wrap

from textual.content import Content

from tracker_tui.domain.overlay import CommandStatus, PendingCommands
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.ui.cells.measure import line
from tracker_tui.ui.cells.pending_command import render_pending_command
from tracker_tui.ui.model.styles import MUTED

HEADING = "Asked for here"

_REASONED = {CommandStatus.PENDING, CommandStatus.UNCONFIRMED, CommandStatus.REFUSED}


def render_pending_commands(pending_commands: PendingCommands, width: int, height: int) -> list[Content]:
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
        told = [line(render_pending_command(pending, "" if below else reason), width)]
        drawn = [*told, *(line([(f"  {row}", "")], width) for row in below), *drawn]
    if drawn and spare > 0:
        drawn.insert(0, line([(HEADING, MUTED)], width))
    return drawn
