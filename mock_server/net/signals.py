"""The end of a command that serves: SIGINT, SIGTERM or SIGHUP."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@asynccontextmanager
async def until_signalled() -> AsyncIterator[Callable[[], Awaitable[object]]]:
    """Catch signals for the length of a `with` block; gives what waits for the first one.

    A second signal ends the process at once.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def release() -> None:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)

    async def signalled() -> None:
        await stop.wait()
        release()

    for number in _SIGNALS:
        loop.add_signal_handler(number, stop.set)
    try:
        yield signalled
    finally:
        release()
