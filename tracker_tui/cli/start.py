"""The start without anything to watch: the board of the configured server, or the start screen."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from urllib.parse import urlsplit

from tracker_tui.cli.settings import Settings
from tracker_tui.link.http.server import DEFAULT_SERVER
from tracker_tui.link.http.tcp import connect_tcp
from tracker_tui.output.exit_codes import ExitCode
from tracker_tui.storage.files import config_file
from tracker_tui.ui.start_app import DemoChoice, ServerChoice, StartApp

PROBE_TIMEOUT = 1.0
"""Seconds after which an address counts as one at which no server answers."""


async def choose_settings(settings: Settings) -> Settings | int:
    """Return the settings of the board to show, or the exit code of a user who quits the start screen.

    Args:
        settings: Settings that name nothing to watch.
    """
    everything = replace(settings, everything=True)
    if "server" in settings.sources or await answers(settings.server):
        return everything
    app = StartApp(lambda: answers(DEFAULT_SERVER), config_file=_config_file(), theme=settings.theme)
    match await app.run_async():
        case DemoChoice():
            return replace(settings, demo="")
        case ServerChoice(url):
            return replace(everything, server=url)
        case int(code):
            return code
    return ExitCode.CRASH if app.return_code else ExitCode.DONE


async def answers(server: str) -> bool:
    """Return whether something accepts connections at the address of a server.

    Args:
        server: Its base URL.
    """
    parts = urlsplit(server)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(PROBE_TIMEOUT):
            (await connect_tcp(parts.hostname or "", port)).close()
    except (OSError, TimeoutError):
        return False
    return True


def _config_file() -> str:
    file = config_file()
    return "" if file is None else str(file)
