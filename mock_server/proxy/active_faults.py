"""The faults that act on one connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from mock_server.faults.tcp_base import ConnectionTarget, Direction, TcpFault


@dataclass(slots=True, eq=False)
class _ActiveFault:
    """A fault on this connection, and the bytes forwarded since it started, by direction."""

    fault: TcpFault
    passed: dict[Direction, int]


class ActiveFaults:
    """The faults of a connection and their combined effect.

    Args:
        connection: The connection.
        seed: The seed for jitter.
    """

    def __init__(self, connection: ConnectionTarget, seed: str) -> None:
        self._connection = connection
        self._active: list[_ActiveFault] = []
        self._changed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._rngs = {direction: Random(f"{seed}|{direction}") for direction in (Direction.UP, Direction.DOWN)}

    def __contains__(self, fault: TcpFault) -> bool:
        return any(active.fault is fault for active in self._active)

    def add(self, fault: TcpFault) -> None:
        """Add a fault."""
        self._active.append(_ActiveFault(fault, {Direction.UP: 0, Direction.DOWN: 0}))

    def remove(self, selected: Callable[[TcpFault], bool]) -> None:
        """Remove the selected faults, and wake tasks that wait because of them."""
        self._active = [active for active in self._active if not selected(active.fault)]
        self._changed.set_result(None)
        self._changed = asyncio.get_running_loop().create_future()

    async def wait(self, seconds: float, fault: TcpFault) -> bool:
        """Wait for `seconds` or until `fault` is removed; return whether it is still active."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while (left := deadline - loop.time()) > 0 and fault in self:
            await asyncio.wait([self._changed], timeout=left)
        return fault in self

    def delays(self, direction: Direction) -> list[tuple[float, TcpFault]]:
        """Return the delays, in seconds, of data that arrives now, with their faults."""
        delays = ((active.fault.delay(direction, self._rngs[direction]), active.fault) for active in self._active)
        return [(seconds, fault) for seconds, fault in delays if seconds]

    def max_piece(self, direction: Direction, size: int) -> int:
        """Return how many of `size` bytes may be forwarded at once."""
        limits = (active.fault.max_piece(direction) for active in self._active)
        return min([size, *(limit for limit in limits if limit is not None)])

    def bytes_left(self, direction: Direction) -> int | None:
        """Return the bytes that may be forwarded before the connection ends; None for no limit."""
        return min((left for left, _ in self._limits(direction)), default=None)

    def count_bytes(self, direction: Direction, size: int) -> None:
        """Count forwarded bytes."""
        for active in self._active:
            active.passed[direction] += size

    def apply_limit(self, direction: Direction) -> None:
        """Let the fault whose limit is reached end the connection.

        Raises:
            ConnectionEnded: Always.
        """
        for left, fault in self._limits(direction):
            if left == 0:
                fault.on_limit(self._connection)

    async def pause(self, direction: Direction, size: int) -> None:
        """Wait for the pauses after `size` bytes."""
        for active in tuple(self._active):
            if seconds := active.fault.pause(direction, size):
                await self.wait(seconds, active.fault)

    async def delay_close(self, direction: Direction) -> None:
        """Wait before the end of a side is forwarded."""
        for active in tuple(self._active):
            if seconds := active.fault.close_delay(direction):
                await self.wait(seconds, active.fault)

    def _limits(self, direction: Direction) -> list[tuple[int, TcpFault]]:
        return [
            (max(0, allowance - active.passed[direction]), active.fault)
            for active in self._active
            if (allowance := active.fault.byte_limit(direction)) is not None
        ]
