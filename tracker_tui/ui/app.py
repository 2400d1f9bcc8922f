"""The app: it owns the feed, keeps the state, and paints the screens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.screen import ModalScreen, Screen
from textual.timer import Timer
from textual.types import CSSPathType
from textual.widgets import Input

from tracker_tui.domain.order_url import server_host
from tracker_tui.link.changes import Noted, Topic
from tracker_tui.link.clock import Clock, SystemClock
from tracker_tui.link.feed_protocol import Feed
from tracker_tui.ui.demo.event_rates import EventCounts
from tracker_tui.ui.handlers.demo import DemoHandlers
from tracker_tui.ui.handlers.orders import OrderHandlers
from tracker_tui.ui.handlers.replay import ReplayHandlers
from tracker_tui.ui.handlers.watching import LoadCached, WatchingHandlers
from tracker_tui.ui.messages import StateChanged
from tracker_tui.ui.model.actions import ACTIONS, Action, Needs, opens_prompt
from tracker_tui.ui.model.board_view import BoardView, ColumnName
from tracker_tui.ui.model.frame import Frame
from tracker_tui.ui.model.keymap import rebind
from tracker_tui.ui.model.notifier import Notifier
from tracker_tui.ui.model.ports import ChangeObserver, Demo
from tracker_tui.ui.model.scene import Replay
from tracker_tui.ui.model.server_label import NO_LABEL, ServerLabel
from tracker_tui.ui.model.state import AppState
from tracker_tui.ui.screens.base import LivePanel, PaintedScreen
from tracker_tui.ui.screens.bindings import app_bindings
from tracker_tui.ui.screens.order import OrderScreen
from tracker_tui.ui.terminal.frame_limiter import FrameLimiter
from tracker_tui.ui.terminal.signals import ExitSignals
from tracker_tui.wording.times import Instant

AWAY_AFTER = 60.0
"""Seconds without the terminal's focus after which the connection is checked when the focus is back."""

TICK = 1.0
"""Seconds between two repaints of clocks, ages and countdowns."""


class TrackerApp(ReplayHandlers, WatchingHandlers, OrderHandlers, DemoHandlers):
    """The screen of one order, or the board of several, over a feed.

    `run` returns None after ``q`` and 128 + n after signal n (Ctrl-C counts as SIGINT).

    Args:
        order_ids: The orders to watch; may be empty with `everything`.
        open_feed: Imports the network libraries and makes the feed; awaited after the first paint.
        demo: The embedded server, if any.
        everything: Whether orders appear by themselves; the board is shown for any number of orders.
        filter_text: The board's initial filter; empty for that of the view that it starts with.
        views: The user's saved views of the board.
        columns: The columns of the board; empty for those that fit best.
        server: The server's base URL.
        server_label: The user's name and colour for the server.
        sign_in_hint: What the user can do when signed out, in a few words.
        theme: Name of the theme in the settings; None for the best one for the terminal.
        keys: Keys chosen by the user, by the action's name.
        tour: Whether to start the tour.
        replay: The recording that the feed replays, if any; it raises no alerts.
        quiet: Whether to raise no alerts.
        names_courier: Whether the sentence for the customer may name the courier.
        observer: Follows the changes of the feed, too.
        load_cached: Shows the views of an earlier session of added orders; None if nothing is kept.
        clock: The clock of the feed.
        zone: The time zone of the times shown; None for the machine's.

    Attributes:
        failure: The error that ended the app, in one line; None if there was none.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = [
        Path(__file__).with_name(f"{name}.tcss")
        for name in ("app", "order", "board", "menus", "log", "help", "prompts", "demo")
    ]
    TITLE = "tracker-tui"
    BINDINGS: ClassVar[list[BindingType]] = [*app_bindings()]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-medium"), (100, "-wide"), (140, "-huge")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-flat"),
        (8, "-short"),
        (20, "-normal"),
        (28, "-tall"),
        (40, "-vast"),
    ]

    def __init__(
        self,
        order_ids: Sequence[str],
        open_feed: Callable[[], Awaitable[Feed]],
        *,
        demo: Demo | None = None,
        everything: bool = False,
        filter_text: str = "",
        views: Sequence[BoardView] = (),
        columns: Sequence[ColumnName] = (),
        server: str = "",
        server_label: ServerLabel = NO_LABEL,
        sign_in_hint: str = "",
        theme: str | None = None,
        keys: Mapping[str, str] | None = None,
        tour: bool = False,
        replay: Replay | None = None,
        quiet: bool = False,
        names_courier: bool = False,
        observer: ChangeObserver | None = None,
        load_cached: LoadCached | None = None,
        clock: Clock | None = None,
        zone: tzinfo | None = None,
    ) -> None:
        super().__init__(theme, demo=demo, server=server, zone=zone)
        self._actions = rebind(ACTIONS, keys or {})
        self.set_keymap(keys or {})
        self.failure: str | None = None
        self._order_ids = tuple(order_ids)
        self._has_board = everything or len(self._order_ids) > 1
        self._filter, self._views, self._columns = filter_text, views, columns
        self._open_feed = open_feed
        self._starts_tour = tour
        self._clock = clock or SystemClock()
        self._state = AppState.initial(
            self._order_ids, server_host(server), sign_in_hint, replay, server_label, names_courier=names_courier
        )
        self._notifier = Notifier(self, quiet=quiet or replay is not None)
        self._observer, self._load_cached = observer, load_cached
        self._saved = {}
        self._frame_limiter = FrameLimiter()
        self._repaint_timer: Timer | None = None
        self._blurred_at: float | None = None
        self._signals = ExitSignals(self.exit)

    def get_default_screen(self) -> Screen[None]:
        """Return the board for several orders, else the order's screen."""
        return self.make_board() if self._has_board else OrderScreen(self._order_ids[0], self.available_actions())

    def make_board(self) -> PaintedScreen:
        """Return a new board."""
        from tracker_tui.ui.screens.board import BoardScreen  # noqa: PLC0415 - one order needs no table

        return BoardScreen(self.available_actions(), self._filter or None, self.marks, self._views, self._columns)

    def available_actions(self) -> list[Action]:
        """Return the actions that are available in this run."""
        return [action for action in self._actions if self._is_available(action.name)]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action may run: it is available, and opens no prompt over another one."""
        is_prompting = isinstance(self.screen, ModalScreen) or isinstance(self.focused, Input)
        return self._is_available(action) and not (is_prompting and opens_prompt(action))

    def _is_available(self, name: str) -> bool:
        needs = next((action.needs for action in ACTIONS if action.name == name), Needs.NOTHING)
        return {
            Needs.NOTHING: True,
            Needs.SEVERAL_ORDERS: self._has_board,
            Needs.SERVER: self._state.replay is None,
            Needs.DEMO: self._demo is not None,
            Needs.REPLAY: self._state.replay is not None,
        }[needs]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Yield the palette's entries: the actions of this screen, and the choice of a theme."""
        hidden = screen.hidden_actions if isinstance(screen, PaintedScreen) else ()
        for action in self.available_actions():
            if action.applies_to(screen) and action.name not in hidden:
                title = f"{action.label} ({action.key_label})"
                yield SystemCommand(title, action.summary, partial(self.run_action, action.qualified_name))
        yield SystemCommand("Theme", "Choose the colours", self.action_change_theme)

    def on_mount(self) -> None:
        """Start the tick; open the feed only after the first paint."""
        self._signals.install()
        if self._demo is not None:
            self._demo.on_record(self._log_fault)
        self.app_resume_signal.subscribe(self, self._on_resume)
        self.set_interval(TICK, self.tick)
        self.call_after_refresh(self._start_reading)
        if self._starts_tour:
            self.call_after_refresh(self.action_tour)

    async def on_unmount(self) -> None:
        """Close the feed while the loop is running."""
        self._signals.restore()
        await self._stop_reading()

    @property
    def now(self) -> datetime:
        """The present wall time."""
        return self._clock.wall()

    @property
    def is_away(self) -> bool:
        """Whether the terminal reported that it lost the focus."""
        return self._blurred_at is not None

    def is_marked(self, order_id: str) -> bool:
        """Return whether the user marked an order, or watches it alone."""
        return not self._has_board or order_id in self.marks

    def current_frame(self) -> Frame:
        """Return the frame to show now."""
        now = self._instant()
        if self._paused is None:
            return Frame(self._state, now, now, notices=self._notices)
        state, paused_at = self._paused
        return Frame(state, Instant(paused_at.time, paused_at.now, self._zone), now, self._state, self._notices)

    def tick(self) -> None:
        """Repaint clocks, ages and countdowns, and check for alerts."""
        if self.feed is not None and self._demo is not None:
            counters = self.feed.counters
            self._event_rates.record(EventCounts(self._demo.sent, counters.events, counters.repaired))
        self._notifier.tick(self._clock.time(), self._clock.wall())
        if self._observer is not None:
            self._observer.tick(self._clock.wall())
        if self._paused is None:
            self._state = self._state.forget(keep=self._shown_order_ids())
        self.repaint()
        if isinstance(self.screen, LivePanel):
            self.screen.tick()

    def repaint(self) -> None:
        """Paint the visible screens now; during a seek, its end does it."""
        if self._repaint_timer is not None:
            self._repaint_timer.stop()
            self._repaint_timer = None
        if self.feed is not None and self.feed.replay is not None and self.feed.replay.is_seeking:
            return
        loop = asyncio.get_running_loop()
        began = loop.time()
        if self.feed is not None:
            self._state = self._state.with_metrics(self.feed)
        frame = self.current_frame()
        for screen in self.visible_screens():
            screen.paint(frame)
        for each in self.screen_stack:
            # Also below a dialog: its measurements must have no gap.
            if isinstance(each, LivePanel):
                each.observe(frame)
        self._frame_limiter.record(began, loop.time())

    def on_state_changed(self) -> None:
        """Show what changed."""
        self.request_repaint()

    def request_repaint(self) -> None:
        """Repaint now, or when the frame limiter allows it."""
        if self._repaint_timer is not None:
            return
        if seconds := self._frame_limiter.seconds_to_next(asyncio.get_running_loop().time()):
            self._repaint_timer = self.set_timer(seconds, self.repaint)
        else:
            self.repaint()

    def on_app_blur(self) -> None:
        """Note when the terminal lost the focus."""
        self._blurred_at = self._clock.time()

    def on_app_focus(self) -> None:
        """Check the connection if the user was away for long; it may have died unnoticed."""
        blurred_at, self._blurred_at = self._blurred_at, None
        if self.feed is not None and blurred_at is not None and self._clock.time() - blurred_at >= AWAY_AFTER:
            self.feed.wake()

    def log_command(self, at: datetime, text: str, order_id: str) -> None:
        """Add a line about a command to the event log."""
        self._state = self._state.with_log(lambda log: log.add_note(Noted(at, Topic.COMMAND, text, order_id)))
        self.post_message(StateChanged())

    def _log_fault(self, at: datetime, text: str) -> None:
        self._state = self._state.with_log(lambda log: log.add_fault(at, text))
        self.post_message(StateChanged())

    def _on_resume(self, _app: App[int]) -> None:
        if self.feed is not None:
            self.feed.wake()
        self.tick()
        # Another program used the terminal, so all of it must be painted again.
        self.refresh(layout=True)
