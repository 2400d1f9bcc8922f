"""The pending commands below the timeline: one line a command, until its effect arrives."""

from __future__ import annotations

from textwrap import wrap

from textual.content import Content

from tracker_tui.domain.overlay import CommandStatus, PendingCommands
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.ui.cells.measure import line
from tracker_tui.ui.cells.pending_command import render_pending_command
from tracker_tui.ui.model.styles import MUTED

HEADING = "Pending commands"

_WITH_REASON = {CommandStatus.PENDING, CommandStatus.UNCONFIRMED, CommandStatus.REFUSED}


def render_pending_commands(pending_commands: PendingCommands, width: int, height: int) -> list[Content]:
    """Return a line a command, each with its reason below where there is room; the newest ones if not all fit."""
    spare = height - len(pending_commands)
    rows: list[Content] = []
    # The newest command gets its reason first.
    for pending in reversed(pending_commands[-height:] if height > 0 else ()):
        reason = sanitize(pending.reason) if pending.reason and pending.status in _WITH_REASON else ""
        below = wrap(reason, max(1, width - 2))[:2]
        if len(below) > spare:
            below = []
        spare -= len(below)
        command = line(render_pending_command(pending, "" if below else reason), width)
        rows = [command, *(line([(f"  {row}", "")], width) for row in below), *rows]
    if rows and spare > 0:
        rows.insert(0, line([(HEADING, MUTED)], width))
    return rows
