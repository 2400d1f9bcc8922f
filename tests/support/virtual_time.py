"""An event loop in virtual time: its clock jumps to the next timer when nothing is ready."""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.orders import START

MAX_TURNS = 100_000
"""Maximum turns of the loop at one time; more are an endless loop."""


class _JumpingSelector(selectors.SelectSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self._turns = (self.now, 0)

    def select(self, timeout: float | None = None) -> list[Any]:
        since, turns = self._turns
        self._turns = (self.now, turns + 1 if since == self.now else 0)
        if turns > MAX_TURNS:
            raise RuntimeError(f"time does not advance at {self.now} s: an endless loop")
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("deadlock: no timer and no task is ready")
        if not ready and timeout is not None:
            self.now += max(timeout, 0)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """For tests without real I/O: an hour passes in milliseconds, in a deterministic order."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return virtual seconds."""
        return self._jumping.now


class VirtualClock:
    """The loop's virtual time, and a wall clock that tests can advance."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def time(self) -> float:
        """Return virtual seconds."""
        return asyncio.get_running_loop().time()

    def wall(self) -> datetime:
        """Return `START` plus virtual seconds plus `ahead`."""
        return START + timedelta(seconds=self.time() + self.ahead)


def virtual(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an async test on a `VirtualLoop`."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run


class _SocketSelector(selectors.DefaultSelector):
    """A selector whose clock jumps only when no socket is ready and no thread is at work."""

    GRACE = 0.001
    """Real seconds in which data on a loopback socket must arrive before time jumps."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.threads = 0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0 if timeout is not None and timeout <= 0 else self.GRACE)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if timeout is None or self.threads:
            return super().select(0.05)
        self.now += timeout
        return ready


class SocketLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time for tests over real loopback sockets, with both ends in one process."""

    def __init__(self) -> None:
        self._sockets = _SocketSelector()
        super().__init__(self._sockets)

    def time(self) -> float:
        """Return virtual seconds."""
        return self._sockets.now

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:  # type: ignore[override]
        """Run a function in a thread; time stands still meanwhile."""
        self._sockets.threads += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._thread_ended)
        return future

    def _thread_ended(self, _: object) -> None:
        self._sockets.threads -= 1


class SocketClock:
    """The clock of client and server on a `SocketLoop`: the wall clock runs with the loop's virtual time."""

    def __init__(self) -> None:
        self._start = datetime.now(UTC)

    def time(self) -> float:
        """Return virtual seconds."""
        return asyncio.get_running_loop().time()

    def wall(self) -> datetime:
        """Return the time of the start plus virtual seconds, for a client."""
        return self._start + timedelta(seconds=self.time())

    def now(self) -> datetime:
        """Return the same, for a server."""
        return self.wall()

    async def sleep(self, seconds: float) -> None:
        """Wait for virtual seconds."""
        await asyncio.sleep(seconds)


def virtual_sockets(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an async test on a `SocketLoop`."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        with asyncio.Runner(loop_factory=SocketLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run
