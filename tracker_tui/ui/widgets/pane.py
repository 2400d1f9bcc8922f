"""The base of all panes: it paints one text for one value, without any layout."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from typing import Generic, TypeVar

from textual.content import Content
from textual.events import Click
from textual.geometry import Region
from textual.style import Style
from textual.widget import Widget

from tracker_tui.ui.terminal.diff_compositor import changed_regions

V = TypeVar("V")

ACTION_META = "press"
"""Key in a style's meta for the action that a click on the text runs.

Textual's own ``@click`` would also set the colour of the text.
"""


def action_style(action: str) -> Style:
    """Return the style of a text that runs an action when it is clicked."""
    return Style.from_meta({ACTION_META: action})


class Pane(Widget, Generic[V]):
    """A widget that shows the text of a pure function of one value.

    Args:
        render_value: Returns the text for a value, a width and a height in cells.
        id: The widget's id.
        classes: Its CSS classes.
    """

    def __init__(
        self, render_value: Callable[[V, int, int], Content], *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._render_value = render_value
        self._value: V | None = None
        self._lines: list[Content] = []

    def show(self, value: V) -> None:
        """Show `value`."""
        self._value = value
        self._paint()

    def render(self) -> Content:
        """Return the lines that were painted last."""
        return Content("\n").join(self._lines)

    def on_resize(self) -> None:
        """Repaint everything at the new size."""
        self._paint()
        self.refresh()

    async def on_click(self, event: Click) -> None:
        """Run the action of the text under the mouse."""
        if (action := event.style.meta.get(ACTION_META)) is not None:
            await self.run_action(str(action))

    def _paint(self) -> None:
        width, height = self.content_size
        if self._value is None or not width or not height:
            return
        before, self._lines = self._lines, self._render_value(self._value, width, height).split(allow_blank=True)
        # Usually a few digits change. Only refreshed regions are sent to the terminal.
        changed: list[Region] = []
        for row, (old, new) in enumerate(zip_longest(before, self._lines)):
            if old is None or new is None:
                changed.append(Region(0, row, width, 1))
            elif not new.is_same(old):
                changed += changed_regions(old, new, row, width)
        if changed:
            self.refresh(*changed)
