"""Actions of the whole screen: pause, reconnect, the log, the help, and the ways out."""

from __future__ import annotations

import signal

from tracker_tui.ui.handlers.base import HandlerBase
from tracker_tui.ui.screens.base import PaintedScreen


class ScreenHandlers(HandlerBase):
    """The actions that need no order."""

    def action_reconnect(self) -> None:
        """Open a new connection now."""
        if self.feed is not None:
            self.feed.reconnect()

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

    async def action_quit(self) -> None:
        """Quit."""
        self.exit()

    def action_interrupt(self) -> None:
        """Quit with the exit code of SIGINT; in raw mode Ctrl-C sends no signal."""
        self.exit(128 + signal.SIGINT)
