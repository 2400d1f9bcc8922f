"""Asking something of an order: the line that a note is written on, and the question before a cancellation."""

from __future__ import annotations

from typing import ClassVar

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
from tracker_tui.ui.screens.field import Prompt
from tracker_tui.ui.widgets.pane import Pane, action_style
from tracker_tui.wording.names import counted

_SCARCE = 100
"""Characters of room below which it is said how many there are."""


class NoteInput(Input):
    """One line of text; what is pasted into it becomes one, with nothing in it that a terminal would obey."""

    def replace(self, text: str, start: int, end: int) -> None:
        """Put `text` in the place of what is there, or as much of it as a note may have."""
        start, end = sorted((start, end))
        room = LONGEST_TEXT - (len(self.value) - (end - start))
        super().replace(sanitize(text)[: max(0, room)], start, end)

    def _on_paste(self, event: Paste) -> None:
        event.prevent_default()
        event.stop()
        self.replace(" ".join(event.text.splitlines()), *self.selection)


class NoteScreen(Prompt[str]):
    """A line at the bottom to write a note on; gives the note, or None."""

    HINT = "Enter sends · Esc closes"

    def __init__(self, order_id: str) -> None:
        super().__init__(NoteInput(placeholder="What is to be noted?", id="note"), f"Note on {order_id}")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say how much more there is room for, before there is none."""
        left = LONGEST_TEXT - len(event.value)
        room = f"{counted(left, 'character', 'characters')} left · " if left < _SCARCE else ""
        self.show_hint(f"{room}{self.HINT}")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the note, once there is one: who has written nothing yet has not meant to leave."""
        if text := event.value.strip():
            self.dismiss(text)
        else:
            self.show_hint("Nothing is written yet · Esc closes")


class CancelScreen(ModalScreen[bool]):
    """Asks whether an order is really to be cancelled."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", show=False),
        Binding("n,escape", "answer(False)", "No", show=False),
    ]

    def __init__(self, order_id: str) -> None:
        super().__init__()
        self._question = Pane[str](render_question, id="question")
        self._order_id = order_id

    def compose(self) -> ComposeResult:
        """The question."""
        self._question.border_title = Content(f"Cancel {self._order_id}?")
        yield self._question

    def on_mount(self) -> None:
        """Put it."""
        self._question.show(self._order_id)

    def action_answer(self, yes: bool) -> None:
        """Give the answer."""
        self.dismiss(yes)


def render_question(order_id: str, width: int, height: int) -> Content:
    """What is at stake, and the two answers."""
    rows = [
        line([(words, MUTED)], width) for words in ("The gateway decides; until it", "has, the order stays as it is.")
    ]
    for key, words, answer in (("y", f"Yes, cancel {order_id}", True), ("n", "No, leave it (Esc)", False)):
        text = line([(f" {key} ", f"{STRONG} {ACCENT}"), (f" {words}", "")], width)
        rows.append(text.stylize(action_style(f"screen.answer({answer})")))
    return Content("\n").join(rows[-height:])
