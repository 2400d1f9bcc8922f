"""Middleware that checks `Host`, `Origin` and tokens, and turns errors into problems (PROTOCOL §5, §6)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from mock_server.auth.tokens import AccessDenied
from mock_server.encoding.problems import STATUS_CODES, refusal
from mock_server.gateway.access import GRANT, bearer_token
from mock_server.gateway.gateway import Gateway

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
"""Host names that are always answered."""

OPEN_PATHS = frozenset({"/healthz", "/readyz"})
"""Paths that need no token."""

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?", re.ASCII)


def host_check(allowed: Iterable[str]) -> Middleware:
    """Return middleware that refuses requests for other hosts and from other origins.

    Args:
        allowed: Host names without ports; any port is allowed.
    """
    names = frozenset(name.lower().strip("[]") for name in allowed)

    @web.middleware
    async def check_host(request: web.Request, handler: Handler) -> web.StreamResponse:
        if _requested_host(request) not in names:
            return refusal(403, "forbidden", "this host is not served; the server's option --allow-host adds one")
        if (origin := request.headers.get("Origin")) is not None and _host_in_url(origin) not in names:
            return refusal(403, "forbidden", "pages of this origin must not send requests to this server")
        return await handler(request)

    return check_host


@web.middleware
async def problem_responses(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn the errors that aiohttp raises into problem responses."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return _problem_response(request, error)


def token_check(gateway: Gateway) -> Middleware:
    """Return middleware that requires a valid token and adds its grant to the request (PROTOCOL §6)."""

    @web.middleware
    async def check_token(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path not in OPEN_PATHS:
            try:
                request[GRANT] = gateway.access.authorize(bearer_token(request.headers.getall("Authorization", [])))
            except AccessDenied as denied:
                return refusal(401, denied.code, str(denied))
        return await handler(request)

    return check_token


def _problem_response(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    if error.status < HTTPStatus.BAD_REQUEST:
        return error
    if isinstance(error, web.HTTPMethodNotAllowed):
        # A page of another origin can post forms and text/plain without a preflight request.
        if request.method == "POST" and request.content_type != "application/json":
            return refusal(415, "invalid", "bodies are application/json")
        problem = refusal(405, "invalid", f"{request.method} is not allowed for this resource")
        problem.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
        return problem
    if isinstance(error, web.HTTPNotFound):
        return refusal(404, "invalid", "there is no such resource; orders are under /v1/orders")
    code = STATUS_CODES.get(error.status, "invalid")
    return refusal(error.status, code, error.reason)


def _requested_host(request: web.Request) -> str | None:
    target = request.raw_path
    if target.startswith("/") or target == "*":
        return _host(request.headers.get("Host", ""))
    return _host_in_url(target)  # an absolute URL replaces `Host` (RFC 9112 §3.2.2)


def _host(text: str) -> str | None:
    match = _HOST.fullmatch(text.lower())
    return None if match is None else match[1].strip("[]")


def _host_in_url(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return _host(parts.netloc) if parts.scheme in ("http", "https") else None
