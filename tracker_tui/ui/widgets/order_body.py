"""The content of one order: what to say, the timeline, the map and the facts, laid out by the widget's own size."""

from __future__ import annotations

from functools import partial

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import Resize

from tracker_tui.ui.model.scene import OrderScene
from tracker_tui.ui.widgets.facts import render_facts
from tracker_tui.ui.widgets.hero import render_hero
from tracker_tui.ui.widgets.pane import Pane
from tracker_tui.ui.widgets.route_pane import render_route_map, route_map_of
from tracker_tui.ui.widgets.timeline import render_timeline, timeline_title

WIDTHS = ((0, "-one"), (60, "-two"), (100, "-wide-two"), (160, "-three"))
"""Cells from which the body has each layout: one column, two, two with a map, three."""

HEIGHTS = ((0, "-flat"), (7, "-low"), (14, "-middle"), (22, "-high"))
"""Lines from which the body has each layout; the first two save lines, the last one has room for a map."""


class OrderBody(Vertical):
    """One order, on its own screen or beside the board.

    Args:
        is_beside_board: Whether the board is beside it: the facts then include items, customer and destination, because
            no header shows them, and the log's lines are left out, because the board shows them.
        id: The widget's id.
    """

    def __init__(self, *, is_beside_board: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._hero = Pane[OrderScene](render_hero, id="hero", classes="order")
        self._timeline = Pane[OrderScene](
            partial(render_timeline, has_log=not is_beside_board), id="timeline", classes="order"
        )
        self._route = Pane[OrderScene](render_route_map, id="route", classes="order")
        self._facts = Pane[OrderScene](partial(render_facts, names_order=is_beside_board), id="facts", classes="order")

    def compose(self) -> ComposeResult:
        """Yield the panes."""
        self._route.border_title = "Route"
        self._facts.border_title = "Order"
        yield self._hero
        with Horizontal(id="columns"):
            yield self._timeline
            with Vertical(id="side"):
                yield self._facts
                yield self._route

    def on_resize(self, event: Resize) -> None:
        """Choose the layout."""
        for size, layouts in ((event.size.width, WIDTHS), (event.size.height, HEIGHTS)):
            chosen = next(name for least, name in reversed(layouts) if size >= least)
            for _, name in layouts:
                self.set_class(name == chosen, name)

    def show(self, scene: OrderScene) -> None:
        """Show an order, dimmed if its data may be old."""
        self.set_class(not scene.trusted and scene.view.current is not None, "-stale")
        self.set_class(route_map_of(scene) is not None, "-map")
        if self._timeline.border_title != (title := timeline_title(scene)):
            self._timeline.border_title = title
        for pane in (self._hero, self._timeline, self._facts, self._route):
            pane.show(scene)
