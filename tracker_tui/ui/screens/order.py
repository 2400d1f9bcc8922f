"""The order screen: one order, live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from tracker_tui.ui.model.actions import Action
from tracker_tui.ui.model.scene import OrderScene
from tracker_tui.ui.screens.base import PaintedScreen
from tracker_tui.ui.widgets import arrives, connection, courier, events, timeline
from tracker_tui.ui.widgets.pane import Pane

if TYPE_CHECKING:
    from tracker_tui.ui.model.frame import Frame


class OrderScreen(PaintedScreen):
    """Timeline, arrival, courier, connection and the tail of the event log."""

    UNUSED_ACTIONS: ClassVar[frozenset[str]] = frozenset({"back"})

    def __init__(self, order_id: str, commands: Sequence[Action]) -> None:
        super().__init__(order_id, commands)
        self._order_id = order_id
        self._timeline = Pane[OrderScene](timeline.render_timeline, id="timeline", classes="order")
        self._side = Vertical(id="side")
        self._arrives = Pane[OrderScene](arrives.render_arrival, id="arrives", classes="order")
        self._courier = Pane[OrderScene](courier.render_courier, id="courier", classes="order")
        self._connection = Pane[OrderScene](connection.render_connection, id="connection")
        self._events = Pane[OrderScene](events.render_events, id="events")

    def compose(self) -> ComposeResult:
        """The panes, in the order of reading."""
        self._courier.border_title = " Courier "
        self._connection.border_title = " Connection "
        self._events.border_title = "Events"
        yield self.header
        with Horizontal(id="main"):
            yield self._timeline
            with self._side:
                yield self._arrives
                yield self._courier
                yield self._connection
        yield self._events
        yield self.keys

    def paint(self, picture: Frame) -> None:
        """Show the order; dimmed wherever it may no longer be the truth."""
        super().paint(picture)
        scene = picture.order_scene(self._order_id)
        self.set_class(not scene.trusted and scene.view.state is not None, "-stale")
        for box, title in (
            (self._timeline, timeline.timeline_title(scene)),
            (self._side, arrives.arrival_title(scene)),
        ):
            if box.border_title != title:
                box.border_title = title
        for pane in (self._timeline, self._arrives, self._courier, self._connection, self._events):
            pane.show(scene)
