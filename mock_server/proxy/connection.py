"""One connection through the proxy, from being accepted to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from mock_server.faults.tcp_base import ALL, Direction, Ended, Ending, TcpFault
from mock_server.net.sockets import reset
from mock_server.proxy import request_head
from mock_server.proxy.active_faults import Struck
from mock_server.proxy.pipe import CHUNK, Pipe
from mock_server.proxy.request_head import HEAD_LIMIT, Opening
from mock_server.proxy.upstream import Upstream
from tracker_tui.domain.sanitize import visible

if TYPE_CHECKING:
    from mock_server.faults.fault_log import Ledger

_PEEK_SECONDS = 1.0
"""A request whose head takes longer is judged, and passed on, as it is then."""


class Draw(Protocol):
    """Which armed faults strike a connection."""

    def __call__(self, number: int, where: Callable[[TcpFault], bool]) -> Iterable[TcpFault]:
        """Draw for connection `number` among the armed faults that fit `where`."""


class Connection:
    """A client, the server, and the two pipes between them.

    Attributes:
        number: Counted from 1 in the order of accepting.
        bytes_up: Passed on to the server so far.
        bytes_down: Passed on to the client so far.

    Args:
        number: Its number.
        reader: What the client sends.
        writer: What goes to the client.
        upstream: The server.
        draw: Which faults strike.
        ledger: The record.
        seed: Where jitter is drawn from.
    """

    def __init__(
        self,
        number: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        upstream: Upstream,
        draw: Draw,
        ledger: Ledger,
        seed: int,
    ) -> None:
        self.number = number
        self._reader = reader
        self._client = writer
        self._upstream = upstream
        self._server: asyncio.StreamWriter | None = None
        self._draw = draw
        self._ledger = ledger
        self._struck = Struck(self, f"{seed}|{number}")
        self._opening: Opening | None = None
        self._forwarding: asyncio.Task[None] | None = None
        self._waiting: set[asyncio.Task[None]] = set()
        self._silenced_by: TcpFault | None = None
        self._pipes: dict[Direction, Pipe] = {}
        self._task: asyncio.Task[None] | None = None
        self._over = False
        writer.transport.set_write_buffer_limits(high=0)

    @property
    def bytes_up(self) -> int:
        """Passed on to the server so far."""
        return self._pipes[Direction.UP].passed if self._pipes else 0

    @property
    def bytes_down(self) -> int:
        """Passed on to the client so far."""
        return self._pipes[Direction.DOWN].passed if self._pipes else 0

    def start(self, on_end: Callable[[asyncio.Task[None]], None]) -> None:
        """Run until either side, a fault or `abort` ends it."""
        self._task = asyncio.create_task(self._run(), name=f"connection {self.number}")
        self._task.add_done_callback(on_end)

    def abort(self) -> None:
        """Reset both sides."""
        self._stop(Ending.RST)

    async def ended(self) -> None:
        """Wait for the end."""
        if self._task is not None:
            await asyncio.wait([self._task])

    def meet(self, fault: TcpFault) -> None:
        """Let `fault`, which has just been armed, at this open connection."""
        fits = fault.match == ALL or (self._opening is not None and self._opening.fits(fault.match))
        if fits and not fault.new_only and not self._over:
            try:
                self._strike(lambda armed: armed is fault)
            except Ended as ended:
                self._stop(ended.ending)

    def relieve(self, which: Callable[[TcpFault], bool]) -> None:
        """Heal these faults; a connection that has lost bytes to one is reset."""
        self._struck.relieve(which)
        if self._silenced_by is not None and self._silenced_by not in self._struck:
            self.abort()

    def record(self, fault: TcpFault, effect: str, detail: str = "") -> None:
        """Write down what was done to this connection."""
        which = f"connection {self.number}" + (f", {self._opening}" if self._opening else "")
        self._ledger.write(fault.name, effect, None, ", ".join(filter(None, [which, detail])))

    def after(self, seconds: float, fault: TcpFault, action: Callable[[], None]) -> None:
        """Do `action` in so many seconds, unless `fault` has been healed by then; 0 is at once."""
        if seconds == 0:
            action()
            return

        async def wait() -> None:
            if await self._struck.wait(seconds, fault):
                try:
                    action()
                except Ended as ended:
                    self._stop(ended.ending)

        task = asyncio.create_task(wait(), name=f"connection {self.number}: {fault.name}")
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    def silence(self, fault: TcpFault, *, drop_upstream: bool) -> None:
        """Let nothing through any more; what either side sends is swallowed."""
        if self._silenced_by is None:
            self._silenced_by = fault
            if self._forwarding is not None:
                self._forwarding.cancel()
        if drop_upstream and self._server is not None:
            reset(self._server.transport)

    async def _run(self) -> None:
        ending = Ending.RST
        try:
            self._strike(lambda fault: fault.match == ALL)
            if self._silenced_by is None:
                self._forwarding = asyncio.create_task(self._forward(), name=f"connection {self.number}: forwarding")
                await asyncio.wait([self._forwarding])
                if self._silenced_by is None:
                    self._forwarding.result()
            if self._silenced_by is not None:
                await self._swallow()
            ending = Ending.FIN
        except* Ended as ends:
            ending = _first(ends).ending
        except* OSError:
            # Either side was reset or is gone; the other one learns of it.
            pass
        finally:
            self._over = True
            self._end(ending)
            left = [task for task in (self._forwarding, *self._waiting) if task is not None]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    def _strike(self, where: Callable[[TcpFault], bool]) -> None:
        for fault in self._draw(self.number, where):
            self._struck.add(fault)
            if fault.done:
                self.record(fault, fault.done)
            fault.begin(self)

    async def _forward(self) -> None:
        try:
            reader, self._server = await self._upstream.connect(CHUNK)
        except OSError as error:
            reason = sanitize(error.strerror or str(error))
            self._ledger.write("upstream", "unreachable", None, f"connection {self.number}, {self._upstream}: {reason}")
            raise Ended(Ending.RST) from error
        self._server.transport.set_write_buffer_limits(high=0)
        up = Pipe(Direction.UP, self._reader, self._server, self._struck)
        down = Pipe(Direction.DOWN, reader, self._client, self._struck)
        self._pipes = {Direction.UP: up, Direction.DOWN: down}
        async with asyncio.TaskGroup() as group:
            group.create_task(self._open(up))
            group.create_task(down.run())

    async def _open(self, up: Pipe) -> None:
        head = await self._peek()
        found = self._opening = request_head.read(head)
        self._strike(lambda fault: fault.match != ALL and found.fits(fault.match))
        if self._silenced_by is None:
            await up.run(head)

    async def _peek(self) -> bytes:
        """The head of the first request, with what has come along with it."""
        head = b""
        with suppress(TimeoutError):
            async with asyncio.timeout(None) as limit:
                while not request_head.is_over(head) and (data := await self._reader.read(HEAD_LIMIT)):
                    # What says nothing at first, as where the server speaks first, has time.
                    if not head:
                        limit.reschedule(asyncio.get_running_loop().time() + _PEEK_SECONDS)
                    head += data
        return head

    async def _swallow(self) -> None:
        while await self._reader.read(CHUNK):
            pass

    def _stop(self, ending: Ending) -> None:
        """End it from outside its own task."""
        self._over = True
        self._end(ending)
        if self._task is not None:
            self._task.cancel()

    def _end(self, ending: Ending) -> None:
        for writer in (self._client, self._server):
            if writer is None:
                continue
            if ending is Ending.RST or writer.transport.get_write_buffer_size():
                reset(writer.transport)
            else:
                writer.close()


def _first(group: BaseExceptionGroup[Ended]) -> Ended:
    """One of the group, however deep."""
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner
