"""The connection pane: the transport, its state, and the counters since the start."""

from __future__ import annotations

from datetime import timedelta
from textwrap import wrap

from textual.content import Content

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Phase
from tracker_tui.link.labels import transport_label
from tracker_tui.ui.cells.measure import Part, lines, wrap_chips
from tracker_tui.ui.model.scene import ConnectionStatus, OrderScene
from tracker_tui.ui.model.styles import CAUTION, MUTED
from tracker_tui.wording.names import counted
from tracker_tui.wording.times import span

_OPEN = {Phase.SYNCING, Phase.LIVE, Phase.QUIET}


def render_connection(value: OrderScene, width: int, height: int) -> Content:
    """Return as many facts as fit, the most important first."""
    link = value.connection.link
    rows = _rows(value, width, rtt=True)
    if len(rows) > height:
        rows = _rows(value, width, rtt=False)
    reason = link.reason if link.phase not in {Phase.LIVE, Phase.FINAL} else None
    rows[1:1] = [[(row, CAUTION)] for row in wrap(sanitize(reason or link.fallback or ""), width)[:2]]
    if value.connection.host:
        rows.append([(f"to {value.connection.host}", MUTED)])
    return lines(rows[:height], width)


def _rows(scene: OrderScene, width: int, *, rtt: bool) -> list[list[Part]]:
    connection = scene.connection
    now = [transport_label(connection.link), *_uptime(connection, scene.instant.time)]
    if rtt and connection.rtt is not None and connection.link.phase in _OPEN:
        now.append(f"rtt {connection.rtt * 1000:.0f} ms")
    if scene.view.version is not None:
        now.append(f"seq {scene.view.version.seq}")
    counters = connection.counters
    past = [counted(counters.drops, "drop", "drops"), f"{counted(counters.repaired, 'gap', 'gaps')} repaired"]
    if len(wrap_chips(past, width)) > 1:
        past[1] = f"{counters.repaired} repaired"
    if counters.unexpected:
        past.append(counted(counters.unexpected, "unexpected error", "unexpected errors"))
    # The missing events stand with the counters if they fit there, else with the present state.
    missing = f"{_missing(scene.view)} missing"
    (past if len(wrap_chips([*past, missing], width)) == 1 else now).append(missing)
    rows: list[list[Part]] = [[(row, "")] for row in wrap_chips(now, width)]
    rows += [[(row, MUTED)] for row in wrap_chips(past, width)]
    return rows


def _uptime(connection: ConnectionStatus, time: float) -> list[str]:
    link = connection.link
    if link.connected_at is not None and link.phase in _OPEN:
        return [f"up {span(timedelta(seconds=time - link.connected_at))}"]
    if link.down_at is not None and connection.was_live:
        return [f"down {span(timedelta(seconds=time - link.down_at))}"]
    return ["closed"] if link.phase is Phase.FINAL else []


def _missing(view: OrderView) -> int:
    return sum(last - first + 1 for first, last in view.gaps)
