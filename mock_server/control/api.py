"""The control listener: inject, heal, and read what happened; never on the port that is misbehaved on."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Iterable
from contextlib import AsyncExitStack
from typing import Any, Protocol

from aiohttp import web
from aiohttp.typedefs import Handler

from mock_server.control import endpoint_file
from mock_server.control.endpoint_file import ControlEndpoint
from mock_server.encoding.problems import refusal
from mock_server.faults.fault_log import FaultLog, FaultRecord
from mock_server.faults.spec import CatalogueEntry, FaultError
from mock_server.http.app_runner import aiohttp_server, start_runner
from mock_server.http.middleware import LOOPBACK_NAMES, host_check, problem_responses
from mock_server.net.clock import Clock
from mock_server.net.listener import Listener
from tracker_tui.domain.canonical import plain


class Controllable(Protocol):
    """What misbehaves on demand: a mock server, or a proxy."""

    log: FaultLog

    @property
    def port(self) -> int:
        """The port by which it is found."""

    @property
    def catalogue(self) -> list[CatalogueEntry]:
        """Every fault that can be injected."""

    def inject(self, spec: str) -> FaultRecord:
        """Inject a fault."""

    def heal(self) -> FaultRecord:
        """Heal everything."""

    def stats(self) -> dict[str, Any]:
        """What has been counted, and what is open and armed now."""


async def open_control(
    stack: AsyncExitStack, controlled: Controllable, clock: Clock, routes: Iterable[web.RouteDef] = ()
) -> None:
    """Open the control listener, and leave word of it for the command line, until `stack` closes.

    Args:
        stack: What closes it.
        controlled: What is listening already.
        clock: The time.
        routes: Resources that only this one has.

    Raises:
        NoRendezvous: There is no safe place for the control token.
    """
    token = secrets.token_urlsafe(32)
    runner = await start_runner(stack, build_control_app(controlled, token, routes))
    listener = Listener(aiohttp_server(runner), "127.0.0.1", 0, clock)
    stack.callback(listener.close)
    await listener.open()
    path = endpoint_file.write_endpoint(controlled.port, ControlEndpoint(listener.url, token))
    stack.callback(path.unlink, missing_ok=True)


def build_control_app(controlled: Controllable, token: str, routes: Iterable[web.RouteDef] = ()) -> web.Application:
    """Put the control resources together; each wants `Authorization: Bearer TOKEN`."""

    @web.middleware
    async def only_with_token(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, f"Bearer {token}".encode()):
            return refusal(401, "auth_rejected", "the token is in the file that the server left for its user")
        return await handler(request)

    app = web.Application(middlewares=[host_check(LOOPBACK_NAMES), only_with_token, problem_responses])
    resources = _Resources(controlled)
    app.router.add_post("/control/inject", resources.inject)
    app.router.add_post("/control/heal", resources.heal)
    app.router.add_get("/control/log", resources.log)
    app.router.add_get("/control/faults", resources.faults)
    app.router.add_get("/control/stats", resources.stats)
    app.router.add_routes(routes)
    return app


def record_json(record: FaultRecord) -> dict[str, Any]:
    """A record as `GET /control/log` gives it."""
    fields: dict[str, Any] = plain(record)
    return {"detail": "", **fields}


class _Resources:
    def __init__(self, controlled: Controllable) -> None:
        self._controlled = controlled

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
            return web.json_response(record_json(self._controlled.inject(spec)))
        except FaultError as error:
            return refusal(422, "invalid", str(error))

    async def heal(self, request: web.Request) -> web.StreamResponse:
        """Heal everything."""
        return web.json_response(record_json(self._controlled.heal()))

    async def log(self, request: web.Request) -> web.StreamResponse:
        """The records after number `after`."""
        after = request.query.get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) <= 12):
            return refusal(400, "invalid", "after is the number of a record")
        return web.json_response({"records": list(map(record_json, self._controlled.log.records(int(after))))})

    async def faults(self, request: web.Request) -> web.StreamResponse:
        """The catalogue."""
        return web.json_response({"faults": plain(self._controlled.catalogue)})

    async def stats(self, request: web.Request) -> web.StreamResponse:
        """What has been counted, and what is open and armed now."""
        return web.json_response(self._controlled.stats())
