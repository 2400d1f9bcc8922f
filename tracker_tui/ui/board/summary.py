"""The header's line about all orders: the filter, the counts, the sort key."""

from __future__ import annotations

from collections.abc import Sequence

from tracker_tui.ui.board.arrangement import Arrangement
from tracker_tui.ui.board.counts import count_chips
from tracker_tui.ui.cells.measure import fit
from tracker_tui.ui.model.actions import Action
from tracker_tui.ui.model.board_view import SORT_LABELS, Sort
from tracker_tui.ui.model.headline import HeaderChip
from tracker_tui.ui.model.scene import BoardScene
from tracker_tui.ui.model.styles import ACCENT, BAD, GOOD, MUTED, STRONG

_FILTER_WIDTH = 24
"""Cells of the filter's text; a longer one is cut."""


def board_chips(arrangement: Arrangement) -> list[HeaderChip]:
    """Return the parts of the line; a click on a count filters by it, another click removes the filter."""
    counts, filter_ = arrangement.counts, arrangement.filter
    chips = [
        HeaderChip(chip.text, f"{STRONG} {chip.style}" if chip.style == BAD else chip.style, filter_action(chip.word))
        for chip in count_chips(counts)
    ]
    if counts.total and not (counts.late or counts.needs_action or counts.at_risk or counts.stuck):
        chips.insert(0, HeaderChip("✔ nothing needs attention", GOOD))
    if filter_:
        text = f"/{fit(filter_.text, _FILTER_WIDTH)} {counts.shown} of {counts.total}"
        chips.insert(0, HeaderChip(text, ACCENT, "screen.clear"))
    if arrangement.sort is not Sort.ATTENTION or arrangement.reversed:
        backwards = ", reversed" if arrangement.reversed else ""
        chips.append(HeaderChip(f"by {SORT_LABELS[arrangement.sort]}{backwards}", MUTED, "screen.sort"))
    return chips


def filter_action(word: str) -> str:
    """Return the action that adds a word to the filter, or removes it."""
    return f"screen.filter_word({word!r})"


def empty_text(scene: BoardScene, actions: Sequence[Action]) -> str:
    """Return why there are no orders, and the key that adds one."""
    keys = {each.name: each.key_label for each in actions}
    if scene.hidden:
        return f"All orders are removed: {keys['add']} adds one, {keys['undo']} undoes."
    if not scene.listed:
        return "Loading orders…"
    return "There are no open orders yet." + (f" {keys['add']} adds one by its id." if "add" in keys else "")
