"""Problems: the codes of PROTOCOL §8 as close codes and as HTTP responses (RFC 9457)."""

from __future__ import annotations

import json
import math
from http import HTTPStatus

from aiohttp import web

from tracker_tui.domain.codes import ErrorCode

CLOSE_CODES = {code.value: code.close_code for code in ErrorCode if code.close_code is not None}
"""The WebSocket close code of each problem (PROTOCOL §8)."""

STATUS_CODES: dict[int, str] = {
    400: ErrorCode.INVALID,
    401: ErrorCode.AUTH_REJECTED,
    403: ErrorCode.FORBIDDEN,
    404: ErrorCode.ORDER_NOT_FOUND,
    409: ErrorCode.CONFLICT,
    413: ErrorCode.TOO_LARGE,
    422: ErrorCode.INVALID,
    429: ErrorCode.RATE_LIMITED,
    503: ErrorCode.RESTARTING,
}
"""The problem that each HTTP status of this server stands for; other statuses never come from it."""


def refusal(status: int, code: str, detail: str, *, retry_after: float | None = None) -> web.Response:
    """Return an `application/problem+json` response.

    Args:
        status: The HTTP status.
        code: The problem, for programs (PROTOCOL §8).
        detail: The problem, for people.
        retry_after: Seconds to wait; also sent as `Retry-After`, in whole seconds.
    """
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase if status in set(HTTPStatus) else "Refused",
        "status": status,
        "detail": detail,
        "code": code,
    }
    headers = {"Cache-Control": "no-store"}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"  # RFC 9110 §15.5.2
    if retry_after is not None:
        body["retryAfterSeconds"] = retry_after
        headers["Retry-After"] = whole_seconds(retry_after)
    return web.Response(status=status, text=json.dumps(body), content_type="application/problem+json", headers=headers)


def whole_seconds(wait: float) -> str:
    """Format a wait for `Retry-After`, rounded up."""
    return str(math.ceil(wait))
