"""A whole mock server inside a running event loop."""

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
from mock_server.http.app_runner import aiohttp_server, start_runner
from mock_server.http.fault_target import GatewayTarget
from mock_server.http.middleware import LOOPBACK_NAMES
from mock_server.net.clock import Clock, SystemClock, unix_milliseconds
from mock_server.net.listener import Listener
from mock_server.net.sockets import reset_connection
from mock_server.orders.log.base import EventLog
from mock_server.orders.log.memory import MemoryLog
from mock_server.simulation.runner import Simulation

HEARTBEAT_SECONDS = 5.0
"""The default (PROTOCOL §4)."""


class MockServer:
    """A running server; made by `embed`.

    Attributes:
        log: The record of faults: what was injected and what it did.
        events: The orders' true event log; append to it to make something happen.
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
        """Where clients find it, without a slash at the end."""
        return self._listener.url

    @property
    def port(self) -> int:
        """The gateway's TCP port."""
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
        """The faults that are armed now, as they would be injected."""
        return self._gateway.plan.armed

    @property
    def connections(self) -> int:
        """Client connections that are open now."""
        return sum(connection.transport is not None for connection in aiohttp_server(self._runner).connections)

    def inject(self, spec: str) -> FaultRecord:
        """Inject a fault, `NAME[:key=value,…]`; `heal` heals.

        Returns:
            The record of the injection; its effects follow in `log`.

        Raises:
            FaultError: No such fault, parameter, value or order.
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
        """Disarm every fault, end every freeze and outage, and release what is held back."""
        record = self.log.write(HEAL, "healed", None, ", ".join(self.armed))
        self._gateway.plan.heal()
        return record

    def disarm(self, name: str) -> FaultRecord:
        """Let no fault of this name strike any more; what it has done stays done."""
        self._gateway.plan.disarm(name)
        return self.log.write(name, "disarmed")

    @property
    def events_sent(self) -> int:
        """Events sent to watchers so far, as they were before any fault struck them."""
        return self._gateway.counters.events

    def stats(self) -> dict[str, Any]:
        """What has been counted, and what is open and armed now."""
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
        """Let `simulation` run until the server ends."""
        self._simulation = simulation
        self._gateway.spawn(simulation.run())

    async def close(self) -> None:
        """Say goodbye, close every connection and end every task."""
        self._listener.close()
        await self._gateway.close()
        for connection in aiohttp_server(self._runner).connections:
            if connection.transport is not None:
                reset_connection(connection.transport)
        self._listener.close()  # an outage may have been about to end

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
    """Run a server for the length of a `with` block, in this event loop.

    Args:
        scenario: A bundled scenario's name or a file; None for a server without orders.
        seed: Reproduces the same events and the same strikes of armed faults; None for new ones.
        speed: Factor on the simulated life.
        orders: How many orders to make of the scenario's; None for its own.
        host: Address to listen on.
        port: TCP port; 0 for a free one.
        faults: Injected before the first connection.
        allow_hosts: `Host` names that are answered beside loopback's.
        heartbeat_seconds: Seconds between heartbeats, 1 to 30.
        node: The server's name in `hello`.
        auth: What tokens are signed with; None lets everyone see everything.
        controlled: Whether `mock-server inject` finds it, through a file of the user's.
        clock: The time; None for the machine's.

    Raises:
        ScenarioError: The scenario doesn't exist or makes no sense.
        FaultError: One of `faults`, or of the scenario's timeline, doesn't.
        PortTaken: Nothing can listen there.
        NoRendezvous: There is no safe place for the control token.
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
        listener = Listener(aiohttp_server(runner), host, port, clock)
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
    """An order as it really is, whatever faults are armed: for the control listener."""

    async def answer(request: web.Request) -> web.StreamResponse:
        snapshot = await events.snapshot(request.match_info["id"])
        if snapshot is None:
            return refusal(404, "order_not_found", "there is no such order")
        return web.Response(body=snapshot.text, content_type="application/json", charset="utf-8")

    return web.get("/control/orders/{id}", answer)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
