"""Middleware that applies the armed request faults before the server handles a request."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from mock_server.encoding.negotiation import requested_encoding
from mock_server.encoding.problems import STATUS_CODES, refusal, whole_seconds
from mock_server.faults.requests import NoAnswer, Redirected, Refused, RequestFault, SignInPage, SilentUpgrade
from mock_server.gateway.gateway import Gateway
from tracker_tui.wire.messages import SUBPROTOCOL

_SIGN_IN_PAGE = "<!doctype html><title>Sign in</title><h1>Welcome to this network</h1><form method=post>…</form>\n"


def request_faults(gateway: Gateway) -> Middleware:
    """Return middleware that applies request faults and counts refusals."""

    @web.middleware
    async def apply_request_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == "/healthz":
            return await handler(request)
        await gateway.wait_until_unfrozen(request.transport)
        encoding = requested_encoding(request)
        fault = next(gateway.plan.triggered(RequestFault, lambda fault: fault.applies_to(encoding)), None)  # type: ignore[type-abstract]  # armed faults are concrete
        fault_response = None if fault is None else await _apply_fault(gateway, request, fault)
        if fault_response is not None:
            return fault_response
        if request.transport is None or request.transport.is_closing():
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)  # never sent: the client has disconnected
        response = await handler(request)
        if response.status >= HTTPStatus.BAD_REQUEST:
            gateway.counters.refusals += 1
        return response

    return apply_request_faults


async def _apply_fault(gateway: Gateway, request: web.Request, fault: RequestFault) -> web.StreamResponse | None:
    """Apply a fault; return its response, or None to continue with the request."""
    reaction = fault.reaction()
    effect, detail = "refused", f"{request.method} {request.path}"
    match reaction:
        case Refused():
            effect, detail = "refused", f"{detail}: {reaction.status}"
        case SignInPage():
            effect = "answered with a sign-in page"
        case Redirected():
            effect, detail = "redirected", f"{detail}: {reaction.status} to {reaction.to}"
        case NoAnswer():
            effect = "left hanging"
        case SilentUpgrade():
            effect = "left silent"
    gateway.fault_log.write(fault.name, effect, None, detail)
    match reaction:
        case Refused():
            return _refusal_response(gateway, reaction)
        case SignInPage():
            return web.Response(text=_SIGN_IN_PAGE, content_type="text/html")
        case Redirected():
            return web.Response(status=reaction.status, headers={"Location": reaction.to})
        case NoAnswer():
            await gateway.hold_request(request.transport, fault.for_)
            return None
        case SilentUpgrade():
            return await _silent_upgrade(gateway, request, fault.for_)


def _refusal_response(gateway: Gateway, refused: Refused) -> web.Response:
    code = None if refused.plain else STATUS_CODES.get(refused.status)
    if code is None:
        fault_response = web.Response(status=refused.status, text="Refused by an intermediary\n")
        if refused.retry_after is not None:
            fault_response.headers["Retry-After"] = whole_seconds(refused.retry_after)
    else:
        fault_response = refusal(refused.status, code, "refused by a fault", retry_after=refused.retry_after)
    if refused.dated and refused.retry_after is not None:
        # A date has whole seconds: round up, so that no client retries too early.
        until = gateway.clock.now() + timedelta(seconds=refused.retry_after + 1)
        fault_response.headers["Retry-After"] = format_datetime(until.replace(microsecond=0), usegmt=True)
    return fault_response


async def _silent_upgrade(gateway: Gateway, request: web.Request, seconds: float | None) -> web.StreamResponse:
    """Accept the upgrade, send no frame, and abort the connection in the end."""
    socket = web.WebSocketResponse(protocols=(SUBPROTOCOL,), autoping=False, autoclose=False)
    if not socket.can_prepare(request):
        return refusal(HTTPStatus.BAD_REQUEST, "unsupported_protocol", "that is not an upgrade to a WebSocket")
    await socket.prepare(request)
    await gateway.hold_request(request.transport, seconds)
    if request.transport is not None:
        request.transport.abort()
    return socket
