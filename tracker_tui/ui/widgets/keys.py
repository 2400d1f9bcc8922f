"""The key bar: the few keys that matter here, each also a button for the mouse."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from tracker_tui.ui.model.actions import KEY_BAR_LIMIT, KEY_BAR_WIDE, PALETTE, Action
from tracker_tui.ui.model.styles import ACCENT, STRONG
from tracker_tui.ui.widgets.pane import action_style


def render_key_bar(value: Sequence[Action], width: int, height: int) -> Content:
    """The commands that fit, the palette at the far end; nothing where there is no command."""
    if not value:
        return Content("")
    chosen = actions_for(value, width)
    bar = Content.assemble(*map(_button, chosen))
    if _is_room_for_palette(chosen, width):
        gap = width - _length(chosen) - _length([PALETTE])
        bar = Content.assemble(bar, " " * gap, _button(PALETTE))
    return bar.truncate(width)


def actions_for(available: Sequence[Action], width: int) -> list[Action]:
    """The commands for a key bar of `width` cells, in the order of the declaration."""
    ranked = sorted(
        (each for each in available if each.key_bar_rank is not None), key=lambda each: each.key_bar_rank or 0
    )
    is_wide = width >= KEY_BAR_WIDE
    if not is_wide:
        ranked = ranked[:KEY_BAR_LIMIT]
    while ranked and not (_is_room_for_palette(ranked, width) if is_wide else _length(ranked) <= width):
        ranked.pop()
    return [command for command in available if command in ranked]


def _is_room_for_palette(chosen: Sequence[Action], width: int) -> bool:
    return _length(chosen) + 2 + _length([PALETTE]) <= width


def _length(commands: Sequence[Action]) -> int:
    return sum(cell_len(command.key_label) + cell_len(command.label) + 3 for command in commands)


def _button(command: Action) -> Content:
    text = Content.assemble(" ", (command.key_label, f"{STRONG} {ACCENT}"), f" {command.label} ")
    return text.stylize(action_style(command.qualified_name))
