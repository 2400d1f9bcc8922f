"""The sentence for the customer against the screen of the same moment, over generated orders."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import partial
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tests.support.hostile_text import active_characters
from tests.support.orders import FOOD, at, milestone, order
from tests.support.strategies import EXACT_TIMES, snapshots
from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.lateness import zone_at
from tracker_tui.domain.order import Courier, Eta, Flow, OrderState, Outcome, Place, Precision, Stage
from tracker_tui.domain.view import lift
from tracker_tui.link.changes import Counters, LinkState, Phase, Standing
from tracker_tui.ui.model.headline import order_headline
from tracker_tui.ui.model.scene import ConnectionStatus, OrderScene
from tracker_tui.ui.widgets.facts import render_facts
from tracker_tui.ui.widgets.header import render_header
from tracker_tui.ui.widgets.hero import hero_rows
from tracker_tui.ui.widgets.timeline import render_timeline
from tracker_tui.wording.languages.en import ENGLISH
from tracker_tui.wording.times import Instant

WIDTH, HEIGHT = 200, 200
"""Cells and lines of each pane: enough for all of its text."""

ZONES: st.SearchStrategy[tzinfo] = st.sampled_from([UTC, ZoneInfo("Asia/Seoul"), ZoneInfo("America/St_Johns")])

SAID_TIME = re.compile(r"\b(\d\d):(\d\d)(?: on \w+ (\d+) (\w+))?")
SAID_DAY = re.compile(r"\b[A-Z]\w+day (\d+) ([A-Z]\w+)")

PROMISES = ("should arrive", "may be later")
"""What the sentence says about the future."""


@st.composite
def evenings(draw: st.DrawFn) -> Snapshot:
    """Generate orders within some hours or days, of which every combination of words occurs."""
    times = st.integers(-600, 600).map(lambda minute: at(minute * 60.0 + minute % 60))
    days = st.integers(-4, 4).map(lambda day: at(day * 86_400.0))
    precision = draw(st.sampled_from(Precision))
    ends = sorted(draw(st.tuples(*([days if precision is Precision.DAY else times] * 2))))
    if draw(st.booleans()):
        ends[1] = ends[0] + timedelta(minutes=draw(st.integers(0, 7)))
    flow = draw(st.sampled_from([FOOD, Flow("own", (Stage("ready", "Line 7 of 12", 600), Stage("end", "Done")))]))
    status = draw(st.sampled_from(["placed", "ready", "arriving", "held", "returning", "attempt_failed", "x9"]))
    place = Place(52.5, 13.4, "Home", draw(st.sampled_from([None, "Europe/Berlin", "Asia/Seoul", "no such zone"])))
    state = OrderState(
        status,
        draw(st.none() | st.sampled_from(Outcome)),
        draw(st.none() | st.just(Eta(ends[0], ends[1], precision))),
        None,
        draw(st.sampled_from([(), ("delayed",), ("held", "action_required")])),
        draw(st.none() | st.just(Courier("Unit 42", "en_route"))),
        1,
        draw(times),
    )
    facts = order(flow=flow, promised_at=draw(st.none() | times | days), destination=place)
    return Snapshot("A1", 1, 1, facts, state, (milestone(1, status, occurred_at=draw(times)),), 1)


@st.composite
def scenes(draw: st.DrawFn, messages: st.SearchStrategy[Snapshot], times: st.SearchStrategy[datetime]) -> OrderScene:
    """Generate the content of screens, live ones and others."""
    view = lift(draw(messages))
    now, as_of = sorted(draw(st.tuples(times, times)), reverse=True)
    phase = draw(st.sampled_from([Phase.LIVE, Phase.LIVE, Phase.BACKOFF, Phase.QUIET, Phase.FINAL]))
    standing = draw(st.sampled_from([Standing.IN_SYNC, Standing.IN_SYNC, Standing.RECONCILING, Standing.FINAL]))
    connection = ConnectionStatus(LinkState(phase, "websocket"), True, None, None, Counters(), None)
    instant = Instant(0.0, now, draw(ZONES))
    scene = OrderScene(view, standing, None, connection, as_of, (), instant, names_courier=draw(st.booleans()))
    if scene.trusted:
        return scene
    return OrderScene(
        view, standing, None, connection, as_of, (), instant, known_until=as_of, names_courier=scene.names_courier
    )


def screen_text(scene: OrderScene) -> str:
    """Return the text of the order's screen, without the sentence itself."""
    panes = [
        render_header(order_headline(scene), WIDTH, 2),
        *hero_rows(scene, WIDTH, 1),
        *(render(scene, WIDTH, HEIGHT) for render in (render_timeline, partial(render_facts, names_order=True))),
    ]
    return "\n".join(pane.plain for pane in panes)


def check(scene: OrderScene) -> None:
    """Check a sentence in all respects."""
    sentence, screen = scene.say, screen_text(scene)
    assert active_characters(sentence) == []
    assert sentence.endswith(".")
    assert sentence.startswith("As of ") is not scene.trusted
    for number in re.findall(r"\d+(?::\d\d)?", sentence):
        assert re.search(rf"(?<!\d){re.escape(number)}(?!\d)", screen), (number, sentence, screen)


def promised_times(scene: OrderScene) -> list[tuple[date, str]]:
    """Return the days and times of day that the sentence says as future ones; days alone at their end."""
    there = scene.instant.in_zone(zone_at(scene.view.order))
    today = there.local(scene.instant.now).date()
    start = min((place for each in PROMISES if (place := scene.say.find(each)) >= 0), default=len(scene.say))
    future, found = scene.say[start:], []

    def day_of(number: str, month: str) -> date:
        return date(today.year, ENGLISH.months.index(month) + 1, int(number))

    for hour, minute, number, month in SAID_TIME.findall(future):
        found.append((day_of(number, month) if number else today, f"{hour}:{minute}"))
    found += [(day_of(number, month), "24:00") for number, month in SAID_DAY.findall(SAID_TIME.sub("", future))]
    return found


@given(scenes(evenings(), st.integers(-600, 600).map(lambda minute: at(minute * 60.0 + 30))))
def test_the_sentence_has_no_number_that_the_screen_has_not_and_no_future_time_that_has_passed(
    scene: OrderScene,
) -> None:
    check(scene)
    there = scene.instant.in_zone(zone_at(scene.view.order))
    now = there.local(scene.instant.now)
    for said in promised_times(scene):
        assert said >= (now.date(), f"{now:%H:%M}"), scene.say


@given(scenes(snapshots(EXACT_TIMES), EXACT_TIMES))
def test_any_order_that_the_types_allow_has_one_sentence_that_agrees_with_the_screen(scene: OrderScene) -> None:
    check(scene)
