"""The menu of the board's sort keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen

from tracker_tui.ui.cells.measure import pad
from tracker_tui.ui.model.board_view import SORT_LABELS, Sort, sort_words
from tracker_tui.ui.model.styles import ACCENT, MUTED, STRONG
from tracker_tui.ui.widgets.pane import Pane, action_style

KEYS = {
    "a": Sort.ATTENTION,
    "i": Sort.ID,
    "g": Sort.STAGE,
    "e": Sort.ETA,
    "p": Sort.PROMISE,
    "u": Sort.UPDATED,
    "c": Sort.CUSTOMER,
    "o": Sort.COURIER,
}
"""The keyboard key of each sort key; not ``s``, which closes the menu."""

_LABEL_WIDTH = max(map(len, SORT_LABELS.values())) + 1


@dataclass(frozen=True, slots=True)
class SortMenu:
    """The content of the menu: the present sort key and direction, and the selected sort key."""

    present: Sort
    is_reversed: bool
    selected: Sort


class SortScreen(ModalScreen[Sort]):
    """The menu, over the board; the result is the chosen sort key, or None. The present one means to reverse it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"choose({key!r})", show=False) for key in KEYS),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("enter", "accept", show=False),
        Binding("escape,s", "close", "Close", show=False),
        Binding("q", "app.quit", "Quit", show=False),
    ]

    def __init__(self, present: Sort, *, is_reversed: bool) -> None:
        super().__init__()
        self._value = SortMenu(present, is_reversed, present)
        self._menu = Pane[SortMenu](_render_menu, id="sort")

    def compose(self) -> ComposeResult:
        """Yield the menu."""
        self._menu.border_title = "Sort by"
        self._menu.border_subtitle = "Esc closes"
        yield self._menu

    def on_mount(self) -> None:
        """Show the present sort key as selected."""
        self._menu.show(self._value)

    def action_choose(self, key: str) -> None:
        """Return the sort key of a keyboard key."""
        self.dismiss(KEYS[key])

    def action_move(self, by: int) -> None:
        """Select another sort key."""
        every = list(Sort)
        selected = every[(every.index(self._value.selected) + by) % len(every)]
        self._value = replace(self._value, selected=selected)
        self._menu.show(self._value)

    def action_accept(self) -> None:
        """Return the selected sort key."""
        self.dismiss(self._value.selected)

    def action_close(self) -> None:
        """Close the menu without a choice."""
        self.dismiss(None)


def _render_menu(value: SortMenu, width: int, height: int) -> Content:
    """Return a line for each sort key, the selected one with a pointer."""
    return Content("\n").join([_choice(key, sort, value, width) for key, sort in KEYS.items()][:height])


def _choice(key: str, sort: Sort, value: SortMenu, width: int) -> Content:
    is_present = sort is value.present
    words = sort_words(sort, is_reversed=is_present and value.is_reversed)
    again = f", again: {sort_words(sort, is_reversed=not value.is_reversed)}" if is_present else ""
    text = Content.assemble(
        ("▸ " if sort is value.selected else "  ", ACCENT),
        (f"{key} ", f"{STRONG} {ACCENT}"),
        (pad(SORT_LABELS[sort], _LABEL_WIDTH) + " ", STRONG if is_present else ""),
        (words, "" if is_present else MUTED),
        (again, MUTED),
    )
    return text.truncate(width, ellipsis=True, pad=True).stylize(action_style(f"screen.choose({key!r})"))
