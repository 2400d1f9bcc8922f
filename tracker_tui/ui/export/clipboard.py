"""What leaves the terminal, and what the user is told of it: the copied ticket, the saved picture, the opened page."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC
from typing import Protocol

from tracker_tui.domain.order_url import order_url
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.storage import files
from tracker_tui.ui.export import browser
from tracker_tui.ui.model.scene import OrderScene
from tracker_tui.wording.ticket import Worth, report, ticket
from tracker_tui.wording.times import Instant, stamp

COPIED_FILE = "copied.txt"
"""The file that holds what was copied last: nobody can tell whether the terminal took it."""


class ExportTarget(Protocol):
    """What of the app is needed."""

    def copy_to_clipboard(self, text: str) -> None:
        """Ask the terminal, by OSC 52, to take `text`."""

    def announce(self, text: str, *, bad: bool = False) -> None:
        """Show a line for a while."""


def copy_ticket(scene: OrderScene, desk: ExportTarget) -> None:
    """Copy an order's ticket; a file has it too, for terminals that take no such requests."""
    text = ticket(scene.view, scene.instant, ticket_context(scene))
    desk.copy_to_clipboard(text)
    _tell_where(desk, f"{scene.view.order_id} copied (OSC 52); also written to", lambda: _replace(text))


async def open_page(scene: OrderScene, desk: ExportTarget) -> None:
    """Open an order's page, or show and copy its address where there is no browser before the user."""
    url = order_url(scene.view)
    if url is None:
        desk.announce(f"{scene.view.order_id} has no page to open", bad=True)
        return
    program = browser.browser_command(os.environ)
    if program is not None and await browser.open_url(program, url):
        desk.announce(f"Opened {url}")
        return
    desk.copy_to_clipboard(url)
    _tell_where(desk, f"No browser here; copied (OSC 52): {url} ; also written to", lambda: _replace(f"{url}\n"))


def save_screen(scene: OrderScene | None, instant: Instant, picture: str, desk: ExportTarget) -> None:
    """Save the picture of a screen and, of an order, a report in words.

    Args:
        scene: The order that the report is about; None for a picture alone.
        instant: When that was.
        picture: The screen as SVG.
        desk: Where to say what came of it.
    """
    stem = f"{scene.view.order_id if scene else 'board'}-{instant.now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    directory = files.state_directory(os.environ)

    def write() -> str:
        path = files.keep(directory, stem, ".svg", picture)
        if scene is None:
            return files.at_home(path)
        log = [f"{stamp(line.at, instant)}  {line.topic}  {line.text}" for line in scene.tail]
        words = report(scene.view, scene.instant, ticket_context(scene), log)
        return f"{files.at_home(path)} and {files.keep(directory, path.stem, '.txt', words).name}"

    _tell_where(desk, "Saved", write)


def ticket_context(scene: OrderScene) -> Worth:
    """What is to be thought of an order as it is on the screen."""
    return Worth(scene.badge.text, scene.trusted, scene.as_of, scene.pending_commands)


def _replace(text: str) -> str:
    return files.at_home(files.replace(files.state_directory(os.environ), COPIED_FILE, text))


def _tell_where(desk: ExportTarget, words: str, write: Callable[[], str]) -> None:
    try:
        where = sanitize(write())
    except OSError as error:
        desk.announce(f"{words} no file: {error.strerror or error}", bad=True)
    else:
        desk.announce(f"{words} {where}")
