"""The panel of the tour: space shows the next failure, and the screen behind shows its effects."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from tracker_tui.ui.cells.measure import line
from tracker_tui.ui.demo.event_rates import EventCounts, EventRates
from tracker_tui.ui.demo.lab_pane import render_chart
from tracker_tui.ui.demo.tour import STOPS, Tour, TourStop
from tracker_tui.ui.model.actions import TOUR_ACTIONS
from tracker_tui.ui.model.ports import Demo
from tracker_tui.ui.model.styles import ACCENT, MUTED, STRONG
from tracker_tui.ui.screens.base import LivePanel
from tracker_tui.ui.screens.bindings import modal_binding, screen_bindings
from tracker_tui.ui.widgets.pane import Pane, action_style


@dataclass(frozen=True, slots=True)
class TourScene:
    """The content of the panel: the stop, the advice for a client, and the chart of the events."""

    stop: TourStop
    advice: str
    is_over: bool
    series: dict[str, tuple[int, ...]]
    total: EventCounts


class TourScreen(LivePanel):
    """The panel, over the timeline; badge, arrival and event log stay visible."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *screen_bindings(TOUR_ACTIONS),
        Binding("escape", "leave", "Leave", show=False),
        modal_binding("pause", "app.pause"),
        modal_binding("reconnect", "app.reconnect"),
        modal_binding("help", "app.help"),
        modal_binding("quit", "app.quit"),
    ]

    def __init__(self, demo: Demo, order_id: str, rates: EventRates) -> None:
        """Make the panel.

        Args:
            demo: The server whose faults are injected.
            order_id: The order on the screen.
            rates: The data of the chart.
        """
        super().__init__()
        self._tour = Tour(demo, order_id)
        self._rates = rates
        self._panel = Pane[TourScene](_render_tour, id="tour")

    def compose(self) -> ComposeResult:
        """Yield the panel."""
        self._panel.border_subtitle = "Space next · Esc leave"
        yield self._panel

    def on_mount(self) -> None:
        """Show the start of the tour."""
        self._paint()

    def tick(self) -> None:
        """Update the chart."""
        self._paint()

    def action_next(self) -> None:
        """Show the next failure; after the last one, leave."""
        if self._tour.is_over:
            self.action_leave()
            return
        self._tour.advance()
        self._paint()

    def action_leave(self) -> None:
        """Disarm all faults and leave the tour."""
        self._tour.leave()
        self.dismiss()

    def _paint(self) -> None:
        tour = self._tour
        title = "Tour" if tour.is_over or not tour.position else f"Tour · {tour.position} of {len(STOPS)}"
        if self._panel.border_title != title:
            self._panel.border_title = title
        self._panel.show(TourScene(tour.stop, tour.advice, tour.is_over, self._rates.series(), self._rates.total))


def _render_tour(value: TourScene, width: int, height: int) -> Content:
    """Return the failure, what to watch, the advice, and the chart at the bottom where there is room."""
    rows = [Content.styled(value.stop.title, f"{STRONG} {ACCENT}").truncate(width, ellipsis=True), Content("")]
    rows += [Content(text) for text in wrap(value.stop.text, width)]
    if value.advice:
        rows += [Content.styled(text, MUTED) for text in wrap(f"The client should {value.advice}.", width)]
    chart = [] if value.is_over else render_chart(value.series, value.total, width)
    if height - len(rows) > len(chart):
        rows += [Content("")] * (height - len(rows) - len(chart))
        rows += chart
    if len(rows) > height > 0:
        rows[height - 1] = line([(f"{rows[height - 1].plain} …", "")], width)
    return Content("\n").join(row.stylize(action_style("screen.next")) for row in rows[:height])
