"""Someone before the screen of a running app: waits for what is to be seen, and sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from rich.segment import Segment
from rich.style import Style
from textual._compositor import LayoutUpdate
from textual.pilot import Pilot

from tracker_tui.ui.app import TrackerApp

TIMEOUT = 20.0
"""Seconds after which a test no longer believes that it will come to what it waits for."""


class ScreenReader:
    """Whoever looks at an app."""

    def __init__(self, app: TrackerApp) -> None:
        self.app = app
        self._pilot: Pilot[int] | None = None

    def attach(self, pilot: Pilot[int]) -> None:
        """Have keys pressed and conditions awaited by `pilot`."""
        self._pilot = pilot

    async def wait_until(self, condition: Callable[[], object]) -> None:
        """Let the app work until `condition` holds."""
        assert self._pilot is not None
        try:
            async with asyncio.timeout(TIMEOUT):
                while not condition():
                    await self._pilot.pause(0)
        except TimeoutError:
            raise AssertionError(f"it never came to that; the screen says:\n{self.text()}") from None

    def strips(self) -> list[list[Segment]]:
        """The screen, row by row, as it goes to the terminal."""
        compositor, behind = self.app.screen._compositor, self.app._background_screens
        update = compositor.render_update(full=True, screen_stack=behind, simplify=False)
        assert isinstance(update, LayoutUpdate)
        return [[segment for strip in row for segment in strip] for row in update.strips]

    def rows(self) -> list[str]:
        """The screen, row by row, as text."""
        return ["".join(segment.text for segment in strip) for strip in self.strips()]

    def text(self) -> str:
        """The screen as text."""
        return "\n".join(self.rows())

    def styles_of(self, text: str) -> list[Style]:
        """The styles of every piece of the screen that contains `text`."""
        return [
            segment.style
            for strip in self.strips()
            for segment in strip
            if segment.style and text in f"{segment.text} "
        ]

    def is_dimmed(self) -> bool:
        """Whether the order's panes step back."""
        return self.app.screen.has_class("-stale")
