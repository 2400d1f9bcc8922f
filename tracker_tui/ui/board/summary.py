"""The header's line about all orders: the filter, the counts, the sort key."""

from __future__ import annotations

from collections.abc import Sequence

from tracker_tui.ui.board.arrangement import Arrangement
from tracker_tui.ui.board.counts import CountChip, count_chips
from tracker_tui.ui.cells.measure import fit
from tracker_tui.ui.model.actions import Action
from tracker_tui.ui.model.board_view import SORT_LABELS, Sort
from tracker_tui.ui.model.scene import BoardScene
from tracker_tui.ui.model.styles import ACCENT, MUTED

_FILTER_WIDTH = 24
"""Cells of the filter's text; a longer one is cut."""


def board_chips(arrangement: Arrangement) -> list[CountChip]:
    """Return the parts of the line; a part whose word is empty can't be clicked."""
    counts, filter_ = arrangement.counts, arrangement.filter
    chips = count_chips(counts)
    if filter_:
        chips.insert(0, CountChip(f"/{fit(filter_.text, _FILTER_WIDTH)} {counts.shown} of {counts.total}", ACCENT, ""))
    if arrangement.sort is not Sort.ATTENTION or arrangement.reversed:
        backwards = ", reversed" if arrangement.reversed else ""
        chips.append(CountChip(f"by {SORT_LABELS[arrangement.sort]}{backwards}", MUTED, ""))
    return chips


def board_summary(arrangement: Arrangement) -> str:
    """Return the line as text."""
    return " · ".join(chip.text for chip in board_chips(arrangement))


def empty_text(scene: BoardScene, actions: Sequence[Action]) -> str:
    """Return why there are no orders, and the key that adds one."""
    keys = {each.name: each.key_label for each in actions}
    if scene.hidden:
        return f"All orders are removed: {keys['add']} adds one, {keys['undo']} undoes."
    if not scene.listed:
        return "Loading orders…"
    return "There are no open orders yet." + (f" {keys['add']} adds one by its id." if "add" in keys else "")
