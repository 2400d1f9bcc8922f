"""The time at which a fresh token is fetched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.orders import START
from tracker_tui.link.session.token_lease import Lease, correct_clock, fetch_failed, fetch_started, grant, renew


def lease(life: float, at: float = 100.0, token: int = 1, before: Lease | None = None) -> Lease:
    return grant(token, START + timedelta(seconds=life), START, at, before)


def test_a_fresh_token_is_looked_for_when_a_fifth_of_its_life_or_30_seconds_are_left() -> None:
    assert lease(5).fetch_at == 104
    assert lease(100).fetch_at == 180
    assert lease(3600).fetch_at == 100 + 3600 - 30


def test_the_life_counts_from_when_the_token_was_first_accepted() -> None:
    first = lease(100)
    again = lease(60, at=140, before=first)
    assert again.fetch_at == first.fetch_at == 180
    assert lease(60, at=140, token=2, before=first).fetch_at == 140 + 60 - 12


def test_a_token_that_the_server_took_on_an_open_stream_counts_from_then() -> None:
    fresh = renew(lease(100), 2, START + timedelta(seconds=180), at=180)
    assert (fresh.token, fresh.expires_at, fresh.fetch_at) == (2, 280, 260)


def test_without_a_fresh_one_it_is_looked_for_again_when_half_of_the_time_is_over_until_the_expiry() -> None:
    looks = []
    held = fetch_started(lease(100))
    assert held.fetch_at is None
    at = 180.0
    while (held := fetch_failed(held, at)).fetch_at is not None:
        at = held.fetch_at
        looks.append(at)
    assert looks == [190, 195, 197.5, 198.75, 199.75]


def test_a_clock_that_stood_still_is_corrected_by_the_servers() -> None:
    held = lease(3600)
    assert correct_clock(held, START + timedelta(seconds=10.5), 110) is held
    slept = correct_clock(held, START + timedelta(seconds=1010), 110)
    assert (slept.expires_at, slept.fetch_at) == (2700, 2670)
    assert correct_clock(fetch_started(held), START + timedelta(seconds=1010), 110).fetch_at is None


def test_fresh_tokens_that_are_over_when_they_come_are_looked_for_once_a_second() -> None:
    held = lease(-5, at=100)
    assert held.fetch_at == 101
    assert renew(held, 2, START, at=101).fetch_at == 102


def test_one_that_is_nearly_over_on_another_connection_is_replaced_at_once() -> None:
    assert lease(0.5, at=109.5, before=lease(10)).fetch_at == 108


@pytest.mark.parametrize("time", [datetime.min, datetime.max])
def test_no_server_time_is_too_early_or_too_late(time: datetime) -> None:
    time = time.replace(tzinfo=UTC)
    assert grant(1, time, time, 100, None).expires_at == 100
    assert correct_clock(lease(100), time, 100).token == 1


@given(st.floats(1.25, 1e6), st.floats(0, 1e5))
def test_it_is_never_looked_for_after_the_expiry_nor_more_than_30_seconds_before(life: float, at: float) -> None:
    held = lease(life, at=at)
    assert held.fetch_at is not None
    # To the millisecond, as times travel.
    assert -1e-3 <= held.expires_at - held.fetch_at <= 30 + 1e-3
