"""Sources of tokens: the environment, a file, or a command."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from tracker_tui.link.auth.token import Token
from tracker_tui.link.errors import NoToken

COMMAND_TIMEOUT = 15.0
"""Seconds that a token command may take."""

_MAX_TOKEN_FILE = 16 << 10
"""Bytes that are read of a token file."""

_MAX_OUTPUT = 64 << 10
"""Bytes that a token command may print."""


class Credentials(Protocol):
    """A source of tokens."""

    async def fetch(self) -> Token:
        """Return the current token.

        Raises:
            NoToken: There is no token.
        """

    def changed(self) -> bool:
        """Return whether `fetch` would return another token now, as far as that can be known without fetching."""


class FromEnvironment:
    """A fixed token, from the variable `TRACKER_TOKEN`."""

    def __init__(self, token: Token) -> None:
        self._token = token

    async def fetch(self) -> Token:
        """Return the token."""
        return self._token

    def changed(self) -> bool:
        """Return False."""
        return False


class FromFile:
    """The first line of a file, which another program keeps up to date.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last_stat: object = None

    async def fetch(self) -> Token:
        """Read the file.

        Raises:
            NoToken: The file can't be read, or contains no token.
        """
        self._last_stat = self._stat()
        try:
            text = await asyncio.to_thread(self._read)
        except OSError as error:
            raise NoToken(f"the token file {self._path} can't be read: {error.strerror or error}") from error
        return _token(text, f"the token file {self._path}")

    def changed(self) -> bool:
        """Return whether the file was written, replaced, removed, or made readable since the last read."""
        return self._stat() != self._last_stat

    def _stat(self) -> object:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino

    def _read(self) -> bytes:
        # Without O_NONBLOCK, opening a named pipe would wait for a writer.
        descriptor = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(None, "it is not a file")
            return os.read(descriptor, _MAX_TOKEN_FILE)
        finally:
            os.close(descriptor)


class FromCommand:
    """The first line of a command's output; the command is run without a shell.

    Args:
        command: The command with its arguments, quoted as in a shell.

    Raises:
        ValueError: The quoting is invalid, or there is no command.
    """

    def __init__(self, command: str) -> None:
        self._argv = shlex.split(command)
        if not self._argv:
            raise ValueError("the command is missing")

    async def fetch(self) -> Token:
        """Run the command.

        Raises:
            NoToken: The command can't be run, fails, takes too long, prints too much, or prints no token.
        """
        name = f"the token command {self._argv[0]}"
        # Our own pipe can be closed while a process that the command started still has the other end open.
        read_end, write_end = os.pipe()
        with os.fdopen(read_end, "rb", 0) as pipe:
            try:
                process = await asyncio.create_subprocess_exec(
                    *self._argv,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=write_end,
                    # An error message could contain a token, and would be written across the screen.
                    stderr=asyncio.subprocess.DEVNULL,
                    start_new_session=True,
                )
            except OSError as error:
                raise NoToken(f"{name} can't be run: {error.strerror or error}") from error
            finally:
                os.close(write_end)
            ended = False
            try:
                async with asyncio.timeout(COMMAND_TIMEOUT):
                    text = await _read_pipe(pipe, _MAX_OUTPUT + 1)
                    if len(text) > _MAX_OUTPUT:
                        raise NoToken(f"{name} printed more than {_MAX_OUTPUT >> 10} KiB")
                    await process.wait()
                    ended = True
            except TimeoutError as error:
                raise NoToken(f"{name} gave no token within {COMMAND_TIMEOUT:g} s") from error
            finally:
                if not ended:
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
                    await process.wait()
        if process.returncode:
            raise NoToken(f"{name} ended with {process.returncode}")
        return _token(text, name)

    def changed(self) -> bool:
        """Return False: only running the command could show it."""
        return False


async def _read_pipe(pipe: BinaryIO, limit: int) -> bytes:
    """Read to the end, or up to `limit` bytes; then close the pipe."""
    reader = asyncio.StreamReader(limit=limit)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    try:
        return await reader.readexactly(limit)
    except asyncio.IncompleteReadError as end:
        return end.partial
    finally:
        transport.close()


def _token(text: bytes, source: str) -> Token:
    line = text.strip().partition(b"\n")[0].strip()
    if not line:
        raise NoToken(f"{source} gave nothing")
    try:
        return Token(line.decode("ascii"))
    except ValueError:  # also for undecodable bytes; the text is never repeated
        raise NoToken(f"{source} gave something that is not a bearer token") from None
