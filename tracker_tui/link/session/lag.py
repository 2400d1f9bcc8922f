"""How old the messages of an open stream are, measured by the server's own times; pure.

On a slow line a backlog grows, and every byte of it is a sign of life. The least delay seen on a stream counts as none,
so neither the difference between the clocks nor a long way matters. A server's clock that is set back looks the same as
a delay that does not grow. Only a hello on a second connection can tell one from the other.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from tracker_tui.link.session.states import QUIET_GRACE, Open
from tracker_tui.link.session.token_lease import seconds

_GROWTH = 1.0
"""Seconds by which a lag may vary and still count as not grown."""


def apply_server_time(state: Open, server_time: datetime, at: float) -> Open:
    """Return the stream after a message, heard at `at`, with the server's time in it."""
    told = seconds(server_time)
    midnight = told - at if state.clock_offset is None else max(state.clock_offset, told - at)
    newest = max(state.newest_server_time, told)
    lag = _significant(state, at + midnight - newest)
    steady, first = 0, 0.0
    if lag:
        grown = not state.steady_heartbeats or lag > state.steady_lag + _GROWTH
        steady, first = (1, lag) if grown else (state.steady_heartbeats + 1, state.steady_lag)
    return replace(
        state, clock_offset=midnight, newest_server_time=newest, lag=lag, steady_heartbeats=steady, steady_lag=first
    )


def correct_clock_offset(state: Open, server_time: datetime, since: float) -> Open:
    """Return the stream after a hello of another connection, started at `since`, told the server's time.

    The server sent that hello after `since`. If its clock is behind what this stream had made of it, it was set back.
    """
    midnight = seconds(server_time) - since
    if state.clock_offset is None or midnight >= state.clock_offset:
        return state
    lag = _significant(state, state.lag - (state.clock_offset - midnight))
    steady, first = (state.steady_heartbeats, state.steady_lag) if lag else (0, 0.0)
    return replace(state, clock_offset=midnight, lag=lag, steady_heartbeats=steady, steady_lag=first)


def _significant(state: Open, lag: float) -> float:
    return lag if lag >= state.heartbeat + QUIET_GRACE else 0.0
