"""Prompts at the bottom of a screen: an input, the line for a note, and the question before a cancellation."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Paste
from textual.screen import ModalScreen
from textual.widgets import Input

from tracker_tui.domain.command import LONGEST_TEXT
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.ui.cells.measure import line
from tracker_tui.ui.model.styles import ACCENT, MUTED, STRONG
from tracker_tui.ui.widgets.pane import Pane, action_style
from tracker_tui.wording.names import counted

T = TypeVar("T")

_SHOW_LEFT_BELOW = 100
"""Remaining characters below which their number is shown."""


class Prompt(ModalScreen[T | None]):
    """An input with a title, and a hint below it; the result is the typed value, or None.

    Attributes:
        HINT: The keys and what they do.
    """

    HINT: ClassVar[str]
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Close", show=False)]

    def __init__(self, field: Input, title: str) -> None:
        super().__init__()
        self._field = field
        field.cursor_blink = False
        field.border_title = Content(title)
        self.show_hint(self.HINT)

    def compose(self) -> ComposeResult:
        """Yield the input."""
        yield self._field

    def show_hint(self, text: str) -> None:
        """Show a text below the input."""
        self._field.border_subtitle = Content(text)


class PromptInput(Input):
    """One line of text; pasted text is sanitized and joined to one line.

    Args:
        limit: Characters beyond which a text is cut.
        value: The initial text.
        placeholder: The text shown while the input is empty.
        id: The widget's id.
    """

    def __init__(self, limit: int, value: str = "", *, placeholder: str, id: str) -> None:
        super().__init__(sanitize(value), placeholder, id=id)
        self._limit = limit

    def replace(self, text: str, start: int, end: int) -> None:
        """Replace a range with `text`, cut to the limit."""
        start, end = sorted((start, end))
        room = self._limit - (len(self.value) - (end - start))
        super().replace(self.clean(text)[: max(0, room)], start, end)

    def clean(self, text: str) -> str:
        """Return a typed or pasted text as it is entered."""
        return sanitize(text)

    def _on_paste(self, event: Paste) -> None:
        event.prevent_default()
        event.stop()
        self.replace(" ".join(event.text.splitlines()), *self.selection)


class NoteScreen(Prompt[str]):
    """A line for a note; the result is the note, or None."""

    HINT = "Enter sends · Esc closes"

    def __init__(self, order_id: str) -> None:
        field = PromptInput(LONGEST_TEXT, placeholder="Write a note…", id="note")
        super().__init__(field, f"Note on {order_id}")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the number of remaining characters when few are left."""
        left = LONGEST_TEXT - len(event.value)
        remaining = f"{counted(left, 'character', 'characters')} left · " if left < _SHOW_LEFT_BELOW else ""
        self.show_hint(f"{remaining}{self.HINT}")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the note; stay open while it is empty."""
        if text := event.value.strip():
            self.dismiss(text)
        else:
            self.show_hint("The note is empty · Esc closes")


class CancelScreen(ModalScreen[bool]):
    """The question whether to cancel an order."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", show=False),
        Binding("n,escape", "answer(False)", "No", show=False),
    ]

    def __init__(self, order_id: str) -> None:
        super().__init__()
        self._question = Pane[str](_render_question, id="question")
        self._order_id = order_id

    def compose(self) -> ComposeResult:
        """Yield the question."""
        self._question.border_title = Content(f"Cancel {self._order_id}?")
        yield self._question

    def on_mount(self) -> None:
        """Show the question."""
        self._question.show(self._order_id)

    def action_answer(self, yes: bool) -> None:
        """Return the answer."""
        self.dismiss(yes)


def _render_question(order_id: str, width: int, height: int) -> Content:
    """Return the consequence, and the two answers."""
    rows = [line([(text, MUTED)], width) for text in ("The server decides; until then", "the order stays as it is.")]
    for key, text, answer in (("y", f"Yes, cancel {order_id}", True), ("n", "No, keep it (Esc)", False)):
        row = line([(f" {key} ", f"{STRONG} {ACCENT}"), (f" {text}", "")], width)
        rows.append(row.stylize(action_style(f"screen.answer({answer})")))
    return Content("\n").join(rows[-height:])
