"""Opening an address in the user's browser, if there is one on this desktop."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Mapping

OPENER_TIMEOUT = 10.0
"""Seconds after which an opener that still runs is taken for the browser itself."""


def browser_command(environ: Mapping[str, str]) -> str | None:
    """Return the program that opens addresses; None over SSH or without a desktop."""
    if any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")):
        return None
    if sys.platform == "darwin":
        return shutil.which("open", path=environ.get("PATH"))
    if not any(environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")):
        return None
    return shutil.which("xdg-open", path=environ.get("PATH"))


async def open_url(program: str, url: str) -> bool:
    """Open `url` with `program`, without a shell; return whether it succeeded."""
    null = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            program, url, stdin=null, stdout=null, stderr=null, start_new_session=True
        )
    except OSError:
        return False
    try:
        return await asyncio.wait_for(process.wait(), OPENER_TIMEOUT) == 0
    except TimeoutError:
        return True
