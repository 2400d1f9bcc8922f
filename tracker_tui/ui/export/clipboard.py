"""Copies for a customer or a ticket, an order's page, a picture of the screen; and the messages about them."""

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
from tracker_tui.wording.say import copied_sentence
from tracker_tui.wording.ticket import Reliability, order_report, ticket
from tracker_tui.wording.times import Instant, stamp

COPIED_FILE = "copied.txt"
"""The file with the last copied text, because a terminal doesn't report whether it copied."""


class ExportTarget(Protocol):
    """The app, as far as exports need it."""

    def copy_to_clipboard(self, text: str) -> None:
        """Ask the terminal to copy `text` (OSC 52)."""

    def announce(self, text: str, *, is_warning: bool = False) -> None:
        """Show a line for a few seconds."""


def copy_sentence(scene: OrderScene, target: ExportTarget) -> None:
    """Copy the sentence to say to an order's customer, with the time up to which the order is known."""
    text = copied_sentence(scene.say, scene.view, scene.instant, scene.said_as_of)
    _copy(text, f"Copied the sentence for {scene.view.order_id}.", target)


def copy_ticket(scene: OrderScene, target: ExportTarget) -> None:
    """Copy an order's ticket."""
    text = ticket(scene.view, scene.instant, ticket_context(scene))
    _copy(text, f"Copied the ticket of {scene.view.order_id}.", target)


async def open_page(scene: OrderScene, target: ExportTarget) -> None:
    """Open an order's page; copy and show its address if there is no browser."""
    url = order_url(scene.view)
    if url is None:
        target.announce(f"{scene.view.order_id} has no page to open", is_warning=True)
        return
    program = browser.browser_command(os.environ)
    if program is not None and await browser.open_url(program, url):
        target.announce(f"Opened {url}")
        return
    target.copy_to_clipboard(url)
    _announce_file(target, f"No browser here. Copied: {url} .", "Also saved to", lambda: _save_copy(f"{url}\n"))


def save_picture(order_id: str | None, instant: Instant, picture: str, target: ExportTarget) -> None:
    """Save a picture of the screen.

    Args:
        order_id: The order for the file's name; None for the board.
        instant: The present time.
        picture: The screen as SVG.
        target: Shows the result.
    """
    _announce_file(target, "", "Saved to", lambda: _write(order_id or "board", instant, ".svg", picture))


def save_report(scene: OrderScene, target: ExportTarget) -> None:
    """Save a report of an order: its ticket, timeline and events."""
    instant = scene.instant
    log = [f"{stamp(line.at, instant)}  {line.topic}  {line.text}" for line in scene.tail]
    text = order_report(scene.view, instant, ticket_context(scene), log)
    _announce_file(target, "", "Saved to", lambda: _write(scene.view.order_id, instant, ".txt", text))


def ticket_context(scene: OrderScene) -> Reliability:
    """Return what a ticket or a report says about how current its data is."""
    return Reliability(scene.badge.text, scene.trusted, scene.as_of, scene.pending_commands)


def _write(name: str, instant: Instant, suffix: str, text: str) -> str:
    stem = f"{name}-{instant.now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return files.display_path(files.write_new(files.state_directory(), stem, suffix, text))


def _copy(text: str, done: str, target: ExportTarget) -> None:
    """Copy a text, and save it to a file for terminals that don't copy."""
    target.copy_to_clipboard(text)
    _announce_file(target, done, "Also saved to", lambda: _save_copy(f"{text.rstrip()}\n"))


def _save_copy(text: str) -> str:
    return files.display_path(files.write_atomically(files.state_directory() / COPIED_FILE, text))


def _announce_file(target: ExportTarget, done: str, label: str, write: Callable[[], str]) -> None:
    """Write the files and announce their names after `label`, or the error."""
    try:
        names = sanitize(write())
    except OSError as error:
        reason = sanitize(error.strerror or str(error))
        target.announce(f"{done} Could not save a file: {reason}".strip(), is_warning=True)
    else:
        target.announce(f"{done} {label} {names}".strip())
