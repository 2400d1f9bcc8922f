"""Filtered reports: only matching orders produce lines."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from datetime import UTC
from typing import Any

import pytest

from tests.support.clocks import SetClock
from tests.support.feeds import DOWN, LIVE, ViewScript
from tests.support.orders import EPOCH, START, at, event, order, snapshot
from tracker_tui.domain.order import Courier, Outcome, Place
from tracker_tui.link.changes import Noted, OrderForgotten, Topic
from tracker_tui.output.assessments import Assessments
from tracker_tui.output.filtered import FilteredReport
from tracker_tui.output.ndjson import NdjsonReport
from tracker_tui.output.plain import PlainReport
from tracker_tui.wording.filter import Filter


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


def ndjson(text: str, clock: SetClock) -> FilteredReport:
    assessments = Assessments(clock)
    return FilteredReport(NdjsonReport(clock, assessments), Filter.parse(text), assessments)


def plain(text: str, clock: SetClock) -> FilteredReport:
    assessments = Assessments(clock)
    report = PlainReport(clock, io.StringIO(), UTC, assessments)
    return FilteredReport(report, Filter.parse(text), assessments)


def types_and_seqs(lines: Iterable[str]) -> list[tuple[str, int]]:
    """Return type and seq of each line."""
    values: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return [(value["type"], value.get("seq", 0)) for value in values]


def test_an_order_that_starts_to_match_is_reported_with_its_history(clock: SetClock) -> None:
    report, story = ndjson("status:ready", clock), ViewScript()
    assert types_and_seqs(report.lines(story.change_for(snapshot(1)))) == []
    assert types_and_seqs(report.lines(story.change_for(event(2, "preparing")))) == []
    assert types_and_seqs(report.lines(story.change_for(event(3, "ready")))) == [
        ("milestone", 1),
        ("milestone", 2),
        ("milestone", 3),
        ("order", 3),
    ]
    assert types_and_seqs(report.lines(story.change_for(event(4, "ready")))) == [("milestone", 4), ("order", 4)]


def test_an_order_that_stops_matching_is_silent_until_it_matches_again(clock: SetClock) -> None:
    report, story = ndjson("!status:ready", clock), ViewScript()
    assert types_and_seqs(report.lines(story.change_for(snapshot(1)))) == [("milestone", 1), ("order", 1)]
    assert types_and_seqs(report.lines(story.change_for(event(2, "ready")))) == []
    assert types_and_seqs(report.tick()) == []
    assert types_and_seqs(report.lines(story.change_for(event(3, "arriving")))) == [
        ("milestone", 2),
        ("milestone", 3),
        ("order", 3),
    ]


def test_milestones_are_reported_in_order_of_arrival(clock: SetClock) -> None:
    report, story = ndjson("arriving", clock), ViewScript()
    for message in (snapshot(1), event(4, "ready"), event(3, "preparing")):
        assert types_and_seqs(report.lines(story.change_for(message))) == []
    lines = types_and_seqs(report.lines(story.change_for(event(5, "arriving"))))
    assert lines == [("milestone", 1), ("milestone", 4), ("milestone", 3), ("milestone", 5), ("order", 5)]


def test_renumbered_milestones_are_reported_with_the_new_numbers_only(clock: SetClock) -> None:
    report, story = ndjson("arriving", clock), ViewScript()
    assert types_and_seqs(report.lines(story.change_for(snapshot(2, "ready")))) == []
    assert types_and_seqs(report.lines(story.change_for(snapshot(2, "ready", epoch=EPOCH + 1)))) == []
    lines = list(report.lines(story.change_for(event(3, "arriving", epoch=EPOCH + 1))))
    assert [(json.loads(line)["epoch"], json.loads(line)["seq"]) for line in lines] == [
        (EPOCH + 1, 1),
        (EPOCH + 1, 2),
        (EPOCH + 1, 3),
        (EPOCH + 1, 3),
    ]


def test_an_order_can_start_and_stop_matching_by_time_alone(clock: SetClock) -> None:
    change = ViewScript().change_for(snapshot(1, facts=order(promised_at=at(60))))
    late, punctual = ndjson("late", clock), ndjson("!late", clock)
    for report in (late, punctual):
        list(report.lines(LIVE))
    assert types_and_seqs(late.lines(change)) == []
    assert types_and_seqs(punctual.lines(change)) == [("milestone", 1), ("order", 1)]
    clock.seconds = 120
    assert types_and_seqs(late.tick()) == [("milestone", 1), ("order", 1)]
    assert types_and_seqs(late.tick()) == []
    assert types_and_seqs(punctual.tick()) == []


def test_the_end_is_reported_if_the_order_matches_then(clock: SetClock) -> None:
    delivered = ViewScript().change_for(snapshot(1, "delivered", outcome=Outcome.DELIVERED))
    assert types_and_seqs(ndjson("done", clock).lines(delivered)) == [("milestone", 1), ("order", 1), ("end", 0)]
    assert types_and_seqs(ndjson("!done", clock).lines(delivered)) == []


def test_link_changes_pass_every_filter_and_no_order_is_marked_in_a_pipe(clock: SetClock) -> None:
    report = ndjson("marked", clock)
    assert types_and_seqs(report.lines(LIVE)) == [("link", 0)]
    assert types_and_seqs(report.lines(ViewScript().change_for(snapshot(1)))) == []


def test_sentences_about_an_order_come_only_while_it_matches(clock: SetClock) -> None:
    report, story = plain("late", clock), ViewScript()
    gap = Noted(START, Topic.GAP, "1 event is missing", "A1")
    list(report.lines(LIVE))
    assert list(report.lines(story.change_for(snapshot(1, facts=order(promised_at=at(60)))))) == []
    assert list(report.lines(gap)) == []
    assert len(list(report.lines(Noted(START, Topic.LINK, "connected")))) == 1
    clock.seconds = 120
    history, now = report.tick()
    assert history.endswith("A1: Placed at 14:00:01.")
    assert "Now: A1, Two pizzas" in now
    assert len(list(report.lines(gap))) == 1
    assert list(report.tick()) == []


def test_an_order_that_was_forgotten_arrives_as_a_new_one(clock: SetClock) -> None:
    report, story = ndjson("status:ready", clock), ViewScript()
    assert types_and_seqs(report.lines(story.change_for(snapshot(2, "placed")))) == []
    assert types_and_seqs(report.lines(OrderForgotten("A1"))) == []
    clock.seconds = 9_000
    assert types_and_seqs(report.tick()) == []
    again = ViewScript().change_for(snapshot(2, "ready", history_from=2))
    assert types_and_seqs(report.lines(again)) == [("milestone", 2), ("order", 2)]


def test_an_outage_makes_no_order_match(clock: SetClock) -> None:
    report = ndjson("late", clock)
    list(report.lines(LIVE))
    list(report.lines(ViewScript().change_for(snapshot(1, facts=order(promised_at=at(60))))))
    clock.seconds = 30
    list(report.lines(DOWN))
    clock.seconds = 600
    assert types_and_seqs(report.tick()) == []
    assert types_and_seqs(report.lines(LIVE)) == [("link", 0)]
    assert types_and_seqs(report.tick()) == [("milestone", 1), ("order", 1)]


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("jonas", True),
        ("campo", True),
        ("late>10m", True),
        ("late>=1h", False),
        ("late>", True),
        ("action", True),
        ("marked", False),
        ("!snoozed", True),
    ],
)
def test_a_filter_finds_in_a_pipe_what_it_finds_on_the_board(clock: SetClock, text: str, matches: bool) -> None:
    clock.seconds = 1800
    facts = order(promised_at=at(0), origin=Place(1.0, 2.0, "Forno do Campo"))
    held = snapshot(1, "held", facts=facts, flags=("held",), courier=Courier("Jonas"), updated_at=at(1800))
    report, story = ndjson(text, clock), ViewScript()
    list(report.lines(LIVE))
    assert bool(list(report.lines(story.change_for(held)))) is matches
