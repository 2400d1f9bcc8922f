"""The app: it owns the feed, keeps what it tells, and has the screens paint it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.driver import Driver
from textual.screen import ModalScreen, Screen
from textual.timer import Timer
from textual.types import CSSPathType
from textual.widgets import Input

from tracker_tui.domain.cached_view import CachedView
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.changes import LinkState, Noted, Topic
from tracker_tui.link.clock import Clock, SystemClock
from tracker_tui.ui.action_handlers import ActionHandlers
from tracker_tui.ui.demo.event_rates import EventCounts, EventRates
from tracker_tui.ui.demo.panel import LivePanel
from tracker_tui.ui.export import clipboard
from tracker_tui.ui.messages import OrderChosen, StateChanged
from tracker_tui.ui.model.actions import ACTIONS, TERMINAL_ACTIONS, Action, Needs, opens_prompt
from tracker_tui.ui.model.event_log import MAX_LINES
from tracker_tui.ui.model.frame import Frame
from tracker_tui.ui.model.keymap import rebind
from tracker_tui.ui.model.notifier import Notifier
from tracker_tui.ui.model.ports import Demo, Feed
from tracker_tui.ui.model.scene import OrderScene, Replay
from tracker_tui.ui.model.state import AppState
from tracker_tui.ui.screens.base import PaintedScreen
from tracker_tui.ui.screens.bindings import app_bindings
from tracker_tui.ui.screens.order import OrderScreen
from tracker_tui.ui.terminal import themes
from tracker_tui.ui.terminal.frame_limiter import FrameLimiter
from tracker_tui.ui.terminal.signals import ExitSignals
from tracker_tui.wording.times import Instant

CLOSE_WITHIN = 3.0
"""Seconds that leaving waits for the feed to close, which itself takes at most 2 (DESIGN §2, shutdown)."""

AWAY_AFTER = 60.0
"""Seconds without the terminal's focus after which the connection is looked at when it is back (DESIGN §2, wake)."""

TICK = 1.0
"""Seconds between two repaints of what only time changes."""

TOAST_SECONDS = 6.0
"""Seconds for which the user is told what came of a key."""

BATCH_SECONDS = 0.005
"""Seconds for which changes are taken in before anything else gets its turn."""

_log = logging.getLogger(__name__)


class TrackerApp(App[int]):
    """One order's screen, or the board of several, over a feed.

    `run` returns None after ``q`` and 128 + n after the signal n (Ctrl-C counts as SIGINT).

    Args:
        order_ids: The orders to watch; at least one, unless `everything` is watched.
        open_feed: Loads what the network needs and makes the feed; awaited after the first paint.
        demo: The embedded server, if there is one.
        everything: Whether orders come up by themselves, so that there is a board whatever their number.
        filter_text: The filter with which the board begins.
        server: The gateway's base URL.
        renewal: What helps when the gateway takes no token of ours, in a few words.
        theme: The colours, by their name in the settings; None for what suits the terminal.
        keys: Keys of the user's own choice, by action.
        tour: Whether to begin with the tour of failures.
        replay: The recording that the feed plays, if it does: that is no reason for alerts.
        quiet: Raise no alerts.
        clock: Both clocks; the same as the feed's.
        zone: Where times are shown; None is the machine's own.

    Attributes:
        feed: The feed, once it is there.
        failure: What ended the app, in one line; None if nothing did.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = [
        Path(__file__).with_name(f"{name}.tcss")
        for name in ("app", "order", "board", "sort", "log", "help", "prompts", "demo")
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
        server: str = "",
        renewal: str = "",
        theme: str | None = None,
        keys: Mapping[str, str] | None = None,
        tour: bool = False,
        replay: Replay | None = None,
        quiet: bool = False,
        clock: Clock | None = None,
        zone: tzinfo | None = None,
    ) -> None:
        with themes.colour_enabled(theme) as colour:
            super().__init__(ansi_color=None if colour else True)
        for each in themes.THEMES.values():
            self.register_theme(each)
        if theme is not None or "TEXTUAL_THEME" not in os.environ:
            self.theme = themes.choose_theme(theme, self.console.color_system if colour else None).name
        self._commands = rebind(ACTIONS, keys or {})
        self.set_keymap(keys or {})
        self.feed: Feed | None = None
        self.failure: str | None = None
        self._order_ids = tuple(order_ids)
        self._several = everything or len(self._order_ids) > 1
        self._filter = filter_text
        self._open_feed = open_feed
        self._demo = demo
        self._begins_with_tour = tour
        self._clock = clock or SystemClock()
        self._home_zone = zone
        self._zone = zone
        self._state = AppState(self._order_ids, _host(server), renewal, replay)
        self._server = server
        self._event_rates = EventRates()
        self._notifier = Notifier(self, quiet=quiet or replay is not None)
        self._frame_limiter = FrameLimiter()
        self._repaint_timer: Timer | None = None
        self._blurred_at: float | None = None
        self._frozen: tuple[AppState, Instant] | None = None
        self._signals = ExitSignals(self.exit)
        self._watch: asyncio.Task[None] | None = None
        self._hands = ActionHandlers(
            self, lambda: self.feed, complain=partial(self.announce, bad=True), sent=self._go_on
        )

    def get_driver_class(self) -> type[Driver]:
        """Textual's choice; where that is a POSIX terminal, one that survives the terminal's end."""
        chosen = super().get_driver_class()
        if chosen.__name__ != "LinuxDriver":
            return chosen
        from tracker_tui.ui.terminal.driver import ResilientDriver  # noqa: PLC0415 - it exists on POSIX systems only

        return ResilientDriver

    def get_default_screen(self) -> Screen[None]:
        """The board where there are several orders, else the order."""
        if self._several:
            from tracker_tui.ui.screens.board import BoardScreen  # noqa: PLC0415 - one order needs no table

            return BoardScreen(self.available_actions(), self._filter)
        return OrderScreen(self._order_ids[0], self.available_actions())

    def available_actions(self) -> list[Action]:
        """The commands that make sense in this run."""
        return [command for command in self._commands if self._is_of_use(command.name)]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Refuse what this run has no use for, and to ask while something is asked already."""
        is_asking = isinstance(self.screen, ModalScreen) or isinstance(self.focused, Input)
        return self._is_of_use(action) and not (is_asking and opens_prompt(action))

    def _is_of_use(self, action: str) -> bool:
        needs = next((command.needs for command in ACTIONS if command.name == action), Needs.NOTHING)
        return {
            Needs.NOTHING: True,
            Needs.SEVERAL_ORDERS: self._several,
            Needs.SERVER: self._state.replay is None,
            Needs.DEMO: self._demo is not None,
        }[needs]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: every command that means something here, with its key, and the colours."""
        for command in (*self.available_actions(), *TERMINAL_ACTIONS):
            if command.applies_to(screen):
                yield SystemCommand(
                    f"{command.label} ({command.key_label})",
                    command.summary,
                    partial(self.run_action, command.qualified_name),
                )
        yield SystemCommand("Theme", "Choose the colours", self.action_change_theme)

    def on_mount(self) -> None:
        """Paint first; what the network needs is loaded after that."""
        self._signals.install()
        if self._demo is not None:
            self._demo.on_record(self._record)
        self.app_resume_signal.subscribe(self, self._resumed)
        self.set_interval(TICK, self.tick)
        self.call_after_refresh(self._start_watching)
        if self._begins_with_tour:
            self.call_after_refresh(self.action_tour)

    async def on_unmount(self) -> None:
        """Close the feed before the loop is gone."""
        self._signals.restore()
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait({self._watch}, timeout=CLOSE_WITHIN)

    @property
    def link(self) -> LinkState:
        """The connection as it was told of last."""
        return self._state.link

    def as_of(self, order_id: str) -> datetime | None:
        """Up to when what is known of an order is known to have been the truth; None where it still is."""
        if order_id not in self._state.order_ids:
            return None
        scene = self._state.order_scene(order_id, self._instant(), None)
        return None if scene.trusted or scene.view.state is None else scene.as_of

    def show_cached(self, past: Mapping[str, CachedView]) -> None:
        """Show views from an earlier session until the gateway tells newer ones."""
        self._state.with_cached(past)
        self.post_message(StateChanged())

    @property
    def now(self) -> datetime:
        """The time of day."""
        return self._clock.wall()

    def current_views(self) -> dict[str, CachedView]:
        """What the gateway told of the orders, and up to when that is known to have been the truth."""
        return self._state.current_views(self._instant())

    def tick(self) -> None:
        """Repaint what only time changes: clocks, ages, countdowns."""
        if self.feed is not None and self._demo is not None:
            counters = self.feed.counters
            self._event_rates.record(EventCounts(self._demo.sent, counters.events, counters.repaired))
        self._notifier.tick(self._clock.time(), self._clock.wall())
        self._paint()
        if isinstance(self.screen, LivePanel):
            self.screen.tick()

    def on_state_changed(self) -> None:
        """Repaint what the feed changed: at once, or as soon as the last repaint is long enough ago."""
        if self._repaint_timer is not None:
            return
        if wait := self._frame_limiter.seconds_to_next(asyncio.get_running_loop().time()):
            self._repaint_timer = self.set_timer(wait, self._paint)
        else:
            self._paint()

    def on_app_blur(self) -> None:
        """The terminal lost the focus."""
        self._blurred_at = self._clock.time()

    def on_app_focus(self) -> None:
        """The terminal has the focus again: whoever was away for long wants to see the truth, not a dead connection."""
        if (
            self._blurred_at is not None
            and self._clock.time() - self._blurred_at >= AWAY_AFTER
            and self.feed is not None
        ):
            self.feed.wake()
        self._blurred_at = None

    def on_order_chosen(self, message: OrderChosen) -> None:
        """Open an order from the board."""
        self.push_screen(OrderScreen(message.order_id, self.available_actions()))

    def action_pause(self) -> None:
        """Freeze painting, or let it go on."""
        self._frozen = (copy(self._state), self._instant()) if self._frozen is None else None
        self._paint()

    def action_reconnect(self) -> None:
        """Open a new connection now."""
        if self.feed is not None:
            self.feed.reconnect()

    def action_note(self) -> None:
        """Add a note to the history of the order in hand."""
        if (scene := self._in_hand()) is not None:
            self._hands.note(scene.view.order_id)

    def action_cancel(self) -> None:
        """Ask for the order in hand to be cancelled."""
        if (scene := self._in_hand()) is not None:
            self._hands.cancel(scene.view.order_id)

    def action_zone(self) -> None:
        """Show times in UTC, or in the home zone again."""
        self._zone = self._home_zone if self._zone is UTC else UTC
        self._paint()

    def action_copy(self) -> None:
        """Copy a summary of the order in hand."""
        if (scene := self._in_hand()) is not None:
            clipboard.copy_ticket(scene, self)

    def action_page(self) -> None:
        """Open the page of the order in hand."""
        if (scene := self._in_hand()) is not None:
            self.run_worker(clipboard.open_page(scene, self), name="page", group="page", exclusive=True)

    def action_save(self) -> None:
        """Save what is on the screen."""
        picture = self.export_screenshot(title=self.title)
        clipboard.save_screen(self._in_hand(), self._instant(), picture, self)

    def action_export(self) -> None:
        """Hand the case of the order in hand over."""
        from tracker_tui.ui.export.case import export_case  # noqa: PLC0415 - the first paint waits for nothing of it

        if (scene := self._in_hand()) is not None:
            journal = self._picture().state.event_log
            export_case(scene, journal.tail(scene.view.order_id, MAX_LINES), self, server=self._server)

    def announce(self, text: str, *, bad: bool = False) -> None:
        """Show a line for a while."""
        self.notify(text, severity="warning" if bad else "information", timeout=TOAST_SECONDS, markup=False)

    @property
    def is_away(self) -> bool:
        """Whether the terminal said that it lost the focus; one that never says so is looked at."""
        return self._blurred_at is not None

    def write_to_terminal(self, sequence: str) -> None:
        """Write a sequence to the terminal, between two repaints."""
        if self._driver is not None and not self.is_headless:
            self._driver.write(sequence)

    def action_board(self) -> None:
        """Go back to the board."""
        while len(self.screen_stack) > 1:
            self.pop_screen()

    async def action_back(self) -> None:
        """Leave this screen for the one that it was opened from."""
        if len(self.screen_stack) > 1:
            self.pop_screen()

    def action_log(self) -> None:
        """Show the whole event log."""
        from tracker_tui.ui.screens.log import LogScreen  # noqa: PLC0415 - the first paint waits for no other screen

        if isinstance(self.screen, PaintedScreen) and not isinstance(self.screen, LogScreen):
            self.push_screen(LogScreen(self.screen.order_id, self.available_actions()))

    def action_help(self) -> None:
        """Show every key and glyph."""
        from tracker_tui.ui.screens.help import HelpScreen  # noqa: PLC0415 - as above

        self.push_screen(HelpScreen(self.available_actions()))

    def action_faults(self) -> None:
        """Open the demo's fault panel."""
        from tracker_tui.ui.demo.lab_screen import FaultScreen  # noqa: PLC0415 - as above

        if self._demo is not None:
            in_sight = next(self._in_sight(), None)
            self.push_screen(
                FaultScreen(self._demo, in_sight.selected_order_id if in_sight else None, self._event_rates)
            )

    def action_tour(self) -> None:
        """Start the guided tour of failures, over the screen of an order."""
        from tracker_tui.ui.demo.tour_screen import TourScreen  # noqa: PLC0415 - as above

        if self._demo is None:
            return
        in_sight = next(self._in_sight(), None)
        meant = in_sight.selected_order_id if in_sight is not None else None
        order_id = next(filter(self._state.is_under_way, filter(None, (meant, *self._state.order_ids))), None)
        if order_id is None:
            self.announce(
                "The tour needs an order that is under way, and every one here has ended: start anew.", bad=True
            )
            return
        if in_sight is None or in_sight.order_id != order_id:
            self.push_screen(OrderScreen(order_id, self.available_actions()))
        self.push_screen(TourScreen(self._demo, order_id, self._event_rates))

    def action_heal(self) -> None:
        """Take the demo's faults back."""
        if self._demo is not None:
            self._demo.heal()

    async def action_quit(self) -> None:
        """Leave."""
        self.exit()

    def action_interrupt(self) -> None:
        """Leave as on SIGINT: in raw mode Ctrl-C is only a key."""
        self.exit(128 + signal.SIGINT)

    def _resumed(self, _app: App[int]) -> None:
        if self.feed is not None:
            self.feed.wake()
        self.tick()
        # The terminal was somebody else's: nothing of what is on it is ours any more.
        self.refresh(layout=True)

    def _start_watching(self) -> None:
        # No worker of Textual's: it would be cancelled twice, and so be torn from closing its connections.
        self._watch = asyncio.create_task(self._watch_feed(), name="feed")

    async def _watch_feed(self) -> None:
        try:
            feed = await self._open_feed()
            async with feed:
                self.feed = feed
                self._state.with_metrics(feed)
                loop = asyncio.get_running_loop()
                rested = loop.time()
                async for change in feed:
                    self._state.apply(change, self._instant())
                    self._notifier.on_change(change, self._clock.time(), self._clock.wall())
                    self.on_state_changed()
                    # A feed that always has something must not keep the screen from being painted.
                    if loop.time() - rested >= BATCH_SECONDS:
                        await asyncio.sleep(0)
                        rested = loop.time()
                if self._state.replay is not None:
                    self._state.replay = replace(self._state.replay, finished=True)
                    self.on_state_changed()
        except Exception as error:  # noqa: BLE001 - the task's top: whatever it is ends the app and is reported
            _log.exception("crashed")
            self.failure = sanitize(f"{type(error).__name__}: {error}")
            self.exit(return_code=1)

    def log_command(self, at: datetime, text: str, order_id: str) -> None:
        """Write a line about a command into the event log."""
        self._state.event_log.add_note(Noted(at, Topic.COMMAND, text, order_id))
        self.post_message(StateChanged())

    def _record(self, at: datetime, text: str) -> None:
        self._state.event_log.add_fault(at, text)
        self.post_message(StateChanged())

    def _instant(self) -> Instant:
        return Instant(self._clock.time(), self._clock.wall(), self._zone)

    def _picture(self) -> Frame:
        present = self._instant()
        if self._frozen is None:
            return Frame(self._state, present, present, None)
        known, frozen_at = self._frozen
        frozen_at = Instant(frozen_at.time, frozen_at.now, self._zone)
        return Frame(known, frozen_at, present, self._state.versions - known.versions)

    def _paint(self) -> None:
        if self._repaint_timer is not None:
            self._repaint_timer.stop()
            self._repaint_timer = None
        loop = asyncio.get_running_loop()
        began = loop.time()
        if self.feed is not None:
            self._state.with_metrics(self.feed)
        picture = self._picture()
        for screen in self._in_sight():
            screen.paint(picture)
        self._frame_limiter.record(began, loop.time())

    def _go_on(self) -> None:
        """Let a frozen picture run again: who asks for something wants to see what comes of it."""
        if self._frozen is not None:
            self.action_pause()

    def _in_hand(self) -> OrderScene | None:
        """The order that the user means, as it is on the screen; what is made of it bears the time of now."""
        screen = next(self._in_sight(), None)
        if screen is None or screen.selected_order_id is None:
            return None
        return self._picture().export_scene(screen.selected_order_id)

    def _in_sight(self) -> Iterator[PaintedScreen]:
        """Yield the screen on top and those that shine through modal ones."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, PaintedScreen) and screen.is_mounted:
                yield screen
            if not isinstance(screen, ModalScreen):
                return


def _host(server: str) -> str:
    """Host and port of a base URL; of what is none, as a recording may name it, all of it."""
    try:
        return urlsplit(server).netloc or server
    except ValueError:
        return server
