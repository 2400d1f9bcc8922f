"""Where tokens come from: the environment, a file, or a command (DESIGN §2, tokens)."""

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

_MOST = 16 << 10

_MOST_PRINTED = 64 << 10
"""Bytes that a token command may print."""


class Credentials(Protocol):
    """A source of tokens."""

    async def fetch(self) -> Token:
        """The token as it is now.

        Raises:
            NoToken: There is none.
        """

    def changed(self) -> bool:
        """Whether something tells, at no cost, that `fetch` would now give another token than it last did."""


class FromEnvironment:
    """One token for good, as `TRACKER_TOKEN` gives it."""

    def __init__(self, token: Token) -> None:
        self._token = token

    async def fetch(self) -> Token:
        """The token."""
        return self._token

    def changed(self) -> bool:
        """Never."""
        return False


class FromFile:
    """The first line of a file, which somebody else keeps fresh."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: object = None

    async def fetch(self) -> Token:
        """Read the file.

        Raises:
            NoToken: It can't be read, or holds no token.
        """
        self._seen = self._look()
        try:
            text = await asyncio.to_thread(self._read)
        except OSError as error:
            raise NoToken(f"the token file {self._path} can't be read: {error.strerror or error}") from error
        return _token(text, f"the token file {self._path}")

    def changed(self) -> bool:
        """Whether the file was written, replaced, removed, or made readable since it was last read."""
        return self._look() != self._seen

    def _look(self) -> object:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino

    def _read(self) -> bytes:
        # Without O_NONBLOCK a pipe with that name would keep us waiting for a writer.
        descriptor = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(None, "it is not a file")
            return os.read(descriptor, _MOST)
        finally:
            os.close(descriptor)


class FromCommand:
    """The first line that a command prints; it is run without a shell.

    Args:
        command: The command with its arguments, quoted as for a shell.

    Raises:
        ValueError: The quoting is wrong, or there is no command.
    """

    def __init__(self, command: str) -> None:
        self._argv = shlex.split(command)
        if not self._argv:
            raise ValueError("the command is missing")

    async def fetch(self) -> Token:
        """Run the command.

        Raises:
            NoToken: It can't be run, fails, takes too long, prints too much, or prints no token.
        """
        name = f"the token command {self._argv[0]}"
        # A pipe of our own: it can be closed while something that the command started still holds the other end.
        ours, theirs = os.pipe()
        with os.fdopen(ours, "rb", 0) as pipe:
            try:
                process = await asyncio.create_subprocess_exec(
                    *self._argv,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=theirs,
                    # What it complains of could hold a token, and would be written across the screen.
                    stderr=asyncio.subprocess.DEVNULL,
                    start_new_session=True,
                )
            except OSError as error:
                raise NoToken(f"{name} can't be run: {error.strerror or error}") from error
            finally:
                os.close(theirs)
            ended = False
            try:
                async with asyncio.timeout(COMMAND_TIMEOUT):
                    text = await _read_pipe(pipe, _MOST_PRINTED + 1)
                    if len(text) > _MOST_PRINTED:
                        raise NoToken(f"{name} printed more than {_MOST_PRINTED >> 10} KiB")
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
        """Only running it would tell."""
        return False


async def _read_pipe(pipe: BinaryIO, most: int) -> bytes:
    """Read until the end, or until there are `most` bytes; then close the pipe."""
    reader = asyncio.StreamReader(limit=most)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    try:
        return await reader.readexactly(most)
    except asyncio.IncompleteReadError as end:
        return end.partial
    finally:
        transport.close()


def _token(text: bytes, whence: str) -> Token:
    line = text.strip().partition(b"\n")[0].strip()
    if not line:
        raise NoToken(f"{whence} gave nothing")
    try:
        return Token(line.decode("ascii"))
    except ValueError:  # an undecodable one, too; neither is repeated
        raise NoToken(f"{whence} gave something that is no bearer token") from None
