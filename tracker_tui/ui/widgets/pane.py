"""What all panes share: one value in, one text painted, nothing laid out."""

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
"""Name in a style's meta under which a part of a text says which action it stands for.

Textual's own ``@click`` would do the same and force one colour on all of it.
"""


def action_style(action: str) -> Style:
    """The style of a part of a text that stands for an action."""
    return Style.from_meta({ACTION_META: action})


class Pane(Widget, Generic[V]):
    """A text that a pure function draws from one value and the room there is.

    Args:
        draw: From a value, a width and a height in cells to the text.
        id: The widget's id.
        classes: Its CSS classes.
    """

    def __init__(
        self, draw: Callable[[V, int, int], Content], *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._draw = draw
        self._value: V | None = None
        self._lines: list[Content] = []

    def show(self, value: V) -> None:
        """Paint `value`."""
        self._value = value
        self._paint()

    def render(self) -> Content:
        """The lines as they were drawn last."""
        return Content("\n").join(self._lines)

    def on_resize(self) -> None:
        """Use the new room, in which nothing is where it was."""
        self._paint()
        self.refresh()

    async def on_click(self, event: Click) -> None:
        """Do what the part of the text under the mouse stands for."""
        if (action := event.style.meta.get(ACTION_META)) is not None:
            await self.run_action(str(action))

    def _paint(self) -> None:
        width, height = self.content_size
        if self._value is None or not width or not height:
            return
        before, self._lines = self._lines, self._draw(self._value, width, height).split(allow_blank=True)
        # Most seconds change a digit or two: what isn't refreshed isn't sent to the terminal either.
        changed: list[Region] = []
        for row, (old, new) in enumerate(zip_longest(before, self._lines)):
            if old is None or new is None:
                changed.append(Region(0, row, width, 1))
            elif not new.is_same(old):
                changed += changed_regions(old, new, row, width)
        if changed:
            self.refresh(*changed)
