"""The board: all orders, one row each; plain for now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.coordinate import Coordinate
from textual.widgets import DataTable

from tracker_tui.domain.lateness import lateness, zone_at
from tracker_tui.domain.timeline import label
from tracker_tui.domain.visible import visible
from tracker_tui.link.state import Standing
from tracker_tui.ui.cells import fit
from tracker_tui.ui.commands import Command
from tracker_tui.ui.messages import OrderChosen
from tracker_tui.ui.scene import BoardRow, BoardScene
from tracker_tui.ui.screens.painted import PaintedScreen
from tracker_tui.ui.widgets import events, wishes
from tracker_tui.ui.widgets.pane import Pane
from tracker_tui.ui.words import LATENESS, OUTCOMES, STANDINGS, refusal
from tracker_tui.wording.times import Instant, arrival, day, stamp

if TYPE_CHECKING:
    from tracker_tui.ui.picture import Picture

COLUMNS = (("", 1), ("Order", 13), ("Stage", 16), ("Arrives", 18), ("Updated", 8), ("Sync", 15))
"""Titles and widths; fixed, because fitting them to the cells costs seconds on a long board."""

Cells = tuple[str, ...]


class BoardScreen(PaintedScreen):
    """One row an order, in the order in which they were asked for."""

    IDLE: ClassVar[frozenset[str]] = frozenset({"board", "back"})

    def __init__(self, order_ids: Sequence[str], commands: Sequence[Command]) -> None:
        super().__init__(None, commands)
        self._order_ids = list(order_ids)
        self._table: DataTable[Text] = DataTable(id="board", cursor_type="row", cell_padding=0, zebra_stripes=False)
        self._events = Pane[BoardScene](events.draw, id="events")
        self._scene: BoardScene | None = None
        self._painted: list[Cells] = [()] * len(order_ids)

    @property
    def in_hand(self) -> str | None:
        """The order under the cursor."""
        return self._order_ids[self._table.cursor_row] if self._order_ids else None

    def compose(self) -> ComposeResult:
        """The header, the table, the tail of the event log, the keys."""
        self._events.border_title = "Events"
        yield self.header
        yield self._table
        yield self._events
        yield self.keys

    def on_mount(self) -> None:
        """Lay the table out once; from here on only cells change."""
        for title, width in COLUMNS:
            self._table.add_column(Text(title), width=width + 1, key=title or "glyph")
        for order_id in self._order_ids:
            self._table.add_row(*[Text("")] * len(COLUMNS), key=order_id)
        self._table.focus()
        super().on_mount()

    def paint(self, picture: Picture) -> None:
        """Show every order, touching only the cells that differ."""
        super().paint(picture)
        scene = picture.board()
        self.set_class(not scene.trusted, "-stale")
        self._events.show(scene)
        for row in scene.rows[len(self._order_ids) :]:
            self._order_ids.append(row.view.order_id)
            self._painted.append(())
            self._table.add_row(*[Text("")] * len(COLUMNS), key=row.view.order_id)
        for index in self._due(scene):
            row = scene.rows[index]
            cells = cells_of(row, scene.instant)
            if cells != self._painted[index]:
                self._write(index, cells)
                self._painted[index] = cells

    def _due(self, scene: BoardScene) -> list[int]:
        """The rows that may look different from how they were painted: a long board changes in few at a time."""
        before, self._scene = self._scene, scene
        now = scene.instant.local(scene.instant.now).replace(microsecond=0)
        then = before.instant.local(before.instant.now).replace(microsecond=0) if before else None
        if (
            before is None
            or then is None
            or before.instant.zone is not scene.instant.zone
            or now.date() != then.date()
            or len(before.rows) != len(scene.rows)
        ):
            return list(range(len(scene.rows)))
        return [
            index
            for index, (old, new) in enumerate(zip(before.rows, scene.rows, strict=True))
            if old != new or (now != then and not new.is_timeless)
        ]

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Open the order of a row."""
        if event.row_key.value is not None:
            self.post_message(OrderChosen(event.row_key.value))

    def _write(self, index: int, cells: Cells) -> None:
        before = self._painted[index]
        for column, ((_, width), cell) in enumerate(zip(COLUMNS, cells, strict=True)):
            if not before or before[column] != cell:
                # A Text, never a str: a table parses strings as markup.
                self._table.update_cell_at(Coordinate(index, column), Text(fit(cell, width), no_wrap=True))


def cells_of(row: BoardRow, instant: Instant) -> Cells:
    """What a row says, column by column."""
    glyph, word, _ = STANDINGS[row.standing]
    sync = f"{glyph} {refusal(row.problem) if row.standing is Standing.REFUSED else word}"
    sync = wishes.brief(row.wishes) or sync
    if row.view.state is None:
        return ("○", row.view.order_id, "", "", "", sync)
    state = row.view.state.value
    late, late_word, _ = LATENESS[lateness(row.view, instant.now)]
    when = (
        arrival(state.eta, instant, zone_at(row.view.facts.value if row.view.facts else None))
        if state.eta and state.outcome is None
        else ""
    )
    mark, stage = OUTCOMES[state.outcome][:2] if state.outcome else ("▶", visible(label(row.view, state.status)))
    judged = f"{late} {late_word}" if late_word and late_word != "on time" else ""
    arrives = " ".join(filter(None, (when, judged)))
    return (mark, row.view.order_id, stage, arrives, _updated(state.updated_at, instant), sync)


def _updated(at: datetime, instant: Instant) -> str:
    today = instant.local(at).date() == instant.local(instant.now).date()
    return stamp(at, instant) if today else day(at, instant)
