"""The board's actions that change which rows are shown, and in which order."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence

from tracker_tui.ui.board.arrangement import Arrangement
from tracker_tui.ui.board.groups import GroupTitle
from tracker_tui.ui.messages import NoticePosted
from tracker_tui.ui.model.actions import Action
from tracker_tui.ui.model.board_view import BoardView, Sort
from tracker_tui.ui.model.scene import BoardScene
from tracker_tui.ui.screens.filtered import FilteredScreen
from tracker_tui.ui.widgets.filter_line import FilterLine
from tracker_tui.ui.widgets.table import BoardTable
from tracker_tui.wording.filter import Filter

VIEW_NAME_SECONDS = 2.0
"""Seconds for which the name of a view is shown."""


class ArrangedScreen(FilteredScreen):
    """A screen with a table of orders that the user filters, sorts, groups, marks and snoozes."""

    def __init__(
        self, actions: Sequence[Action], arrangement: Arrangement, table: BoardTable, views: Mapping[str, BoardView]
    ) -> None:
        """Make the screen.

        Args:
            actions: The available actions.
            arrangement: The rows.
            table: The table that shows them.
            views: The saved views by their digit.
        """
        super().__init__(None, actions)
        self._arrangement = arrangement
        self._table = table
        self._views = views
        self._scene: BoardScene | None = None
        self._is_touched = False

    @property
    def selected_order_id(self) -> str | None:
        """The order under the cursor."""
        return self._table.selected_row.order_id if self._table.selected_row else None

    @property
    def filter(self) -> Filter:
        """The present filter."""
        return self._arrangement.filter

    @abstractmethod
    def _repaint(self) -> None:
        """Show the rows after a change, without waiting for the next frame."""

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self._table.move(rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by the number of visible rows."""
        self._table.move(pages * self._table.page_rows)

    def action_next_order(self) -> None:
        """Move the cursor to the next order."""
        self._table.move(1)

    def action_previous_order(self) -> None:
        """Move the cursor to the previous order."""
        self._table.move(-1)

    def action_mark(self) -> None:
        """Mark the selected order, or remove its mark."""
        self._table.pin()
        if self.selected_order_id is not None:
            self._arrangement.toggle_mark(self.selected_order_id)
            self._repaint()

    def action_seen(self) -> None:
        """Mark the changes of all rows as seen."""
        self._arrangement.look_at_all()
        self._repaint()

    def action_snooze(self) -> None:
        """Snooze the selected order, or end its snooze."""
        self._table.pin()
        if self.selected_order_id is None or self._scene is None:
            return
        if not self._arrangement.toggle_snooze(self.selected_order_id, self._scene.instant.now):
            self._announce(f"{self.selected_order_id} is not open: nothing to snooze.")
        self._repaint()

    def action_group(self) -> None:
        """Group the orders by stage, by courier, or not at all."""
        self._table.pin()
        self._arrangement.group_by(self._arrangement.grouping.next)
        grouping = self._arrangement.grouping
        self._announce(f"Grouped by {grouping}" if grouping.is_grouped else "Not grouped")
        self._repaint()

    def action_collapse(self) -> None:
        """Collapse all groups, or expand them; the cursor moves to the title of its group."""
        title = self._arrangement.title_above(self._table.selected_line)
        self._table.pin(title.line_id if title is not None else None)
        self._arrangement.toggle_all_groups()
        self._repaint()

    def action_view(self, key: str) -> None:
        """Show the saved view of a digit, or the one that the board started with, from its first row on."""
        self._table.unpin()
        view = self._views[key]
        self._arrangement.apply(view)
        self._announce(view.name or "Default view")
        self._repaint()

    def action_filter_word(self, word: str) -> None:
        """Add a word to the filter, or remove it."""
        words = self.filter.text.split()
        chosen = [each for each in words if each != word] if word in words else [*words, word]
        self.apply_filter(Filter.parse(" ".join(chosen)))
        for line in self.query(FilterLine):
            line.input.value = self.filter.text

    def action_sort_by(self, sort: str) -> None:
        """Sort by a key, by its word; if it is the present one, reverse the rows."""
        self._sort(Sort(sort))

    def action_sort(self) -> None:
        """Open the sort menu."""
        from tracker_tui.ui.screens.sort import SortScreen  # noqa: PLC0415 - not needed for the first paint

        self.app.push_screen(SortScreen(self._arrangement.sort, is_reversed=self._arrangement.reversed), self._sort)

    def apply_filter(self, chosen: Filter) -> None:
        """Show the orders that match a filter."""
        self._is_touched = True
        self._arrangement.filter = chosen
        self._repaint()

    def keep_filter(self) -> None:
        """Keep the cursor on the selected order."""
        self._table.pin()

    def _sort(self, sort: Sort | None) -> None:
        if sort is not None:
            self._arrangement.toggle_sort(sort)
            self._repaint()

    def _toggle_group(self, title: GroupTitle) -> None:
        self._arrangement.toggle_group(title)
        self._repaint()

    def _announce(self, text: str) -> None:
        self.post_message(NoticePosted(text, VIEW_NAME_SECONDS))
