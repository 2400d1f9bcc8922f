"""The app's actions: one method for each key, run on the selected order or on the whole screen."""

from __future__ import annotations

import signal
from abc import abstractmethod
from collections.abc import Iterator
from datetime import UTC, tzinfo
from functools import partial

from textual.app import App
from textual.screen import ModalScreen

from tracker_tui.domain.command import Verb
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.changes import FeedEnded, Phase
from tracker_tui.link.feed_protocol import Feed
from tracker_tui.ui.demo.event_rates import EventRates
from tracker_tui.ui.export import clipboard
from tracker_tui.ui.model.actions import Action
from tracker_tui.ui.model.event_log import MAX_LINES
from tracker_tui.ui.model.frame import Frame
from tracker_tui.ui.model.ports import Demo
from tracker_tui.ui.model.scene import OrderScene
from tracker_tui.ui.model.state import AppState
from tracker_tui.ui.screens.base import PaintedScreen
from tracker_tui.ui.screens.order import OrderScreen
from tracker_tui.wording.times import Instant

TOAST_SECONDS = 6.0
"""Seconds for which a toast is shown."""


class ActionHandlers(App[int]):
    """The part of the app that runs the user's actions; `TrackerApp` supplies feed, state and frames.

    Args:
        demo: The embedded server, if any.
        server: The server's base URL.
        zone: The time zone of the times shown; None for the machine's.

    Attributes:
        feed: The feed; None until it is open.
    """

    def __init__(self, *, demo: Demo | None, server: str, zone: tzinfo | None, ansi_color: bool | None) -> None:
        super().__init__(ansi_color=ansi_color)
        self.feed: Feed | None = None
        self._demo = demo
        self._server = server
        self._home_zone = zone
        self._zone = zone
        self._event_rates = EventRates()
        self._paused: tuple[AppState, Instant] | None = None

    @abstractmethod
    def available_actions(self) -> list[Action]:
        """Return the actions that are available in this run."""

    @abstractmethod
    def current_frame(self) -> Frame:
        """Return the frame to show now."""

    @abstractmethod
    def repaint(self) -> None:
        """Paint the visible screens now."""

    def announce(self, text: str, *, is_warning: bool = False) -> None:
        """Show a toast."""
        self.notify(text, severity="warning" if is_warning else "information", timeout=TOAST_SECONDS, markup=False)

    def action_pause(self) -> None:
        """Pause or resume painting."""
        frame = self.current_frame()
        self._paused = (frame.state, frame.instant) if self._paused is None else None
        self.repaint()

    def action_reconnect(self) -> None:
        """Open a new connection now."""
        if self.feed is not None:
            self.feed.reconnect()

    def action_note(self) -> None:
        """Ask for a note, and add it to the history of the selected order."""
        from tracker_tui.ui.screens.prompts import NoteScreen  # noqa: PLC0415 - not needed for the first paint

        if (scene := self._selected_scene()) is not None and not self._is_closed(scene.view.order_id):
            order_id = scene.view.order_id
            self.push_screen(NoteScreen(order_id), partial(self._send_note, order_id))

    def action_cancel(self) -> None:
        """Cancel the selected order after a question, unless a cancellation is pending."""
        from tracker_tui.ui.screens.prompts import CancelScreen  # noqa: PLC0415 - as above

        scene = self._selected_scene()
        if scene is None or self._is_closed(scene.view.order_id):
            return
        order_id = scene.view.order_id
        pending_commands = self.feed.pending_commands(order_id) if self.feed is not None else ()
        if any(pending.is_open and pending.command.command is Verb.CANCEL for pending in pending_commands):
            self.announce(f"Not sent: a cancellation of {order_id} is pending.", is_warning=True)
            return
        self.push_screen(CancelScreen(order_id), partial(self._send_cancel, order_id))

    def action_zone(self) -> None:
        """Show times in UTC or in the home zone."""
        self._zone = self._home_zone if self._zone is UTC else UTC
        self.repaint()

    def action_copy(self) -> None:
        """Copy a summary of the selected order."""
        if (scene := self._selected_scene()) is not None:
            clipboard.copy_ticket(scene, self)

    def action_page(self) -> None:
        """Open the page of the selected order."""
        if (scene := self._selected_scene()) is not None:
            self.run_worker(clipboard.open_page(scene, self), name="page", group="page", exclusive=True)

    def action_save(self) -> None:
        """Save a picture of the screen, and a report of the selected order."""
        picture = self.export_screenshot(title=self.title)
        clipboard.save_screen(self._selected_scene(), self.current_frame().now, picture, self)

    def action_export(self) -> None:
        """Export the case of the selected order."""
        from tracker_tui.ui.export.case import export_case  # noqa: PLC0415 - as above

        if (scene := self._selected_scene()) is not None:
            log = self.current_frame().state.event_log.tail(scene.view.order_id, MAX_LINES)
            export_case(scene, log, self, server=self._server)

    def action_board(self) -> None:
        """Go back to the board."""
        while len(self.screen_stack) > 1:
            self.pop_screen()

    async def action_back(self) -> None:
        """Go back to the screen before."""
        if len(self.screen_stack) > 1:
            self.pop_screen()

    def action_log(self) -> None:
        """Show the whole event log."""
        from tracker_tui.ui.screens.log import LogScreen  # noqa: PLC0415 - as above

        if isinstance(self.screen, PaintedScreen) and not isinstance(self.screen, LogScreen):
            self.push_screen(LogScreen(self.screen.order_id, self.available_actions()))

    def action_help(self) -> None:
        """Show the help."""
        from tracker_tui.ui.screens.help import HelpScreen  # noqa: PLC0415 - as above

        self.push_screen(HelpScreen(self.available_actions()))

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
        self.push_screen(TourScreen(self._demo, order_id, self._event_rates))

    def action_heal(self) -> None:
        """Disarm the demo's faults."""
        if self._demo is not None:
            self._demo.heal()

    async def action_quit(self) -> None:
        """Quit."""
        self.exit()

    def action_interrupt(self) -> None:
        """Quit with the exit code of SIGINT; in raw mode Ctrl-C sends no signal."""
        self.exit(128 + signal.SIGINT)

    def visible_screens(self) -> Iterator[PaintedScreen]:
        """Yield the screen on top, and those visible behind modal screens."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, PaintedScreen) and screen.is_mounted:
                yield screen
            if not isinstance(screen, ModalScreen):
                return

    def _selected_scene(self) -> OrderScene | None:
        """Return the content of the selected order, with the present time."""
        screen = next(self.visible_screens(), None)
        if screen is None or screen.selected_order_id is None:
            return None
        return self.current_frame().export_scene(screen.selected_order_id)

    def _is_closed(self, order_id: str) -> bool:
        """Return whether the connection is closed, so that no command can be sent; announce the reason if so."""
        link = self.feed.link if self.feed is not None else None
        match link.phase if link is not None else None:
            case Phase.FINAL:
                self.announce(f"{order_id} is finished: notes and cancellation are closed.", is_warning=True)
            case Phase.FAILED | Phase.CLOSED:
                reason = f" ({sanitize(link.reason)})" if link is not None and link.reason else ""
                self.announce(f"Disconnected{reason}. Restart tracker-tui to try again.", is_warning=True)
            case _:
                return False
        return True

    def _send_note(self, order_id: str, text: str | None) -> None:
        if text is not None:
            self._send(order_id, Verb.NOTE, text)

    def _send_cancel(self, order_id: str, is_confirmed: bool | None) -> None:
        if is_confirmed:
            self._send(order_id, Verb.CANCEL, None)

    def _send(self, order_id: str, verb: Verb, text: str | None) -> None:
        """Send a command; resume a paused screen, so that the user sees the result."""
        if self.feed is None:
            self.announce("Not sent: not connected yet. Try again in a moment.", is_warning=True)
            return
        try:
            self.feed.send(order_id, verb, text)
        except FeedEnded:
            self.announce("Not sent: disconnected. Restart tracker-tui to try again.", is_warning=True)
        else:
            if self._paused is not None:
                self.action_pause()
