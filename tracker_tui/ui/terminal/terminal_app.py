"""The base of the apps: the themes of the settings, and a driver that survives a vanished terminal."""

from __future__ import annotations

import os
from typing import TypeVar

from textual.app import App
from textual.driver import Driver

from tracker_tui.ui.terminal import themes

Result = TypeVar("Result")


class TerminalApp(App[Result]):
    """An app in one of the themes.

    Args:
        theme: Name of the theme in the settings; None for the best one for the terminal.
    """

    def __init__(self, theme: str | None) -> None:
        with themes.colour_enabled(theme) as colour:
            super().__init__(ansi_color=None if colour else True)
        for each in themes.THEMES.values():
            self.register_theme(each)
        if theme is not None or "TEXTUAL_THEME" not in os.environ:
            self.theme = themes.choose_theme(theme, self.console.color_system if colour else None).name

    def get_driver_class(self) -> type[Driver]:
        """Return Textual's driver; on POSIX, one that survives a vanished terminal."""
        chosen = super().get_driver_class()
        if chosen.__name__ != "LinuxDriver":
            return chosen
        from tracker_tui.ui.terminal.driver import ResilientDriver  # noqa: PLC0415 - it exists on POSIX systems only

        return ResilientDriver
