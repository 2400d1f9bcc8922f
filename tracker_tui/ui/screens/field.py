"""What is typed into a field at the bottom of the screen: what all such fields share."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

T = TypeVar("T")


class Prompt(ModalScreen[T | None]):
    """A field with a title, and below it what its keys do; gives what was typed, or None.

    Attributes:
        HINT: What its keys do.
    """

    HINT: ClassVar[str]
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Close", show=False)]

    def __init__(self, field: Input, title: str) -> None:
        super().__init__()
        self._field = field
        # Nothing on the screen moves by itself.
        field.cursor_blink = False
        field.border_title = Content(title)
        self.show_hint(self.HINT)

    def compose(self) -> ComposeResult:
        """The field."""
        yield self._field

    def show_hint(self, words: str) -> None:
        """Put words below the field."""
        self._field.border_subtitle = Content(words)
