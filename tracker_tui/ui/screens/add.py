"""The prompt for order ids, and the question before many orders are added."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar
from unicodedata import category

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input

from tracker_tui.domain.order import is_order_id
from tracker_tui.domain.order_ids import OrderIdInput
from tracker_tui.link.http.server import MAX_ORDERS
from tracker_tui.ui.cells.measure import hanging_lines, line
from tracker_tui.ui.model.styles import ACCENT, MUTED, STRONG
from tracker_tui.ui.screens.prompts import Prompt, PromptInput
from tracker_tui.ui.widgets.pane import Pane, action_style

MAX_TEXT = 40_000
"""Characters of a text with ids; more are rejected, because a cut text ends in a wrong id."""

CONFIRM_ABOVE = 20
"""Number of orders above which the user is asked before they are added."""


class OrderIdsField(PromptInput):
    """An input that rejects a text that is too long, rather than cutting it."""

    class Overflowed(Message):
        """A text was rejected."""

    def replace(self, text: str, start: int, end: int) -> None:
        """Replace a range with `text`, if there is room for it."""
        if len(self.value) - abs(end - start) + len(text) > MAX_TEXT:
            self.post_message(self.Overflowed())
        else:
            super().replace(text, start, end)

    def clean(self, text: str) -> str:
        """Return a text as it is entered: tabs separate ids, and invisible characters of web pages are dropped."""
        visible = text if text.isascii() else "".join(each for each in text if category(each) != "Cf")
        return super().clean(visible.replace("\t", " "))


class AddScreen(Prompt[OrderIdInput]):
    """A line for one or many order ids; the result has at least one id, or is None.

    Args:
        parse: Returns the order ids in a text.
        suggest: Returns the known order that was probably meant by an unknown id, if there is one.
    """

    HINT = "Enter opens · one id or several, or addresses · Esc closes"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "accept", show=False, priority=True)]

    def __init__(self, parse: Callable[[str], OrderIdInput], suggest: Callable[[str], str | None]) -> None:
        field = OrderIdsField(MAX_TEXT, placeholder="A1042", id="add")
        super().__init__(field, "Open or add orders")
        self._parse = parse
        self._suggest = suggest
        self._suggestion: str | None = None

    def on_input_changed(self, event: Input.Changed) -> None:
        """Suggest the known order that was probably meant; the server decides about the typed one."""
        order_id = event.value.strip().removeprefix("#")
        self._suggestion = self._suggest(order_id) if is_order_id(order_id) else None
        if self._suggestion is None:
            self.show_hint(self.HINT)
        else:
            self.show_hint(f"Did you mean {self._suggestion}? Tab takes it · Enter opens {order_id} · Esc closes")

    def on_order_ids_field_overflowed(self) -> None:
        """Say why the text is not there."""
        self.show_hint(f"Too long: at most {MAX_TEXT:,} characters at a time")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the ids; show an error if there is none, or a word is no id."""
        parsed = self._parse(event.value)
        if parsed.problem is not None:
            self.show_hint(parsed.problem)
        elif len(parsed.order_ids) > MAX_ORDERS:
            self.show_hint(f"{len(parsed.order_ids):,} orders are too many: at most {MAX_ORDERS:,} can be watched")
        else:
            self.dismiss(parsed)

    def action_accept(self) -> None:
        """Take the suggestion."""
        if self._suggestion is not None:
            self._field.value = self._suggestion
            self._field.cursor_position = len(self._suggestion)


class ConfirmScreen(ModalScreen[bool]):
    """The question whether to add many orders, with their ids.

    Args:
        order_ids: The orders.
        ignored: Words that were not taken for ids.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "answer(True)", "Yes", show=False),
        Binding("n,escape", "answer(False)", "No", show=False),
    ]

    def __init__(self, order_ids: Sequence[str], ignored: Sequence[str]) -> None:
        super().__init__()
        self._found = OrderIdInput(tuple(order_ids), tuple(ignored))
        self._pane = Pane[OrderIdInput](render_confirmation, id="confirm")

    def compose(self) -> ComposeResult:
        """Yield the question."""
        self._pane.border_title = Content(f"Add {len(self._found.order_ids):,} orders?")
        yield self._pane

    def on_mount(self) -> None:
        """Show the question."""
        self._pane.show(self._found)

    def action_answer(self, yes: bool) -> None:
        """Return the answer."""
        self.dismiss(yes)


def render_confirmation(value: OrderIdInput, width: int, height: int) -> Content:
    """Return as many ids as fit, and the two answers."""
    answers = []
    for key, text, answer in (("y", "Yes, add them (Enter)", True), ("n", "No (Esc)", False)):
        row = line([(f" {key} ", f"{STRONG} {ACCENT}"), (f" {text}", "")], width)
        answers.append(row.stylize(action_style(f"screen.answer({answer})")))
    ignored = hanging_lines([], f"Ignored: {' '.join(value.ignored)}", MUTED, width)[:2] if value.ignored else []
    rows = hanging_lines([], " ".join(value.order_ids), "", width)
    room = max(0, height - len(answers) - len(ignored))
    if len(rows) > room:
        rows = [*rows[: max(0, room - 1)], line([("…", MUTED)], width)][:room]
    return Content("\n").join([*rows, *ignored, *answers][-height:])
