"""Writes lines to a file descriptor without blocking the event loop: the reader of a pipe may be slow."""

from __future__ import annotations

import asyncio
import os
import select
from collections.abc import Iterable

from tracker_tui.output.exit_codes import OutputUnwritable


class LineWriter:
    """Writes complete lines, and waits for the reader in between.

    Args:
        fd: The file descriptor.
        encoding: The encoding of the lines.
    """

    def __init__(self, fd: int, encoding: str = "utf-8") -> None:
        self._fd = fd
        self._encoding = encoding
        self._writing = asyncio.Lock()

    async def write(self, lines: Iterable[str]) -> None:
        """Write lines, each with a newline; return when all are written.

        Raises:
            BrokenPipeError: The reader is gone.
            OutputUnwritable: The file can't be written, as on a full disk.
        """
        # Replace characters that the encoding lacks, instead of losing the line.
        remaining = memoryview("".join(f"{line}\n" for line in lines).encode(self._encoding, "replace"))
        async with self._writing:
            while remaining:
                await self._writable()
                # A writable pipe takes PIPE_BUF bytes without blocking.
                try:
                    remaining = remaining[os.write(self._fd, remaining[: select.PIPE_BUF]) :]
                except BrokenPipeError:
                    raise
                except OSError as error:
                    raise OutputUnwritable(error) from error

    async def _writable(self) -> None:
        if select.select([], [self._fd], [], 0)[1]:
            return
        loop = asyncio.get_running_loop()
        writable = asyncio.Event()
        loop.add_writer(self._fd, writable.set)
        try:
            await writable.wait()
        finally:
            loop.remove_writer(self._fd)
