"""A program in a pseudo-terminal, and the screen that it draws."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

import pyte

from tests.support.processes import is_stopped


class Screen(pyte.Screen):
    """A screen that loses a zero-width character, but not the text after it."""

    def draw(self, data: str) -> None:
        """Write a text at the cursor."""
        # pyte drops the text after a character of width 0 and combining class 0, such as a Thai vowel.
        for each in [data] if data.isascii() else data:
            super().draw(each)


class Terminal:
    """Runs a program on a terminal of `columns` × `lines` and keeps its screen.

    It checks the screen after each `piece` bytes. Small pieces miss no short-lived text; large pieces keep up with a
    large screen.

    Attributes:
        output: Every byte that the program wrote.
    """

    def __init__(
        self,
        argv: Sequence[str],
        environ: Mapping[str, str],
        *,
        columns: int = 100,
        lines: int = 30,
        piece: int = 512,
    ) -> None:
        self.output = bytearray()
        self._unseen = b""
        self._vanished = False
        self._piece = piece
        self.screen = Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self._fd, inner = pty.openpty()
        self._before = termios.tcgetattr(inner)
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._process = subprocess.Popen(
            argv, env=environ, stdin=inner, stdout=inner, stderr=inner, start_new_session=True
        )
        os.close(inner)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if not self._vanished:
            os.close(self._fd)

    @property
    def text(self) -> str:
        """The current text of the screen."""
        # Not pyte's `display`, which fails on a half overwritten wide character.
        columns, lines = range(self.screen.columns), range(self.screen.lines)
        return "\n".join("".join(self.screen.buffer[line][column].data for column in columns) for line in lines)

    @property
    def disorder(self) -> list[str]:
        """The terminal settings that the program did not restore; empty if it restored all."""
        output = bytes(self.output)
        switches = {"alternate screen": 1049, "mouse": 1000, "any-motion mouse": 1003, "bracketed paste": 2004}
        left = [
            name
            for name, mode in switches.items()
            if output.rfind(b"\x1b[?%dh" % mode) > output.rfind(b"\x1b[?%dl" % mode)
        ]
        if output.rfind(b"\x1b[?25l") > output.rfind(b"\x1b[?25h"):
            left.append("hidden cursor")
        if termios.tcgetattr(self._fd) != self._before:
            left.append("line settings")
        return left

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self._process.pid

    def wait_until_stopped(self, *, within: float = 10.0) -> None:
        """Read until the program is stopped, and then its remaining output.

        Raises:
            AssertionError: It wasn't in time.
        """
        deadline = time.monotonic() + within
        while not is_stopped(self.pid):
            assert time.monotonic() < deadline, f"still running after {within} s\n{self.text}"
            self._read(0.05)
        while self._unseen or select.select([self._fd], [], [], 0)[0]:
            self._read(0)

    def press(self, keys: str) -> None:
        """Press keys."""
        os.write(self._fd, keys.encode())

    def vanish(self, *, within: float = 10.0) -> int:
        """Close the terminal without a signal; return the program's exit code.

        Raises:
            subprocess.TimeoutExpired: It didn't end in time.
        """
        os.close(self._fd)
        self._vanished = True
        code = self._process.wait(within)
        return code if code >= 0 else 128 - code

    def signal(self, number: int) -> None:
        """Send the program a signal."""
        self._process.send_signal(number)

    def wait_for(self, seen: str | Callable[[str], bool], *, within: float = 20.0) -> str:
        """Read until the screen shows a text or satisfies a condition; return the screen.

        Raises:
            AssertionError: It did not in time, or the program ended before.
        """
        holds = seen if callable(seen) else lambda text: seen in text
        deadline = time.monotonic() + within
        while not holds(self.text):
            assert time.monotonic() < deadline, f"not seen within {within} s: {seen}\n{self.text}"
            assert self._read(0.1), f"the program ended before it was seen: {seen}\n{self.text}"
        return self.text

    def read_for(self, seconds: float) -> int:
        """Read for `seconds`; return the number of bytes."""
        before, until = len(self.output), time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._read(left)
        return len(self.output) - before

    def wait_for_exit(self, *, within: float = 15.0) -> int:
        """Read to the end; return the exit code, 128 + n if signal n killed the program.

        Raises:
            AssertionError: It did not end in time.
        """
        deadline = time.monotonic() + within
        while self._read(0.1):
            assert time.monotonic() < deadline, f"still running after {within} s\n{self.text}"
        code = self._process.wait(timeout=max(0.1, deadline - time.monotonic()))
        return code if code >= 0 else 128 - code

    def _read(self, timeout: float) -> bool:
        """Read some output within `timeout` seconds; return False once the program has closed the terminal."""
        if not self._unseen:
            if not select.select([self._fd], [], [], timeout)[0]:
                return True
            try:
                self._unseen = os.read(self._fd, 1 << 16)
            except OSError:
                return False
        # Small pieces, so that a busy machine misses no short-lived screen.
        piece, self._unseen = self._unseen[: self._piece], self._unseen[self._piece :]
        self.output += piece
        self._stream.feed(piece)
        return bool(piece)
