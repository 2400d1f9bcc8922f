"""What each close code, problem and HTTP status means: the table of PROTOCOL §8, row by row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker_tui.link.errors import (
    LinkError,
    NoToken,
    Oversized,
    Refused,
    ServerBusy,
    StreamClosed,
    StreamEnded,
    TransportBlocked,
    TransportDown,
)
from tracker_tui.link.session.verdicts import CODES, Course, Verdict, judge, judge_problem, refusal
from tracker_tui.wire.messages import Problem

CLOSE_CODES = {
    1000: Course.RETRY,
    1001: Course.RETRY,
    1002: Course.RETRY_ONCE,
    1003: Course.RETRY_ONCE,
    1005: Course.RETRY,
    1006: Course.RETRY,
    1007: Course.RETRY_ONCE,
    1008: Course.REFRESH_OR_FAIL,
    1009: Course.FINAL,
    1010: Course.RETRY_ONCE,
    1011: Course.RETRY,
    1012: Course.RETRY,
    1013: Course.RETRY,
    1014: Course.RETRY,
    3000: Course.RETRY,
    3999: Course.RETRY,
    4000: Course.RETRY,
    4001: Course.REFRESH,
    4008: Course.RETRY,
    4012: Course.RETRY,
    4029: Course.RETRY,
    4499: Course.RETRY,
    4500: Course.FINAL,
    4501: Course.SIGNED_OUT,
    4503: Course.FINAL,
    4504: Course.FINAL,
    4505: Course.FINAL,
    4506: Course.FINAL,
    4999: Course.FINAL,
}

PROBLEMS = {
    "token_expired": (401, Course.REFRESH),
    "slow_consumer": (503, Course.RETRY),
    "restarting": (503, Course.RETRY),
    "rate_limited": (429, Course.RETRY),
    "auth_rejected": (401, Course.SIGNED_OUT),
    "forbidden": (403, Course.FINAL),
    "order_not_found": (404, Course.FINAL),
    "unsupported_protocol": (400, Course.FINAL),
    "conflict": (409, Course.FINAL),
    "too_large": (413, Course.FINAL),
    "invalid": (422, Course.FINAL),
}

LATER = (408, 425, 429, 500, 502, 503, 504, 599)
NOT_OURS = (200, 204, 302, 400, 401, 403, 404, 405, 407, 409, 413, 422, 426, 451)


@pytest.mark.parametrize(("code", "course"), CLOSE_CODES.items())
def test_a_close_code_has_its_course(code: int, course: Course) -> None:
    assert judge(StreamClosed(code, "whatever the reason says: forbidden, token expired")) == Verdict(course)


@given(st.integers(4000, 4999))
def test_an_unknown_code_of_the_protocols_range_classifies_itself(code: int) -> None:
    if code not in CLOSE_CODES:
        assert judge(StreamClosed(code)).course is (Course.RETRY if code < 4500 else Course.FINAL)


def test_a_message_that_was_too_big_for_us_is_got_another_way_and_one_of_ours_is_final() -> None:
    assert judge(StreamClosed(1009, by_us=True)).course is Course.FETCH_ALL
    assert judge(StreamClosed(1009)).course is Course.FINAL


def test_the_end_of_a_stream_without_close_codes_is_retried_and_its_wait_spares_the_first_try() -> None:
    assert judge(StreamEnded()) == Verdict(Course.RETRY, lenient=True)
    assert judge(StreamEnded(3.0)) == Verdict(Course.RETRY, 3.0, lenient=True)


def test_where_there_is_no_token_nothing_is_tried() -> None:
    assert judge(NoToken("the token file is empty")) == Verdict(Course.SIGNED_OUT)


@pytest.mark.parametrize("status", [400, 413, 422])
@pytest.mark.parametrize("code", ["too_large", "invalid"])
def test_a_bug_of_ours_is_final_under_each_status_that_tells_it(code: str, status: int) -> None:
    assert judge(refusal(status, Problem(code, "no"), None, "HTTP")).course is Course.FINAL


def test_every_code_of_the_protocol_has_a_row() -> None:
    assert set(PROBLEMS) == CODES


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_problem_has_its_course_and_keeps_its_wait(code: str) -> None:
    problem = Problem(code, "", retry_after_seconds=7)
    assert judge(Refused(problem)) == judge_problem(problem) == Verdict(PROBLEMS[code][1], 7)


def test_a_problem_of_an_unknown_code_is_no_reason_to_end() -> None:
    assert judge_problem(Problem("on_fire", "")).course is Course.RETRY


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_refusal_with_a_known_code_is_the_gateways(code: str) -> None:
    status, course = PROBLEMS[code]
    error = refusal(status, Problem(code, "no"), None, "HTTP")
    assert isinstance(error, Refused)
    assert judge(error) == Verdict(course)


@pytest.mark.parametrize("problem", [None, Problem("out_of_credit", "a box in between speaks problem+json, too")])
@pytest.mark.parametrize("status", NOT_OURS)
def test_any_other_refusal_is_a_box_in_between(status: int, problem: Problem | None) -> None:
    error = refusal(status, problem, None, f"HTTP {status}")
    assert isinstance(error, TransportBlocked)
    assert error.status == status
    assert str(error) == f"HTTP {status}"
    assert judge(error) == Verdict(Course.NEXT_TRANSPORT)


@pytest.mark.parametrize("problem", [None, Problem("out_of_credit", "")])
@pytest.mark.parametrize("status", LATER)
def test_a_busy_status_means_later_whoever_answers(status: int, problem: Problem | None) -> None:
    assert judge(refusal(status, problem, None, "")) == Verdict(Course.RETRY)
    assert judge(refusal(status, problem, 12.0, "")) == Verdict(Course.RETRY, 12.0)


@pytest.mark.parametrize(
    ("in_body", "in_header", "wait"), [(None, None, None), (None, 9.0, 9.0), (4.0, None, 4.0), (4.0, 9.0, 4.0)]
)
def test_the_body_of_a_refusal_outranks_its_header(
    in_body: float | None, in_header: float | None, wait: float | None
) -> None:
    problem = Problem("restarting", "", retry_after_seconds=in_body)
    assert judge(refusal(503, problem, in_header, "")) == Verdict(Course.RETRY, wait)


@pytest.mark.parametrize(
    "error", [TransportDown("connection refused"), TransportDown("silent", connected=True), Oversized()]
)
def test_what_is_no_answer_is_tried_again(error: LinkError) -> None:
    assert judge(error) == Verdict(Course.RETRY)


def test_a_failure_is_told_in_one_visible_line() -> None:
    assert str(StreamClosed(1006)) == "1006 abnormal closure"
    assert str(StreamClosed(4321)) == "4321 closed"
    assert str(StreamClosed(4012, "back\x1b[2J soon")) == "4012 back␛[2J soon"
    assert str(ServerBusy(503)) == "the server is busy (HTTP 503)"
    assert str(Refused(Problem("order_not_found", ""))) == "order not found"
    assert str(Refused(Problem("forbidden", "not\nyours"))) == "forbidden: not␊yours"
    assert "\x07" not in str(TransportDown("ding\x07"))
