"""Types of fault parameters: pydantic validates them, and `mock-server faults` shows their descriptions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

from annotated_types import Interval
from pydantic import AfterValidator, Field

from tracker_tui.domain.order import is_order_id

MATCH_ALL = "all"
"""The `match` of a TCP fault that applies to every connection."""

REDIRECT_STATUSES = (301, 302, 303, 307, 308)

T = TypeVar("T")


def _satisfies(condition: Callable[[T], bool]) -> AfterValidator:
    def check(value: T) -> T:
        if not condition(value):
            raise ValueError("not allowed")
        return value

    return AfterValidator(check)


def _is_close_code(code: int) -> bool:
    return 1000 <= code <= 1003 or 1007 <= code <= 1014 or 3000 <= code <= 4999


Probability = Annotated[float, Interval(ge=0, le=1)]
Count = Annotated[int, Interval(ge=1, le=10**9)]
Seconds = Annotated[float, Interval(ge=0, le=86_400)]
HourSeconds = Annotated[float, Interval(ge=0, le=3_600)]
Lifetime = Annotated[float, Interval(ge=0, le=10**6)]
"""Seconds after which a fault disarms itself."""

OrderId = Annotated[str, _satisfies(is_order_id), Field(description="an order id")]

CloseCode = Annotated[
    int, _satisfies(_is_close_code), Field(description="a whole number: 1000-1003, 1007-1014 or 3000-4999")
]
"""A close code that a server may send (RFC 6455 §7.4)."""

RedirectStatus = Annotated[
    int,
    _satisfies(REDIRECT_STATUSES.__contains__),
    Field(description=f"a whole number: {' | '.join(map(str, REDIRECT_STATUSES))}"),
]

Url = Annotated[str, Field(pattern=r"^(https?|wss?)://[!-~]{1,2000}$", description="an http(s) or ws(s) URL")]

ConnectionMatch = Annotated[
    str,
    Field(
        pattern=rf"^({MATCH_ALL}|http|websocket|sse|/[!-+\--~]{{0,199}})$",
        description=f"{MATCH_ALL} | http | websocket | sse | a part of the path, /…",
    ),
]
"""A kind of request, or a part of its path without a comma: a comma separates parameters."""
