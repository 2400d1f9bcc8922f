"""An event loop whose clock jumps to the next timer as soon as nothing else is to be done."""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from tests.support.orders import START

MAX_TURNS = 100_000
"""Turns of the loop that no moment takes; beyond that something calls itself again and again."""


class _JumpingSelector(selectors.SelectSelector):
    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self._turns = (self.now, 0)

    def select(self, timeout: float | None = None) -> list[Any]:
        since, turns = self._turns
        self._turns = (self.now, turns + 1 if since == self.now else 0)
        if turns > MAX_TURNS:
            raise RuntimeError(f"time stands still at {self.now} s: something spins")
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("nothing is left that could ever happen")
        if not ready and timeout is not None:
            self.now += max(timeout, 0)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """For tests without real I/O: an hour passes in milliseconds, and always in the same order."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Virtual seconds."""
        return self._jumping.now


class VirtualClock:
    """The loop's virtual time, and a wall clock that a test can set forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def time(self) -> float:
        """Virtual seconds."""
        return asyncio.get_running_loop().time()

    def wall(self) -> datetime:
        """The start of the story plus virtual seconds, plus what the wall clock was set forward by."""
        return START + timedelta(seconds=self.time() + self.ahead)


def virtual(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an async test on a `VirtualLoop`."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run
