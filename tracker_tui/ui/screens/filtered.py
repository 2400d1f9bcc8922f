"""The base of the screens with a filter: the line to type it in, and Esc to clear it."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from textual.binding import Binding, BindingType

from tracker_tui.ui.screens.base import PaintedScreen
from tracker_tui.ui.widgets.filter_line import FilterLine
from tracker_tui.wording.filter import Filter


class FilteredScreen(PaintedScreen):
    """A screen that shows only what matches a filter.

    Attributes:
        HINT: The possible words of a filter.
    """

    HINT: ClassVar[str]
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "clear", show=False)]

    @property
    @abstractmethod
    def filter(self) -> Filter:
        """The present filter."""

    @abstractmethod
    def apply_filter(self, chosen: Filter) -> None:
        """Show what matches a filter."""

    def keep_filter(self) -> None:
        """Keep the filter when the line is closed."""

    def on_filter_line_changed(self, event: FilterLine.Changed) -> None:
        """Apply the filter while it is being typed."""
        self.apply_filter(Filter.parse(event.text))

    async def on_filter_line_submitted(self) -> None:
        """Close the line and keep the filter."""
        self.keep_filter()
        await self._close_line()

    async def action_filter(self) -> None:
        """Open the line in place of the key bar."""
        if not self.query(FilterLine):
            self.keys.display = False
            line = FilterLine(self.filter.text, self.HINT)
            await self.mount(line, after=self.keys)
            # At once, so that the line gets the typed-ahead keys.
            self.set_focus(line.input)

    async def action_clear(self) -> None:
        """Clear the filter; without a filter, go back."""
        if not self.filter and not self.query(FilterLine):
            await self.run_action("app.back")
            return
        if self.filter:
            self.apply_filter(Filter())
        await self._close_line()

    async def _close_line(self) -> None:
        await self.query(FilterLine).remove()
        self.keys.display = True
