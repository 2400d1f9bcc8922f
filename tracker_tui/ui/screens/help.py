"""The help screen: the page in a scrolling panel, and a search by typing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Key, Resize
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widget import Widget

from tracker_tui.ui.model.actions import Action
from tracker_tui.ui.screens.bindings import modal_binding
from tracker_tui.ui.screens.help_page import render_help

WIDE = 120
"""Columns of the terminal from which the page has two columns."""

MAX_SEARCH = 30
"""Characters of a search."""


class HelpScreen(ModalScreen[None]):
    """The help page, over any screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear_or_close", "Close", show=False),
        Binding("backspace", "erase", show=False),
        modal_binding("help", "dismiss"),
    ]

    def __init__(self, actions: Sequence[Action]) -> None:
        super().__init__()
        self._page = HelpPage(actions)

    def compose(self) -> ComposeResult:
        """Yield the page in a scrolling container."""
        with VerticalScroll(id="help") as panel:
            panel.border_subtitle = "Esc closes"
            yield self._page

    def on_mount(self) -> None:
        """Focus the container, so that the arrow keys scroll."""
        self.query_one("#help").focus()
        self._search("")

    def on_resize(self, event: Resize) -> None:
        """Use two columns where there is room."""
        self.set_class(event.size.width >= WIDE, "-two-columns")

    def on_key(self, event: Key) -> None:
        """Search for what is typed."""
        if event.is_printable and event.character is not None and event.character != "?":
            event.stop()
            self._search(f"{self._page.search}{event.character}"[:MAX_SEARCH])

    def action_erase(self) -> None:
        """Remove the last character of the search."""
        self._search(self._page.search[:-1])

    def action_clear_or_close(self) -> None:
        """Clear the search; without one, close the help."""
        if self._page.search:
            self._search("")
        else:
            self.dismiss()

    def _search(self, text: str) -> None:
        self._page.search = text
        self._page.refresh(layout=True)
        title = f"Help · {text}▏" if text else "Help · type to search"
        self.query_one("#help").border_title = Content(title)


class HelpPage(Widget):
    """The text, wrapped to the widget's width.

    Attributes:
        search: The text that every shown line contains; empty for all lines.
    """

    def __init__(self, actions: Sequence[Action]) -> None:
        super().__init__()
        self._actions = actions
        self.search = ""

    def render(self) -> Content:
        """Return the text."""
        return render_help(self._actions, self.size.width, self.search)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the number of lines at a width."""
        return len(render_help(self._actions, width, self.search).split(allow_blank=True))
