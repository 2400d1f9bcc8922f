"""HTTP answers that are not the expected ones, as errors."""

from __future__ import annotations

from collections.abc import Mapping

from tracker_tui.domain.codes import parse_code
from tracker_tui.link.errors import LinkError, Refused, ServerBusy, TransportBlocked
from tracker_tui.link.http.server import parse_retry_after
from tracker_tui.wire.codec import decode_problem
from tracker_tui.wire.messages import Problem

BUSY_STATUSES = frozenset({408, 425, 429})
"""HTTP statuses below 500 that mean "try later", from the server or from a proxy."""

_WEB_PAGES = {"text/html", "application/xhtml+xml"}


def error_for_response(status: int, headers: Mapping[str, str], body: bytes, detail: str) -> LinkError:
    """Return the error for an unexpected HTTP answer.

    Args:
        status: HTTP status.
        headers: Header fields; names are case-insensitive.
        body: The body, or as much of it as was read.
        detail: Text of the error if the answer is not from the server; replaced if it is a web page.
    """
    if media_type(headers) in _WEB_PAGES:
        detail = f"a web page answered (HTTP {status}): a sign-in page of the network?"
    is_problem = headers.get("Content-Type", "").startswith("application/problem+json")
    problem = decode_problem(body) if is_problem else None
    return error_for_status(status, problem, parse_retry_after(headers.get("Retry-After")), detail)


def error_for_status(status: int, problem: Problem | None, retry_after: float | None, detail: str) -> LinkError:
    """Return the error for an unexpected HTTP status.

    Args:
        status: HTTP status.
        problem: The body, if it is ``application/problem+json`` with a code.
        retry_after: Seconds from the Retry-After header.
        detail: Text of the error if the answer is not from the server.
    """
    if problem is not None and parse_code(problem.code) is not None:
        if problem.retry_after_seconds is None and retry_after is not None:
            problem = Problem(problem.code, problem.detail, problem.order_id, retry_after)
        return Refused(problem)
    if status in BUSY_STATUSES or status >= 500:
        return ServerBusy(status, retry_after)
    return TransportBlocked(status, detail)


def media_type(headers: Mapping[str, str]) -> str:
    """Return the media type of an answer in lower case, without parameters."""
    return headers.get("Content-Type", "").partition(";")[0].strip().lower()
