"""The fault panel of the demo: digits make the network misbehave, the screen behind shows what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen

from tracker_tui.domain.visible import visible
from tracker_tui.ui.bindings import also
from tracker_tui.ui.cells import line, pad
from tracker_tui.ui.ports import Demo
from tracker_tui.ui.widgets.pane import Pane, button
from tracker_tui.ui.words import ACCENT, BAD, GOOD, MUTED, STRONG


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of the panel.

    Attributes:
        words: What it does, for people.
        spec: What the server is told.
        aimed: Whether it is meant for the order in sight alone.
    """

    words: str
    spec: str
    aimed: bool = False

    @property
    def name(self) -> str:
        """The fault's name in the server's catalogue."""
        return self.spec.partition(":")[0]


FAULTS = (
    Fault("Drop the connection", "disconnect"),
    Fault("Lose the next events", "lose-tail:count=3"),
    Fault("Reorder events", "reorder:probability=0.5,window=6"),
    Fault("Freeze, socket open", "freeze:seconds=20"),
    Fault("Start a new epoch", "new-epoch"),
    Fault("Outage of 10 s", "outage:seconds=10"),
    Fault("Drop a third of all", "drop:probability=0.33"),
    Fault("Corrupt messages", "corrupt:probability=0.3"),
    Fault("Cancel the order", "terminal-while-watching", aimed=True),
)
"""What the digits 1 to 9 inject."""


@dataclass(frozen=True, slots=True)
class Injection:
    """What the panel says below its list.

    Attributes:
        style: Of the first line.
        words: What was done.
        advice: What a client should do about it.
    """

    style: str
    words: str
    advice: str = ""


class FaultScreen(ModalScreen[None]):
    """A panel over the timeline; badge, connection and event log stay in sight."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(number), f"inject({number})", show=False) for number in range(1, len(FAULTS) + 1)),
        Binding("escape", "dismiss", "Close", show=False),
        also("heal", "heal"),
        also("faults", "dismiss"),
        also("reconnect", "app.reconnect"),
        also("quit", "app.quit"),
    ]

    def __init__(self, demo: Demo, order_id: str | None) -> None:
        """Make the panel.

        Args:
            demo: What the digits act on.
            order_id: The order in sight; what strikes one order strikes this one.
        """
        super().__init__()
        self._demo = demo
        self._order_id = order_id
        self._panel = Pane[Injection](draw, id="faults")

    def compose(self) -> ComposeResult:
        """One panel."""
        self._panel.border_title = "Faults"
        self._panel.border_subtitle = "Esc closes"
        yield self._panel

    def on_mount(self) -> None:
        """Say what to do."""
        self._panel.show(Injection(MUTED, "Press a digit; watch the badge and the events."))

    def action_inject(self, number: int) -> None:
        """Inject the fault of a digit."""
        fault = FAULTS[number - 1]
        aim = f":order={self._order_id}" if fault.aimed and self._order_id is not None else ""
        try:
            self._demo.inject(f"{fault.spec}{aim}")
        except ValueError as error:
            self._panel.show(Injection(BAD, visible(str(error))))
            return
        advice = visible(self._demo.advice.get(fault.name, ""))
        self._panel.show(Injection(f"{STRONG} {ACCENT}", f"Injected: {fault.words.lower()}", advice))

    def action_heal(self) -> None:
        """Take every fault back."""
        self._demo.heal()
        self._panel.show(Injection(GOOD, "Healed: the network behaves again."))


def draw(value: Injection, width: int, height: int) -> Content:
    """The list in two columns, and what was done last."""
    choices = [(str(number), fault.words, f"screen.inject({number})") for number, fault in enumerate(FAULTS, 1)]
    choices.append(("h", "Heal everything", "screen.heal"))
    half = (len(choices) + 1) // 2
    pairs = zip_longest(choices[:half], choices[half:], fillvalue=("", "", ""))
    rows = [Content.assemble(*(_choice(*choice, width // 2) for choice in pair)) for pair in pairs]
    rows += [Content(""), line([(value.words, value.style)], width)]
    rows += [Content(row) for row in wrap(value.advice and f"The client should {value.advice}.", width)]
    return Content("\n").join(rows[:height])


def _choice(key: str, words: str, action: str, width: int) -> Content:
    text = Content.assemble((f" {key} ", f"{STRONG} {ACCENT}"), pad(words, width - 3))
    return text.stylize(button(action))
