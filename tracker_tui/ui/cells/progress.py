"""The glyphs of an order's stages: done, active, still to come."""

from __future__ import annotations

from tracker_tui.domain.timeline import Mark
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
