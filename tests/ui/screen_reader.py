"""Access to the screen of a running app: its text, its styles, waiting for a condition."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual._compositor import LayoutUpdate
from textual.app import App
from textual.pilot import Pilot

AnyApp = TypeVar("AnyApp", bound=App[Any])

TIMEOUT = 20.0
"""Seconds after which waiting for a condition fails."""


class ScreenReader(Generic[AnyApp]):
    """Reads the screen of an app."""

    def __init__(self, app: AnyApp) -> None:
        self.app = app
        self._pilot: Pilot[Any] | None = None

    def attach(self, pilot: Pilot[Any]) -> None:
        """Set the pilot that presses keys."""
        self._pilot = pilot

    async def wait_until(self, condition: Callable[[], object]) -> None:
        """Wait until a condition is true."""
        assert self._pilot is not None
        try:
            async with asyncio.timeout(TIMEOUT):
                while not condition():
                    await self._pilot.pause(0)
        except TimeoutError:
            raise AssertionError(f"the condition never became true; the screen is:\n{self.text()}") from None

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until the app has received them."""
        assert self._pilot is not None
        await self._pilot.press(*keys)
        await self._pilot.pause(0)

    def strips(self) -> list[list[Segment]]:
        """Return the rows of the screen as segments."""
        compositor, behind = self.app.screen._compositor, self.app._background_screens
        update = compositor.render_update(full=True, screen_stack=behind, simplify=False)
        assert isinstance(update, LayoutUpdate)
        return [[segment for strip in row for segment in strip] for row in update.strips]

    def rows(self) -> list[str]:
        """Return the rows of the screen as text."""
        return ["".join(segment.text for segment in strip) for strip in self.strips()]

    def text(self) -> str:
        """Return the screen as text."""
        return "\n".join(self.rows())

    def styles_of(self, text: str) -> list[Style]:
        """Return the styles of the segments that contain a text."""
        return [
            segment.style
            for strip in self.strips()
            for segment in strip
            if segment.style and text in f"{segment.text} "
        ]

    def is_dimmed(self) -> bool:
        """Return whether the screen is dimmed."""
        return self.app.screen.has_class("-stale")
