"""The report for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from tests.support.clocks import SetClock
from tests.support.feeds import DOWN, FINAL, LIVE, ViewScript
from tests.support.orders import EPOCH, START, at, event, milestone, order, snapshot
from tracker_tui.domain import overlay
from tracker_tui.domain.command import Command, Verb
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.order import Courier, Eta, Links, Location, Outcome, Precision
from tracker_tui.domain.overlay import PendingCommand
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.changes import LinkChanged, LinkState, Noted, Phase, Topic
from tracker_tui.output.ndjson import NdjsonReport

HOSTILE = "[/b] [@click=app.quit] \x1b]0;x\x07 \x1b[2J \x00 \u202e \x9b2J \x7f"


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def report(clock: SetClock) -> NdjsonReport:
    return NdjsonReport(clock)


def objects(lines: Iterable[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines]


def kinds(lines: Iterable[str]) -> list[str]:
    return [value["type"] for value in objects(lines)]


def test_history_comes_first_then_the_order_that_contains_it(report: NdjsonReport) -> None:
    reported = objects(report.lines(ViewScript().change_for(snapshot(3, "ready"))))
    assert [(value["type"], value["seq"]) for value in reported] == [
        ("milestone", 1),
        ("milestone", 2),
        ("milestone", 3),
        ("order", 3),
    ]


def test_an_order_line_has_exactly_the_fields_of_the_interface(report: NdjsonReport) -> None:
    history = (milestone(2, "ready", note="Doorbell is broken"),)
    facts = order(promised_at=at(600), customer="Mara Lindqvist", links=Links("https://orders.example/A1"))
    change = ViewScript().change_for(snapshot(2, "ready", history=history, facts=facts))
    reported = objects(report.lines(change))
    assert reported == [
        {
            "type": "milestone",
            "orderId": "A1",
            "epoch": EPOCH,
            "seq": 2,
            "kind": "update",
            "status": "ready",
            "occurredAt": "2026-11-24T14:00:02.000Z",
            "note": "Doorbell is broken",
        },
        {
            "type": "order",
            "orderId": "A1",
            "epoch": EPOCH,
            "seq": 2,
            "complete": True,
            "state": {
                "status": "ready",
                "outcome": None,
                "eta": None,
                "location": None,
                "flags": [],
                "courier": None,
                "attempt": 1,
                "updatedAt": "2026-11-24T14:00:02.000Z",
            },
            "lateness": "on_time",
            "pending": [],
            "title": "Two pizzas",
            "customer": "Mara Lindqvist",
            "stageLabel": "Ready",
            "promisedAt": "2026-11-24T14:10:00.000Z",
            "lateBySeconds": None,
            "stuck": False,
            "needsAction": None,
            "url": "https://orders.example/A1",
        },
    ]


def test_what_is_unknown_is_null(report: NdjsonReport) -> None:
    (without_facts,) = (value for value in objects(report.lines(ViewScript().change_for(event(1)))) if "title" in value)
    fields = ("title", "customer", "stageLabel", "promisedAt", "lateBySeconds", "needsAction", "url")
    assert [without_facts[name] for name in fields] == [None] * len(fields)
    assert without_facts["stuck"] is False


def test_a_late_order_says_by_how_many_whole_minutes(report: NdjsonReport) -> None:
    eta = Eta(at(900), at(1_139), Precision.MINUTE)
    change = ViewScript().change_for(snapshot(1, facts=order(promised_at=at(630)), eta=eta))
    assert [
        (value["lateness"], value["lateBySeconds"])
        for value in objects(report.lines(change))
        if value["type"] == "order"
    ] == [("late", 360)]


def test_a_side_state_has_a_label_and_a_reason_to_act(report: NdjsonReport) -> None:
    reported = objects(report.lines(ViewScript().change_for(snapshot(1, "attempt_failed"))))[-1]
    assert (reported["stageLabel"], reported["needsAction"]) == ("Attempt failed", "attempt_failed")


def test_a_url_that_is_not_safe_to_open_is_null(report: NdjsonReport) -> None:
    facts = order(links=Links("javascript:alert(1)"))
    assert objects(report.lines(ViewScript().change_for(snapshot(1, facts=facts))))[-1]["url"] is None


def test_a_milestone_is_reported_once_however_often_it_arrives(report: NdjsonReport) -> None:
    story = ViewScript()
    first = story.change_for(event(1))
    again = story.change_for(snapshot(2, "accepted"))
    assert kinds(report.lines(first)) == ["milestone", "order"]
    assert [value["seq"] for value in objects(report.lines(again)) if value["type"] == "milestone"] == [2]
    repeated = ViewScript().change_for(snapshot(2, "accepted"))
    assert kinds(report.lines(repeated)) == []


def test_a_late_milestone_is_reported_when_it_arrives(report: NdjsonReport) -> None:
    story = ViewScript()
    for message in (snapshot(1), event(3, "preparing"), event(2, "accepted")):
        lines = list(report.lines(story.change_for(message)))
    assert [(value["type"], value["seq"]) for value in objects(lines)] == [("milestone", 2), ("order", 3)]


def test_a_renumbered_history_is_reported_under_the_new_epoch(report: NdjsonReport) -> None:
    story = ViewScript()
    list(report.lines(story.change_for(snapshot(2, "ready"))))
    reported = objects(report.lines(story.change_for(snapshot(2, "ready", epoch=EPOCH + 1))))
    assert [(value["epoch"], value["seq"]) for value in reported if value["type"] == "milestone"] == [
        (EPOCH + 1, 1),
        (EPOCH + 1, 2),
    ]


def test_without_news_there_is_no_line(report: NdjsonReport) -> None:
    story = ViewScript()
    list(report.lines(story.change_for(snapshot(1))))
    assert list(report.lines(story.change_for(snapshot(1)))) == []


def test_a_view_with_a_gap_is_not_complete(report: NdjsonReport) -> None:
    story = ViewScript()
    list(report.lines(story.change_for(snapshot(1))))
    assert objects(report.lines(story.change_for(event(3, quiet=True))))[-1]["complete"] is False
    assert objects(report.lines(story.change_for(event(2, quiet=True))))[-1]["complete"] is True


def test_an_order_line_comes_when_time_alone_makes_the_order_late(report: NdjsonReport, clock: SetClock) -> None:
    list(report.lines(LIVE))
    list(report.lines(ViewScript().change_for(snapshot(1, "preparing", facts=order(promised_at=at(60))))))
    clock.seconds = 119
    assert list(report.tick()) == []
    clock.seconds = 120
    assert [(value["lateness"], value["lateBySeconds"]) for value in objects(report.tick())] == [("late", 60)]
    assert list(report.tick()) == []
    clock.seconds = 180
    assert list(report.tick()) == []


def test_an_order_line_comes_when_time_alone_makes_the_order_stuck(report: NdjsonReport, clock: SetClock) -> None:
    list(report.lines(LIVE))
    list(report.lines(ViewScript().change_for(snapshot(1))))
    clock.seconds = 1 + 120
    assert list(report.tick()) == []
    clock.seconds = 1 + 120.5
    assert [value["stuck"] for value in objects(report.tick())] == [True]
    assert list(report.tick()) == []


def test_an_order_line_comes_when_the_courier_is_not_heard_of(report: NdjsonReport, clock: SetClock) -> None:
    courier, place = Courier("Mia", "en_route"), Location(52.5, 13.4, at(0))
    list(report.lines(LIVE))
    list(report.lines(ViewScript().change_for(snapshot(1, "picked_up", courier=courier, location=place))))
    clock.seconds = 181
    assert [value["needsAction"] for value in objects(report.tick())] == ["courier_silent"]


def test_an_outage_changes_no_judgement(report: NdjsonReport, clock: SetClock) -> None:
    list(report.lines(LIVE))
    list(report.lines(ViewScript().change_for(snapshot(1, facts=order(promised_at=at(60))))))
    clock.seconds = 30
    list(report.lines(DOWN))
    clock.seconds = 3_600
    assert list(report.tick()) == []
    list(report.lines(LIVE))
    (reported,) = objects(report.tick())
    assert (reported["lateness"], reported["lateBySeconds"], reported["stuck"]) == ("late", 3_540, True)


def test_the_end_is_reported_once_and_only_for_a_complete_view(report: NdjsonReport) -> None:
    story = ViewScript()
    list(report.lines(story.change_for(snapshot(1))))
    assert kinds(report.lines(story.change_for(event(3, "delivered", outcome=Outcome.DELIVERED)))) == [
        "milestone",
        "order",
    ]
    reported = objects(report.lines(story.change_for(event(2, "arriving"))))
    assert [value["type"] for value in reported] == ["milestone", "order", "end"]
    assert reported[-1] == {"type": "end", "orderId": "A1", "outcome": "delivered"}
    reopened = kinds(report.lines(story.change_for(event(4, "returning"))))
    returned = kinds(report.lines(story.change_for(event(5, "returned", outcome=Outcome.RETURNED))))
    assert "end" not in reopened + returned


def test_a_link_line_has_the_time_until_the_next_try(report: NdjsonReport, clock: SetClock) -> None:
    clock.seconds = 10.0
    lost = LinkState(Phase.BACKOFF, "websocket", attempt=2, retry_at=11.2346, reason="1006 abnormal closure")
    assert objects(report.lines(LinkChanged(lost))) == [
        {
            "type": "link",
            "phase": "backoff",
            "transport": "websocket",
            "attempt": 2,
            "retryInSeconds": 1.235,
            "reason": "1006 abnormal closure",
        }
    ]
    assert objects(report.lines(LIVE))[0]["retryInSeconds"] is None
    assert objects(report.lines(FINAL))[0]["phase"] == "final"


def test_notes_are_for_people(report: NdjsonReport) -> None:
    assert list(report.lines(Noted(START, Topic.GAP, "repaired 2 events"))) == []


def test_hostile_text_stays_data(report: NdjsonReport) -> None:
    eta = Eta(at(60), at(120), Precision.MINUTE)
    place = Location(52.5, 13.4, at(0), label=HOSTILE)
    change = ViewScript().change_for(
        snapshot(1, "\x1b[2J", history=(milestone(1, "\x1b[2J", note=HOSTILE),), eta=eta, location=place)
    )
    lines = list(report.lines(change))
    assert all(line == sanitize(line) for line in lines)
    assert json.loads(lines[0])["note"] == HOSTILE


def test_a_link_line_has_the_transport_and_the_reason_for_a_fallback(report: NdjsonReport) -> None:
    link = LinkState(Phase.LIVE, "sse", connected_at=0.0, fallback="WebSocket is blocked (HTTP 403)", period=5.0)
    (reported,) = objects(report.lines(LinkChanged(link)))
    assert reported == {
        "type": "link",
        "phase": "live",
        "transport": "sse",
        "attempt": 0,
        "retryInSeconds": None,
        "reason": "WebSocket is blocked (HTTP 403)",
    }


def test_a_change_of_other_link_fields_makes_no_line(report: NdjsonReport) -> None:
    assert len(list(report.lines(LinkChanged(LinkState(Phase.LIVE, "sse", period=5.0))))) == 1
    assert list(report.lines(LinkChanged(LinkState(Phase.LIVE, "sse", period=7.0)))) == []
    assert len(list(report.lines(LinkChanged(LinkState(Phase.QUIET, "sse", period=7.0))))) == 1


def test_a_command_is_pending_until_it_is_decided(report: NdjsonReport) -> None:
    asked = PendingCommand(Command("0b5c3f0a-6d5e-4a86-9d52-3a1f0c1d2e3f", Verb.NOTE, HOSTILE), START)
    change = ViewScript().change_for(snapshot(1))
    reported: list[Any] = []
    for pending in (
        asked,
        overlay.mark_unconfirmed(asked, "no answer in time"),
        overlay.mark_accepted(asked, Cursor(EPOCH, 2)),
        overlay.mark_refused(asked, "too late", at(3)),
    ):
        lines = list(report.lines(replace(change, pending_commands=(pending,))))
        assert all(line == sanitize(line) for line in lines)
        reported.append([value["pending"] for value in objects(lines) if value["type"] == "order"])
    common = {"commandId": asked.command.command_id, "command": "note", "text": HOSTILE}
    assert reported == [
        [[{**common, "fate": "pending", "reason": None}]],
        [[{**common, "fate": "unconfirmed", "reason": "no answer in time"}]],
        [[{**common, "fate": "accepted", "reason": None}]],
        [[]],
    ]
