"""The control listener: inject and heal faults and read the fault log, on a port without faults."""

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
from mock_server.http.app_runner import protocol_factory, start_runner
from mock_server.http.middleware import LOOPBACK_NAMES, host_check, problem_responses
from mock_server.net.clock import Clock
from mock_server.net.listener import Listener
from tracker_tui.domain.canonical import plain


class Controllable(Protocol):
    """A server or proxy with faults."""

    log: FaultLog

    @property
    def port(self) -> int:
        """The port that identifies it on the command line."""

    @property
    def catalogue(self) -> list[CatalogueEntry]:
        """Every fault that can be injected."""

    def inject(self, spec: str) -> FaultRecord:
        """Inject a fault; return its record."""

    def heal(self) -> FaultRecord:
        """Heal all faults; return the record."""

    def stats(self) -> dict[str, Any]:
        """Return the counters, and the numbers of open connections and armed faults."""


async def open_control(
    stack: AsyncExitStack, controlled: Controllable, clock: Clock, routes: Iterable[web.RouteDef] = ()
) -> None:
    """Open the control listener and write its endpoint file; close and delete both when `stack` closes.

    Args:
        stack: Closes the listener.
        controlled: The server or proxy, which is listening already.
        clock: The clock.
        routes: Additional resources.

    Raises:
        ControlUnavailable: There is no safe place for the control token.
    """
    token = secrets.token_urlsafe(32)
    runner = await start_runner(stack, build_control_app(controlled, token, routes))
    listener = Listener(protocol_factory(runner), "127.0.0.1", 0, clock)
    stack.callback(listener.close)
    await listener.open()
    path = endpoint_file.write_endpoint(controlled.port, ControlEndpoint(listener.url, token))
    stack.callback(path.unlink, missing_ok=True)


def build_control_app(controlled: Controllable, token: str, routes: Iterable[web.RouteDef] = ()) -> web.Application:
    """Return the application of the control resources; each requires `Authorization: Bearer TOKEN`."""

    @web.middleware
    async def only_with_token(request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.headers.get("Authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, f"Bearer {token}".encode()):
            return refusal(401, "auth_rejected", "the control token is in the endpoint file of the server")
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
    """Return a record as `GET /control/log` shows it."""
    fields: dict[str, Any] = plain(record)
    return {"detail": "", **fields}


class _Resources:
    def __init__(self, controlled: Controllable) -> None:
        self._controlled = controlled

    async def inject(self, request: web.Request) -> web.StreamResponse:
        """Inject the fault in the body, `{"fault": "drop:probability=0.3"}`."""
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
        """Heal all faults."""
        return web.json_response(record_json(self._controlled.heal()))

    async def log(self, request: web.Request) -> web.StreamResponse:
        """Return the records after number `after`."""
        after = request.query.get("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) <= 12):
            return refusal(400, "invalid", "after is the number of a record")
        return web.json_response({"records": list(map(record_json, self._controlled.log.records(int(after))))})

    async def faults(self, request: web.Request) -> web.StreamResponse:
        """Return the catalogue."""
        return web.json_response({"faults": plain(self._controlled.catalogue)})

    async def stats(self, request: web.Request) -> web.StreamResponse:
        """Return the counters."""
        return web.json_response(self._controlled.stats())
