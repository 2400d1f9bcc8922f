"""The control listener: inject, heal, and read what happened; never on the gateway's own port."""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.typedefs import Handler

from mock_server.admission import LOOPBACK_NAMES, doorkeeper, in_problem_form
from mock_server.faults.ledger import Record
from mock_server.faults.spec import FaultError
from mock_server.problems import refusal
from tracker_tui.domain.canonical import plain

if TYPE_CHECKING:
    from mock_server.server import MockServer


def build(server: MockServer, token: str) -> web.Application:
    """Put the control resources of `server` together; each wants `Authorization: Bearer TOKEN`."""

    @web.middleware
    async def only_with_token(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, f"Bearer {token}".encode()):
            return refusal(401, "auth_rejected", "the token is in the file that the server left for its user")
        return await handler(request)

    app = web.Application(middlewares=[doorkeeper(LOOPBACK_NAMES), only_with_token, in_problem_form])
    resources = _Resources(server)
    app.router.add_post("/control/inject", resources.inject)
    app.router.add_post("/control/heal", resources.heal)
    app.router.add_get("/control/log", resources.log)
    app.router.add_get("/control/faults", resources.faults)
    app.router.add_get("/control/stats", resources.stats)
    app.router.add_get("/control/orders/{id}", resources.truth)
    return app


def as_json(record: Record) -> dict[str, Any]:
    """A record as `GET /control/log` gives it."""
    fields: dict[str, Any] = plain(record)
    return {"detail": "", **fields}


class _Resources:
    def __init__(self, server: MockServer) -> None:
        self._server = server

    async def inject(self, request: web.Request) -> web.StreamResponse:
        """Inject the fault that the body names: `{"fault": "drop:probability=0.3"}`."""
        if request.content_type != "application/json":
            return refusal(415, "invalid", "bodies are application/json")
        try:
            body = json.loads(await request.read())
            spec = body["fault"]
        except (ValueError, TypeError, KeyError, RecursionError):
            spec = None
        if not isinstance(spec, str):
            return refusal(422, "invalid", 'the body is {"fault": "NAME:key=value,…"}')
        try:
            return web.json_response(as_json(self._server.inject(spec)))
        except FaultError as error:
            return refusal(422, "invalid", str(error))

    async def heal(self, request: web.Request) -> web.StreamResponse:
        """Heal everything."""
        return web.json_response(as_json(self._server.heal()))

    async def log(self, request: web.Request) -> web.StreamResponse:
        """The records after number `after`."""
        after = request.query.get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) <= 12):
            return refusal(400, "invalid", "after is the number of a record")
        return web.json_response({"records": list(map(as_json, self._server.log.records(int(after))))})

    async def faults(self, request: web.Request) -> web.StreamResponse:
        """The catalogue."""
        return web.json_response({"faults": plain(self._server.catalogue)})

    async def stats(self, request: web.Request) -> web.StreamResponse:
        """What has been counted, and what is open and armed now."""
        return web.json_response(self._server.stats())

    async def truth(self, request: web.Request) -> web.StreamResponse:
        """An order as it really is, whatever faults are armed."""
        snapshot = await self._server.events.snapshot(request.match_info["id"])
        if snapshot is None:
            return refusal(404, "order_not_found", "there is no such order")
        return web.Response(body=snapshot.text, content_type="application/json", charset="utf-8")
