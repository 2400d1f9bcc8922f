"""The board: one row an order, those that need attention first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.events import Resize

from tracker_tui.ui.board.arrangement import Arrangement
from tracker_tui.ui.board.groups import GroupTitle
from tracker_tui.ui.board.rows import BoardRow
from tracker_tui.ui.board.summary import board_chips, empty_text
from tracker_tui.ui.messages import NoticePosted, OrderChosen
from tracker_tui.ui.model.actions import Action
from tracker_tui.ui.model.board_view import DEFAULT_VIEW, VIEW_KEYS, BoardView, ColumnName, Sort, start_view
from tracker_tui.ui.model.scene import BoardScene
from tracker_tui.ui.screens.filtered import FilteredScreen
from tracker_tui.ui.widgets import detail, events
from tracker_tui.ui.widgets.detail import Detail
from tracker_tui.ui.widgets.filter_line import FilterLine
from tracker_tui.ui.widgets.pane import Pane
from tracker_tui.ui.widgets.table import BoardTable
from tracker_tui.ui.widgets.unreachable import is_unreachable, render_unreachable
from tracker_tui.wording.filter import Filter
from tracker_tui.wording.order_filter import NEWS_WORD

if TYPE_CHECKING:
    from tracker_tui.ui.model.frame import Frame

DETAIL_BESIDE_WIDTH = 120
"""Columns from which the detail pane is at the left of the events."""

DETAIL_BELOW_HEIGHT = 34
"""Rows from which the detail pane of a narrower terminal is above the events."""

VIEW_NAME_SECONDS = 2.0
"""Seconds for which the header shows the name of a chosen view."""


class BoardScreen(FilteredScreen):
    """The table of all orders. Rows appear, disappear and move; the cursor follows its order."""

    HINT = "text !not late>10m action risk stuck done status:…"
    UNUSED_ACTIONS: ClassVar[frozenset[str]] = frozenset({"board", "back"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("home", "move(-1000000)", show=False),
        Binding("end", "move(1000000)", show=False),
        *(Binding(key, f"view({key!r})", show=False) for key in VIEW_KEYS),
    ]

    def __init__(
        self,
        actions: Sequence[Action],
        text: str | None = None,
        marks: set[str] | None = None,
        views: Sequence[BoardView] = (),
        columns: Sequence[ColumnName] = (),
    ) -> None:
        """Make the board.

        Args:
            actions: The available actions.
            text: The initial filter; None for that of the view that the board starts with.
            marks: The ids of the marked orders; the board changes them.
            views: The user's saved views.
            columns: The columns; empty for those that fit best.
        """
        super().__init__(None, actions)
        start = start_view(views, text)
        views_by_key = {view.key: view for view in views} | {DEFAULT_VIEW.key: start}
        # The user may have given another action a digit.
        taken = {action.key for action in actions}
        self._views = {key: view for key, view in views_by_key.items() if key not in taken}
        self._arrangement = Arrangement(start, marks)
        self._is_touched = False
        self._table = BoardTable(columns=columns, id="board")
        self._events = Pane[BoardScene](events.render_events, id="events")
        self._detail = Pane[Detail](detail.render_detail, id="detail")
        self._unreachable = Pane[BoardScene](render_unreachable, id="unreachable")
        self._frame: Frame | None = None
        self._scene: BoardScene | None = None

    @property
    def selected_order_id(self) -> str | None:
        """The order under the cursor."""
        return self._table.selected_row.order_id if self._table.selected_row else None

    @property
    def filter(self) -> Filter:
        """The present filter."""
        return self._arrangement.filter

    def compose(self) -> ComposeResult:
        """Yield the header, the table, the details of the selected order, the events and the key bar."""
        self._events.border_title = "Events"
        self._detail.border_title = "Selected order"
        yield self.header
        yield self._table
        yield self._unreachable
        with Container(id="foot"):
            yield self._detail
            yield self._events
        yield self.keys

    def paint(self, frame: Frame) -> None:
        """Show the orders that match the filter."""
        self._frame, self._scene = frame, frame.board_scene()
        scene = self._scene
        if self._is_touched:
            # The first frame after a key or a click is the first that knows a time after it.
            self._arrangement.touch(scene.instant.time)
            self._is_touched = False
        self.set_class(not scene.trusted, "-stale")
        self._events.show(scene)
        self._arrange()
        headline = frame.headline(None, board_chips(self._arrangement))
        self.set_class(is_unreachable(scene), "-unreachable")
        if is_unreachable(scene):
            self._unreachable.show(scene)
            headline = replace(headline, about="", short_about="", chips=())
        self.header.show(headline)

    def on_resize(self, event: Resize) -> None:
        """Show the detail pane where there is room."""
        self.set_class(event.size.width >= DETAIL_BESIDE_WIDTH, "-beside")
        is_below = event.size.width < DETAIL_BESIDE_WIDTH and event.size.height >= DETAIL_BELOW_HEIGHT
        self.set_class(is_below, "-below")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action may run; a digit without a view is free for another action."""
        if action == "view" and parameters[0] not in self._views:
            return False
        return super().check_action(action, parameters)

    def on_key(self) -> None:
        """Keep the cursor on the order that was selected when a key was pressed."""
        self._is_touched = True
        if not self._table.is_pinned:
            self._table.pin()

    def on_board_table_highlighted(self) -> None:
        """Show the details of the selected order."""
        self._is_touched = True
        if self._is_looked_at(self._table.selected_row):
            self._repaint()
        elif self._scene is not None:
            self._show_detail()

    def on_board_table_group_clicked(self, message: BoardTable.GroupClicked) -> None:
        """Collapse or expand a group."""
        self._toggle_group(message.title)

    def on_board_table_title_clicked(self, message: BoardTable.TitleClicked) -> None:
        """Sort by the column; again, reverse the rows."""
        self._sort(message.sort)

    def on_screen_suspend(self) -> None:
        """Keep the cursor on the order that was selected when a dialog was opened."""
        self._table.pin()

    def on_screen_resume(self) -> None:
        """Keep the rows in their order for a moment: the user looks for the place where they were."""
        self._is_touched = True

    async def action_filter(self) -> None:
        """Keep the cursor on its order, and open the filter line."""
        self._is_touched = True
        self._table.pin()
        await super().action_filter()

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self._table.move(rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by the number of visible rows."""
        self._table.move(pages * self._table.page_rows)

    def action_open(self) -> None:
        """Open the selected order; on the title of a group, collapse or expand it."""
        self._table.pin()
        if isinstance(self._table.selected_line, GroupTitle):
            self._toggle_group(self._table.selected_line)
        elif self.selected_order_id is not None:
            self.post_message(OrderChosen(self.selected_order_id, self._table.order_ids))

    def select(self, order_id: str) -> None:
        """Move the cursor to an order, as soon as it is shown."""
        self._table.select(order_id)

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

    def _repaint(self) -> None:
        self._arrange()
        self.request_frame()

    def _arrange(self) -> None:
        """Show the rows of the last frame, without waiting for the next one."""
        if self._scene is None:
            return
        scene = self._scene
        self._arrange_rows(scene)
        if self._is_looked_at(self._arrangement.row(self.selected_order_id)):
            self._arrange_rows(scene)
        if self._arrangement.filter and scene.orders:
            empty = "No order matches the filter; Esc clears it."
        else:
            empty = empty_text(scene, self._actions)
        self._table.show_sort(self._arrangement.sort, is_reversed=self._arrangement.reversed)
        self._table.show(self._arrangement.lines, scene.instant, empty, is_typing=bool(self.query(FilterLine)))
        self._show_detail()

    def _show_detail(self) -> None:
        row, frame = self._table.selected_row, self._frame
        scene = frame.order_scene(row.order_id) if row is not None and frame is not None else None
        self._detail.show(Detail(row, scene))
        self.offer_commands(row is None or row.tracked.accepts_commands)

    def _is_looked_at(self, row: BoardRow | None) -> bool:
        """Take note that the user looks at a row with news; return whether that is so."""
        # A filter for news would hide each row as soon as the cursor is on it.
        filters_news = any(term.text == NEWS_WORD for term in self.filter.terms)
        if row is None or not row.has_news or filters_news or not (self._table.is_pinned and self.is_current):
            return False
        self._arrangement.look_at(row)
        return True

    def _arrange_rows(self, scene: BoardScene) -> None:
        self._arrangement.arrange(
            scene.orders,
            scene.instant.now,
            time=scene.instant.time,
            is_current=scene.connection.is_current,
            known_until=scene.known_until,
        )
