"""The report for people."""

from __future__ import annotations

import io
from datetime import UTC

import pytest

from tests.support.clocks import SetClock
from tests.support.feeds import CONNECTING, DOWN, FINAL, LIVE, ViewScript
from tests.support.orders import START, at, event, milestone, order, snapshot
from tracker_tui.domain.order import Courier, Eta, Location, MilestoneKind, Outcome, Precision
from tracker_tui.link.changes import LinkChanged, LinkState, Noted, Phase, Topic
from tracker_tui.output.plain import PlainReport

HOSTILE = "[/b] [@click=app.quit] \x1b]0;x\x07 \x1b[2J \x00 \u202e \x9b2J \x7f \r\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def report(clock: SetClock) -> PlainReport:
    return PlainReport(clock, io.StringIO(), UTC)


def test_the_history_of_an_order_comes_before_its_state(report: PlainReport) -> None:
    eta = Eta(at(1_080), at(1_380), Precision.MINUTE)
    history = (milestone(1), milestone(2, "accepted", note="Hello"))
    change = ViewScript().change_for(
        snapshot(2, "accepted", history=history, eta=eta, facts=order(promised_at=at(900)))
    )
    assert list(report.lines(change)) == [
        "14:00:00  A1: Placed at 14:00:01.",
        "14:00:00  A1: Accepted at 14:00:02. Note: Hello.",
        "14:00:00  Now: A1, Two pizzas: Accepted. Expected between 14:18 and 14:23. "
        "5 minutes late, promised for 14:15.",
    ]


def test_a_new_stage_is_one_line(report: PlainReport, clock: SetClock) -> None:
    story = ViewScript()
    list(report.lines(story.change_for(snapshot(1))))
    clock.seconds = 2
    assert list(report.lines(story.change_for(event(2, "accepted")))) == ["14:00:02  A1: Accepted at 14:00:02."]


def test_a_new_position_is_not_reported(report: PlainReport) -> None:
    story = ViewScript()
    list(report.lines(story.change_for(snapshot(1))))
    moved = event(2, quiet=True, location=Location(52.5, 13.4, at(2)))
    assert list(report.lines(story.change_for(moved))) == []


def test_only_changes_are_reported(report: PlainReport) -> None:
    story = ViewScript()
    soon = Eta(at(600), at(900), Precision.MINUTE)
    courier = Courier("Mia", "en_route")
    list(report.lines(story.change_for(snapshot(1, eta=soon, facts=order(promised_at=at(1_000)), courier=courier))))
    later = Eta(at(1_200), at(1_500), Precision.MINUTE)
    reported = story.change_for(event(2, quiet=True, eta=later, flags=("delayed", "action_required"), courier=courier))
    assert list(report.lines(reported)) == [
        "14:00:00  A1: Expected between 14:20 and 14:25. Late. Delayed, action required."
    ]
    better = story.change_for(event(3, quiet=True, eta=soon, courier=courier))
    assert list(report.lines(better)) == [
        "14:00:00  A1: Expected between 14:10 and 14:15. On time. No longer delayed, action required."
    ]


def test_time_alone_makes_an_order_late(report: PlainReport, clock: SetClock) -> None:
    list(report.lines(LIVE))
    list(report.lines(ViewScript().change_for(snapshot(1, facts=order(promised_at=at(60))))))
    assert list(report.tick()) == []
    clock.seconds = 120
    assert list(report.tick()) == ["14:02:00  A1: Late."]
    assert list(report.tick()) == []


def test_an_order_does_not_become_late_in_an_outage(report: PlainReport, clock: SetClock) -> None:
    list(report.lines(LIVE))
    list(report.lines(ViewScript().change_for(snapshot(1, facts=order(promised_at=at(60))))))
    clock.seconds = 30
    list(report.lines(DOWN))
    clock.seconds = 600
    assert list(report.tick()) == []
    list(report.lines(LIVE))
    assert list(report.tick()) == ["14:10:00  A1: Late."]


def test_the_line_about_the_end_names_the_outcome(report: PlainReport) -> None:
    story = ViewScript()
    list(report.lines(story.change_for(snapshot(1))))
    lines = list(report.lines(story.change_for(event(2, "cancelled", outcome=Outcome.CANCELLED))))
    assert lines == [
        "14:00:00  A1: Cancelled at 14:00:02.",
        "14:00:00  Ended: A1, Two pizzas: Cancelled at 14:00:02.",
    ]


def test_corrections_and_notes_are_named(report: PlainReport) -> None:
    story = ViewScript()
    list(report.lines(story.change_for(snapshot(1))))
    note = milestone(2, kind=MilestoneKind.NOTE, note="Ring twice", source="customer")
    fix = milestone(3, "accepted", kind=MilestoneKind.CORRECTION, supersedes=(1,))
    lines = list(report.lines(story.change_for(snapshot(3, "accepted", history=(milestone(1), note, fix)))))
    assert lines == [
        "14:00:00  A1: Note at 14:00:02 by customer: Ring twice.",
        "14:00:00  A1: Corrected to Accepted at 14:00:03. Struck: Placed at 14:00:01.",
    ]


def test_the_link_is_reported_with_its_notes(report: PlainReport, clock: SetClock) -> None:
    clock.seconds = 10
    slow = LinkState(Phase.BACKOFF, "websocket", attempt=3, retry_at=14.0, reason="connection refused")
    quick = LinkState(Phase.BACKOFF, "websocket", attempt=1, retry_at=10.2, reason="connection refused")
    quiet = LinkState(Phase.QUIET, "websocket", connected_at=0.0)
    changes = [CONNECTING, LinkChanged(quick), LinkChanged(slow), LIVE, LinkChanged(quiet), FINAL]
    lines = [line for change in changes for line in report.lines(change)]
    assert lines == [
        "14:00:10  Link: Connecting.",
        "14:00:10  Link: Next try in 4.0 seconds.",
        "14:00:10  Link: Quiet: no data for longer than a heartbeat.",
    ]
    assert list(report.lines(Noted(START, Topic.LINK, "lost: 1006 abnormal closure"))) == [
        "14:00:10  Link: Lost: 1006 abnormal closure."
    ]
    assert list(report.lines(Noted(START, Topic.GAP, "repaired 1 event", "A1"))) == ["14:00:10  A1: Repaired 1 event."]


def test_hostile_text_is_inert_and_visible(report: PlainReport) -> None:
    story = ViewScript()
    hostile = snapshot(
        1,
        "\x1b[2J",
        history=(milestone(1, "\x1b[2J", note=HOSTILE, source=HOSTILE),),
        facts=order(title=HOSTILE),
        flags=(HOSTILE,),
        courier=Courier(HOSTILE, HOSTILE),
        location=Location(52.5, 13.4, at(0), label=HOSTILE),
    )
    lines = list(report.lines(story.change_for(hostile))) + list(report.lines(Noted(START, Topic.LINK, HOSTILE)))
    assert len(lines) == 3
    for line in lines:
        assert all(character >= " " and not "\x7f" <= character <= "\x9f" for character in line)
        assert "\u202e" not in line
        assert "[/b] [@click=app.quit] ␛]0;x␇ ␛[2J ␀ ⟨RLO⟩" in line


def test_a_long_line_is_not_wrapped_and_numbers_are_not_coloured(report: PlainReport) -> None:
    text = "1234 " * 100 + "http://example.test :smile:"
    (line,) = report.lines(Noted(START, Topic.LINK, text))
    assert line == f"14:00:00  Link: {text}."


def test_a_terminal_gets_colours(clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    (line,) = PlainReport(clock, Terminal(), UTC).lines(CONNECTING)
    assert "\x1b[2m" in line
