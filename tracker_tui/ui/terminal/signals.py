"""The signals that end the app, and what they meant before."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ExitSignals:
    """Has the ending signals leave the app with 128 + their number, as long as it runs.

    Args:
        leave: Takes the exit code.
    """

    def __init__(self, leave: Callable[[int], None]) -> None:
        self._leave = leave
        self._before: dict[signal.Signals, Any] = {}

    def install(self) -> None:
        """Take them over."""
        for number in _ENDING:
            before = signal.getsignal(number)
            # Outside the main thread there are no signals to handle.
            with suppress(RuntimeError, ValueError):
                asyncio.get_running_loop().add_signal_handler(number, self._leave, 128 + number)
                self._before[number] = before

    def restore(self) -> None:
        """Let them mean what they meant: the loop alone would leave the default, and Ctrl-C cancel nobody."""
        for number, before in self._before.items():
            asyncio.get_running_loop().remove_signal_handler(number)
            signal.signal(number, before)
