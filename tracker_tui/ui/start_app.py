"""The app of the start screen; it ends with the user's choice, or as soon as a server answers."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.types import CSSPathType

from tracker_tui.link.http.server import DEFAULT_SERVER
from tracker_tui.ui.model.actions import INTERRUPT, SUSPEND
from tracker_tui.ui.screens.start import StartScreen
from tracker_tui.ui.terminal.signals import ExitSignals
from tracker_tui.ui.terminal.terminal_app import TerminalApp

PROBE_INTERVAL = 2.0
"""Seconds between two checks whether a server answers at the default address."""


@dataclass(frozen=True, slots=True)
class DemoChoice:
    """The user wants the demo."""


@dataclass(frozen=True, slots=True)
class ServerChoice:
    """The user wants the board of a server, or one has started to answer.

    Attributes:
        url: Its base URL.
    """

    url: str


class StartApp(TerminalApp[DemoChoice | ServerChoice | int]):
    """The start screen.

    `run` returns the choice, None after ``q``, and 128 + n after signal n (Ctrl-C counts as SIGINT).

    Args:
        answers: Returns whether a server answers at the default address.
        config_file: The path of the config file; empty if there is none.
        theme: Name of the theme in the settings; None for the best one for the terminal.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = [
        Path(__file__).with_name(f"{name}.tcss") for name in ("app", "prompts", "start")
    ]
    TITLE = "tracker-tui"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(INTERRUPT.key, INTERRUPT.name, show=False, priority=True),
        Binding(SUSPEND.key, SUSPEND.name, show=False, priority=True),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (8, "-short"), (20, "-normal")]  # noqa: RUF012

    def __init__(
        self, answers: Callable[[], Awaitable[bool]], *, config_file: str = "", theme: str | None = None
    ) -> None:
        super().__init__(theme)
        self._answers = answers
        self._config_file = config_file
        self._signals = ExitSignals(self.exit)

    def get_default_screen(self) -> Screen[None]:
        """Return the menu."""
        return StartScreen(self._config_file)

    def on_mount(self) -> None:
        """Look for a server from now on."""
        self._signals.install()
        self.app_resume_signal.subscribe(self, self._on_resume)
        self.run_worker(self._look_for_server(), name="look-for-server")

    def on_unmount(self) -> None:
        """Restore the handlers of signals."""
        self._signals.restore()

    def on_start_screen_demo_chosen(self) -> None:
        """End with the demo."""
        self.exit(DemoChoice())

    def on_start_screen_server_chosen(self, message: StartScreen.ServerChosen) -> None:
        """End with a server."""
        self.exit(ServerChoice(message.url))

    def action_interrupt(self) -> None:
        """Quit with the exit code of SIGINT; in raw mode Ctrl-C sends no signal."""
        self.exit(128 + signal.SIGINT)

    async def _look_for_server(self) -> None:
        while True:
            # Not while the user types another server's URL, and not while the app ends, which has no screen.
            match self.screen_stack:
                case [*_, StartScreen()] if await self._answers():
                    self.exit(ServerChoice(DEFAULT_SERVER))
                    return
            await asyncio.sleep(PROBE_INTERVAL)

    def _on_resume(self, _app: App[object]) -> None:
        # Another program used the terminal, so all of it must be painted again.
        self.refresh(layout=True)
