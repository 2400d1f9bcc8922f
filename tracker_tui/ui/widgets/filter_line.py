"""The line in which a filter is typed; it takes the place of the key bar meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.ui.model.filter import LONGEST_FILTER


class FilterLine(Horizontal):
    """A prompt and an input, without a frame or a blinking cursor.

    Args:
        text: What is typed already.
        hint: What there is to type.

    Attributes:
        input: Where it is typed.
    """

    @dataclass
    class Typed(Message):
        """The filter as it is typed so far."""

        text: str

    class Kept(Message):
        """The filter is to stay, and the line to go."""

    def __init__(self, text: str, hint: str) -> None:
        super().__init__()
        self.input = Input(
            sanitize(text),
            f"{hint}   Enter keeps, Esc clears",
            compact=True,
            max_length=LONGEST_FILTER,
            select_on_focus=False,
        )
        self.input.cursor_blink = False

    def compose(self) -> ComposeResult:
        """The prompt, and what is typed."""
        yield Static("/", markup=False)
        yield self.input

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell it; what was pasted may hold what no terminal should get."""
        event.stop()
        if (safe := sanitize(event.value)) != event.value:
            self.input.value = safe
        else:
            self.post_message(self.Typed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        self.post_message(self.Kept())
