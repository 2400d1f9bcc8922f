"""Reports that a filter narrows down: only orders that match produce lines."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from datetime import UTC
from typing import Any

import pytest

from tests.support.clocks import SetClock
from tests.support.feeds import LIVE, Story
from tests.support.orders import EPOCH, START, at, event, order, snapshot
from tracker_tui.domain.order import Outcome
from tracker_tui.link.changes import Noted, Topic
from tracker_tui.output.filtered import FilteredReport
from tracker_tui.output.ndjson import NdjsonReport
from tracker_tui.output.plain import PlainReport
from tracker_tui.wording.filter import Filter


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


def ndjson(text: str, clock: SetClock) -> FilteredReport:
    return FilteredReport(NdjsonReport(clock), Filter.parse(text), clock)


def plain(text: str, clock: SetClock) -> FilteredReport:
    return FilteredReport(PlainReport(clock, io.StringIO(), UTC), Filter.parse(text), clock)


def told(lines: Iterable[str]) -> list[tuple[str, int]]:
    """Type and seq of each line."""
    values: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return [(value["type"], value.get("seq", 0)) for value in values]


def test_an_order_that_begins_to_match_is_told_from_its_history_on(clock: SetClock) -> None:
    report, story = ndjson("status:ready", clock), Story()
    assert told(report.lines(story.told(snapshot(1)))) == []
    assert told(report.lines(story.told(event(2, "preparing")))) == []
    assert told(report.lines(story.told(event(3, "ready")))) == [
        ("milestone", 1),
        ("milestone", 2),
        ("milestone", 3),
        ("order", 3),
    ]
    assert told(report.lines(story.told(event(4, "ready")))) == [("milestone", 4), ("order", 4)]


def test_an_order_that_stops_matching_is_silent_until_it_matches_again(clock: SetClock) -> None:
    report, story = ndjson("!status:ready", clock), Story()
    assert told(report.lines(story.told(snapshot(1)))) == [("milestone", 1), ("order", 1)]
    assert told(report.lines(story.told(event(2, "ready")))) == []
    assert told(report.tick()) == []
    assert told(report.lines(story.told(event(3, "arriving")))) == [("milestone", 2), ("milestone", 3), ("order", 3)]


def test_milestones_are_told_in_order_of_arrival(clock: SetClock) -> None:
    report, story = ndjson("arriving", clock), Story()
    for message in (snapshot(1), event(4, "ready"), event(3, "preparing")):
        assert told(report.lines(story.told(message))) == []
    lines = told(report.lines(story.told(event(5, "arriving"))))
    assert lines == [("milestone", 1), ("milestone", 4), ("milestone", 3), ("milestone", 5), ("order", 5)]


def test_what_a_new_epoch_renumbered_is_told_under_the_new_numbers_alone(clock: SetClock) -> None:
    report, story = ndjson("arriving", clock), Story()
    assert told(report.lines(story.told(snapshot(2, "ready")))) == []
    assert told(report.lines(story.told(snapshot(2, "ready", epoch=EPOCH + 1)))) == []
    lines = list(report.lines(story.told(event(3, "arriving", epoch=EPOCH + 1))))
    assert [(json.loads(line)["epoch"], json.loads(line)["seq"]) for line in lines] == [
        (EPOCH + 1, 1),
        (EPOCH + 1, 2),
        (EPOCH + 1, 3),
        (EPOCH + 1, 3),
    ]


def test_an_order_can_begin_and_stop_to_match_by_time_alone(clock: SetClock) -> None:
    change = Story().told(snapshot(1, facts=order(promised_at=at(60))))
    late, punctual = ndjson("late", clock), ndjson("!late", clock)
    assert told(late.lines(change)) == []
    assert told(punctual.lines(change)) == [("milestone", 1), ("order", 1)]
    clock.seconds = 61
    assert told(late.tick()) == [("milestone", 1), ("order", 1)]
    assert told(late.tick()) == []
    assert told(punctual.tick()) == []


def test_the_end_is_told_of_orders_that_match_then(clock: SetClock) -> None:
    delivered = Story().told(snapshot(1, "delivered", outcome=Outcome.DELIVERED))
    assert told(ndjson("done", clock).lines(delivered)) == [("milestone", 1), ("order", 1), ("end", 0)]
    assert told(ndjson("!done", clock).lines(delivered)) == []


def test_links_are_told_of_whatever_the_filter_and_nothing_is_marked_in_a_pipe(clock: SetClock) -> None:
    report = ndjson("marked", clock)
    assert told(report.lines(LIVE)) == [("link", 0)]
    assert told(report.lines(Story().told(snapshot(1)))) == []


def test_sentences_about_an_order_come_only_while_it_matches(clock: SetClock) -> None:
    report, story = plain("late", clock), Story()
    gap = Noted(START, Topic.GAP, "1 event is missing", "A1")
    assert list(report.lines(story.told(snapshot(1, facts=order(promised_at=at(60)))))) == []
    assert list(report.lines(gap)) == []
    assert len(list(report.lines(Noted(START, Topic.LINK, "connected")))) == 1
    clock.seconds = 61
    history, now = report.tick()
    assert history.endswith("A1: Placed at 14:00:01.")
    assert "Now: A1, Two pizzas" in now
    assert len(list(report.lines(gap))) == 1
    assert list(report.tick()) == []
