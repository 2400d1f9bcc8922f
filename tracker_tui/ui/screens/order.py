"""The order screen: one order, live."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tracker_tui.link.changes import Standing
from tracker_tui.ui.messages import NoticePosted, OrderShown, SuggestionTaken
from tracker_tui.ui.model.actions import Action
from tracker_tui.ui.model.scene import OrderScene
from tracker_tui.ui.screens.base import PaintedScreen
from tracker_tui.ui.widgets.connection import render_connection_line
from tracker_tui.ui.widgets.hero import render_unknown
from tracker_tui.ui.widgets.order_body import OrderBody
from tracker_tui.ui.widgets.pane import Pane

NOTICE_SECONDS = 2.0
"""Seconds for which the end of the list is named."""

if TYPE_CHECKING:
    from tracker_tui.ui.model.frame import Frame
    from tracker_tui.ui.model.headline import Headline


class OrderScreen(PaintedScreen):
    """One order, and the connection in one line; for an order that the server doesn't show, a single line."""

    UNUSED_ACTIONS: ClassVar[frozenset[str]] = frozenset({"back"})
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "take_suggestion", show=False)]

    def __init__(self, order_id: str, actions: Sequence[Action], order_ids: Sequence[str] = ()) -> None:
        """Make the screen.

        Args:
            order_id: The order.
            actions: The available actions.
            order_ids: The board's list as it was when the order was opened, to walk it; empty without a board.
        """
        super().__init__(order_id, actions)
        self._order_id = order_id
        self._available = actions
        self._order_ids = tuple(order_ids)
        self._present: Collection[str] = order_ids
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

    def on_mount(self) -> None:
        """Tell the board which order is shown."""
        super().on_mount()
        self.post_message(OrderShown(self._order_id))

    def headline(self, frame: Frame) -> Headline:
        """Return the header's content, with the order's place in the list that the user walks."""
        headline = super().headline(frame)
        if len(self._order_ids) < 2 or self._order_id not in self._order_ids:
            return headline
        place = self._order_ids.index(self._order_id) + 1
        return replace(headline, position=f"{place} of {len(self._order_ids)}")

    def paint(self, frame: Frame) -> None:
        """Show the order, dimmed if the data may be old."""
        super().paint(frame)
        self._present = frame.state.orders
        scene = frame.order_scene(self._order_id)
        self._suggestion = scene.suggestion
        self.set_class(not scene.trusted and scene.view.current is not None, "-stale")
        self.set_class(scene.standing is Standing.REFUSED and scene.view.current is None, "-unknown")
        self.offer_commands(scene.accepts_commands)
        self._body.show(scene)
        self._unknown.show(scene)
        self._link.show(scene)

    def action_next_order(self) -> None:
        """Show the next order of the list."""
        self._walk(1)

    def action_previous_order(self) -> None:
        """Show the previous order of the list."""
        self._walk(-1)

    def _walk(self, step: int) -> None:
        """Show the nearest order in a direction of the list that is still there."""
        if self._order_id not in self._order_ids:
            return
        place = self._order_ids.index(self._order_id)
        ahead = self._order_ids[place + 1 :] if step > 0 else self._order_ids[:place][::-1]
        order_id = next((each for each in ahead if each in self._present), None)
        if order_id is None:
            self.post_message(NoticePosted(f"{'Last' if step > 0 else 'First'} order of the list", NOTICE_SECONDS))
        else:
            self.app.switch_screen(OrderScreen(order_id, self._available, self._order_ids))

    def action_take_suggestion(self) -> None:
        """Open the order that was meant by an id that the server refused."""
        if self._suggestion is not None:
            self.post_message(SuggestionTaken(self._order_id, self._suggestion))
