"""The board: one row an order, those that need attention first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.events import Resize

from tracker_tui.ui.board.arrangement import Arrangement
from tracker_tui.ui.board.groups import GroupTitle
from tracker_tui.ui.board.rows import BoardRow
from tracker_tui.ui.board.summary import board_chips, empty_text
from tracker_tui.ui.messages import OrderChosen
from tracker_tui.ui.model.actions import Action
from tracker_tui.ui.model.board_view import DEFAULT_VIEW, VIEW_KEYS, BoardView, ColumnName, start_view
from tracker_tui.ui.model.scene import BoardScene
from tracker_tui.ui.screens.arranged import ArrangedScreen
from tracker_tui.ui.widgets import detail, events
from tracker_tui.ui.widgets.detail import Detail
from tracker_tui.ui.widgets.filter_line import FilterLine
from tracker_tui.ui.widgets.order_body import OrderBody
from tracker_tui.ui.widgets.pane import Pane
from tracker_tui.ui.widgets.table import BoardTable
from tracker_tui.ui.widgets.unreachable import is_unreachable, render_unreachable
from tracker_tui.wording.order_filter import NEWS_WORD

if TYPE_CHECKING:
    from tracker_tui.ui.model.frame import Frame

DETAIL_BESIDE_WIDTH = 120
"""Columns from which the detail pane is at the left of the events."""

SPLIT_WIDTH = 140
"""Columns from which the selected order is shown beside the board."""

DETAIL_BELOW_HEIGHT = 34
"""Rows from which the detail pane of a narrower terminal is above the events."""


class BoardScreen(ArrangedScreen):
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
        start = start_view(views, text)
        views_by_key = {view.key: view for view in views} | {DEFAULT_VIEW.key: start}
        # The user may have given another action a digit.
        taken = {action.key for action in actions}
        super().__init__(
            actions,
            Arrangement(start, marks),
            BoardTable(columns=columns, id="board"),
            {key: view for key, view in views_by_key.items() if key not in taken},
        )
        self._events = Pane[BoardScene](events.render_events, id="events")
        self._detail = Pane[Detail](detail.render_detail, id="detail")
        self._unreachable = Pane[BoardScene](render_unreachable, id="unreachable")
        self._frame: Frame | None = None
        self._order = OrderBody(is_beside_board=True, id="selected")
        self._is_split = True

    def compose(self) -> ComposeResult:
        """Yield the header, the table, the details of the selected order, the events and the key bar."""
        self._events.border_title = "Events"
        self._detail.border_title = "Selected order"
        yield self.header
        with Horizontal(id="split"):
            with Vertical(id="list"):
                yield from self._compose_list()
            yield self._order
        yield self.keys

    def _compose_list(self) -> ComposeResult:
        yield self._table
        yield self._unreachable
        with Container(id="foot"):
            yield self._detail
            yield self._events

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
        """Show the selected order beside the board, or in a pane of its own, where there is room."""
        self._lay_out(*event.size)

    def _lay_out(self, width: int, height: int) -> None:
        is_split = self._is_split and width >= SPLIT_WIDTH
        self.set_class(is_split, "-split")
        self.set_class(width >= DETAIL_BESIDE_WIDTH and not is_split, "-beside")
        self.set_class(width < DETAIL_BESIDE_WIDTH and height >= DETAIL_BELOW_HEIGHT, "-below")

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

    def action_split(self) -> None:
        """Show the selected order beside the board, or give the board the whole width."""
        self._is_split = not self._is_split
        if self.size.width < SPLIT_WIDTH:
            self._announce(f"The split view needs {SPLIT_WIDTH} columns")
        self._lay_out(*self.size)
        self._repaint()

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
        if scene is not None and self.has_class("-split"):
            self._order.show(scene)
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
