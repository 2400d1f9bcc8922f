"""The board: one row an order, those that need attention first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.events import Resize

from tracker_tui.ui.board.arrangement import Arrangement, BoardCounts
from tracker_tui.ui.cells.measure import fit
from tracker_tui.ui.messages import OrderChosen
from tracker_tui.ui.model.actions import Action
from tracker_tui.ui.model.board_view import SORT_LABELS, Sort, sort_words
from tracker_tui.ui.model.scene import BoardScene
from tracker_tui.ui.screens.filtered import FilteredScreen
from tracker_tui.ui.widgets import detail, events
from tracker_tui.ui.widgets.detail import Detail
from tracker_tui.ui.widgets.filter_line import FilterLine
from tracker_tui.ui.widgets.pane import Pane
from tracker_tui.ui.widgets.table import BoardTable
from tracker_tui.wording.filter import Filter

if TYPE_CHECKING:
    from tracker_tui.ui.model.frame import Frame

DETAIL_BESIDE_WIDTH = 120
"""Columns from which the detail pane is at the left of the events."""

DETAIL_BELOW_HEIGHT = 34
"""Rows from which the detail pane of a narrower terminal is above the events."""


class BoardScreen(FilteredScreen):
    """The table of all orders. Rows appear, disappear and move; the cursor follows its order."""

    HINT = "text !not late risk stuck done marked status:…"
    UNUSED_ACTIONS: ClassVar[frozenset[str]] = frozenset({"board", "back"})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("home", "move(-1000000)", show=False),
        Binding("end", "move(1000000)", show=False),
    ]

    def __init__(self, actions: Sequence[Action], text: str = "", marks: set[str] | None = None) -> None:
        """Make the board.

        Args:
            actions: The available actions.
            text: The initial filter.
            marks: The ids of the marked orders; the board changes them.
        """
        super().__init__(None, actions)
        self._arrangement = Arrangement(Filter.parse(text), marks=marks)
        self._table = BoardTable(id="board")
        self._events = Pane[BoardScene](events.render_events, id="events")
        self._detail = Pane[Detail](detail.render_detail, id="detail")
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
        with Container(id="foot"):
            yield self._detail
            yield self._events
        yield self.keys

    def paint(self, frame: Frame) -> None:
        """Show the orders that match the filter."""
        self._scene = scene = frame.board_scene()
        self.set_class(not scene.trusted, "-stale")
        self._events.show(scene)
        self._arrange()
        self.header.show(frame.headline(None, board_summary(self._arrangement)))

    def on_resize(self, event: Resize) -> None:
        """Show the detail pane where there is room."""
        self.set_class(event.size.width >= DETAIL_BESIDE_WIDTH, "-beside")
        is_below = event.size.width < DETAIL_BESIDE_WIDTH and event.size.height >= DETAIL_BELOW_HEIGHT
        self.set_class(is_below, "-below")

    def on_key(self) -> None:
        """Keep the cursor on the order that was selected when a key was pressed."""
        if not self._table.is_pinned:
            self._table.pin()

    def on_board_table_highlighted(self) -> None:
        """Show the details of the selected order."""
        if self._scene is not None:
            self._detail.show(Detail(self._table.selected_row, self._scene.instant))

    def on_screen_suspend(self) -> None:
        """Keep the cursor on the order that was selected when a dialog was opened."""
        self._table.pin()

    async def action_filter(self) -> None:
        """Keep the cursor on its order, and open the filter line."""
        self._table.pin()
        await super().action_filter()

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self._table.move(rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by the number of visible rows."""
        self._table.move(pages * self._table.page_rows)

    def action_open(self) -> None:
        """Open the selected order."""
        self._table.pin()
        if self.selected_order_id is not None:
            self.post_message(OrderChosen(self.selected_order_id))

    def action_mark(self) -> None:
        """Mark the selected order, or remove its mark."""
        self._table.pin()
        if self.selected_order_id is not None:
            self._arrangement.toggle_mark(self.selected_order_id)
            self._repaint()

    def action_sort(self) -> None:
        """Open the sort menu."""
        from tracker_tui.ui.screens.sort import SortScreen  # noqa: PLC0415 - not needed for the first paint

        self.app.push_screen(SortScreen(self._arrangement.sort, is_reversed=self._arrangement.reversed), self._sort)

    def apply_filter(self, chosen: Filter) -> None:
        """Show the orders that match a filter."""
        self._arrangement.filter = chosen
        self._repaint()

    def keep_filter(self) -> None:
        """Keep the cursor on the selected order."""
        self._table.pin()

    def _sort(self, sort: Sort | None) -> None:
        if sort is not None:
            self._arrangement.toggle_sort(sort)
            self._repaint()

    def _repaint(self) -> None:
        self._arrange()
        self.request_frame()

    def _arrange(self) -> None:
        """Show the rows of the last frame, without waiting for the next one."""
        if self._scene is None:
            return
        scene = self._scene
        rows = self._arrangement.arrange(
            scene.orders, scene.instant.now, is_current=scene.connection.is_current, known_until=scene.known_until
        )
        if self._arrangement.filter and scene.orders:
            empty = "No order matches the filter; Esc clears it."
        else:
            empty = "There are no open orders yet." if scene.listed else "Loading orders…"
        self._table.show(rows, scene.instant, empty, is_typing=bool(self.query(FilterLine)))
        self._detail.show(Detail(self._table.selected_row, scene.instant))


def board_summary(arrangement: Arrangement) -> str:
    """Return the header's line about all orders: the filter, the counts, the marks, the sort key."""
    counts = arrangement.counts
    chips = [f"/{fit(arrangement.filter.text, 24)} {counts.shown} of {counts.total}"] if arrangement.filter else []
    chips += _count_chips(counts)
    if arrangement.sort is not Sort.ATTENTION or arrangement.reversed:
        words = sort_words(arrangement.sort, is_reversed=arrangement.reversed)
        chips.append(f"by {SORT_LABELS[arrangement.sort]}, {words}")
    return " · ".join(chips)


def _count_chips(counts: BoardCounts) -> list[str]:
    chips = [
        f"▲ {counts.late} late",
        f"! {counts.needs_action} action",
        f"△ {counts.at_risk} risk",
        f"◔ {counts.stuck} stuck",
        f"■ {counts.done} done",
    ]
    return [*chips, f"* {counts.marked} marked"] if counts.marked else chips
