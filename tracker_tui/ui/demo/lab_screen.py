"""The panel of the fault lab: the catalogue to inject from, over a screen that shows the effects."""

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
from tracker_tui.ui.model.actions import LAB_ACTIONS
from tracker_tui.ui.model.ports import Demo
from tracker_tui.ui.model.styles import ACCENT, BAD, GOOD, MUTED, STRONG
from tracker_tui.ui.screens.base import LivePanel
from tracker_tui.ui.screens.bindings import modal_binding, screen_bindings
from tracker_tui.ui.widgets.pane import Pane

_PAGE = 5
"""Faults that a page key moves the cursor by."""

_MIN_WIDTH = 52
"""Cells of the panel's smallest width, on a terminal that is wide enough."""


class FaultScreen(LivePanel):
    """The panel, over the timeline; badge, connection and event log stay visible."""

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
        modal_binding("tour", "tour"),
        modal_binding("faults", "dismiss"),
        modal_binding("reconnect", "app.reconnect"),
        modal_binding("help", "app.help"),
        modal_binding("quit", "app.quit"),
    ]

    def __init__(self, demo: Demo, order_id: str | None, rates: EventRates) -> None:
        """Make the panel.

        Args:
            demo: The server whose faults are injected.
            order_id: The selected order; a fault for one order affects this one.
            rates: The data of the chart.
        """
        super().__init__()
        self._demo = demo
        self._lab = FaultLab(demo, order_id)
        self._rates = rates
        self._message: Part = ("Enter injects; watch the badge and the events.", MUTED)
        self._panel = Pane[LabScene](render_lab, id="faults")

    def compose(self) -> ComposeResult:
        """Yield the panel."""
        self._panel.border_title = "Fault lab"
        yield self._panel

    def on_mount(self) -> None:
        """Show the catalogue."""
        self._paint()

    def on_resize(self, event: Resize) -> None:
        """Name as many keys as fit, the one that closes the panel first."""
        toggle, *rate = LAB_ACTIONS
        rate_keys = " ".join(each.key_label for each in rate)
        keys = ["Esc close", f"{toggle.key_label} {toggle.label.lower()}", f"{rate_keys} rate", "h heal", "T tour"]
        self._panel.border_subtitle = wrap_chips(keys, min(event.size.width, _MIN_WIDTH) - 6)[0]

    def tick(self) -> None:
        """Update the chart and the armed faults."""
        self._paint()

    def action_move(self, by: int) -> None:
        """Select another fault."""
        self._lab.move(by)
        self._paint()

    def action_choose(self, name: str) -> None:
        """Select the fault of this name, and inject or disarm it."""
        self._lab.select(name)
        self.action_toggle_fault()

    def action_toggle_fault(self) -> None:
        """Inject or disarm the selected fault."""
        self._try(self._lab.toggle)

    def action_inject(self, number: int) -> None:
        """Inject the fault of a digit."""
        self._try(lambda: self._lab.inject_digit(number))

    def action_more(self) -> None:
        """Increase the rate of the selected fault."""
        self._adjust(lambda: self._lab.change_rate(1))

    def action_less(self) -> None:
        """Decrease the rate of the selected fault."""
        self._adjust(lambda: self._lab.change_rate(-1))

    def action_heal(self) -> None:
        """Disarm all faults."""
        self._demo.heal()
        self._report("All faults removed.", GOOD)

    def action_tour(self) -> None:
        """Close the panel, and start the tour."""
        self.dismiss()
        self.app.call_later(self.app.run_action, "tour")

    def _adjust(self, change: Callable[[], None]) -> None:
        try:
            change()
        except ValueError as error:
            self._report(sanitize(str(error)), BAD)
        else:
            self._paint()

    def _try(self, inject: Callable[[], str]) -> None:
        try:
            self._report(inject(), f"{STRONG} {ACCENT}")
        except ValueError as error:
            self._report(sanitize(str(error)), BAD)

    def _report(self, text: str, style: str) -> None:
        self._message = (text, style)
        self._paint()

    def _paint(self) -> None:
        lab, rates = self._lab, self._rates
        self._panel.show(LabScene(lab.rows, lab.cursor, self._message, rates.series(), rates.total))
