"""The glyphs of an order's stages, and an order's progress as a bar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tracker_tui.domain.order import Stage
from tracker_tui.domain.timeline import Mark, Row
from tracker_tui.ui.model.styles import ACCENT, BAD, CAUTION, GOOD, MUTED

STAGE_GLYPHS = {
    Mark.DONE: ("✔", GOOD),
    Mark.ACTIVE: ("▶", ACCENT),
    Mark.PENDING: ("○", MUTED),
    Mark.SKIPPED: ("–", MUTED),
    Mark.STRUCK: ("⊘", MUTED),
    Mark.ENDED: ("✖", BAD),
    Mark.REOPENED: ("↺", CAUTION),
}
"""Per mark: glyph and style."""

PROGRESS_WIDTH = 8
"""Cells of the bar of an order's progress, for flows of any number of stages."""

_REACHED = {Mark.DONE, Mark.ACTIVE, Mark.ENDED}


def progress_bar(rows: Iterable[Row], stages: Sequence[Stage]) -> str:
    """Return a bar whose filled part is the share of stages that were reached: ``▰▰▰▰▱▱▱▱``.

    Args:
        rows: The order's timeline.
        stages: The stages of the order's flow; the bar is empty while they are unknown.
    """
    if not stages:
        return ""
    places = {stage.id: place for place, stage in enumerate(stages, start=1)}
    reached = max((places.get(row.status, 0) for row in rows if row.mark in _REACHED), default=0)
    filled = round(PROGRESS_WIDTH * reached / len(stages))
    return "▰" * filled + "▱" * (PROGRESS_WIDTH - filled)
