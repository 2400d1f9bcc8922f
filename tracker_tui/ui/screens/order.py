"""The order screen: one order, live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from tracker_tui.ui.messages import SuggestionTaken
from tracker_tui.ui.model.actions import Action
from tracker_tui.ui.model.scene import OrderScene
from tracker_tui.ui.screens.base import PaintedScreen
from tracker_tui.ui.widgets.arrives import arrival_title, render_arrival
from tracker_tui.ui.widgets.connection import render_connection
from tracker_tui.ui.widgets.courier import render_courier
from tracker_tui.ui.widgets.events import render_events
from tracker_tui.ui.widgets.pane import Pane
from tracker_tui.ui.widgets.timeline import render_timeline, timeline_title

if TYPE_CHECKING:
    from tracker_tui.ui.model.frame import Frame


class OrderScreen(PaintedScreen):
    """Timeline, arrival, courier, connection and the last lines of the event log."""

    UNUSED_ACTIONS: ClassVar[frozenset[str]] = frozenset({"back"})
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "take_suggestion", show=False)]

    def __init__(self, order_id: str, actions: Sequence[Action]) -> None:
        super().__init__(order_id, actions)
        self._order_id = order_id
        self._suggestion: str | None = None
        self._timeline = Pane[OrderScene](render_timeline, id="timeline", classes="order")
        self._side = Vertical(id="side")
        self._arrives = Pane[OrderScene](render_arrival, id="arrives", classes="order")
        self._courier = Pane[OrderScene](render_courier, id="courier", classes="order")
        self._connection = Pane[OrderScene](render_connection, id="connection")
        self._events = Pane[OrderScene](render_events, id="events")

    def compose(self) -> ComposeResult:
        """Yield the panes, in reading order."""
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

    def paint(self, frame: Frame) -> None:
        """Show the order, dimmed if the data may be old."""
        super().paint(frame)
        scene = frame.order_scene(self._order_id)
        self._suggestion = scene.suggestion
        self.set_class(not scene.trusted and scene.view.current is not None, "-stale")
        for box, title in ((self._timeline, timeline_title(scene)), (self._side, arrival_title(scene))):
            if box.border_title != title:
                box.border_title = title
        for pane in (self._timeline, self._arrives, self._courier, self._connection, self._events):
            pane.show(scene)

    def action_take_suggestion(self) -> None:
        """Open the order that was meant by an id that the server refused."""
        if self._suggestion is not None:
            self.post_message(SuggestionTaken(self._order_id, self._suggestion))
