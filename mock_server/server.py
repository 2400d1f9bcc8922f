"""A mock server in the running event loop."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict
from typing import Any

from aiohttp import web

from mock_server.auth.tokens import Key
from mock_server.control.api import open_control
from mock_server.encoding.problems import refusal
from mock_server.faults.base import OneShotFault, SteadyFault
from mock_server.faults.fault_log import FaultLog, FaultRecord
from mock_server.faults.plan import Plan
from mock_server.faults.spec import HEAL, CatalogueEntry, FaultError, format_fault, is_heal, list_faults, parse_fault
from mock_server.gateway.gateway import Gateway
from mock_server.http import routes
from mock_server.http.app_runner import aiohttp_server, protocol_factory, start_runner
from mock_server.http.fault_target import GatewayTarget
from mock_server.http.middleware import LOOPBACK_NAMES
from mock_server.net.clock import Clock, SystemClock, unix_milliseconds
from mock_server.net.listener import Listener
from mock_server.net.sockets import reset_connection
from mock_server.orders.log.base import EventLog
from mock_server.orders.log.memory import MemoryLog
from mock_server.simulation.runner import Simulation

HEARTBEAT_SECONDS = 5.0
"""The default time between heartbeats (PROTOCOL §4)."""


class MockServer:
    """A running server, created by `embed`.

    Attributes:
        log: The fault log.
        events: The event log, unaffected by faults; append to it to change an order.
    """

    def __init__(self, gateway: Gateway, listener: Listener, runner: web.AppRunner) -> None:
        self.log = gateway.fault_log
        self.events: EventLog = gateway.log
        self._gateway = gateway
        self._listener = listener
        self._runner = runner
        self._target = GatewayTarget(gateway, listener, aiohttp_server(runner), self._renumber)
        self._simulation: Simulation | None = None

    @property
    def url(self) -> str:
        """The URL for clients, without a trailing slash."""
        return self._listener.url

    @property
    def port(self) -> int:
        """The TCP port."""
        return self._listener.port

    @property
    def orders(self) -> list[str]:
        """The ids of all orders, sorted."""
        return self.events.order_ids

    @property
    def catalogue(self) -> list[CatalogueEntry]:
        """Every fault that can be injected."""
        return list_faults()

    @property
    def armed(self) -> list[str]:
        """The armed faults, written as they would be injected."""
        return self._gateway.plan.armed

    @property
    def connections(self) -> int:
        """The number of open client connections."""
        return sum(connection.transport is not None for connection in aiohttp_server(self._runner).connections)

    def inject(self, spec: str) -> FaultRecord:
        """Inject a fault, `NAME[:key=value,…]`; `heal` heals all faults.

        Returns:
            The record of the injection; its effects follow in `log`.

        Raises:
            FaultError: The fault, a parameter, a value or the order does not exist.
        """
        if is_heal(spec):
            return self.heal()
        fault = parse_fault(spec)
        order_id = getattr(fault, "order", None)
        if order_id is not None and order_id not in self.events.order_ids:
            raise FaultError(f"{fault.name}: there is no order {order_id}")
        record = self.log.write(fault.name, "injected", order_id, format_fault(fault))
        if isinstance(fault, SteadyFault):
            self._gateway.plan.arm(fault)
        elif isinstance(fault, OneShotFault):
            self._gateway.spawn(fault.apply(self._target))
        return record

    def heal(self) -> FaultRecord:
        """Disarm all faults, end every freeze and outage, and release delayed messages."""
        record = self.log.write(HEAL, "healed", None, ", ".join(self.armed))
        self._gateway.plan.heal()
        return record

    def disarm(self, name: str) -> FaultRecord:
        """Disarm all faults with this name; their past effects remain."""
        self._gateway.plan.disarm(name)
        return self.log.write(name, "disarmed")

    @property
    def events_sent(self) -> int:
        """Events sent to clients so far, before any fault acts on them."""
        return self._gateway.counters.events

    def stats(self) -> dict[str, Any]:
        """Return the counters, and the numbers of open connections and armed faults."""
        gateway = self._gateway
        counted = asdict(gateway.counters)
        ignored = counted.pop("ignored")
        return {
            **{_camel(name): value for name, value in counted.items()},
            "unknownTypes": ignored["unknown_types"],
            "unknownFields": ignored["unknown_fields"],
            "connections": self.connections,
            "streams": len(gateway.streams),
            "subscriptions": sum(len(stream.subscriber.orders) for stream in gateway.streams),
            "orders": len(self.orders),
            "epoch": self.events.epoch,
            "armed": self.armed,
        }

    def simulate(self, simulation: Simulation) -> None:
        """Run `simulation` until the server closes."""
        self._simulation = simulation
        self._gateway.spawn(simulation.run())

    async def close(self) -> None:
        """Send goodbye, close every connection and end every task."""
        self._listener.close()
        await self._gateway.close()
        for connection in aiohttp_server(self._runner).connections:
            if connection.transport is not None:
                reset_connection(connection.transport)
        self._listener.close()  # an outage may have just reopened it

    def _renumber(self, numbers: Mapping[str, Mapping[int, int]]) -> None:
        if self._simulation is not None:
            self._simulation.renumber(numbers)


@asynccontextmanager
async def embed(
    scenario: str | None = "default",
    *,
    seed: int | None = None,
    speed: float = 1.0,
    orders: int | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    faults: Sequence[str] = (),
    allow_hosts: Sequence[str] = (),
    heartbeat_seconds: float = HEARTBEAT_SECONDS,
    node: str = "mock",
    auth: Key | None = None,
    controlled: bool = True,
    clock: Clock | None = None,
) -> AsyncIterator[MockServer]:
    """Run a server within a `with` block, in the running event loop.

    Args:
        scenario: The name of a bundled scenario, or a file; None for a server without orders.
        seed: Reproduces the same events and the same effects of faults; None for a random seed.
        speed: Simulated seconds per real second.
        orders: The number of orders; None for the scenario's own number.
        host: The address to listen on.
        port: The TCP port; 0 for a free port.
        faults: Faults to inject before the first connection.
        allow_hosts: `Host` names to answer in addition to loopback names.
        heartbeat_seconds: Seconds between heartbeats, 1 to 30.
        node: The server's name in `hello`.
        auth: The key that signs tokens; None disables authentication.
        controlled: Whether to open the control listener for `mock-server inject`.
        clock: The clock; None for the system's clock.

    Raises:
        ScenarioError: The scenario does not exist or is not valid.
        FaultError: One of `faults`, or of the scenario's timeline, is not valid.
        PortTaken: The address cannot be listened on.
        ControlUnavailable: There is no safe place for the control token.
    """
    clock = clock or SystemClock()
    fault_log = FaultLog(clock)
    plan = Plan(secrets.randbits(63) if seed is None else seed, fault_log, clock)
    log = MemoryLog(lambda: unix_milliseconds(clock.now()))
    gateway = Gateway(log, plan, fault_log, clock, heartbeat_seconds=heartbeat_seconds, node=node, key=auth)
    for spec in faults:
        parse_fault(spec)
    async with AsyncExitStack() as stack:
        runner = await start_runner(stack, routes.build_app(gateway, (*LOOPBACK_NAMES, host, *allow_hosts)))
        listener = Listener(protocol_factory(runner), host, port, clock)
        server = MockServer(gateway, listener, runner)
        simulation = None
        if scenario is not None:
            simulation = Simulation.of_scenario(
                scenario, seed=seed, speed=speed, orders=orders, gateway=gateway, clock=clock, inject=server.inject
            )
            await simulation.apply_history()
        stack.push_async_callback(server.close)
        await listener.open()
        if controlled:
            await open_control(stack, server, clock, [_order_route(log)])
        for spec in faults:
            server.inject(spec)
        gateway.spawn(gateway.run())
        if simulation is not None:
            server.simulate(simulation)
        yield server


def _order_route(events: EventLog) -> web.RouteDef:
    """Return the control resource of an order as it really is, unaffected by faults."""

    async def answer(request: web.Request) -> web.StreamResponse:
        snapshot = await events.snapshot(request.match_info["id"])
        if snapshot is None:
            return refusal(404, "order_not_found", "there is no such order")
        return web.Response(body=snapshot.text, content_type="application/json", charset="utf-8")

    return web.get("/control/orders/{id}", answer)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
