"""Reactions of a session to elapsed time, and to a sleep of the machine."""

from __future__ import annotations

from dataclasses import replace

from tracker_tui.link.errors import LinkError, StreamClosed, TransportDown
from tracker_tui.link.session import events, idle, open_stream, transitions
from tracker_tui.link.session.candidate import (
    give_up,
    open_candidate,
)
from tracker_tui.link.session.connection_end import connection_ended
from tracker_tui.link.session.parts import Purpose
from tracker_tui.link.session.session import Session, Step
from tracker_tui.link.session.states import (
    HELLO_TIMEOUT,
    Backoff,
    Connecting,
    FetchingToken,
    Idle,
    Open,
    SignedOut,
)

WAKE_PATIENCE = 1.0
"""Seconds for an answer to the ping after a sleep."""


def tick(session: Session, event: events.Tick) -> Step:
    """Do the first thing that is due."""
    at, heard, state = event.at, event.heard_at, session.state
    if isinstance(state, Open) and state.is_quiet and at < state.quiet_at(heard):
        return open_stream.with_state(session, replace(state, is_quiet=False)), ()
    due = session.deadline(heard, event.candidate_heard_at)
    if due is None or at < due:
        return session, ()
    match state:
        case Connecting():
            return _abandon(session, event, TransportDown(f"no hello within {HELLO_TIMEOUT:g} s", connected=True))
        case Open():
            return _tick_open(session, state, event)
        case Idle():
            return idle.list_expired(session, at), ()
        case SignedOut() | FetchingToken():
            return transitions.fetch_token(session)
        case _:
            return transitions.reconnect(session, at)


def _tick_open(session: Session, state: Open, event: events.Tick) -> Step:
    """Do the first thing that is due on an open stream."""
    at, heard = event.at, event.heard_at
    if at >= state.dead_at(heard):
        return _abandon(session, event, TransportDown(f"silent for {at - heard:.0f} s", connected=True))
    if state.is_outdated:
        return _abandon(session, event, TransportDown(f"what arrives is {state.lag:.0f} s old", connected=True))
    if state.close_deadline is not None and at >= state.close_deadline:
        return _abandon(session, event, StreamClosed(4012))
    if state.ping_deadline is not None and at >= state.ping_deadline:
        if state.retry_floor is not None:
            return _abandon(session, event, TransportDown("no answer after waking", connected=True))
        return transitions.reconnect(session, at)
    if session.candidate is not None and at >= session.candidate.deadline(event.candidate_heard_at):
        return give_up(session, at)
    if session.fetch_token_at is not None and at >= session.fetch_token_at:
        return transitions.fetch_token(session)
    if session.resubscribe_due_at is not None and at >= session.resubscribe_due_at:
        return open_candidate(session, at, Purpose.ORDERS)
    if session.clock_at is not None and at >= session.clock_at:
        return open_candidate(replace(session, clock_asked_at=at), at, Purpose.CLOCK)
    if session.probe_at is not None and at >= session.probe_at:
        return open_candidate(session, at, Purpose.CLIMB)
    return replace(session, state=replace(state, is_quiet=True)), ()


def _abandon(session: Session, event: events.Tick, error: LinkError) -> Step:
    abort = events.AbortStream(session.connection_id)
    session, actions = connection_ended(session, event.at, error, event.draw)
    return session, (abort, *actions)


def woke_up(session: Session, at: float) -> Step:
    """Check an open stream with a ping, or a candidate where it takes no ping; retry at once without a stream."""
    match session.state:
        case Open() as state:
            session = replace(session, state=replace(state, ping_deadline=at + WAKE_PATIENCE))
            if session.ladder.rung.duplex:
                return session, (events.Ping(session.connection_id),)
            return open_candidate(session, at, Purpose.WAKE) if state.close_deadline is None else (session, ())
        case Backoff(retry_floor=floor) if at >= floor:
            return transitions.reconnect(session, at)
        case Backoff(retry_floor=floor):
            return replace(session, state=Backoff(floor, floor)), ()
        case Connecting(problem=None):
            return transitions.reconnect(session, at)
        case Idle(is_current=current):
            return idle.mark_list_stale(session, at, None) if current else session, (events.ReadList(),)
        case _:
            return session, ()
