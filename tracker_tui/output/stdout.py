"""Lines to a file descriptor, without ever holding up the event loop: the reader of a pipe may be slow."""

from __future__ import annotations

import asyncio
import os
import select
from collections.abc import Iterable

from tracker_tui.output.unwritable import OutputUnwritable


class LineWriter:
    """Writes whole lines at once, and waits for the reader in between."""

    def __init__(self, fd: int, encoding: str = "utf-8") -> None:
        self._fd = fd
        self._encoding = encoding
        self._turn = asyncio.Lock()

    async def write(self, lines: Iterable[str]) -> None:
        """Write `lines`, each with a newline; back when the reader has room for all of them.

        Raises:
            BrokenPipeError: The reader is gone.
            Unwritable: The file cannot be written, as on a full disk.
        """
        # A character that the reader's encoding lacks is no reason to lose the line.
        left = memoryview("".join(f"{line}\n" for line in lines).encode(self._encoding, "replace"))
        async with self._turn:
            while left:
                await self._room()
                # A pipe that is ready takes this much without blocking.
                try:
                    left = left[os.write(self._fd, left[: select.PIPE_BUF]) :]
                except BrokenPipeError:
                    raise
                except OSError as error:
                    raise OutputUnwritable(error) from error

    async def _room(self) -> None:
        if select.select([], [self._fd], [], 0)[1]:
            return
        loop = asyncio.get_running_loop()
        room = asyncio.Event()
        loop.add_writer(self._fd, room.set)
        try:
            await room.wait()
        finally:
            loop.remove_writer(self._fd)
