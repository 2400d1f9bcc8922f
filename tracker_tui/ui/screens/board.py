"""The board: all orders, one row each, what wants attention first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.events import Resize

from tracker_tui.ui.board.arrangement import Arrangement, BoardCounts
from tracker_tui.ui.board.sort import Sort
from tracker_tui.ui.cells.measure import fit
from tracker_tui.ui.messages import OrderChosen
from tracker_tui.ui.model.actions import Action
from tracker_tui.ui.model.filter import Filter
from tracker_tui.ui.model.scene import BoardScene
from tracker_tui.ui.screens.filtered import FilteredScreen
from tracker_tui.ui.widgets import detail, events
from tracker_tui.ui.widgets.detail import Detail
from tracker_tui.ui.widgets.filter_line import FilterLine
from tracker_tui.ui.widgets.pane import Pane
from tracker_tui.ui.widgets.table import BoardTable

if TYPE_CHECKING:
    from tracker_tui.ui.model.frame import Frame

DETAIL_BESIDE_WIDTH = 120
"""Columns from which the detail pane stands beside the events …"""

DETAIL_BELOW_HEIGHT = 34
"""… and rows from which it stands above them."""


class BoardScreen(FilteredScreen):
    """One row an order; rows come, go and change places, and the cursor stays on its order."""

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

    def __init__(self, commands: Sequence[Action], text: str = "") -> None:
        """Make the board.

        Args:
            commands: What there is to press.
            text: The filter to begin with.
        """
        super().__init__(None, commands)
        self._arrangement = Arrangement(Filter.parse(text))
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
        """What is asked for now."""
        return self._arrangement.filter

    def compose(self) -> ComposeResult:
        """The header, the table, the tail of the event log and more of the order under the cursor, the keys."""
        self._events.border_title = "Events"
        self._detail.border_title = "Under the cursor"
        yield self.header
        yield self._table
        with Container(id="foot"):
            yield self._detail
            yield self._events
        yield self.keys

    def paint(self, picture: Frame) -> None:
        """Show every order that the filter lets through."""
        self._scene = scene = picture.board_scene()
        self.set_class(not scene.trusted, "-stale")
        self._events.show(scene)
        self._arrange()
        self.header.show(picture.headline(None, board_summary(self._arrangement)))

    def on_resize(self, event: Resize) -> None:
        """Show the detail pane where there is room for it."""
        self.set_class(event.size.width >= DETAIL_BESIDE_WIDTH, "-beside")
        self.set_class(event.size.width < DETAIL_BESIDE_WIDTH and event.size.height >= DETAIL_BELOW_HEIGHT, "-below")

    def on_key(self) -> None:
        """Whoever presses a key means the order that is under the cursor now."""
        if not self._table.is_pinned:
            self._table.pin()

    def on_board_table_highlighted(self) -> None:
        """Tell more of the order under the cursor."""
        if self._scene is not None:
            self._detail.show(Detail(self._table.selected_row, self._scene.instant))

    def on_screen_suspend(self) -> None:
        """Whoever opens something over the board means the order that is under the cursor now."""
        self._table.pin()

    async def action_filter(self) -> None:
        """The same."""
        self._table.pin()
        await super().action_filter()

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self._table.move(rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by what is in sight."""
        self._table.move(pages * self._table.page_rows)

    def action_open(self) -> None:
        """Open the order under the cursor."""
        self._table.pin()
        if self.selected_order_id is not None:
            self.post_message(OrderChosen(self.selected_order_id))

    def action_mark(self) -> None:
        """Mark the order under the cursor, or take its mark away."""
        self._table.pin()
        if self.selected_order_id is not None:
            self._arrangement.toggle_mark(self.selected_order_id)
            self._repaint()

    def action_sort(self) -> None:
        """Choose what comes first."""
        from tracker_tui.ui.screens.sort import SortScreen  # noqa: PLC0415 - the first paint waits for no menu

        self.app.push_screen(SortScreen(self._arrangement.sort), self._sort)

    def apply_filter(self, chosen: Filter) -> None:
        """Show the orders that are asked for."""
        self._arrangement.filter = chosen
        self._repaint()

    def keep_filter(self) -> None:
        """From now on the cursor stays on the order under it."""
        self._table.pin()

    def _sort(self, sort: Sort | None) -> None:
        if sort is not None:
            self._arrangement.sort = sort
            self._repaint()

    def _repaint(self) -> None:
        self._arrange()
        self.request_frame()

    def _arrange(self) -> None:
        """Show the rows that are known, without waiting for the next picture."""
        if self._scene is None:
            return
        scene = self._scene
        entries = self._arrangement.arrange(scene.orders, scene.instant.now, is_current=scene.connection.is_current)
        filtered = self._arrangement.filter and self._scene.orders
        unfiltered = "There are no open orders yet." if self._scene.listed else "The list of orders is not read yet."
        empty = "No order matches the filter; Esc clears it." if filtered else unfiltered
        self._table.show(entries, self._scene.instant, empty, is_passing=bool(self.query(FilterLine)))
        self._detail.show(Detail(self._table.selected_row, self._scene.instant))


def board_summary(arrangement: Arrangement) -> str:
    """What the header says of all orders: the filter, the counts, the marks, the sort."""
    tally = arrangement.counts
    chips = [f"/{fit(arrangement.filter.text, 24)} {tally.shown} of {tally.total}"] if arrangement.filter else []
    chips += _counts(tally)
    if arrangement.sort is not Sort.ATTENTION:
        chips.append(f"by {arrangement.sort.value}")
    return " · ".join(chips)


def _counts(tally: BoardCounts) -> list[str]:
    counts = [f"▲ {tally.late} late", f"△ {tally.at_risk} risk", f"◔ {tally.stuck} stuck", f"■ {tally.done} done"]
    return [*counts, f"* {tally.marked} marked"] if tally.marked else counts
