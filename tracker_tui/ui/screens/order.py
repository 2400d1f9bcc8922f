"""The order screen: one order, live."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tracker_tui.link.changes import Standing
from tracker_tui.ui.messages import SuggestionTaken
from tracker_tui.ui.model.actions import Action
from tracker_tui.ui.model.scene import OrderScene
from tracker_tui.ui.screens.base import PaintedScreen
from tracker_tui.ui.widgets.connection import render_connection_line
from tracker_tui.ui.widgets.hero import render_unknown
from tracker_tui.ui.widgets.order_body import OrderBody
from tracker_tui.ui.widgets.pane import Pane

if TYPE_CHECKING:
    from tracker_tui.ui.model.frame import Frame


class OrderScreen(PaintedScreen):
    """One order, and the connection in one line; for an order that the server doesn't show, a single line."""

    UNUSED_ACTIONS: ClassVar[frozenset[str]] = frozenset({"back"})
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "take_suggestion", show=False)]

    def __init__(self, order_id: str, actions: Sequence[Action]) -> None:
        super().__init__(order_id, actions)
        self._order_id = order_id
        self._suggestion: str | None = None
        self._body = OrderBody()
        self._unknown = Pane[OrderScene](render_unknown, id="unknown")
        self._link = Pane[OrderScene](render_connection_line, id="link")

    def compose(self) -> ComposeResult:
        """Yield the header, the order, the connection and the key bar."""
        yield self.header
        yield self._body
        yield self._unknown
        yield self._link
        yield self.keys

    def paint(self, frame: Frame) -> None:
        """Show the order, dimmed if the data may be old."""
        super().paint(frame)
        scene = frame.order_scene(self._order_id)
        self._suggestion = scene.suggestion
        self.set_class(not scene.trusted and scene.view.current is not None, "-stale")
        self.set_class(scene.standing is Standing.REFUSED and scene.view.current is None, "-unknown")
        self.offer_commands(scene.accepts_commands)
        self._body.show(scene)
        self._unknown.show(scene)
        self._link.show(scene)

    def action_take_suggestion(self) -> None:
        """Open the order that was meant by an id that the server refused."""
        if self._suggestion is not None:
            self.post_message(SuggestionTaken(self._order_id, self._suggestion))
