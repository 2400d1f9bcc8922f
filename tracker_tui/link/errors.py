"""Errors of a stream or a request, as types that policies match on; their text is one line for people."""

from __future__ import annotations

from tracker_tui.domain.codes import ErrorCode
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.wire.messages import Problem


class LinkError(Exception):
    """Base class of everything that ends a stream or a request."""


class TransportDown(LinkError):
    """No answer: refused, unreachable, unresolvable, reset or too slow.

    Attributes:
        connected: Whether TCP (and TLS) had been established.
    """

    def __init__(self, detail: str, *, connected: bool = False) -> None:
        super().__init__(sanitize(detail))
        self.connected = connected


class TransportBlocked(LinkError):
    """An answer from something other than the gateway: a proxy, a portal, another server (PROTOCOL §5)."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(sanitize(detail))
        self.status = status


class ServerBusy(LinkError):
    """A bare 429 or 5xx, or a timeout status: try again later.

    Attributes:
        retry_after: Seconds that the server asked to wait; None if it named none.
    """

    def __init__(self, status: int, retry_after: float | None = None) -> None:
        super().__init__(f"the server is busy (HTTP {status})")
        self.status = status
        self.retry_after = retry_after


class Refused(LinkError):
    """The gateway itself refused, with a code of PROTOCOL §8."""

    def __init__(self, problem: Problem) -> None:
        detail = f": {sanitize(problem.detail)}" if problem.detail else ""
        super().__init__(f"{sanitize(problem.code).replace('_', ' ')}{detail}")
        self.problem = problem


class StreamClosed(LinkError):
    """An open stream was closed.

    Attributes:
        code: The WebSocket close code; 1006 without a close frame.
        by_us: Whether the client closed first.
    """

    def __init__(self, code: int, reason: str = "", *, by_us: bool = False) -> None:
        super().__init__(f"{code} {sanitize(reason) or _CLOSE_WORDS.get(code, 'closed')}")
        self.code = code
        self.by_us = by_us


class StreamEnded(LinkError):
    """A stream over plain HTTP ended; HTTP has no close codes.

    Attributes:
        retry_after: Seconds that the server asked to wait before the next one (``retry:`` of SSE); or None.
    """

    def __init__(self, retry_after: float | None = None) -> None:
        super().__init__("the server ended the stream")
        self.retry_after = retry_after


class NoToken(LinkError):
    """There is no token to present: the file or the command gave none. The text says why, without a token."""

    def __init__(self, detail: str) -> None:
        super().__init__(sanitize(detail))


class UnexpectedError(LinkError):
    """A transport or a request raised an exception that it does not handle: a bug, here or in a library.

    The text has the name of the exception only, because its own text may come from outside.

    Attributes:
        kind: Name of the exception's class.
    """

    def __init__(self, error: Exception) -> None:
        self.kind = type(error).__name__
        super().__init__(f"unexpected {self.kind}")


class Oversized(LinkError):
    """The answer to a request is larger than `wire.MAX_MESSAGE`."""

    def __init__(self) -> None:
        super().__init__("the answer is over 1 MiB")


_CLOSE_WORDS: dict[int, str] = {
    1000: "closed normally",
    1001: "going away",
    1002: "protocol error",
    1003: "unsupported data",
    1005: "closed without a code",
    1006: "abnormal closure",
    1007: "invalid data",
    1008: "policy violation",
    1009: "message too big",
    1010: "extension missing",
    1011: "internal error",
    1012: "service restart",
    1013: "try again later",
    1014: "bad gateway",
    **{code.close_code: code.replace("_", " ") for code in ErrorCode if code.close_code is not None},
}
