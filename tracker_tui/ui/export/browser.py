"""Opening an order's page in the user's browser, where there is one before the user."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Mapping

OPENER_TIMEOUT = 10.0
"""Seconds after which an opener that still runs has become the browser."""


def browser_command(environ: Mapping[str, str]) -> str | None:
    """The program that opens addresses; None where a browser would open on another screen, or on none."""
    if any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")):
        return None
    if sys.platform == "darwin":
        return shutil.which("open", path=environ.get("PATH"))
    if not any(environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")):
        return None
    return shutil.which("xdg-open", path=environ.get("PATH"))


async def open_url(program: str, url: str) -> bool:
    """Have `program` open `url`, without a shell; whether it did."""
    quiet = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            program, url, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
        )
    except OSError:
        return False
    try:
        return await asyncio.wait_for(process.wait(), OPENER_TIMEOUT) == 0
    except TimeoutError:
        return True
