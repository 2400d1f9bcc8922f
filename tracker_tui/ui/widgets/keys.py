"""The key bar: the most useful actions of a screen, each a button for the mouse, too."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from tracker_tui.ui.model.actions import KEY_BAR_LIMIT, KEY_BAR_WIDE, PALETTE, Action
from tracker_tui.ui.model.styles import ACCENT, STRONG
from tracker_tui.ui.widgets.pane import action_style


def render_key_bar(value: Sequence[Action], width: int, height: int) -> Content:
    """Return the actions that fit, with the palette at the right end; empty if there are no actions."""
    if not value:
        return Content("")
    chosen = actions_for(value, width)
    bar = Content.assemble(*map(_button, chosen))
    if _is_room_for_palette(chosen, width):
        gap = width - _length(chosen) - _length([PALETTE])
        bar = Content.assemble(bar, " " * gap, _button(PALETTE))
    return bar.truncate(width)


def actions_for(available: Sequence[Action], width: int) -> list[Action]:
    """Return the actions for a key bar of `width` cells, in the order of their declaration."""
    ranked = sorted(
        (each for each in available if each.key_bar_rank is not None), key=lambda each: each.key_bar_rank or 0
    )
    is_wide = width >= KEY_BAR_WIDE
    if not is_wide:
        ranked = ranked[:KEY_BAR_LIMIT]
    while ranked and not (_is_room_for_palette(ranked, width) if is_wide else _length(ranked) <= width):
        ranked.pop()
    return [action for action in available if action in ranked]


def _is_room_for_palette(chosen: Sequence[Action], width: int) -> bool:
    return _length(chosen) + 2 + _length([PALETTE]) <= width


def _length(actions: Sequence[Action]) -> int:
    return sum(cell_len(action.key_label) + cell_len(action.label) + 3 for action in actions)


def _button(action: Action) -> Content:
    text = Content.assemble(" ", (action.key_label, f"{STRONG} {ACCENT}"), f" {action.label} ")
    return text.stylize(action_style(action.qualified_name))
