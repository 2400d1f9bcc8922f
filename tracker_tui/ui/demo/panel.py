"""What the panels of a demo share: they lie over a screen that goes on, and move with the shared tick."""

from __future__ import annotations

from textual.screen import ModalScreen


class LivePanel(ModalScreen[None]):
    """A panel over the screen that is being watched."""

    def tick(self) -> None:
        """Another second is over."""
