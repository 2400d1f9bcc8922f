"""What each close code, problem and HTTP status means: the table of PROTOCOL §8, row by row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker_tui.domain.codes import ErrorCode, Recovery
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
from tracker_tui.link.http.refusals import error_for_status
from tracker_tui.link.session.verdicts import Verdict, verdict_of, verdict_of_problem
from tracker_tui.wire.messages import Problem

CLOSE_CODES = {
    1000: Recovery.RETRY,
    1001: Recovery.RETRY,
    1002: Recovery.RETRY_ONCE,
    1003: Recovery.RETRY_ONCE,
    1005: Recovery.RETRY,
    1006: Recovery.RETRY,
    1007: Recovery.RETRY_ONCE,
    1008: Recovery.REFRESH_OR_FAIL,
    1009: Recovery.FINAL,
    1010: Recovery.RETRY_ONCE,
    1011: Recovery.RETRY,
    1012: Recovery.RETRY,
    1013: Recovery.RETRY,
    1014: Recovery.RETRY,
    3000: Recovery.RETRY,
    3999: Recovery.RETRY,
    4000: Recovery.RETRY,
    4001: Recovery.REFRESH,
    4008: Recovery.RETRY,
    4012: Recovery.RETRY,
    4029: Recovery.RETRY,
    4499: Recovery.RETRY,
    4500: Recovery.FINAL,
    4501: Recovery.SIGNED_OUT,
    4503: Recovery.FINAL,
    4504: Recovery.FINAL,
    4505: Recovery.FINAL,
    4506: Recovery.FINAL,
    4999: Recovery.FINAL,
}

PROBLEMS = {
    "token_expired": (401, Recovery.REFRESH),
    "slow_consumer": (503, Recovery.RETRY),
    "restarting": (503, Recovery.RETRY),
    "rate_limited": (429, Recovery.RETRY),
    "auth_rejected": (401, Recovery.SIGNED_OUT),
    "forbidden": (403, Recovery.FINAL),
    "order_not_found": (404, Recovery.FINAL),
    "unsupported_protocol": (400, Recovery.FINAL),
    "conflict": (409, Recovery.FINAL),
    "too_large": (413, Recovery.FINAL),
    "invalid": (422, Recovery.FINAL),
}

LATER = (408, 425, 429, 500, 502, 503, 504, 599)
NOT_OURS = (200, 204, 302, 400, 401, 403, 404, 405, 407, 409, 413, 422, 426, 451)


@pytest.mark.parametrize(("code", "course"), CLOSE_CODES.items())
def test_a_close_code_has_its_course(code: int, course: Recovery) -> None:
    assert verdict_of(StreamClosed(code, "whatever the reason says: forbidden, token expired")) == Verdict(course)


@given(st.integers(4000, 4999))
def test_an_unknown_code_of_the_protocols_range_classifies_itself(code: int) -> None:
    if code not in CLOSE_CODES:
        assert verdict_of(StreamClosed(code)).recovery is (Recovery.RETRY if code < 4500 else Recovery.FINAL)


def test_a_received_message_too_big_causes_a_fetch_and_a_sent_one_is_final() -> None:
    assert verdict_of(StreamClosed(1009, by_us=True)).recovery is Recovery.FETCH_ALL
    assert verdict_of(StreamClosed(1009)).recovery is Recovery.FINAL


def test_the_end_of_a_stream_without_close_codes_is_retried_and_its_wait_spares_the_first_try() -> None:
    assert verdict_of(StreamEnded()) == Verdict(Recovery.RETRY, lenient=True)
    assert verdict_of(StreamEnded(3.0)) == Verdict(Recovery.RETRY, 3.0, lenient=True)


def test_where_there_is_no_token_nothing_is_tried() -> None:
    assert verdict_of(NoToken("the token file is empty")) == Verdict(Recovery.SIGNED_OUT)


@pytest.mark.parametrize("status", [400, 413, 422])
@pytest.mark.parametrize("code", ["too_large", "invalid"])
def test_each_status_for_a_client_bug_is_final(code: str, status: int) -> None:
    assert verdict_of(error_for_status(status, Problem(code, "no"), None, "HTTP")).recovery is Recovery.FINAL


def test_every_code_of_the_protocol_has_a_row() -> None:
    assert set(PROBLEMS) == set(ErrorCode)


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_problem_has_its_course_and_keeps_its_wait(code: str) -> None:
    problem = Problem(code, "", retry_after_seconds=7)
    assert verdict_of(Refused(problem)) == verdict_of_problem(problem) == Verdict(PROBLEMS[code][1], 7)


def test_a_problem_of_an_unknown_code_is_no_reason_to_end() -> None:
    assert verdict_of_problem(Problem("on_fire", "")).recovery is Recovery.RETRY


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_refusal_with_a_known_code_is_the_gateways(code: str) -> None:
    status, course = PROBLEMS[code]
    error = error_for_status(status, Problem(code, "no"), None, "HTTP")
    assert isinstance(error, Refused)
    assert verdict_of(error) == Verdict(course)


@pytest.mark.parametrize("problem", [None, Problem("out_of_credit", "a box in between speaks problem+json, too")])
@pytest.mark.parametrize("status", NOT_OURS)
def test_any_other_refusal_counts_as_a_blocked_transport(status: int, problem: Problem | None) -> None:
    error = error_for_status(status, problem, None, f"HTTP {status}")
    assert isinstance(error, TransportBlocked)
    assert error.status == status
    assert str(error) == f"HTTP {status}"
    assert verdict_of(error) == Verdict(Recovery.NEXT_TRANSPORT)


@pytest.mark.parametrize("problem", [None, Problem("out_of_credit", "")])
@pytest.mark.parametrize("status", LATER)
def test_a_busy_status_is_retried_with_any_problem_in_its_body(status: int, problem: Problem | None) -> None:
    assert verdict_of(error_for_status(status, problem, None, "")) == Verdict(Recovery.RETRY)
    assert verdict_of(error_for_status(status, problem, 12.0, "")) == Verdict(Recovery.RETRY, 12.0)


@pytest.mark.parametrize(
    ("in_body", "in_header", "wait"), [(None, None, None), (None, 9.0, 9.0), (4.0, None, 4.0), (4.0, 9.0, 4.0)]
)
def test_the_body_of_a_refusal_outranks_its_header(
    in_body: float | None, in_header: float | None, wait: float | None
) -> None:
    problem = Problem("restarting", "", retry_after_seconds=in_body)
    assert verdict_of(error_for_status(503, problem, in_header, "")) == Verdict(Recovery.RETRY, wait)


@pytest.mark.parametrize(
    "error", [TransportDown("connection refused"), TransportDown("silent", connected=True), Oversized()]
)
def test_a_failure_without_an_answer_is_retried(error: LinkError) -> None:
    assert verdict_of(error) == Verdict(Recovery.RETRY)


def test_a_failure_is_described_in_one_visible_line() -> None:
    assert str(StreamClosed(1006)) == "1006 abnormal closure"
    assert str(StreamClosed(4321)) == "4321 closed"
    assert str(StreamClosed(4012, "back\x1b[2J soon")) == "4012 back␛[2J soon"
    assert str(ServerBusy(503)) == "the server is busy (HTTP 503)"
    assert str(Refused(Problem("order_not_found", ""))) == "order not found"
    assert str(Refused(Problem("forbidden", "not\nyours"))) == "forbidden: not␊yours"
    assert "\x07" not in str(TransportDown("ding\x07"))
