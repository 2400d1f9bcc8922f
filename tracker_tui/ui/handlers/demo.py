"""Actions of the demo: the fault lab, the tour, and healing."""

from __future__ import annotations

from tracker_tui.ui.handlers.base import HandlerBase
from tracker_tui.ui.screens.order import OrderScreen


class DemoHandlers(HandlerBase):
    """The actions that need the demo's server."""

    def action_faults(self) -> None:
        """Open the fault lab."""
        from tracker_tui.ui.demo.lab_screen import FaultScreen  # noqa: PLC0415 - as above

        if self._demo is not None:
            screen = next(self.visible_screens(), None)
            self.push_screen(FaultScreen(self._demo, screen.selected_order_id if screen else None, self._event_rates))

    def action_tour(self) -> None:
        """Start the tour over the screen of an open order."""
        from tracker_tui.ui.demo.tour_screen import TourScreen  # noqa: PLC0415 - as above

        if self._demo is None:
            return
        screen = next(self.visible_screens(), None)
        state = self.current_frame().state
        candidates = (screen.selected_order_id if screen is not None else None, *state.order_ids)
        order_id = next((each for each in candidates if each is not None and state.is_open(each)), None)
        if order_id is None:
            self.announce("The tour needs an open order, and all orders have ended. Restart the demo.", is_warning=True)
            return
        if screen is None or screen.order_id != order_id:
            self.push_screen(OrderScreen(order_id, self.available_actions()))
        self.push_screen(TourScreen(self._demo, order_id))

    def action_heal(self) -> None:
        """Disarm the demo's faults."""
        if self._demo is not None:
            self._demo.heal()
