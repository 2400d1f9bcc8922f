"""The connection pane: what carries the events, and what it went through."""

from __future__ import annotations

from datetime import timedelta

from textual.content import Content

from tracker_tui.domain.view import OrderView
from tracker_tui.link.state import Phase
from tracker_tui.ui.cells import Part, lines, wrap_chips
from tracker_tui.ui.scene import Connection, Scene
from tracker_tui.ui.times import span
from tracker_tui.ui.words import CAUTION, MUTED, counted, transport

_OPEN = {Phase.SYNCING, Phase.LIVE, Phase.QUIET}


def draw(value: Scene, width: int, height: int) -> Content:
    """Facts in order of weight, as many as fit."""
    connection = value.connection
    link = connection.link
    now = [transport(link.transport), *_uptime(connection, value.instant.time)]
    if connection.rtt is not None and link.phase in _OPEN:
        now.append(f"rtt {connection.rtt * 1000:.0f} ms")
    if value.view.version is not None:
        now.append(f"seq {value.view.version.seq}")
    counters = connection.counters
    past = [
        counted(counters.drops, "drop", "drops"),
        f"{counted(counters.mended, 'gap', 'gaps')} mended",
        f"{_missing(value.view)} missing",
    ]
    rows: list[list[Part]] = [[(row, "")] for row in wrap_chips(now, width)]
    if link.reason and link.phase not in {Phase.LIVE, Phase.FINAL}:
        rows.insert(1, [(link.reason, CAUTION)])
    rows += [[(row, MUTED)] for row in wrap_chips(past, width)]
    return lines(rows[:height], width)


def _uptime(connection: Connection, time: float) -> list[str]:
    link = connection.link
    if link.connected_at is not None and link.phase in _OPEN:
        return [f"up {span(timedelta(seconds=time - link.connected_at))}"]
    if link.down_at is not None and connection.was_live:
        return [f"down {span(timedelta(seconds=time - link.down_at))}"]
    return ["closed"] if link.phase is Phase.FINAL else []


def _missing(view: OrderView) -> int:
    return sum(last - first + 1 for first, last in view.holes)
