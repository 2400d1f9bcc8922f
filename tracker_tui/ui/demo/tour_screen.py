"""The panel of the tour: space shows the next failure, and the screen above shows its effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Resize
from textual.screen import Screen

from tracker_tui.ui.cells.measure import fit, wrap
from tracker_tui.ui.demo.tour import STOPS, Tour, TourStop
from tracker_tui.ui.model.actions import TOUR_ACTIONS
from tracker_tui.ui.model.ports import Demo
from tracker_tui.ui.model.styles import ACCENT, GOOD, MUTED, STRONG
from tracker_tui.ui.screens.base import LivePanel
from tracker_tui.ui.screens.bindings import modal_binding, screen_bindings
from tracker_tui.ui.widgets.pane import Pane, action_style

if TYPE_CHECKING:
    from tracker_tui.ui.model.frame import Frame

_TWO_COLUMNS_WIDTH = 66
"""Cells from which the checklist is beside the text instead of below it."""

_CHECKS_WIDTH = 36
"""Cells of the checklist beside the text."""

_GAP = 2

_DONE, _OPEN = "✔", "○"


@dataclass(frozen=True, slots=True)
class TourScene:
    """The content of the panel: the stop, the advice for a client, and the checklist."""

    stop: TourStop
    advice: str
    items: tuple[tuple[bool, str], ...]


class TourScreen(LivePanel):
    """The panel, below the order: the order's screen is made smaller, so that nothing of it is covered."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *screen_bindings(TOUR_ACTIONS),
        Binding("escape", "leave", "Leave", show=False),
        modal_binding("pause", "app.pause"),
        modal_binding("reconnect", "app.reconnect"),
        modal_binding("help", "app.help"),
        modal_binding("quit", "app.quit"),
    ]

    def __init__(self, demo: Demo, order_id: str) -> None:
        """Make the panel.

        Args:
            demo: The server whose faults are injected.
            order_id: The order on the screen.
        """
        super().__init__()
        self._tour = Tour(demo, order_id)
        self._panel = Pane[TourScene](_render_tour, id="tour")
        self._behind: Screen[object] | None = None

    def compose(self) -> ComposeResult:
        """Yield the panel."""
        self._panel.border_subtitle = "Space next · Esc leave"
        yield self._panel

    def on_mount(self) -> None:
        """Show the start of the tour."""
        self._behind = self.app.screen_stack[-2] if len(self.app.screen_stack) > 1 else None
        self._paint()

    def on_resize(self, event: Resize) -> None:
        """Take the lowest lines of the terminal from the screen behind."""
        if self._behind is not None:
            self._behind.styles.padding = (0, 0, tour_height(event.size.height), 0)
            self._behind.styles.overflow_y = "hidden"
        self._panel.styles.height = tour_height(event.size.height)

    def on_unmount(self) -> None:
        """Give the lines back to the screen behind."""
        if self._behind is not None:
            self._behind.styles.padding = 0
            self._behind.styles.clear_rule("overflow_y")

    def observe(self, frame: Frame) -> None:
        """Measure what happens."""
        self._tour.observe(frame.latest or frame.state, frame.now.time)
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
        items = tour.checklist.items if tour.checklist is not None else ()
        self._panel.show(TourScene(tour.stop, tour.advice, items))


def tour_height(terminal_height: int) -> int:
    """Return the lines of the panel."""
    return min(10, max(4, terminal_height - 4))


def _render_tour(value: TourScene, width: int, height: int) -> Content:
    """Return the failure, what to watch, the advice and the checklist, which is beside them where there is room."""
    title = Content.styled(fit(value.stop.title, width), f"{STRONG} {ACCENT}")
    checks = [
        Content.assemble((f"{_DONE if is_done else _OPEN} ", f"{STRONG} {GOOD}" if is_done else MUTED), (words, ""))
        for is_done, words in value.items
    ]
    is_wide = width >= _TWO_COLUMNS_WIDTH and bool(checks)
    text_width = width - _CHECKS_WIDTH - _GAP if is_wide else width
    text = [Content(row) for row in wrap(value.stop.text, text_width)]
    if value.advice:
        text += [Content.styled(row, MUTED) for row in wrap(f"The client should {value.advice}.", text_width)]
    if is_wide:
        rows = [title]
        for number in range(max(len(text), len(checks))):
            left = text[number] if number < len(text) else Content("")
            right = checks[number].truncate(_CHECKS_WIDTH, ellipsis=True) if number < len(checks) else Content("")
            rows.append(Content.assemble(left.pad_right(text_width + _GAP - left.cell_length), right))
    else:
        # The measurements are kept where there is no room for all of the text.
        rows = [
            title,
            *text[: max(0, height - 1 - len(checks))],
            *(each.truncate(width, ellipsis=True) for each in checks),
        ]
    return Content("\n").join(row.stylize(action_style("screen.next")) for row in rows[:height])
