"""The fault lab of the demo: the whole catalogue to inject and heal, over the screen that shows what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.ui.cells.measure import Part, wrap_chips
from tracker_tui.ui.demo.event_rates import EventRates
from tracker_tui.ui.demo.lab import FaultLab
from tracker_tui.ui.demo.lab_pane import LabScene, render_lab
from tracker_tui.ui.demo.panel import LivePanel
from tracker_tui.ui.model.actions import LAB_ACTIONS
from tracker_tui.ui.model.ports import Demo
from tracker_tui.ui.model.styles import ACCENT, BAD, GOOD, MUTED, STRONG
from tracker_tui.ui.screens.bindings import modal_binding, screen_bindings
from tracker_tui.ui.widgets.pane import Pane

_PAGE = 5
"""Faults that a page key passes."""

_WIDTH = 52
"""Cells that the panel has at least, on a terminal that has them."""


class FaultScreen(LivePanel):
    """A panel over the timeline; badge, connection and event log stay in sight."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *screen_bindings(LAB_ACTIONS),
        *(Binding(str(number), f"inject({number})", show=False) for number in range(1, 10)),
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("pageup", f"move(-{_PAGE})", "Page up", show=False),
        Binding("pagedown", f"move({_PAGE})", "Page down", show=False),
        Binding("home", "move(-999)", "First", show=False),
        Binding("end", "move(999)", "Last", show=False),
        Binding("escape", "dismiss", "Close", show=False),
        modal_binding("heal", "heal"),
        modal_binding("faults", "dismiss"),
        modal_binding("reconnect", "app.reconnect"),
        modal_binding("help", "app.help"),
        modal_binding("quit", "app.quit"),
    ]

    def __init__(self, demo: Demo, order_id: str | None, traffic: EventRates) -> None:
        """Make the panel.

        Args:
            demo: What the keys act on.
            order_id: The order in sight; what strikes one order strikes this one.
            traffic: What the chart shows.
        """
        super().__init__()
        self._demo = demo
        self._lab = FaultLab(demo, order_id)
        self._traffic = traffic
        self._said: Part = ("Enter injects; watch the badge and the events.", MUTED)
        self._panel = Pane[LabScene](render_lab, id="faults")

    def compose(self) -> ComposeResult:
        """One panel."""
        self._panel.border_title = "Fault lab"
        yield self._panel

    def on_mount(self) -> None:
        """Show the catalogue."""
        self._paint()

    def on_resize(self, event: Resize) -> None:
        """Name as many keys as there is room for; how to leave comes first."""
        strike, *turn = LAB_ACTIONS
        rate = " ".join(each.key_label for each in turn)
        keys = ["Esc close", f"{strike.key_label} {strike.label.lower()}", f"{rate} rate"]
        self._panel.border_subtitle = wrap_chips(keys, min(event.size.width, _WIDTH) - 6)[0]

    def tick(self) -> None:
        """Move the chart on, and see what has healed itself."""
        self._paint()

    def action_move(self, by: int) -> None:
        """Take another fault in hand."""
        self._lab.move(by)
        self._paint()

    def action_choose(self, name: str) -> None:
        """Take the fault of this name in hand, and inject it or take it back."""
        self._lab.select(name)
        self.action_strike()

    def action_strike(self) -> None:
        """Inject the fault in hand, or take it back."""
        self._try(self._lab.toggle)

    def action_inject(self, number: int) -> None:
        """Inject the fault of a digit."""
        self._try(lambda: self._lab.inject_digit(number))

    def action_more(self) -> None:
        """Let the fault in hand strike more often."""
        self._adjust(lambda: self._lab.change_rate(1))

    def action_less(self) -> None:
        """Let the fault in hand strike less often."""
        self._adjust(lambda: self._lab.change_rate(-1))

    def action_rate(self) -> None:
        """Have a rate typed for the fault in hand."""
        from tracker_tui.ui.demo.rate import RateScreen  # noqa: PLC0415 - the panel waits for no other screen

        try:
            self.app.push_screen(RateScreen(self._lab.rows[self._lab.cursor].entry.name, self._lab.rate), self._rated)
        except ValueError as error:
            self._say(sanitize(str(error)), BAD)

    def _rated(self, rate: float | None) -> None:
        if rate is not None:
            self._adjust(lambda: self._lab.set_rate(rate))

    def action_heal(self) -> None:
        """Take every fault back."""
        self._demo.heal()
        self._say("Healed: the network behaves again.", GOOD)

    def _adjust(self, work: Callable[[], None]) -> None:
        try:
            work()
        except ValueError as error:
            self._say(sanitize(str(error)), BAD)
        else:
            self._paint()

    def _try(self, work: Callable[[], str]) -> None:
        try:
            self._say(work(), f"{STRONG} {ACCENT}")
        except ValueError as error:
            self._say(sanitize(str(error)), BAD)

    def _say(self, words: str, style: str) -> None:
        self._said = (words, style)
        self._paint()

    def _paint(self) -> None:
        self._panel.show(
            LabScene(self._lab.rows, self._lab.cursor, self._said, self._traffic.series(), self._traffic.total)
        )
