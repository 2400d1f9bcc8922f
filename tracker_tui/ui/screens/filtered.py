"""What screens with a filter share: the line that takes the place of the key bar, and what Esc does."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from textual.binding import Binding, BindingType

from tracker_tui.ui.screens.base import PaintedScreen
from tracker_tui.ui.widgets.filter_line import FilterLine
from tracker_tui.wording.filter import Filter


class FilteredScreen(PaintedScreen):
    """A screen that shows what a filter lets through.

    Attributes:
        HINT: What there is to type.
    """

    HINT: ClassVar[str]
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "clear", show=False)]

    @property
    @abstractmethod
    def filter(self) -> Filter:
        """What is asked for now."""

    @abstractmethod
    def apply_filter(self, chosen: Filter) -> None:
        """Show what is asked for."""

    def keep_filter(self) -> None:
        """The filter stays as it is, and the line goes."""

    def on_filter_line_typed(self, event: FilterLine.Typed) -> None:
        """Filter while it is typed."""
        self.apply_filter(Filter.parse(event.text))

    async def on_filter_line_kept(self) -> None:
        """Take the line away."""
        self.keep_filter()
        await self._close_line()

    async def action_filter(self) -> None:
        """Type a filter, in the place of the key bar."""
        if not self.query(FilterLine):
            self.keys.display = False
            line = FilterLine(self.filter.text, self.HINT)
            await self.mount(line, after=self.keys)
            # At once: what was typed ahead is delivered next.
            self.set_focus(line.input)

    async def action_clear(self) -> None:
        """Show everything again; where everything is shown, leave."""
        if not self.filter and not self.query(FilterLine):
            await self.run_action("app.back")
            return
        if self.filter:
            self.apply_filter(Filter())
        await self._close_line()

    async def _close_line(self) -> None:
        await self.query(FilterLine).remove()
        self.keys.display = True
