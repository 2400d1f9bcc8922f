"""The glyphs of an order's stages, and an order's progress as a row of them."""

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


def progress_glyphs(rows: Iterable[Row], stages: Sequence[Stage]) -> str:
    """Return a glyph for each stage: ``✔✔✔▶○``.

    Args:
        rows: The order's timeline.
        stages: The stages of the order's flow; empty while they are unknown.
    """
    # The last visit of a stage counts; a corrected milestone doesn't.
    marks = {row.status: row.mark for row in rows if row.mark is not Mark.STRUCK}
    known = {stage.id for stage in stages}
    return "".join(
        STAGE_GLYPHS[mark][0]
        for status, mark in marks.items()
        if status in known or mark in {Mark.ACTIVE, Mark.ENDED} or not known
    )
