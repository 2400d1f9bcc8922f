"""The event log's lines."""

from __future__ import annotations

from tests.support.feeds import ViewScript
from tests.support.orders import EPOCH, START, at, event, milestone, snapshot
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.order import MilestoneKind
from tracker_tui.link.changes import Noted, Topic
from tracker_tui.ui.model.event_log import MAX_LINES, EventLog


def log_of(*messages: tuple[Event | Snapshot, float]) -> EventLog:
    """Return a log of messages, each with its time of arrival in seconds."""
    log, story = EventLog(), ViewScript()
    for message, seconds in messages:
        change = story.change_for(message)
        log = log.add_milestones(change.view, change.arrived, at(seconds))
    return log


def texts(log: EventLog, order_id: str | None = None) -> list[str]:
    return [line.text for line in log.tail(order_id, 100)]


def test_the_first_milestones_have_no_remark() -> None:
    log = log_of((snapshot(2, history=(milestone(1, "placed"), milestone(2, "accepted"))), 900))
    assert texts(log) == ["Placed", "Accepted"]


def test_a_delayed_milestone_shows_its_delay() -> None:
    log = log_of((snapshot(1), 1), (event(2, "accepted"), 3), (event(3, "preparing"), 63))
    assert texts(log) == ["Placed", "Accepted", "Preparing  (received 1 min later)"]


def test_a_new_epoch_does_not_repeat_the_history() -> None:
    log = log_of((snapshot(1), 1), (snapshot(1, epoch=EPOCH + 1), 2))
    assert texts(log) == ["Placed"]


def test_the_histories_that_the_start_brings_are_merged_by_time() -> None:
    log = EventLog().add_note(Noted(at(500), Topic.LINK, "live"))
    for order_id, times in (("A1", (100, 400)), ("A2", (50, 200)), ("A3", (200, 300))):
        history = tuple(milestone(seq, "placed", occurred_at=at(time)) for seq, time in enumerate(times, 1))
        change = ViewScript().change_for(snapshot(2, order_id=order_id, history=history))
        log = log.add_milestones(change.view, change.arrived, at(501))
    assert [(line.order_id, line.at) for line in log.tail(None, 10)] == [
        ("A2", at(50)),
        ("A1", at(100)),
        ("A2", at(200)),
        ("A3", at(200)),
        ("A3", at(300)),
        ("A1", at(400)),
        (None, at(500)),
    ]


def test_later_lines_keep_their_order_of_arrival_around_a_history_that_arrives_late() -> None:
    log, story = EventLog().add_note(Noted(at(100), Topic.LINK, "live")), ViewScript()
    for message, seconds in (
        (snapshot(1), 100.0),
        # An event from before the start of the session arrives after it: it stays where it arrived.
        (event(2, "accepted", updated_at=at(2)), 160.0),
        (snapshot(1, order_id="A2", history=(milestone(1, "ready", occurred_at=at(130)),)), 200.0),
        # The clock of the server is ahead.
        (snapshot(1, order_id="A3", history=(milestone(1, "arriving", occurred_at=at(900)),)), 201.0),
    ):
        change = story.change_for(message)
        log = log.add_milestones(change.view, change.arrived, at(seconds))
    # This machine's clock is set back.
    log = log.add_fault(at(90), "drop")
    assert texts(log) == ["Placed", "live", "Ready", "Accepted  (received 2 min later)", "Arriving", "drop"]


def test_a_line_keeps_its_number_when_another_is_put_before_it() -> None:
    log = EventLog().add_note(Noted(at(100), Topic.LINK, "live"))
    change = ViewScript().change_for(snapshot(1))
    log = log.add_milestones(change.view, change.arrived, at(101))
    assert [(line.text, line.number) for line in log.lines] == [("Placed", 2), ("live", 1)]


def test_notes_and_corrections_are_named_as_such() -> None:
    history = (
        milestone(1, "accepted", kind=MilestoneKind.NOTE, note="ring twice"),
        milestone(2, "placed", kind=MilestoneKind.CORRECTION, supersedes=(1,)),
    )
    log = log_of((snapshot(2, history=history), 1))
    assert texts(log) == ["note: ring twice", "corrected to Placed"]
    assert [log.is_corrected(line) for line in log.lines] == [True, False]


def test_an_orders_tail_has_its_own_lines_and_the_general_ones() -> None:
    log = EventLog().add_note(Noted(START, Topic.LINK, "live"))
    log = log.add_note(Noted(START, Topic.GAP, "mine", "A1"))
    log = log.add_note(Noted(START, Topic.GAP, "not mine", "A2"))
    log = log.add_fault(START, "disconnect")
    assert texts(log, "A1") == ["live", "mine", "disconnect"]
    assert [line.text for line in log.tail(None, 2)] == ["not mine", "disconnect"]


def test_control_characters_are_made_visible() -> None:
    log = EventLog().add_note(Noted(START, Topic.LINK, "\x1b[2J")).add_fault(START, "\x00")
    assert texts(log) == ["␛[2J", "␀"]


def test_the_log_keeps_only_the_newest_lines() -> None:
    log = EventLog()
    for number in range(MAX_LINES + 1):
        log = log.add_note(Noted(START, Topic.LINK, str(number)))
    lines = list(log.newest_first(None))
    assert (len(lines), lines[-1].text, log.written) == (MAX_LINES, "1", MAX_LINES + 1)


def test_an_earlier_log_does_not_change() -> None:
    before = EventLog().add_note(Noted(START, Topic.LINK, "before"))
    after = before.add_note(Noted(START, Topic.LINK, "after"))
    assert (texts(before), before.written) == (["before"], 1)
    assert (texts(after), after.written) == (["before", "after"], 2)


def test_correction_data_is_removed_with_its_lines_or_its_order() -> None:
    correction = milestone(2, "placed", kind=MilestoneKind.CORRECTION, supersedes=(1,))
    log = log_of((snapshot(2, "placed", history=(milestone(1), correction)), 2))
    assert [log.is_corrected(line) for line in log.lines] == [True, False]
    forgotten = log.forget("A1")
    assert [forgotten.is_corrected(line) for line in forgotten.lines] == [True, False]
    for _ in range(MAX_LINES):
        forgotten = forgotten.add_fault(at(3), "drop")
    assert forgotten.corrected == frozenset()
    assert (log.corrections, forgotten.corrections) == (1, 1)
