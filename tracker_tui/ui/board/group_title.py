"""The title line of a group: its name, its counts, and the order that needs attention first."""

from __future__ import annotations

from datetime import datetime

from tracker_tui.domain.attention import Attention
from tracker_tui.ui.board.column_cells import condition_words
from tracker_tui.ui.board.counts import count_chips
from tracker_tui.ui.board.groups import GroupTitle
from tracker_tui.ui.cells.measure import Part
from tracker_tui.ui.model.styles import ACCENT, MUTED, STRONG
from tracker_tui.wording.names import counted

EXPANDED = "▾"
"""The sign before the title of a group whose orders are shown."""

COLLAPSED = "▹"
"""The sign before the title of a group whose orders are hidden."""


def group_title_parts(title: GroupTitle, now: datetime) -> list[Part]:
    """Return the text of a title, the most important first.

    Args:
        title: The title.
        now: The wall time.
    """
    parts: list[Part] = [
        (f"{COLLAPSED if title.is_collapsed else EXPANDED} ", ACCENT),
        (title.name, STRONG),
        (f"  {counted(title.counts.total, 'order', 'orders')}", MUTED),
    ]
    for chip in count_chips(title.counts):
        parts.append((f"  {chip.text}", chip.style))
    if title.worst.assessment.attention <= Attention.STUCK:
        words, style = condition_words(title.worst, now)
        parts += [(f"  worst {title.worst.order_id} ", MUTED), (words, style)]
    return parts
