"""What the screens are given to paint: what is known, as of an instant that stands still while paused."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tracker_tui.ui.model.headline import Headline, board_headline, order_headline
from tracker_tui.ui.model.scene import BoardScene, OrderScene
from tracker_tui.ui.model.state import AppState
from tracker_tui.wording.times import Instant


@dataclass(frozen=True, slots=True)
class Frame:
    """One repaint.

    Attributes:
        state: What is shown; a copy that no longer moves while paused.
        instant: When it is shown; stands still while paused.
        present: Now, always.
        new: Per order the versions that came since the pause; None if there is none.
    """

    state: AppState
    instant: Instant
    present: Instant
    new: Counter[str] | None

    def order_scene(self, order_id: str) -> OrderScene:
        """What the screen of an order shows."""
        return self.state.order_scene(order_id, self.instant, self._new(order_id))

    def export_scene(self, order_id: str) -> OrderScene:
        """What is known of an order, with the time of now: for what outlives the screen, paused or not."""
        return self.state.order_scene(order_id, self.present, self._new(order_id))

    def board_scene(self) -> BoardScene:
        """What the board shows."""
        return self.state.board_scene(self.instant, self._new(None))

    def headline(self, order_id: str | None, about: str = "") -> Headline:
        """What the header says of an order, or of all; it lives on while the rest is paused.

        Args:
            order_id: The order; None for all.
            about: What there is to say of all orders.
        """
        if order_id is None:
            return board_headline(self.state.board_scene(self.present, self._new(None)), about)
        return order_headline(self.export_scene(order_id))

    def _new(self, order_id: str | None) -> int | None:
        if self.new is None:
            return None
        return self.new.total() if order_id is None else self.new[order_id]
