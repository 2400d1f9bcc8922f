"""The server's resources (PROTOCOL §5)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from aiohttp import web

from mock_server.encoding.negotiation import STREAM_PATH
from mock_server.encoding.problems import refusal
from mock_server.faults.commands import LoseCommandAnswer, SlowCommand
from mock_server.gateway.access import GRANT
from mock_server.gateway.commands import CommandHandler, Rejected
from mock_server.gateway.gateway import Gateway
from mock_server.http.fault_middleware import request_faults
from mock_server.http.middleware import host_check, problem_responses, token_check
from mock_server.net.sockets import reset_connection
from mock_server.streams.request import open_stream
from tracker_tui.domain.canonical import plain
from tracker_tui.domain.order import is_order_id
from tracker_tui.wire.codec import ProtocolViolation
from tracker_tui.wire.commands import COMMAND_TYPE, decode_command, encode_body

MAX_PAGE_SIZE = 1_000
"""Orders on one page of the list."""

MAX_BODY_BYTES = 16 << 10
"""Bytes of the largest request body; a command has at most 1,000 characters of text."""

_REVALIDATE = {"Cache-Control": "private, no-cache"}
_NO_STORE = {"Cache-Control": "no-store"}
_ETAG = re.compile(r'(?:W/)?("[^"]*")')


def build_app(gateway: Gateway, allowed_hosts: Iterable[str]) -> web.Application:
    """Return the application of the server's resources."""
    app = web.Application(
        middlewares=[host_check(allowed_hosts), request_faults(gateway), problem_responses, token_check(gateway)],
        client_max_size=MAX_BODY_BYTES,
    )
    resources = Resources(gateway)
    app.router.add_get("/healthz", resources.health)
    app.router.add_get("/readyz", resources.readiness)
    app.router.add_get("/v1/orders", resources.orders)
    app.router.add_get("/v1/orders/{id}", resources.order)
    app.router.add_post("/v1/orders/{id}/commands", resources.command)
    app.router.add_get(STREAM_PATH, resources.stream)
    return app


class Resources:
    """The request handlers."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._command_handler = CommandHandler(gateway)

    async def health(self, request: web.Request) -> web.StreamResponse:
        """Answer that the process runs."""
        return _json({"status": "ok"})

    async def readiness(self, request: web.Request) -> web.StreamResponse:
        """Answer whether the server accepts requests."""
        if self._gateway.draining:
            return refusal(503, "restarting", "the server is shutting down", retry_after=1)
        return _json({"status": "ready", "orders": len(self._gateway.log.order_ids)})

    async def orders(self, request: web.Request) -> web.StreamResponse:
        """Return one page of the orders that the token covers."""
        status = request.query.get("status", "all")
        limit = request.query.get("limit", "100")
        after = request.query.get("after")
        if status not in ("open", "all"):
            return refusal(400, "invalid", "status is open or all")
        if re.fullmatch(r"[1-9][0-9]{0,3}", limit, re.ASCII) is None or int(limit) > MAX_PAGE_SIZE:
            return refusal(400, "invalid", f"limit is a number from 1 to {MAX_PAGE_SIZE}")
        if after is not None and not is_order_id(after):
            return refusal(400, "invalid", "after is an order id")
        size = int(limit)
        summaries = await self._gateway.view.summaries(
            open_only=status == "open", after=after, limit=size + 1, covered=request[GRANT].rights.covers
        )
        page = summaries[:size]
        return _json({"orders": plain(page), "next": page[-1].order_id if len(summaries) > size else None}, _REVALIDATE)

    async def order(self, request: web.Request) -> web.StreamResponse:
        """Return one order's snapshot, or 304 if the client has it."""
        order_id = request.match_info["id"]
        if not is_order_id(order_id):
            return refusal(400, "invalid", "the path contains no valid order id")
        self._gateway.counters.gets += 1
        # Check the token first, so that the answer does not reveal which orders exist (PROTOCOL §6).
        if not request[GRANT].rights.covers(order_id):
            return refusal(403, "forbidden", "the token does not cover this order")
        snapshot = await self._gateway.view.snapshot(order_id)
        if snapshot is None:
            return refusal(404, "order_not_found", "there is no such order")
        etag = f'"{snapshot.message.version}"'
        headers = {"ETag": etag, **_REVALIDATE}
        if _etag_matches(request.headers.getall("If-None-Match", []), etag):
            self._gateway.counters.not_modified += 1
            return web.Response(status=304, headers=headers)
        return web.Response(body=snapshot.text, content_type="application/json", charset="utf-8", headers=headers)

    async def command(self, request: web.Request) -> web.StreamResponse:
        """Handle a command: 202 once it is in the log, 409 if it is rejected."""
        gateway, order_id, rights = self._gateway, request.match_info["id"], request[GRANT].rights
        if request.content_type != COMMAND_TYPE:
            return refusal(415, "invalid", f"commands are {COMMAND_TYPE}")
        if not is_order_id(order_id):
            return refusal(400, "invalid", "the path contains no valid order id")
        if not rights.covers(order_id):
            return refusal(403, "forbidden", "the token does not cover this order")
        if not await gateway.log.heads([order_id]):
            return refusal(404, "order_not_found", "there is no such order")
        try:
            command = decode_command(await request.read())
        except ProtocolViolation as error:
            return refusal(422, "invalid", f"not a command: {error}")
        gateway.counters.commands += 1
        slow_fault = self._command_handler.triggered_fault(SlowCommand, order_id, command)
        if isinstance(slow_fault, SlowCommand):
            gateway.fault_log.write(
                slow_fault.name, "kept waiting", order_id, f"{command.command}, {slow_fault.seconds:g} s"
            )
            await gateway.plan.pause(slow_fault.seconds)
        decision = await self._command_handler.handle(order_id, command, rights.subject or None)
        if isinstance(decision, Rejected):
            return refusal(409, "conflict", decision.reason)
        lost_fault = self._command_handler.triggered_fault(LoseCommandAnswer, order_id, command)
        if lost_fault is not None and request.transport is not None:
            gateway.fault_log.write(
                lost_fault.name, "answer lost", order_id, f"{command.command} at seq {decision.seq}"
            )
            reset_connection(request.transport)
        return web.Response(status=202, text=encode_body(decision), content_type=COMMAND_TYPE, headers=_NO_STORE)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Open a stream in the requested encoding."""
        return await open_stream(self._gateway, request)


def _json(body: object, headers: dict[str, str] | None = None) -> web.Response:
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    return web.Response(
        body=text.encode("utf-8", "replace"), content_type="application/json", charset="utf-8", headers=headers
    )


def _etag_matches(conditions: Iterable[str], etag: str) -> bool:
    """Return whether `If-None-Match` contains `etag`, compared weakly (RFC 9110 §13.1.2)."""
    return any(value.strip() == "*" or etag in _ETAG.findall(value) for value in conditions)
