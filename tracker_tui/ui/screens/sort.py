"""The sort menu: what the board puts first."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen

from tracker_tui.ui.board.sort import DESCRIPTIONS, Sort
from tracker_tui.ui.cells.measure import pad
from tracker_tui.ui.model.styles import ACCENT, MUTED, STRONG
from tracker_tui.ui.widgets.pane import Pane, action_style

KEYS = {"a": Sort.ATTENTION, "i": Sort.ID, "e": Sort.ETA, "u": Sort.UPDATED, "g": Sort.STAGE}
"""The key of each; not ``s``, which closes what it opened."""


class SortScreen(ModalScreen[Sort]):
    """A menu over the board; closed without a choice, it leaves everything as it was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"choose({key!r})", show=False) for key in KEYS),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("enter", "take", show=False),
        Binding("escape,s", "close", "Close", show=False),
        Binding("q", "app.quit", "Quit", show=False),
    ]

    def __init__(self, present: Sort) -> None:
        super().__init__()
        self._chosen = present
        self._menu = Pane[Sort](render_sort_menu, id="sort")

    def compose(self) -> ComposeResult:
        """One panel."""
        self._menu.border_title = "Sort by"
        self._menu.border_subtitle = "Esc closes"
        yield self._menu

    def on_mount(self) -> None:
        """Show what is chosen now."""
        self._menu.show(self._chosen)

    def action_choose(self, key: str) -> None:
        """Take the one with this key."""
        self.dismiss(KEYS[key])

    def action_move(self, by: int) -> None:
        """Point at the next one."""
        every = list(Sort)
        self._chosen = every[(every.index(self._chosen) + by) % len(every)]
        self._menu.show(self._chosen)

    def action_take(self) -> None:
        """Take the one that is pointed at."""
        self.dismiss(self._chosen)

    def action_close(self) -> None:
        """Take none."""
        self.dismiss(None)


def render_sort_menu(value: Sort, width: int, height: int) -> Content:
    """A line for each, the chosen one pointed at."""
    rows = [_choice(key, sort, width, is_chosen=sort is value) for key, sort in KEYS.items()]
    return Content("\n").join(rows[:height])


def _choice(key: str, sort: Sort, width: int, *, is_chosen: bool) -> Content:
    text = Content.assemble(
        ("▸ " if is_chosen else "  ", ACCENT),
        (f"{key} ", f"{STRONG} {ACCENT}"),
        (pad(sort.value, 11), STRONG if is_chosen else ""),
        (DESCRIPTIONS[sort], MUTED),
    )
    return text.truncate(width, ellipsis=True, pad=True).stylize(action_style(f"screen.choose({key!r})"))
