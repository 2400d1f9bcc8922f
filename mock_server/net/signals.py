"""The signals that end a serving command: SIGINT, SIGTERM and SIGHUP."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@asynccontextmanager
async def stop_signals() -> AsyncIterator[Callable[[], Awaitable[object]]]:
    """Catch the signals within a `with` block; yield a function that waits for the first one.

    A second signal ends the process at once.
    """
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()

    def remove_handlers() -> None:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)

    async def wait_for_signal() -> None:
        await stopped.wait()
        remove_handlers()

    for number in _SIGNALS:
        loop.add_signal_handler(number, stopped.set)
    try:
        yield wait_for_signal
    finally:
        remove_handlers()
