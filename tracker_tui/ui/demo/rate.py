"""The field into which a rate is typed: how often a steady fault strikes."""

from __future__ import annotations

from textual.widgets import Input

from tracker_tui.ui.demo.lab import MIN_RATE
from tracker_tui.ui.screens.field import Prompt


class RateScreen(Prompt[float]):
    """Gives a rate from 0.01 to 1, or None."""

    HINT = "Enter sets · Esc closes"

    def __init__(self, name: str, present: float) -> None:
        """Make the field.

        Args:
            name: The fault.
            present: How often it strikes, or would, from 0.01 to 1.
        """
        field = Input(f"{present * 100:.0f}", restrict="[0-9]{0,3}", id="rate", select_on_focus=True)
        super().__init__(field, f"How often {name} strikes, in %")

    def on_input_changed(self) -> None:
        """Whoever goes on typing has read the complaint."""
        self.show_hint(self.HINT)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the rate, if it is one."""
        rate = int(event.value or 0) / 100
        if MIN_RATE <= rate <= 1:
            self.dismiss(rate)
        else:
            self.show_hint("A rate is from 1 to 100 %; Esc leaves it as it was")
