"""Maps each failure to a recovery, by code and type, never by text (PROTOCOL §8)."""

from __future__ import annotations

from dataclasses import dataclass

from tracker_tui.domain.codes import ErrorCode, Recovery, parse_code
from tracker_tui.link.errors import (
    LinkError,
    NoToken,
    Refused,
    ServerBusy,
    StreamClosed,
    StreamEnded,
    TransportBlocked,
)
from tracker_tui.wire.messages import Problem

SIGN_IN = frozenset({Recovery.REFRESH, Recovery.SIGNED_OUT})
"""The recoveries after a refused token."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The recovery from a failure.

    Attributes:
        recovery: The kind of recovery.
        retry_after: Seconds that the server asks to wait before the next try; None if it sets no such floor.
        lenient: Whether the first try after a healthy stream may come sooner, as after ``retry:`` of SSE.
    """

    recovery: Recovery
    retry_after: float | None = None
    lenient: bool = False


_RECOVERY_BY_CLOSE_CODE = {
    **{code.close_code: code.recovery for code in ErrorCode if code.close_code is not None},
    **dict.fromkeys((1002, 1003, 1007, 1010), Recovery.RETRY_ONCE),
    1008: Recovery.REFRESH_OR_FAIL,
}


def verdict_of(error: LinkError) -> Verdict:
    """Return the verdict on a stream that ended with `error`."""
    match error:
        case Refused(problem=problem):
            return verdict_of_problem(problem)
        case StreamClosed(code=1009, by_us=by_us):
            return Verdict(Recovery.FETCH_ALL if by_us else Recovery.FINAL)
        case StreamClosed(code=code):
            return Verdict(
                _RECOVERY_BY_CLOSE_CODE.get(code, Recovery.FINAL if 4500 <= code <= 4999 else Recovery.RETRY)
            )
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
    code = parse_code(problem.code)
    return Verdict(Recovery.RETRY if code is None else code.recovery, problem.retry_after_seconds)


def is_temporary(problem: Problem) -> bool:
    """Return whether the server refuses an order only temporarily."""
    return verdict_of_problem(problem).recovery in {Recovery.RETRY, Recovery.REFRESH}
