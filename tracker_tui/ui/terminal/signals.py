"""Handlers for the signals that end the app."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ExitSignals:
    """Ends the app with exit code 128 + n on SIGINT, SIGTERM and SIGHUP while it runs.

    Args:
        leave: Called with the exit code.
    """

    def __init__(self, leave: Callable[[int], None]) -> None:
        self._leave = leave
        self._before: dict[signal.Signals, Any] = {}

    def install(self) -> None:
        """Install the handlers."""
        for number in _ENDING:
            before = signal.getsignal(number)
            # Only the main thread can handle signals.
            with suppress(RuntimeError, ValueError):
                asyncio.get_running_loop().add_signal_handler(number, self._leave, 128 + number)
                self._before[number] = before

    def restore(self) -> None:
        """Restore the former handlers; the loop alone would restore the default ones."""
        for number, before in self._before.items():
            asyncio.get_running_loop().remove_signal_handler(number)
            signal.signal(number, before)
