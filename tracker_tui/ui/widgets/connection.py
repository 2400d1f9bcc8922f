"""The connection: one line on an order's screen, and its measurements and counters above the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from textual.content import Content

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import LinkState, Phase
from tracker_tui.link.labels import transport_label
from tracker_tui.ui.cells.measure import Part, line, lines, wrap_chips
from tracker_tui.ui.model.scene import ConnectionStatus, OrderScene
from tracker_tui.ui.model.styles import CAUTION, MUTED
from tracker_tui.wording.names import counted
from tracker_tui.wording.times import Instant, age, span

_OPEN = {Phase.SYNCING, Phase.LIVE, Phase.QUIET}

_STATES = {
    Phase.CONNECTING: "connecting",
    Phase.SYNCING: "loading",
    Phase.LIVE: "connected",
    Phase.QUIET: "connected, no data arriving",
    Phase.BACKOFF: "disconnected",
    Phase.SIGNED_OUT: "signed out",
    Phase.FINAL: "closed",
    Phase.FAILED: "refused",
    Phase.CLOSED: "closed",
}
"""Words for the phases of the link."""


@dataclass(frozen=True, slots=True)
class ConnectionDetails:
    """The connection at an instant, and the order whose events it carries; None for all orders."""

    connection: ConnectionStatus
    instant: Instant
    view: OrderView | None = None


def render_connection_line(value: OrderScene, width: int, height: int) -> Content:
    """Return transport, server and state, and what is wrong with them."""
    link = value.connection.link
    facts = [transport_label(link), value.connection.host, _STATES[link.phase]]
    parts: list[Part] = [(" · ".join(filter(None, facts)), MUTED)]
    parts += [(f" · {text}", CAUTION) for text in _trouble(link, value.view, value.instant)]
    return line(parts, width)


def render_connection_details(value: ConnectionDetails, width: int, height: int) -> Content:
    """Return the measurements and counters since the start, as many as fit."""
    connection = value.connection
    chips = [transport_label(connection.link), *_uptime(connection, value.instant.time)]
    if connection.rtt is not None and connection.link.phase in _OPEN:
        chips.append(f"rtt {connection.rtt * 1000:.0f} ms")
    if value.view is not None and value.view.version is not None:
        chips.append(f"seq {value.view.version.seq}")
    counters = connection.counters
    chips += [counted(counters.drops, "drop", "drops"), f"{counted(counters.repaired, 'gap', 'gaps')} repaired"]
    if value.view is not None:
        chips.append(f"{_missing(value.view)} missing")
    if counters.unexpected:
        chips.append(counted(counters.unexpected, "unexpected error", "unexpected errors"))
    chips += [f"to {connection.host}"] if connection.host else []
    return lines([[(row, MUTED)] for row in wrap_chips(chips, width)[:height]], width)


def _trouble(link: LinkState, view: OrderView, instant: Instant) -> list[str]:
    reason = link.reason if link.phase not in {Phase.LIVE, Phase.FINAL} else link.fallback
    texts = [sanitize(reason)] if reason else []
    if link.phase is Phase.BACKOFF and link.retry_at is not None:
        texts.insert(0, f"next try in {age(max(0.0, link.retry_at - instant.time))}")
    if missing := _missing(view):
        texts.insert(0, f"{counted(missing, 'event', 'events')} missing")
    return texts


def _uptime(connection: ConnectionStatus, time: float) -> list[str]:
    link = connection.link
    if link.connected_at is not None and link.phase in _OPEN:
        return [f"up {span(timedelta(seconds=time - link.connected_at))}"]
    if link.down_at is not None and connection.was_live:
        return [f"down {span(timedelta(seconds=time - link.down_at))}"]
    return ["closed"] if link.phase is Phase.FINAL else []


def _missing(view: OrderView) -> int:
    return sum(last - first + 1 for first, last in view.gaps)
