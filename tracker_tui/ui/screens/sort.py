"""The menu of the board's sort keys."""

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
"""The keyboard key of each sort key; not ``s``, which closes the menu."""


class SortScreen(ModalScreen[Sort]):
    """The menu, over the board; the result is the chosen sort key, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"choose({key!r})", show=False) for key in KEYS),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("enter", "accept", show=False),
        Binding("escape,s", "close", "Close", show=False),
        Binding("q", "app.quit", "Quit", show=False),
    ]

    def __init__(self, present: Sort) -> None:
        super().__init__()
        self._chosen = present
        self._menu = Pane[Sort](_render_menu, id="sort")

    def compose(self) -> ComposeResult:
        """Yield the menu."""
        self._menu.border_title = "Sort by"
        self._menu.border_subtitle = "Esc closes"
        yield self._menu

    def on_mount(self) -> None:
        """Show the present sort key as selected."""
        self._menu.show(self._chosen)

    def action_choose(self, key: str) -> None:
        """Return the sort key of a keyboard key."""
        self.dismiss(KEYS[key])

    def action_move(self, by: int) -> None:
        """Select another sort key."""
        every = list(Sort)
        self._chosen = every[(every.index(self._chosen) + by) % len(every)]
        self._menu.show(self._chosen)

    def action_accept(self) -> None:
        """Return the selected sort key."""
        self.dismiss(self._chosen)

    def action_close(self) -> None:
        """Close the menu without a choice."""
        self.dismiss(None)


def _render_menu(value: Sort, width: int, height: int) -> Content:
    """Return a line for each sort key, the selected one with a pointer."""
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
