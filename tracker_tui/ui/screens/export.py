"""The menu of what to export: the case, a report, or a picture of the screen."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen

from tracker_tui.ui.cells.measure import pad
from tracker_tui.ui.model.styles import ACCENT, MUTED, STRONG
from tracker_tui.ui.widgets.pane import Pane, action_style


class Export(StrEnum):
    """A kind of export; the value is its name in the menu."""

    CASE = "case"
    REPORT = "report"
    PICTURE = "picture"


_DESCRIPTIONS = {
    Export.CASE: "a report, and a recording for --replay",
    Export.REPORT: "the order, its timeline and events as text",
    Export.PICTURE: "this screen as SVG",
}

_KEYS = {each.value[0]: each for each in Export}


class ExportScreen(ModalScreen[Export]):
    """The menu; the result is the chosen kind, or None.

    Args:
        order_id: The selected order; without one, only a picture can be exported.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"choose({key!r})", show=False) for key in _KEYS),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("enter", "accept", show=False),
        Binding("escape,e", "close", "Close", show=False),
    ]

    def __init__(self, order_id: str | None) -> None:
        super().__init__()
        self._choices = list(Export) if order_id is not None else [Export.PICTURE]
        self._chosen = self._choices[0]
        self._menu = Pane[Export](self._render_menu, id="export")
        self._order_id = order_id

    def compose(self) -> ComposeResult:
        """Yield the menu."""
        self._menu.border_title = Content(f"Export {self._order_id or 'the board'}")
        self._menu.border_subtitle = "Esc closes"
        yield self._menu

    def on_mount(self) -> None:
        """Show the first choice as selected."""
        self._menu.show(self._chosen)

    def action_choose(self, key: str) -> None:
        """Return the kind of a key, if it can be exported."""
        if _KEYS[key] in self._choices:
            self.dismiss(_KEYS[key])

    def action_move(self, by: int) -> None:
        """Select another kind."""
        self._chosen = self._choices[(self._choices.index(self._chosen) + by) % len(self._choices)]
        self._menu.show(self._chosen)

    def action_accept(self) -> None:
        """Return the selected kind."""
        self.dismiss(self._chosen)

    def action_close(self) -> None:
        """Close the menu without a choice."""
        self.dismiss(None)

    def _render_menu(self, value: Export, width: int, height: int) -> Content:
        rows = []
        for each in self._choices:
            key = each.value[0]
            text = Content.assemble(
                ("▸ " if each is value else "  ", ACCENT),
                (f"{key} ", f"{STRONG} {ACCENT}"),
                (pad(each.value.capitalize(), 9), STRONG if each is value else ""),
                (_DESCRIPTIONS[each], MUTED),
            )
            row = text.truncate(width, ellipsis=True, pad=True)
            rows.append(row.stylize(action_style(f"screen.choose({key!r})")))
        return Content("\n").join(rows[:height])
