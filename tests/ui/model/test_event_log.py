"""The event log's lines."""

from __future__ import annotations

from copy import copy

from tests.support.feeds import Story
from tests.support.orders import EPOCH, START, at, event, milestone, snapshot
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.order import MilestoneKind
from tracker_tui.link.changes import Noted, Topic
from tracker_tui.ui.model.event_log import MAX_LINES, EventLog


def told(journal: EventLog, story: Story, message: Event | Snapshot, seconds: float) -> None:
    change = story.told(message)
    journal.add_milestones(change.view, change.arrived, at(seconds))


def texts(journal: EventLog, order_id: str | None = None) -> list[str]:
    return [line.text for line in journal.tail(order_id, 100)]


def test_the_past_of_an_order_is_told_without_remarks() -> None:
    journal, story = EventLog(), Story()
    told(journal, story, snapshot(2, history=(milestone(1, "placed"), milestone(2, "accepted"))), 900)
    assert texts(journal) == ["Placed", "Accepted"]


def test_a_milestone_that_arrives_late_says_how_late() -> None:
    journal, story = EventLog(), Story()
    told(journal, story, snapshot(1), 1)
    told(journal, story, event(2, "accepted"), 3)
    told(journal, story, event(3, "preparing"), 63)
    assert texts(journal) == ["Placed", "Accepted", "Preparing  (received 1 min later)"]


def test_a_new_epoch_does_not_tell_the_same_history_again() -> None:
    journal, story = EventLog(), Story()
    told(journal, story, snapshot(1), 1)
    told(journal, story, snapshot(1, epoch=EPOCH + 1), 2)
    assert texts(journal) == ["Placed"]


def test_notes_and_corrections_are_told_as_such() -> None:
    journal, story = EventLog(), Story()
    past = (
        milestone(1, "accepted", kind=MilestoneKind.NOTE, note="ring twice"),
        milestone(2, "placed", kind=MilestoneKind.CORRECTION, supersedes=(1,)),
    )
    told(journal, story, snapshot(2, history=past), 1)
    assert texts(journal) == ["note: ring twice", "corrected to Placed"]


def test_an_orders_tail_has_its_own_lines_and_those_about_all() -> None:
    journal = EventLog()
    journal.add_note(Noted(START, Topic.LINK, "live"))
    journal.add_note(Noted(START, Topic.GAP, "mine", "A1"))
    journal.add_note(Noted(START, Topic.GAP, "not mine", "A2"))
    journal.add_fault(START, "disconnect")
    assert texts(journal, "A1") == ["live", "mine", "disconnect"]
    assert [line.text for line in journal.tail(None, 2)] == ["not mine", "disconnect"]


def test_text_from_outside_is_made_visible() -> None:
    journal = EventLog()
    journal.add_note(Noted(START, Topic.LINK, "\x1b[2J"))
    journal.add_fault(START, "\x00")
    assert texts(journal) == ["␛[2J", "␀"]


def test_it_keeps_the_newest_lines_only() -> None:
    journal = EventLog()
    for number in range(MAX_LINES + 1):
        journal.add_note(Noted(START, Topic.LINK, str(number)))
    lines = list(journal.newest_first(None))
    assert (len(lines), lines[-1].text, journal.written) == (MAX_LINES, "1", MAX_LINES + 1)


def test_a_copy_stands_still() -> None:
    journal = EventLog()
    journal.add_note(Noted(START, Topic.LINK, "before"))
    twin = copy(journal)
    journal.add_note(Noted(START, Topic.LINK, "after"))
    assert (texts(twin), twin.written) == (["before"], 1)
