"""A driver for a terminal that may vanish, which ends the app, or be used by another program for a while."""

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
    """A file whose writes never fail: the first error calls `lost`, and later writes do nothing.

    An error would end Textual's writer thread. Its bounded queue would then fill up and block every repaint, signal
    handlers and shutdown included.
    """

    def __init__(self, file: TextIO, lost: Callable[[], None]) -> None:
        self._file = file
        self._lost = lost
        self._gone = False

    def write(self, text: str) -> int:
        """Write `text`; do nothing if the file is lost."""
        self._attempt(lambda: self._file.write(text))
        return len(text)

    def flush(self) -> None:
        """Flush; do nothing if the file is lost."""
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
            self._discard_buffer()
            self._lost()

    def _discard_buffer(self) -> None:
        """Redirect the file to the null device; an error on the final flush would change the exit code."""
        with suppress(OSError, ValueError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self._file.fileno())
            os.close(null)


class ResilientDriver(LinuxDriver):
    """Textual's driver for a terminal that may vanish, or be used by another program for a while.

    A terminal that vanishes counts as a hangup, with or without a signal. Stop and continue signals are handled in the
    event loop; Textual would handle them inside the interrupted code, which may hold locks.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self._file is not None:
            self._file = ResilientFile(self._file, self._hung_up)  # type: ignore[assignment]

    def write(self, data: str) -> None:
        """Write `data`, with the characters that the terminal's encoding lacks replaced."""
        super().write(transliterate(data, terminal_encoding()))

    def _sigtstp_application(self, *_: object) -> None:
        self._call_soon(super()._sigtstp_application)

    def _sigcont_application(self, *_: object) -> None:
        if self._must_signal_resume:
            # The suspension was ours: it continues where it stopped the process.
            super()._sigcont_application()
        else:
            self._call_soon(self._resume_after_stop)

    def _resume_after_stop(self) -> None:
        """Set the terminal's modes again after SIGSTOP; another program may have changed them."""
        if self._auto_restart:
            self.suspend_application_mode()
            self._must_signal_resume = True
            self.resume_application_mode()

    def _call_soon(self, work: Callable[[], None]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work)

    def _hung_up(self) -> None:
        # Called in the writer thread. Not as a message: the app may no longer process messages.
        self._call_soon(lambda: self._app.exit(128 + signal.SIGHUP))
