"""The line to type a filter in; it replaces the key bar while it is open."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.wording.filter import MAX_LENGTH


class FilterLine(Horizontal):
    """A prompt and an input, without a border or a blinking cursor.

    Args:
        text: The initial filter.
        hint: The possible words, shown while the input is empty.

    Attributes:
        input: The input.
    """

    @dataclass
    class Changed(Message):
        """The text of the filter changed."""

        text: str

    class Submitted(Message):
        """The user pressed Enter."""

    def __init__(self, text: str, hint: str) -> None:
        super().__init__()
        self.input = Input(
            sanitize(text),
            f"{hint}   Enter keeps, Esc clears",
            compact=True,
            max_length=MAX_LENGTH,
            select_on_focus=False,
        )
        self.input.cursor_blink = False

    def compose(self) -> ComposeResult:
        """Yield the prompt and the input."""
        yield Static("/", markup=False)
        yield self.input

    def on_input_changed(self, event: Input.Changed) -> None:
        """Report the new text; sanitize it first, since pasted text may contain control characters."""
        event.stop()
        if (safe := sanitize(event.value)) != event.value:
            self.input.value = safe
        else:
            self.post_message(self.Changed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Report that the user pressed Enter."""
        event.stop()
        self.post_message(self.Submitted())
