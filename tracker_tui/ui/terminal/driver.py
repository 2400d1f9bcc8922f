"""The terminal that comes and goes: one that is gone ends the app, one that was away is painted anew."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from textual.drivers.linux_driver import LinuxDriver

from tracker_tui.ui.terminal.charset import terminal_encoding, transliterate

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO


class ResilientFile:
    """A file whose writes never fail: the first one that would says that the file is lost, and is the last.

    Textual's writing thread would die of the error; its bounded queue fills then, and everything that paints waits for
    ever, signal handlers and shutdown included.
    """

    def __init__(self, file: TextIO, lost: Callable[[], None]) -> None:
        self._file = file
        self._lost = lost
        self._gone = False

    def write(self, text: str) -> int:
        """Write, or swallow what can't be written any more."""
        self._attempt(lambda: self._file.write(text))
        return len(text)

    def flush(self) -> None:
        """Flush, likewise."""
        self._attempt(self._file.flush)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def _attempt(self, work: Callable[[], object]) -> None:
        if self._gone:
            return
        try:
            work()
        except (OSError, ValueError):  # ValueError: closed
            self._gone = True
            self._sink()
            self._lost()

    def _sink(self) -> None:
        """Let what is still buffered go nowhere: flushing it at the interpreter's end would spoil the exit code."""
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._file.fileno())
            os.close(nowhere)


class ResilientDriver(LinuxDriver):
    """Textual's driver on a terminal that may vanish, or be somebody else's for a while.

    A terminal that vanishes counts as a hangup, whether or not a signal tells of it. Being stopped and continued is
    answered from the loop: Textual would do it amid whatever the signal interrupted, with locks held.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self._file is not None:
            self._file = ResilientFile(self._file, self._hung_up)  # type: ignore[assignment]

    def write(self, data: str) -> None:
        """Send `data`; a terminal that can't be sent the signs of the screens is sent what stands for them."""
        super().write(transliterate(data, terminal_encoding()))

    def _sigtstp_application(self, *_: object) -> None:
        self._soon(super()._sigtstp_application)

    def _sigcont_application(self, *_: object) -> None:
        if self._must_signal_resume:
            # We had put the terminal away ourselves, and have been standing there since.
            super()._sigcont_application()
        else:
            self._soon(self._come_back)

    def _come_back(self) -> None:
        """Take the terminal again after SIGSTOP, for which nobody could put it away: its modes may be another's now."""
        if self._auto_restart:
            self.suspend_application_mode()
            self._must_signal_resume = True
            self.resume_application_mode()

    def _soon(self, work: Callable[[], None]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work)

    def _hung_up(self) -> None:
        # From the writing thread; call_soon_threadsafe, since the app may be past taking messages.
        self._soon(lambda: self._app.exit(128 + signal.SIGHUP))
