"""One connection through the proxy."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from mock_server.faults.parameters import MATCH_ALL
from mock_server.faults.tcp_base import ConnectionEnded, Direction, Ending, TcpFault
from mock_server.net.sockets import reset_connection
from mock_server.proxy import request_head
from mock_server.proxy.active_faults import ActiveFaults
from mock_server.proxy.pipe import READ_SIZE, Pipe
from mock_server.proxy.request_head import HEAD_LIMIT, RequestHead
from mock_server.proxy.upstream import Upstream
from tracker_tui.domain.sanitize import sanitize

if TYPE_CHECKING:
    from mock_server.faults.fault_log import FaultLog

_PEEK_SECONDS = 1.0
"""Seconds after which an incomplete request head is matched and forwarded as it is."""


class FaultDraw(Protocol):
    """Selects the faults that act on a connection."""

    def __call__(self, number: int, selected: Callable[[TcpFault], bool]) -> Iterable[TcpFault]:
        """Yield the faults that fit `selected` and are triggered for connection `number`."""


class ProxyConnection:
    """A connection from a client to the server, in two pipes.

    Attributes:
        number: The number of the connection, counted from 1.
        bytes_up: Bytes forwarded to the server.
        bytes_down: Bytes forwarded to the client.

    Args:
        number: The number of the connection.
        reader: Reads from the client.
        writer: Writes to the client.
        upstream: The server.
        draw: Selects the faults that act on it.
        fault_log: The fault log.
        seed: The seed for jitter.
    """

    def __init__(
        self,
        number: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        upstream: Upstream,
        draw: FaultDraw,
        fault_log: FaultLog,
        seed: int,
    ) -> None:
        self.number = number
        self._reader = reader
        self._client = writer
        self._upstream = upstream
        self._server: asyncio.StreamWriter | None = None
        self._draw = draw
        self._fault_log = fault_log
        self._active_faults = ActiveFaults(self, f"{seed}|{number}")
        self._request_head: RequestHead | None = None
        self._forward_task: asyncio.Task[None] | None = None
        self._scheduled: set[asyncio.Task[None]] = set()
        self._silenced_by: TcpFault | None = None
        self._pipes: dict[Direction, Pipe] = {}
        self._task: asyncio.Task[None] | None = None
        self._is_over = False
        writer.transport.set_write_buffer_limits(high=0)

    @property
    def bytes_up(self) -> int:
        """Bytes forwarded to the server."""
        return self._pipes[Direction.UP].passed if self._pipes else 0

    @property
    def bytes_down(self) -> int:
        """Bytes forwarded to the client."""
        return self._pipes[Direction.DOWN].passed if self._pipes else 0

    def start(self, on_end: Callable[[asyncio.Task[None]], None]) -> None:
        """Run until either side, a fault or `abort` ends it."""
        self._task = asyncio.create_task(self._run(), name=f"connection {self.number}")
        self._task.add_done_callback(on_end)

    def abort(self) -> None:
        """Reset both sides."""
        self._abort(Ending.RST)

    async def wait_closed(self) -> None:
        """Wait until the connection has ended."""
        if self._task is not None:
            await asyncio.wait([self._task])

    def apply_fault(self, fault: TcpFault) -> None:
        """Apply a newly armed fault to this open connection."""
        applies = fault.match == MATCH_ALL or (
            self._request_head is not None and self._request_head.matches(fault.match)
        )
        if applies and not fault.new_only and not self._is_over:
            try:
                self._draw_faults(lambda armed: armed is fault)
            except ConnectionEnded as error:
                self._abort(error.ending)

    def remove_faults(self, which: Callable[[TcpFault], bool]) -> None:
        """Remove the selected faults; reset the connection if it has lost bytes to one of them."""
        self._active_faults.remove(which)
        if self._silenced_by is not None and self._silenced_by not in self._active_faults:
            self.abort()

    def record(self, fault: TcpFault, effect: str, detail: str = "") -> None:
        """Add a record about this connection to the fault log."""
        which = f"connection {self.number}" + (f", {self._request_head}" if self._request_head else "")
        self._fault_log.write(fault.name, effect, None, ", ".join(filter(None, [which, detail])))

    def schedule(self, seconds: float, fault: TcpFault, action: Callable[[], None]) -> None:
        """Call `action` in `seconds`, at once for 0, unless `fault` has been healed by then."""
        if seconds == 0:
            action()
            return

        async def wait() -> None:
            if await self._active_faults.wait(seconds, fault):
                try:
                    action()
                except ConnectionEnded as error:
                    self._abort(error.ending)

        task = asyncio.create_task(wait(), name=f"connection {self.number}: {fault.name}")
        self._scheduled.add(task)
        task.add_done_callback(self._scheduled.discard)

    def silence(self, fault: TcpFault, *, drop_upstream: bool) -> None:
        """Forward nothing from now on; discard what either side sends."""
        if self._silenced_by is None:
            self._silenced_by = fault
            if self._forward_task is not None:
                self._forward_task.cancel()
        if drop_upstream and self._server is not None:
            reset_connection(self._server.transport)

    async def _run(self) -> None:
        ending = Ending.RST
        try:
            self._draw_faults(lambda fault: fault.match == MATCH_ALL)
            if self._silenced_by is None:
                self._forward_task = asyncio.create_task(self._forward(), name=f"connection {self.number}: forwarding")
                await asyncio.wait([self._forward_task])
                if self._silenced_by is None:
                    self._forward_task.result()
            if self._silenced_by is not None:
                await self._discard_input()
            ending = Ending.FIN
        except* ConnectionEnded as errors:
            ending = _first_error(errors).ending
        except* OSError:
            # One side was reset or is gone: reset the other one.
            pass
        finally:
            self._is_over = True
            self._close_sides(ending)
            unfinished = [task for task in (self._forward_task, *self._scheduled) if task is not None]
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)

    def _draw_faults(self, selected: Callable[[TcpFault], bool]) -> None:
        for fault in self._draw(self.number, selected):
            self._active_faults.add(fault)
            if fault.effect_name:
                self.record(fault, fault.effect_name)
            fault.start(self)

    async def _forward(self) -> None:
        try:
            reader, self._server = await self._upstream.connect(READ_SIZE)
        except OSError as error:
            reason = sanitize(error.strerror or str(error))
            self._fault_log.write(
                "upstream", "unreachable", None, f"connection {self.number}, {self._upstream}: {reason}"
            )
            raise ConnectionEnded(Ending.RST) from error
        self._server.transport.set_write_buffer_limits(high=0)
        up = Pipe(Direction.UP, self._reader, self._server, self._active_faults)
        down = Pipe(Direction.DOWN, reader, self._client, self._active_faults)
        self._pipes = {Direction.UP: up, Direction.DOWN: down}
        async with asyncio.TaskGroup() as group:
            group.create_task(self._forward_request(up))
            group.create_task(down.run())

    async def _forward_request(self, up: Pipe) -> None:
        head = await self._read_head()
        parsed = self._request_head = request_head.parse_head(head)
        self._draw_faults(lambda fault: fault.match != MATCH_ALL and parsed.matches(fault.match))
        if self._silenced_by is None:
            await up.run(head)

    async def _read_head(self) -> bytes:
        """Read the head of the first request, and the data that arrived with it."""
        head = b""
        with suppress(TimeoutError):
            async with asyncio.timeout(None) as limit:
                while not request_head.is_complete(head) and (data := await self._reader.read(HEAD_LIMIT)):
                    # No limit before the first byte: in some protocols the server speaks first.
                    if not head:
                        limit.reschedule(asyncio.get_running_loop().time() + _PEEK_SECONDS)
                    head += data
        return head

    async def _discard_input(self) -> None:
        while await self._reader.read(READ_SIZE):
            pass

    def _abort(self, ending: Ending) -> None:
        """End the connection from outside its own task."""
        self._is_over = True
        self._close_sides(ending)
        if self._task is not None:
            self._task.cancel()

    def _close_sides(self, ending: Ending) -> None:
        for writer in (self._client, self._server):
            if writer is None:
                continue
            if ending is Ending.RST or writer.transport.get_write_buffer_size():
                reset_connection(writer.transport)
            else:
                writer.close()


def _first_error(group: BaseExceptionGroup[ConnectionEnded]) -> ConnectionEnded:
    """Return the first error of a nested group."""
    inner = group.exceptions[0]
    return _first_error(inner) if isinstance(inner, BaseExceptionGroup) else inner
