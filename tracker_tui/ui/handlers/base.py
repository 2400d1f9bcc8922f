"""The base of the handlers: feed, state and screens, as far as actions need them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from datetime import tzinfo
from functools import partial

from textual.screen import ModalScreen

from tracker_tui.link.feed_protocol import Feed
from tracker_tui.ui.demo.event_rates import EventRates
from tracker_tui.ui.messages import NoticePosted, StateChanged
from tracker_tui.ui.model.actions import Action
from tracker_tui.ui.model.frame import Frame
from tracker_tui.ui.model.notices import Notice, Notices
from tracker_tui.ui.model.ports import Demo
from tracker_tui.ui.model.scene import OrderScene
from tracker_tui.ui.model.state import AppState
from tracker_tui.ui.screens.base import PaintedScreen
from tracker_tui.ui.terminal.terminal_app import TerminalApp
from tracker_tui.wording.times import Instant

NOTICE_SECONDS = 6.0
"""Seconds for which a notice is shown."""


class HandlerBase(TerminalApp[int]):
    """The part of the app that the handlers share; `TrackerApp` supplies feed, state and frames.

    Args:
        theme: Name of the theme in the settings; None for the best one for the terminal.
        demo: The embedded server, if any.
        server: The server's base URL.
        zone: The time zone of the times shown; None for the machine's.

    Attributes:
        feed: The feed; None until it is open.
        marks: The ids of the orders that the user marked.
    """

    def __init__(self, theme: str | None, *, demo: Demo | None, server: str, zone: tzinfo | None) -> None:
        super().__init__(theme)
        self.feed: Feed | None = None
        self._demo = demo
        self._server = server
        self._zone = zone
        self._event_rates = EventRates()
        self._notices = Notices()
        self.marks: set[str] = set()
        self._paused: tuple[AppState, Instant] | None = None

    @abstractmethod
    def available_actions(self) -> list[Action]:
        """Return the actions that are available in this run."""

    @abstractmethod
    def current_frame(self) -> Frame:
        """Return the frame to show now."""

    @abstractmethod
    def request_repaint(self) -> None:
        """Repaint now, or when the frame limiter allows it."""

    @abstractmethod
    def repaint(self) -> None:
        """Paint the visible screens now."""

    def announce(self, text: str, *, is_warning: bool = False) -> None:
        """Show a line in the header for a few seconds."""
        self._show_notice(Notice(text, is_warning), NOTICE_SECONDS)

    def on_notice_posted(self, message: NoticePosted) -> None:
        """Show the line of a screen in the header."""
        self._show_notice(Notice(message.text), message.seconds)

    def _show_notice(self, notice: Notice, seconds: float) -> None:
        self._notices = self._notices.add(notice)
        self.set_timer(seconds, partial(self._remove_notice, notice))
        self.post_message(StateChanged())

    @property
    def notices(self) -> Notices:
        """The present notices."""
        return self._notices

    def _remove_notice(self, notice: Notice) -> None:
        self._notices = self._notices.remove(notice)
        self.post_message(StateChanged())

    def toggle_pause(self) -> None:
        """Pause or resume painting."""
        frame = self.current_frame()
        self._paused = (frame.state, frame.instant) if self._paused is None else None
        self.repaint()

    def write_to_terminal(self, sequence: str) -> None:
        """Write an escape sequence to the terminal, between two repaints."""
        if self._driver is not None and not self.is_headless:
            self._driver.write(sequence)

    def visible_screens(self) -> Iterator[PaintedScreen]:
        """Yield the screen on top, and those visible behind modal screens."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, PaintedScreen) and screen.is_mounted:
                yield screen
            if not isinstance(screen, ModalScreen):
                return

    def _shown_order_ids(self) -> set[str]:
        """Return the orders that have a screen of their own."""
        screens = (screen for screen in self.screen_stack if isinstance(screen, PaintedScreen))
        return {screen.order_id for screen in screens if screen.order_id is not None}

    def _selected_scene(self) -> OrderScene | None:
        """Return the content of the selected order, with the present time."""
        screen = next(self.visible_screens(), None)
        if screen is None or screen.selected_order_id is None:
            return None
        return self.current_frame().export_scene(screen.selected_order_id)
