"""Verdicts: what a failure means for the stream, by code and type and never by text (the table of PROTOCOL §8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from tracker_tui.link.errors import (
    LinkError,
    NoToken,
    Refused,
    ServerBusy,
    StreamClosed,
    StreamEnded,
    TransportBlocked,
)
from tracker_tui.link.http.server import retry_after
from tracker_tui.wire.codec import decode_problem
from tracker_tui.wire.messages import Problem


class Recovery(Enum):
    """The next step after a failure."""

    RETRY = auto()
    RETRY_ONCE = auto()
    """Retry; if it fails again without a healthy stream in between, fail."""
    REFRESH = auto()
    """Present a fresh token; without one, sign out."""
    REFRESH_OR_FAIL = auto()
    """Present a fresh token; without one, fail."""
    FETCH_ALL = auto()
    """Fetch every order's snapshot, then retry."""
    NEXT_TRANSPORT = auto()
    """Something between client and gateway refuses this transport: use the next one."""
    SIGNED_OUT = auto()
    FINAL = auto()


SIGN_IN = frozenset({Recovery.REFRESH, Recovery.SIGNED_OUT})
"""The recoveries for a refused token."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A recovery, with the server's floor for the next attempt.

    Attributes:
        recovery: The next step.
        retry_after: Seconds that the server asked to wait; None if it named none.
        lenient: Whether the first attempt after a healthy stream may come sooner (``retry:`` of SSE).
    """

    recovery: Recovery
    retry_after: float | None = None
    lenient: bool = False


_CLOSE = {
    **dict.fromkeys((1002, 1003, 1007, 1010), Recovery.RETRY_ONCE),
    1008: Recovery.REFRESH_OR_FAIL,
    4001: Recovery.REFRESH,
    4501: Recovery.SIGNED_OUT,
}

_PROBLEM = {
    "token_expired": Recovery.REFRESH,
    "slow_consumer": Recovery.RETRY,
    "restarting": Recovery.RETRY,
    "rate_limited": Recovery.RETRY,
    "auth_rejected": Recovery.SIGNED_OUT,
    "forbidden": Recovery.FINAL,
    "order_not_found": Recovery.FINAL,
    "unsupported_protocol": Recovery.FINAL,
    "conflict": Recovery.FINAL,
    "too_large": Recovery.FINAL,
    "invalid": Recovery.FINAL,
}

CODES = frozenset(_PROBLEM)
"""The codes that only the gateway uses (PROTOCOL §8)."""

BUSY = frozenset({408, 425, 429})
"""HTTP statuses below 500 that mean "later", whatever server answers."""


def verdict_of(error: LinkError) -> Verdict:
    """Return the verdict on a stream that ended with `error`."""
    match error:
        case Refused(problem=problem):
            return verdict_of_problem(problem)
        case StreamClosed(code=1009, by_us=by_us):
            return Verdict(Recovery.FETCH_ALL if by_us else Recovery.FINAL)
        case StreamClosed(code=code):
            return Verdict(_CLOSE.get(code, Recovery.FINAL if 4500 <= code <= 4999 else Recovery.RETRY))
        case ServerBusy(retry_after=retry_after):
            return Verdict(Recovery.RETRY, retry_after)
        case StreamEnded(retry_after=retry_after):
            return Verdict(Recovery.RETRY, retry_after, lenient=True)
        case TransportBlocked():
            return Verdict(Recovery.NEXT_TRANSPORT)
        case NoToken():
            return Verdict(Recovery.SIGNED_OUT)
        case _:
            return Verdict(Recovery.RETRY)


def verdict_of_problem(problem: Problem) -> Verdict:
    """Return the verdict on a problem of the stream or of one order; an unknown code means retry."""
    return Verdict(_PROBLEM.get(problem.code, Recovery.RETRY), problem.retry_after_seconds)


def is_temporary(problem: Problem) -> bool:
    """Return whether the gateway refuses an order only for now."""
    return verdict_of_problem(problem).recovery in {Recovery.RETRY, Recovery.REFRESH}


def refusal(status: int, problem: Problem | None, retry_after: float | None, detail: str) -> LinkError:
    """Return the error for an HTTP answer other than the expected one.

    Args:
        status: The HTTP status.
        problem: The body, if it is ``application/problem+json`` with a code.
        retry_after: Seconds from the Retry-After header.
        detail: Description of the answering server for people, in case it is not the gateway.
    """
    if problem is not None and problem.code in CODES:
        if problem.retry_after_seconds is None and retry_after is not None:
            problem = Problem(problem.code, problem.detail, problem.order_id, retry_after)
        return Refused(problem)
    if status in BUSY or status >= 500:
        return ServerBusy(status, retry_after)
    return TransportBlocked(status, detail)


def refusal_in(status: int, headers: Mapping[str, str], body: bytes | bytearray, detail: str) -> LinkError:
    """Return the error for an HTTP answer other than the expected one, by its parts; see `refusal`."""
    is_problem = headers.get("Content-Type", "").startswith("application/problem+json")
    problem = decode_problem(bytes(body)) if is_problem else None
    return refusal(status, problem, retry_after(headers.get("Retry-After")), detail)
