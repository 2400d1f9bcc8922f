"""The panel in place of an empty board: the server cannot be reached, the reason, and the ways on."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from textual.content import Content

from tracker_tui.domain.order_url import server_host
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.changes import LinkState, Phase
from tracker_tui.link.http.server import DEFAULT_SERVER
from tracker_tui.ui.cells.measure import Part, hanging_lines
from tracker_tui.ui.model.scene import BoardScene
from tracker_tui.ui.model.styles import ACCENT, BAD, CAUTION, MUTED, STRONG
from tracker_tui.wording.advice import START_COMMANDS, unreachable_advice
from tracker_tui.wording.names import sentence
from tracker_tui.wording.times import age

_TRYING = {Phase.CONNECTING, Phase.SYNCING, Phase.BACKOFF}

Row = tuple[list[Part], str, str]
"""The parts before a text, the text, and its style."""

_BLANK: Row = ([], "", "")


def is_unreachable(scene: BoardScene) -> bool:
    """Return whether there is nothing to show because the server has not answered yet, or refuses."""
    link = scene.connection.link
    if scene.orders or scene.listed or scene.connection.was_live:
        return False
    return link.phase is Phase.FAILED or (link.phase in _TRYING and link.attempt > 0)


def render_unreachable(value: BoardScene, width: int, height: int) -> Content:
    """Return the server, the reason, the time of the next try, and what the user can do."""
    rows = [row for before, text, style in _rows(value, width) for row in hanging_lines(before, text, style, width)]
    if len(rows) > height:
        rows = [row for row in rows if row.plain]
    return Content("\n").join(rows[:height])


def way_rows(width: int) -> Iterator[Row]:
    """Yield the ways to a server, each with its command; below each other if they do not fit on a line."""
    title_width = max(len(title) for title, _ in START_COMMANDS)
    is_wide = title_width + 2 + max(len(command) for _, command in START_COMMANDS) <= width
    for title, command in START_COMMANDS:
        if is_wide:
            yield [(f"{title:{title_width}}  ", MUTED)], command, ACCENT
        else:
            yield [], title, MUTED
            yield [("  ", "")], command, ACCENT


def _rows(scene: BoardScene, width: int) -> Iterator[Row]:
    link, host = scene.connection.link, scene.connection.host or "the server"
    if link.phase is Phase.FAILED:
        yield [], f"Cannot use {host}", f"{STRONG} {BAD}"
    else:
        yield [], f"Cannot reach {host}", f"{STRONG} {CAUTION}"
    yield _BLANK
    yield [], sentence(sanitize(link.reason or "no answer")), ""
    if link.phase is not Phase.FAILED:
        yield [], f"{_next_try(link, scene.instant.time)} Press r to retry now.", MUTED
    yield _BLANK
    if scene.connection.host != server_host(DEFAULT_SERVER):
        yield [], sentence(unreachable_advice(host)), ""
        return
    yield from way_rows(width)


def _next_try(link: LinkState, time: float) -> str:
    if link.phase is Phase.BACKOFF and link.retry_at is not None:
        return f"Retrying in {age(max(0, ceil(link.retry_at - time)))} (try {link.attempt})."
    return f"Trying now (try {link.attempt})."
