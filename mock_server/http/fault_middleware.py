"""What happens to requests before the gateway sees them: the armed faults of networks."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from mock_server.encoding.negotiation import encoding_of
from mock_server.encoding.problems import CODES, refusal, whole_seconds
from mock_server.faults.requests import Elsewhere, Hung, Mute, Portal, Refusal, RequestFault
from mock_server.gateway.gateway import Gateway
from tracker_tui.wire.messages import SUBPROTOCOL

_PORTAL = "<!doctype html><title>Sign in</title><h1>Welcome to this network</h1><form method=post>…</form>\n"


def mistreater(gateway: Gateway) -> Middleware:
    """Let the armed faults at requests, then count what is refused."""

    @web.middleware
    async def mistreat(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path == "/healthz":
            return await handler(request)
        await gateway.thawed(request.transport)
        encoding = encoding_of(request)
        fault = next(gateway.plan.all_that_strike(RequestFault, lambda fault: fault.could(encoding)), None)  # type: ignore[type-abstract]  # those armed are concrete
        answer = None if fault is None else await _struck(gateway, request, fault)
        if answer is not None:
            return answer
        if request.transport is None or request.transport.is_closing():
            return web.Response(status=HTTPStatus.SERVICE_UNAVAILABLE)  # for nobody: the client is gone
        served = await handler(request)
        if served.status >= HTTPStatus.BAD_REQUEST:
            gateway.stats.refusals += 1
        return served

    return mistreat


async def _struck(gateway: Gateway, request: web.Request, fault: RequestFault) -> web.StreamResponse | None:
    """What a fault answers; None if the request goes on to the gateway, though late."""
    reaction = fault.reaction()
    effect, detail = "refused", f"{request.method} {request.path}"
    match reaction:
        case Refusal():
            effect, detail = "refused", f"{detail}: {reaction.status}"
        case Portal():
            effect = "answered with a sign-in page"
        case Elsewhere():
            effect, detail = "redirected", f"{detail}: {reaction.status} to {reaction.to}"
        case Hung():
            effect = "left hanging"
        case Mute():
            effect = "left silent"
    gateway.ledger.write(fault.name, effect, None, detail)
    match reaction:
        case Refusal():
            return _refused(gateway, reaction)
        case Portal():
            return web.Response(text=_PORTAL, content_type="text/html")
        case Elsewhere():
            return web.Response(status=reaction.status, headers={"Location": reaction.to})
        case Hung():
            await gateway.hold(request.transport, fault.for_)
            return None
        case Mute():
            return await _silent(gateway, request, fault.for_)


def _refused(gateway: Gateway, how: Refusal) -> web.Response:
    code = None if how.plain else CODES.get(how.status)
    if code is None:
        answer = web.Response(status=how.status, text="Refused by a box in between\n")
        if how.retry_after is not None:
            answer.headers["Retry-After"] = whole_seconds(how.retry_after)
    else:
        answer = refusal(how.status, code, "refused by a fault", retry_after=how.retry_after)
    if how.dated and how.retry_after is not None:
        # A date has whole seconds: the next one, so that nobody is told to come too early.
        until = gateway.clock.now() + timedelta(seconds=how.retry_after + 1)
        answer.headers["Retry-After"] = format_datetime(until.replace(microsecond=0), usegmt=True)
    return answer


async def _silent(gateway: Gateway, request: web.Request, seconds: float | None) -> web.StreamResponse:
    """Accept the upgrade, say nothing, and drop the connection in the end."""
    socket = web.WebSocketResponse(protocols=(SUBPROTOCOL,), autoping=False, autoclose=False)
    if not socket.can_prepare(request):
        return refusal(HTTPStatus.BAD_REQUEST, "unsupported_protocol", "that is not an upgrade to a WebSocket")
    await socket.prepare(request)
    await gateway.hold(request.transport, seconds)
    if request.transport is not None:
        request.transport.abort()
    return socket
