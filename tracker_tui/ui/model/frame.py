"""One repaint's content: the state as of an instant that stands still while paused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tracker_tui.ui.model.headline import HeaderChip, Headline, board_headline, order_headline
from tracker_tui.ui.model.notices import NO_NOTICES, Notices
from tracker_tui.ui.model.scene import BoardScene, OrderScene
from tracker_tui.ui.model.state import AppState
from tracker_tui.wording.times import Instant


@dataclass(frozen=True, slots=True)
class Frame:
    """The content of one repaint.

    Attributes:
        state: The state to show; while paused, the state at the pause.
        instant: The time to show; while paused, the time of the pause.
        now: The present time.
        latest: While paused, the state that the feed continues to change; else None.
        notices: The present notices.
    """

    state: AppState
    instant: Instant
    now: Instant
    latest: AppState | None = None
    notices: Notices = NO_NOTICES

    def order_scene(self, order_id: str) -> OrderScene:
        """Return the content of an order's screen."""
        return self.state.order_scene(order_id, self.instant, self._paused(order_id))

    def export_scene(self, order_id: str) -> OrderScene:
        """Return an order's content with the present time, for copies and files; they outlive a pause."""
        return self.state.order_scene(order_id, self.now, self._paused(order_id))

    def board_scene(self) -> BoardScene:
        """Return the content of the board."""
        return self.state.board_scene(self.instant, self._paused(None))

    def headline(self, order_id: str | None, chips: Sequence[HeaderChip] = ()) -> Headline:
        """Return the header's content; its clock and age continue while the rest is paused.

        Args:
            order_id: The order; None for all orders.
            chips: The counts of all orders.
        """
        if order_id is None:
            headline = board_headline(self.state.board_scene(self.now, self._paused(None)), chips)
        else:
            headline = order_headline(self.export_scene(order_id))
        return replace(headline, notice=self.notices)

    def _paused(self, order_id: str | None) -> int | None:
        return None if self.latest is None else self.latest.versions_since(self.state, order_id)
