"""A proxy in the running event loop."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from mock_server.control.api import open_control
from mock_server.faults.base import count_of
from mock_server.faults.fault_log import FaultLog, FaultRecord
from mock_server.faults.plan import Plan
from mock_server.faults.spec import HEAL, CatalogueEntry, format_fault, is_heal, list_faults, parse_fault
from mock_server.faults.tcp import TCP_FAULTS, Down, Up
from mock_server.faults.tcp_base import TcpFault
from mock_server.net.clock import Clock, SystemClock
from mock_server.net.listener import Listener
from mock_server.proxy.connection import ProxyConnection
from mock_server.proxy.pipe import READ_SIZE
from mock_server.proxy.upstream import Upstream

_FOREVER = 1e9


class Proxy:
    """A running proxy, created by `run_proxy`.

    Attributes:
        log: The fault log.
        upstream: The server behind it.
    """

    def __init__(self, upstream: Upstream, host: str, port: int, seed: int, clock: Clock) -> None:
        self.log = FaultLog(clock)
        self.upstream = upstream
        self._seed = seed
        self._plan = Plan(seed, self.log, clock)
        self._listener = Listener(self._protocol, host, port, clock, option="--listen")
        self._connections: dict[ProxyConnection, None] = {}
        self._accepted = 0
        self._bytes_of_closed = [0, 0]
        self._up_again = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The URL for clients, without a trailing slash; plain TCP, whatever the server uses."""
        scheme = "tcp" if self.upstream.scheme == "tcp" else "http"
        return f"{scheme}{self._listener.url.removeprefix('http')}"

    @property
    def port(self) -> int:
        """The TCP port."""
        return self._listener.port

    @property
    def catalogue(self) -> list[CatalogueEntry]:
        """Every fault that can be injected."""
        return list_faults(TCP_FAULTS)

    @property
    def armed(self) -> list[str]:
        """The armed faults, written as they would be injected."""
        self._plan.expire()
        return self._plan.armed

    @property
    def connections(self) -> int:
        """The number of open client connections."""
        return len(self._connections)

    def inject(self, spec: str) -> FaultRecord:
        """Inject a fault, `NAME[:key=value,…]`, into open and new connections; `heal` heals all faults.

        Returns:
            The record of the injection; its effects follow in `log`.

        Raises:
            FaultError: The fault, a parameter or a value does not exist.
        """
        if is_heal(spec):
            return self.heal()
        fault = parse_fault(spec, TCP_FAULTS)
        record = self.log.write(fault.name, "injected", None, format_fault(fault))
        match fault:
            case TcpFault():
                self._arm(fault)
            case Down():
                self._go_down(fault)
            case Up():
                self._up_again.set()
        return record

    def heal(self) -> FaultRecord:
        """Disarm all faults, end an outage and release delayed data; reset connections that have lost bytes."""
        record = self.log.write(HEAL, "healed", None, ", ".join(self.armed))
        self._plan.heal()
        self._remove_faults(lambda _: True)
        return record

    def stats(self) -> dict[str, Any]:
        """Return the counters, and the numbers of open connections and armed faults."""
        return {
            "upstream": str(self.upstream),
            "listening": self._listener.is_open,
            "connections": self.connections,
            "connectionsTotal": self._accepted,
            "bytesUp": self._bytes_of_closed[0] + sum(each.bytes_up for each in self._connections),
            "bytesDown": self._bytes_of_closed[1] + sum(each.bytes_down for each in self._connections),
            "armed": self.armed,
        }

    async def open(self) -> None:
        """Start to listen.

        Raises:
            PortTaken: The address is taken, or does not belong to this machine.
        """
        await self._listener.open()

    async def close(self) -> None:
        """Close every connection and end every task."""
        self._listener.close()
        connections = tuple(self._connections)
        for connection in connections:
            connection.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, *(each.wait_closed() for each in connections), return_exceptions=True)
        self._listener.close()  # an outage may have just reopened it

    def _protocol(self) -> asyncio.Protocol:
        reader = asyncio.StreamReader(limit=READ_SIZE)
        return asyncio.StreamReaderProtocol(reader, self._accept)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._accepted += 1
        connection = ProxyConnection(
            self._accepted,
            reader,
            writer,
            upstream=self.upstream,
            draw=self._draw,
            fault_log=self.log,
            seed=self._seed,
        )
        self._connections[connection] = None
        connection.start(lambda _: self._closed(connection))

    def _closed(self, connection: ProxyConnection) -> None:
        self._connections.pop(connection, None)
        self._bytes_of_closed[0] += connection.bytes_up
        self._bytes_of_closed[1] += connection.bytes_down

    def _draw(self, number: int, selected: Callable[[TcpFault], bool]) -> Iterable[TcpFault]:
        return self._plan.triggered(TcpFault, selected, "connection", number)

    def _arm(self, fault: TcpFault) -> None:
        self._plan.arm(fault)
        for connection in tuple(self._connections):
            connection.apply_fault(fault)
        if fault.for_ is not None:
            self._spawn(self._disarm_after(fault, fault.for_))

    async def _disarm_after(self, fault: TcpFault, seconds: float) -> None:
        await self._plan.pause(seconds)
        self._remove_faults(lambda other: other is fault)

    def _remove_faults(self, selected: Callable[[TcpFault], bool]) -> None:
        for connection in tuple(self._connections):
            connection.remove_faults(selected)

    def _go_down(self, fault: Down) -> None:
        if not self._listener.is_open:
            self.log.write(fault.name, "already down")
            return
        self._listener.close()
        self._up_again.clear()
        self._spawn(self._stay_down(fault))

    async def _stay_down(self, fault: Down) -> None:
        # A connection accepted just now is registered in the next step of the event loop.
        await asyncio.sleep(0)
        connections = () if fault.keep else tuple(self._connections)
        for connection in connections:
            connection.abort()
        self.log.write(fault.name, "down", None, f"{count_of(len(connections), 'connection')} reset")
        await self._plan.pause(_FOREVER if fault.for_ is None else fault.for_, unless=self._up_again)
        await self._listener.reopen()
        self.log.write(fault.name, "up")

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # A task that is cancelled before its first step never awaits the coroutine.
        task.add_done_callback(lambda _: work.close())


@asynccontextmanager
async def run_proxy(
    upstream: str,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    faults: Sequence[str] = (),
    seed: int | None = None,
    controlled: bool = True,
) -> AsyncIterator[Proxy]:
    """Run a proxy within a `with` block, in the running event loop.

    Args:
        upstream: The server: `http(s)://HOST[:PORT]` or `tcp://HOST:PORT`.
        host: The address to listen on.
        port: The TCP port; 0 for a free port.
        faults: Faults to inject before the first connection.
        seed: Reproduces the random draws for the same order of connections; None for a random seed.
        controlled: Whether to open the control listener for `mock-server inject`.

    Raises:
        ValueError: `upstream` is not such an address.
        FaultError: One of `faults` does not exist.
        PortTaken: The address cannot be listened on.
        ControlUnavailable: There is no safe place for the control token.
    """
    clock = SystemClock()
    proxy = Proxy(Upstream.parse(upstream), host, port, secrets.randbits(63) if seed is None else seed, clock)
    for spec in faults:
        if not is_heal(spec):
            parse_fault(spec, TCP_FAULTS)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(proxy.close)
        await proxy.open()
        if controlled:
            await open_control(stack, proxy, clock)
        for spec in faults:
            proxy.inject(spec)
        yield proxy
