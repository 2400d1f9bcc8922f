"""The faults that have struck one connection, and what they make of its bytes together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from mock_server.faults.tcp_base import ConnectionTarget, Direction, TcpFault


@dataclass(slots=True, eq=False)
class _ActiveFault:
    """A fault on this connection, and the bytes that have passed under it, by way."""

    fault: TcpFault
    passed: dict[Direction, int]


class ActiveFaults:
    """What a connection suffers from; several faults add up.

    Args:
        connection: The connection.
        seed: Where jitter is drawn from.
    """

    def __init__(self, connection: ConnectionTarget, seed: str) -> None:
        self._connection = connection
        self._active: list[_ActiveFault] = []
        self._changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._rngs = {direction: Random(f"{seed}|{direction}") for direction in (Direction.UP, Direction.DOWN)}

    def __contains__(self, fault: TcpFault) -> bool:
        return any(active.fault is fault for active in self._active)

    def add(self, fault: TcpFault) -> None:
        """Suffer from `fault` from now on."""
        self._active.append(_ActiveFault(fault, {Direction.UP: 0, Direction.DOWN: 0}))

    def remove(self, selected: Callable[[TcpFault], bool]) -> None:
        """Suffer no more from these; whoever waits looks again whether it still has to."""
        self._active = [active for active in self._active if not selected(active.fault)]
        self._changed.set_result(None)
        self._changed = asyncio.get_running_loop().create_future()

    async def wait(self, seconds: float, fault: TcpFault) -> bool:
        """Wait so long, or until the connection doesn't suffer from `fault` any more; tells whether it still does."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while (left := deadline - loop.time()) > 0 and fault in self:
            await asyncio.wait([self._changed], timeout=left)
        return fault in self

    def delays(self, direction: Direction) -> list[tuple[float, TcpFault]]:
        """By how many seconds what arrives now is late, by fault."""
        delays = ((active.fault.delay(direction, self._rngs[direction]), active.fault) for active in self._active)
        return [(seconds, fault) for seconds, fault in delays if seconds]

    def max_piece(self, direction: Direction, size: int) -> int:
        """How many of `size` bytes are to be passed on at once."""
        limits = (active.fault.max_piece(direction) for active in self._active)
        return min([size, *(limit for limit in limits if limit is not None)])

    def bytes_left(self, direction: Direction) -> int | None:
        """Bytes that may pass before the connection ends; None for no limit."""
        return min((left for left, _ in self._limits(direction)), default=None)

    def count_bytes(self, direction: Direction, size: int) -> None:
        """Count bytes that have passed."""
        for active in self._active:
            active.passed[direction] += size

    def apply_limit(self, direction: Direction) -> None:
        """Let the fault whose allowance is used up end the connection.

        Raises:
            Ended: Always.
        """
        for left, fault in self._limits(direction):
            if left == 0:
                fault.on_limit(self._connection)

    async def pause(self, direction: Direction, size: int) -> None:
        """Wait as long as so many bytes take."""
        for active in tuple(self._active):
            if seconds := active.fault.pause(direction, size):
                await self.wait(seconds, active.fault)

    async def delay_close(self, direction: Direction) -> None:
        """Wait as long as the end of a side is to be kept back."""
        for active in tuple(self._active):
            if seconds := active.fault.close_delay(direction):
                await self.wait(seconds, active.fault)

    def _limits(self, direction: Direction) -> list[tuple[int, TcpFault]]:
        return [
            (max(0, allowance - active.passed[direction]), active.fault)
            for active in self._active
            if (allowance := active.fault.byte_limit(direction)) is not None
        ]
