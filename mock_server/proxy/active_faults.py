"""The faults that have struck one connection, and what they make of its bytes together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from mock_server.faults.tcp_base import Direction, TcpFault, Wire


@dataclass(slots=True, eq=False)
class _Strike:
    """A fault on this connection, and the bytes that have passed under it, by way."""

    fault: TcpFault
    passed: dict[Direction, int]


class Struck:
    """What a connection suffers from; several faults add up.

    Args:
        wire: The connection.
        seed: Where jitter is drawn from.
    """

    def __init__(self, wire: Wire, seed: str) -> None:
        self._wire = wire
        self._strikes: list[_Strike] = []
        self._relief: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._rngs = {way: Random(f"{seed}|{way}") for way in (Direction.UP, Direction.DOWN)}

    def __contains__(self, fault: TcpFault) -> bool:
        return any(strike.fault is fault for strike in self._strikes)

    def add(self, fault: TcpFault) -> None:
        """Suffer from `fault` from now on."""
        self._strikes.append(_Strike(fault, {Direction.UP: 0, Direction.DOWN: 0}))

    def relieve(self, which: Callable[[TcpFault], bool]) -> None:
        """Suffer no more from these; whoever waits looks again whether it still has to."""
        self._strikes = [strike for strike in self._strikes if not which(strike.fault)]
        self._relief.set_result(None)
        self._relief = asyncio.get_running_loop().create_future()

    async def wait(self, seconds: float, fault: TcpFault) -> bool:
        """Wait so long, or until the connection doesn't suffer from `fault` any more; tells whether it still does."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while (left := until - loop.time()) > 0 and fault in self:
            await asyncio.wait([self._relief], timeout=left)
        return fault in self

    def delays(self, way: Direction) -> list[tuple[float, TcpFault]]:
        """By how many seconds what arrives now is late, by fault."""
        drawn = ((strike.fault.delay(way, self._rngs[way]), strike.fault) for strike in self._strikes)
        return [(seconds, fault) for seconds, fault in drawn if seconds]

    def piece(self, way: Direction, size: int) -> int:
        """How many of `size` bytes are to be passed on at once."""
        limits = (strike.fault.piece(way) for strike in self._strikes)
        return min([size, *(limit for limit in limits if limit is not None)])

    def left(self, way: Direction) -> int | None:
        """Bytes that may pass before the connection ends; None for no limit."""
        return min((left for left, _ in self._limits(way)), default=None)

    def spend(self, way: Direction, size: int) -> None:
        """Count bytes that have passed."""
        for strike in self._strikes:
            strike.passed[way] += size

    def end(self, way: Direction) -> None:
        """Let the fault whose allowance is used up end the connection.

        Raises:
            Ended: Always.
        """
        for left, fault in self._limits(way):
            if left == 0:
                fault.end(self._wire)

    async def pause(self, way: Direction, size: int) -> None:
        """Wait as long as so many bytes take."""
        for strike in tuple(self._strikes):
            if seconds := strike.fault.pause(way, size):
                await self.wait(seconds, strike.fault)

    async def linger(self, way: Direction) -> None:
        """Wait as long as the end of a side is to be kept back."""
        for strike in tuple(self._strikes):
            if seconds := strike.fault.linger(way):
                await self.wait(seconds, strike.fault)

    def _limits(self, way: Direction) -> list[tuple[int, TcpFault]]:
        return [
            (max(0, allowance - strike.passed[way]), strike.fault)
            for strike in self._strikes
            if (allowance := strike.fault.allowance(way)) is not None
        ]
