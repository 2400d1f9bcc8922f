"""Times in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest

from tests.support.orders import START, at
from tracker_tui.domain.order import Eta, Precision
from tracker_tui.wording.times import (
    Instant,
    age,
    arrival,
    clock,
    outage_length,
    span,
    spoken_age,
    stamp,
    window,
    zone_abbreviation,
    zone_name,
)

NOW = Instant(0.0, START, UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0 s"),
        (0.9, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (4800, "1 h 20 min"),
        (86400 * 3, "3 d"),
    ],
)
def test_an_age_has_one_or_two_units(seconds: float, words: str) -> None:
    assert age(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-1, "0:00"), (51, "0:51"), (998, "16:38"), (3723, "1 h 2 min"), (86400 * 2 + 3 * 3600, "2 d 3 h")],
)
def test_a_span_does_not_look_like_a_time_of_day(seconds: float, words: str) -> None:
    assert span(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(("seconds", "words"), [(998, "16:38"), (3723, "1h02m"), (86400 * 2 + 3 * 3600, "2 d 3 h")])
def test_a_brief_span_is_shorter(seconds: float, words: str) -> None:
    assert span(timedelta(seconds=seconds), brief=True) == words


@pytest.mark.parametrize(("seconds", "words"), [(130, "2m10s"), (3720, "1h02m")])
def test_an_outage_is_given_in_minutes(seconds: float, words: str) -> None:
    assert outage_length(seconds) == words


def test_another_day_is_named() -> None:
    assert stamp(at(-61), NOW) == "13:58:59"
    assert stamp(at(-86400 * 2), NOW) == "22 Nov 14:00"


def test_utc_is_marked_and_local_time_is_not() -> None:
    assert clock(START, NOW) == "14:00:00Z"
    assert clock(START, Instant(0.0, START, timezone(timedelta(hours=2)))) == "16:00:00"


@pytest.mark.parametrize(
    ("eta", "glance", "ends"),
    [
        (Eta(at(1000), at(1160), Precision.MINUTE), "14:18", "14:16–14:19"),
        (Eta(at(30), at(50), Precision.MINUTE), "14:00", "14:00"),
        (Eta(at(-10), at(10), Precision.MINUTE), "14:00", "13:59–14:00"),
        (Eta(at(7200), at(14400), Precision.HOUR), "16:00–18:00", "16:00–18:00"),
        (Eta(at(8 * 3600), at(11 * 3600), Precision.HOUR), "22:00–25 Nov 01:00", "22:00–25 Nov 01:00"),
        (Eta(at(-14 * 3600), at(10 * 3600), Precision.DAY), "Tue 24 Nov", "Tue 24 Nov"),
        (Eta(at(86400 * 2), at(86400 * 4), Precision.DAY), "26 Nov–28 Nov", "26 Nov–28 Nov"),
    ],
)
def test_an_eta_is_given_with_its_precision(eta: Eta, glance: str, ends: str) -> None:
    assert (arrival(eta, NOW), window(eta, NOW)) == (glance, ends)


def test_a_time_on_the_feeds_clock_has_a_wall_time() -> None:
    assert Instant(100.0, START, UTC).wall(88.0) == datetime(2026, 11, 24, 13, 59, 48, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 second"), (59, "59 seconds"), (60, "1 minute"), (4_800, "1 hour 20 minutes"), (200_000, "2 days")],
)
def test_an_age_in_a_sentence_has_whole_words(seconds: float, words: str) -> None:
    assert spoken_age(seconds) == words


def test_an_eta_of_days_means_the_days_at_the_destination() -> None:
    tokyo = timezone(timedelta(hours=9))
    late_there = Eta(at(3 * 3600), at(3 * 3600), Precision.DAY)  # 17:00 here, 02:00 on Wednesday there
    assert arrival(late_there, NOW) == "Tue 24 Nov"
    assert arrival(late_there, NOW, tokyo) == "Wed 25 Nov"


@pytest.mark.parametrize(
    ("zone", "name", "abbreviation"),
    [
        (ZoneInfo("Europe/Berlin"), "Berlin", "CET"),
        (ZoneInfo("America/Argentina/Buenos_Aires"), "Buenos Aires", "Buenos Aires"),
        (UTC, "UTC", "UTC"),
        (timezone(timedelta(hours=2)), "UTC+0200", "UTC+0200"),
    ],
)
def test_a_zone_has_the_name_of_its_city_and_an_abbreviation(zone: tzinfo, name: str, abbreviation: str) -> None:
    instant = Instant(0.0, START, zone)
    assert (zone_name(instant, START), zone_abbreviation(instant, START)) == (name, abbreviation)
