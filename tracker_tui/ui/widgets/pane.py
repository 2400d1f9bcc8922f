"""What all panes share: one value in, one text painted, nothing laid out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from textual.content import Content
from textual.widgets import Static

V = TypeVar("V")


class Pane(Static, Generic[V]):
    """A text that a pure function draws from one value and the room there is.

    Args:
        draw: From a value, a width and a height in cells to the text.
        id: The widget's id.
        classes: Its CSS classes.
    """

    def __init__(
        self, draw: Callable[[V, int, int], Content], *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__("", markup=False, id=id, classes=classes)
        self._draw = draw
        self._value: V | None = None
        self._painted = Content("")

    def show(self, value: V) -> None:
        """Paint `value`."""
        self._value = value
        self._paint()

    def on_resize(self) -> None:
        """Use the new room."""
        self._paint()

    def _paint(self) -> None:
        width, height = self.content_size
        if self._value is None or not width or not height:
            return
        painted = self._draw(self._value, width, height)
        # Most ticks change nothing on most panes: what isn't updated isn't sent to the terminal either.
        if not painted.is_same(self._painted):
            self._painted = painted
            self.update(painted, layout=False)
