"""The error codes of the protocol, and what each means for a client (PROTOCOL §8)."""

from __future__ import annotations

from enum import Enum, StrEnum, auto


class Recovery(Enum):
    """The recovery of a client from a failure."""

    RETRY = auto()
    RETRY_ONCE = auto()
    """Retry; a second failure without a healthy stream in between is final."""
    REFRESH = auto()
    """Present a fresh token; without one, the session is signed out."""
    REFRESH_OR_FAIL = auto()
    """Present a fresh token; without one, the failure is final."""
    FETCH_ALL = auto()
    """Fetch the snapshot of every order, then retry."""
    NEXT_TRANSPORT = auto()
    """Use another transport: something between client and server blocks this one."""
    SIGNED_OUT = auto()
    FINAL = auto()


class ErrorCode(StrEnum):
    """A code that only the server itself sends.

    Attributes:
        close_code: WebSocket close code; None for a code that closes no stream.
        http_statuses: HTTP statuses of an answer with this code; empty for a code of streams only.
        recovery: What a client does about it.
    """

    close_code: int | None
    http_statuses: tuple[int, ...]
    recovery: Recovery

    def __new__(
        cls, code: str, close_code: int | None, http_statuses: tuple[int, ...], recovery: Recovery
    ) -> ErrorCode:
        """Create a member from a row of the table."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.close_code = close_code
        member.http_statuses = http_statuses
        member.recovery = recovery
        return member

    TOKEN_EXPIRED = "token_expired", 4001, (401,), Recovery.REFRESH
    SLOW_CONSUMER = "slow_consumer", 4008, (), Recovery.RETRY
    RESTARTING = "restarting", 4012, (503,), Recovery.RETRY
    RATE_LIMITED = "rate_limited", 4029, (429,), Recovery.RETRY
    AUTH_REJECTED = "auth_rejected", 4501, (401,), Recovery.SIGNED_OUT
    FORBIDDEN = "forbidden", 4503, (403,), Recovery.FINAL
    ORDER_NOT_FOUND = "order_not_found", 4504, (404,), Recovery.FINAL
    UNSUPPORTED_PROTOCOL = "unsupported_protocol", 4505, (400,), Recovery.FINAL
    CONFLICT = "conflict", None, (409,), Recovery.FINAL
    TOO_LARGE = "too_large", 4506, (413,), Recovery.FINAL
    INVALID = "invalid", 4506, (400, 422), Recovery.FINAL


_CODES = {code.value: code for code in ErrorCode}


def parse_code(text: str) -> ErrorCode | None:
    """Return the code with this text; None for an unknown one."""
    return _CODES.get(text)
