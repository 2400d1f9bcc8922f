"""What the board reads from one order; kept until the order changes, because a long board changes in few at a time."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from tracker_tui.domain.attention import stuck_since
from tracker_tui.domain.lateness import middle
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.timeline import Mark, Row, entered, label, timeline
from tracker_tui.ui.cells.progress import STAGE_GLYPHS
from tracker_tui.ui.model.scene import TrackedOrder
from tracker_tui.ui.model.styles import OUTCOMES

_OF_THE_WAY = ("way", "entered")
"""What an order that only moves has in common with what was read of it before."""


class Reading:
    """One row as it was told, and what follows from it; each thing is worked out when it is first asked for.

    Args:
        row: What is known of the order.
        before: The reading of its row before: an order that only moves has the same way behind it.

    Attributes:
        order_id: Whose reading this is.
    """

    def __init__(self, row: TrackedOrder, before: Reading | None = None) -> None:
        self.row = row
        self.order_id = row.view.order_id
        if before is not None and _same_way(before.row, row):
            self.__dict__.update({name: before.__dict__[name] for name in _OF_THE_WAY if name in before.__dict__})

    @cached_property
    def timeline(self) -> tuple[Row, ...]:
        """The rows of its timeline."""
        return timeline(self.row.view)

    @cached_property
    def stuck_from(self) -> datetime | None:
        """When it counts as stuck unless something is heard of it."""
        return stuck_since(self.row.view, self.entered_at)

    @cached_property
    def entered_at(self) -> datetime | None:
        """When its present stage was entered; the timeline says the same, and takes longer to draw up."""
        return entered(self.row.view)

    @cached_property
    def stage(self) -> str:
        """Where it is, in a word or two; empty while nothing is known."""
        if self.row.view.state is None:
            return ""
        state = self.row.view.state.value
        return OUTCOMES[state.outcome][1] if state.outcome else sanitize(label(self.row.view, state.status))

    @cached_property
    def stage_index(self) -> int:
        """How far along its flow it is, in stages; -1 where that can't be said."""
        if self.row.view.state is None or self.row.view.facts is None:
            return -1
        ids = [stage.id for stage in self.row.view.facts.value.flow.stages]
        status = self.row.view.state.value.status
        return ids.index(status) if status in ids else -1

    @cached_property
    def progress(self) -> str:
        """A glyph for each stage: ``✔✔✔▶○``."""
        # The last visit counts; what was corrected never was.
        last = {row.status: row.mark for row in self.timeline if row.mark is not Mark.STRUCK}
        flow = self.row.view.facts.value.flow.stages if self.row.view.facts else ()
        places = {stage.id for stage in flow}
        shown = {
            status: mark
            for status, mark in last.items()
            if status in places or mark in {Mark.ACTIVE, Mark.ENDED} or not places
        }
        return "".join(STAGE_GLYPHS[mark][0] for mark in shown.values())

    @cached_property
    def expected_at(self) -> datetime | None:
        """The one time that stands for its ETA."""
        state = self.row.view.state.value if self.row.view.state else None
        return middle(state.eta) if state and state.eta and state.outcome is None else None

    @cached_property
    def customer(self) -> str:
        """For whom it is; empty where that isn't told."""
        facts = self.row.view.facts.value if self.row.view.facts else None
        return sanitize(facts.customer) if facts and facts.customer else ""

    @cached_property
    def search_text(self) -> str:
        """What a filter's text is looked for in, in lower case."""
        view = self.row.view
        status = sanitize(view.state.value.status) if view.state else ""
        title = sanitize(view.facts.value.title) if view.facts else ""
        return "\n".join((view.order_id, self.stage, status, self.customer, title)).casefold()


def _same_way(before: TrackedOrder, after: TrackedOrder) -> bool:
    if before.view.history is not after.view.history or before.view.facts is not after.view.facts:
        return False
    old, new = before.view.state, after.view.state
    if old is None or new is None:
        return False
    # What fills a hole may tell of nothing, and yet that nothing is missing any more.
    if before.view.whole_history is not after.view.whole_history:
        return False
    # An end may have no other time than that of the newest version.
    return old.value.status == new.value.status and old.value.outcome is new.value.outcome is None
