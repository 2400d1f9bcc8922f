"""The values of a board row, also of one that takes over values of its predecessor."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.orders import EPOCH, FOOD, START, event, milestone, order, snapshot
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.order import MilestoneKind, Outcome, Stage
from tracker_tui.domain.timeline import Mark, entered, timeline
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Standing
from tracker_tui.ui.board.rows import BoardRow
from tracker_tui.ui.model.scene import TrackedOrder

RENAMED = replace(FOOD, stages=tuple(Stage(each.id, each.label.upper(), 60) for each in FOOD.stages))


def corrected(seq: int, status: str, epoch: int) -> Event:
    """Return an event that corrects the milestone before it."""
    told = event(seq, status, epoch=epoch)
    line = milestone(seq, status, kind=MilestoneKind.CORRECTION, supersedes=(max(1, seq - 1),))
    return replace(told, milestone=line)


SEQS, EPOCHS = st.integers(1, 6), st.sampled_from([EPOCH, EPOCH + 1])
STATUSES = st.sampled_from(["preparing", "preparing", "ready", "held"])
MESSAGES: st.SearchStrategy[Event | Snapshot] = st.one_of(
    st.builds(event, SEQS, STATUSES, epoch=EPOCHS, quiet=st.booleans(), outcome=st.sampled_from([None, Outcome.LOST])),
    st.builds(corrected, SEQS, STATUSES, EPOCHS),
    st.builds(snapshot, SEQS, STATUSES, epoch=EPOCHS, facts=st.sampled_from([order(), order(flow=RENAMED)])),
)


@given(st.lists(MESSAGES, min_size=2, max_size=6))
@example([snapshot(3, "preparing"), event(2, "preparing", epoch=EPOCH + 1, quiet=True)])
def test_a_row_with_a_predecessor_equals_one_without(messages: list[Event | Snapshot]) -> None:
    view, row = OrderView("A1"), None
    for message in messages:
        view = view.join(message)
        row = BoardRow(TrackedOrder(view, Standing.IN_SYNC, None), START, before=row)
        assert (row.timeline, row.entered_at) == (timeline(view), entered(view))


@given(st.lists(MESSAGES, min_size=1, max_size=6))
def test_the_entry_time_of_a_stage_equals_the_timeline(messages: list[Event | Snapshot]) -> None:
    view = OrderView("A1")
    for message in messages:
        view = view.join(message)
    active = [row.at for row in timeline(view) if row.mark is Mark.ACTIVE]
    assert not active or active == [entered(view)]


def test_corrected_milestones_are_not_part_of_the_progress() -> None:
    told = ("placed", "accepted", "preparing", "arriving")
    history = [milestone(seq, status) for seq, status in enumerate(told, start=1)]
    history.append(milestone(5, "preparing", kind=MilestoneKind.CORRECTION, supersedes=(4,)))
    history.append(milestone(6, "ready"))
    view = OrderView("A1").join(snapshot(6, "ready", history=tuple(history)))
    assert BoardRow(TrackedOrder(view, Standing.IN_SYNC, None), START).progress == "▰▰▰▰▰▱▱▱"
