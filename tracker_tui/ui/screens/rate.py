"""The field into which a rate is typed: how often a steady fault strikes."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from tracker_tui.ui.lab import LEAST

_HINT = "Enter sets · Esc closes"


class RateScreen(ModalScreen[float | None]):
    """A field at the bottom; gives a rate from 0.01 to 1, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Close", show=False)]

    def __init__(self, name: str, present: float) -> None:
        """Make the field.

        Args:
            name: The fault.
            present: How often it strikes, or would, from 0.01 to 1.
        """
        super().__init__()
        self._field = Input(f"{present * 100:.0f}", restrict="[0-9]{0,3}", id="rate", select_on_focus=True)
        # Nothing on the screen moves by itself.
        self._field.cursor_blink = False
        self._field.border_title = Content(f"How often {name} strikes, in %")
        self._field.border_subtitle = Content(_HINT)

    def compose(self) -> ComposeResult:
        """The field."""
        yield self._field

    def on_input_changed(self) -> None:
        """Whoever goes on typing has read the complaint."""
        self._field.border_subtitle = Content(_HINT)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the rate, if it is one."""
        rate = int(event.value or 0) / 100
        if LEAST <= rate <= 1:
            self.dismiss(rate)
        else:
            self._field.border_subtitle = Content("A rate is from 1 to 100 %; Esc leaves it as it was")
