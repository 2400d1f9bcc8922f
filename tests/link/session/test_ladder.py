"""The choice of the transport: steps down, climbs, and the failures that count."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.support.ladders import ALL, ONE
from tracker_tui.link.session.ladder import (
    PROBES,
    Failure,
    Ladder,
    clear_failures,
    climbed,
    count_failure,
    hello_received,
    probe_failed,
)


def fail(ladder: Ladder, failure: Failure, *times: float) -> Ladder:
    for at in times:
        ladder = count_failure(ladder, failure, "HTTP 403", at)
    return ladder


def test_a_refusal_by_a_middlebox_is_a_step_down_at_once_with_its_reason() -> None:
    ladder = fail(ALL, Failure.BLOCKED, 1)
    assert (ladder.rung.name, ladder.reason) == ("sse", "WebSocket: HTTP 403")


def test_two_failures_in_a_row_without_hello_are_a_step() -> None:
    assert fail(ALL, Failure.NO_HELLO, 1).rung.name == "websocket"
    assert fail(ALL, Failure.NO_HELLO, 1, 2).rung.name == "sse"


def test_a_hello_or_an_outage_between_two_failures_makes_them_two_single_ones() -> None:
    for between in (hello_received, clear_failures):
        assert fail(between(fail(ALL, Failure.NO_HELLO, 1)), Failure.NO_HELLO, 2).rung.name == "websocket"


def test_three_short_lives_within_a_minute_are_a_step() -> None:
    assert fail(ALL, Failure.SHORT_LIFE, 0, 59.9).rung.name == "websocket"
    assert fail(ALL, Failure.SHORT_LIFE, 0, 30, 59.9).rung.name == "sse"
    assert fail(ALL, Failure.SHORT_LIFE, 0, 30, 60, 90).rung.name == "websocket"


def test_a_hello_does_not_reset_the_count_of_short_lives() -> None:
    ladder = ALL
    for at in (0, 5, 10):
        ladder = fail(hello_received(ladder), Failure.SHORT_LIFE, at)
    assert ladder.rung.name == "sse"


def test_there_is_no_step_down_from_the_last_rung_or_the_only_one() -> None:
    last = fail(ALL, Failure.BLOCKED, 1, 2, 3)
    assert last.rung.name == "polling"
    assert fail(last, Failure.BLOCKED, 4).index == last.index
    assert fail(ONE, Failure.BLOCKED, 1) == ONE


def test_a_better_transport_is_tried_after_1_2_5_and_then_every_10_minutes() -> None:
    ladder, at = fail(ALL, Failure.BLOCKED, 0), 0.0
    waits = []
    for _ in range(6):
        assert ladder.probe_at is not None
        waits.append(ladder.probe_at - at)
        at = ladder.probe_at
        ladder = probe_failed(ladder, at)
    assert waits == [60, 120, 300, 600, 600, 600]


def test_after_a_climb_the_next_better_one_is_tried_after_a_minute_and_on_top_none() -> None:
    ladder = climbed(fail(ALL, Failure.BLOCKED, 0, 1), 100)
    assert (ladder.rung.name, ladder.probe_at) == ("sse", 100 + PROBES[0])
    ladder = climbed(ladder, 200)
    assert (ladder.rung.name, ladder.probe_at, ladder.reason) == ("websocket", None, None)


def test_a_step_down_right_after_a_climb_delays_the_next_climb() -> None:
    ladder = fail(ALL, Failure.BLOCKED, 0)
    waits = []
    for at in (100.0, 300.0, 700.0):
        ladder = fail(climbed(ladder, at), Failure.SHORT_LIFE, at + 1, at + 2, at + 3)
        assert ladder.probe_at is not None
        waits.append(ladder.probe_at - (at + 3))
    assert waits == [120, 300, 600]
    ladder = fail(climbed(ladder, 2000), Failure.BLOCKED, 2061)
    assert ladder.probe_at == 2061 + 60


STEPS = st.sampled_from([*Failure, hello_received, clear_failures, probe_failed, climbed])


@given(st.lists(st.tuples(STEPS, st.floats(0, 100))))
def test_a_rung_changes_by_one_at_a_time_and_a_probe_is_due_exactly_below_the_top(
    steps: list[tuple[object, float]],
) -> None:
    ladder, at = ALL, 0.0
    for step, after in steps:
        before, at = ladder, at + after
        if isinstance(step, Failure):
            ladder = count_failure(ladder, step, "no", at)
            assert 0 <= ladder.index - before.index <= 1
        elif step in {hello_received, clear_failures}:
            ladder = step(ladder)
            assert ladder.index == before.index
        elif ladder.index:
            ladder = step(ladder, at)  # type: ignore[operator]
            assert 0 <= before.index - ladder.index <= 1
        assert (ladder.probe_at is None) == (ladder.index == 0) == (ladder.reason is None)
        assert ladder.failures < 2
        assert len([then for then in ladder.short_lives if at - then < 60]) < 3
