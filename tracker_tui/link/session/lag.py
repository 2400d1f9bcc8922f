"""The age of the messages of an open stream, by the server's own times.

On a slow connection a backlog grows although bytes keep arriving. The smallest delay of a stream counts as
zero, so neither the difference of the clocks nor the network's latency matters. A server clock that is set back looks
like a delay that does not grow. Only a hello on a second connection can tell the two apart.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from tracker_tui.link.session.states import QUIET_GRACE, Open
from tracker_tui.link.session.token_lease import seconds

_GROWTH = 1.0
"""Seconds by which a lag may vary and still count as steady."""


def apply_server_time(state: Open, server_time: datetime, at: float) -> Open:
    """Return the stream after a message with the server's time, received at `at`."""
    sent = seconds(server_time)
    offset = sent - at if state.clock_offset is None else max(state.clock_offset, sent - at)
    newest = max(state.newest_server_time, sent)
    lag = _significant(state, at + offset - newest)
    steady, first = 0, 0.0
    if lag:
        grown = not state.steady_heartbeats or lag > state.steady_lag + _GROWTH
        steady, first = (1, lag) if grown else (state.steady_heartbeats + 1, state.steady_lag)
    return replace(
        state, clock_offset=offset, newest_server_time=newest, lag=lag, steady_heartbeats=steady, steady_lag=first
    )


def correct_clock_offset(state: Open, server_time: datetime, since: float) -> Open:
    """Return the stream after a hello of a second connection, opened at `since`, with the server's time.

    The server sent that hello after `since`. If its clock is behind this stream's estimate, it was set back.
    """
    offset = seconds(server_time) - since
    if state.clock_offset is None or offset >= state.clock_offset:
        return state
    lag = _significant(state, state.lag - (state.clock_offset - offset))
    steady, first = (state.steady_heartbeats, state.steady_lag) if lag else (0, 0.0)
    return replace(state, clock_offset=offset, lag=lag, steady_heartbeats=steady, steady_lag=first)


def _significant(state: Open, lag: float) -> float:
    return lag if lag >= state.heartbeat + QUIET_GRACE else 0.0
