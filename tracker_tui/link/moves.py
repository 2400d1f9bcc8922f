"""How a session opens a connection, gives one up, or waits for a token to open one with; pure."""

from __future__ import annotations

from dataclasses import replace

from tracker_tui.link import life, overlap, tokens
from tracker_tui.link.inputs import AbortStream, Action, CloseStream, FetchToken, OpenStream
from tracker_tui.link.overlap import Step
from tracker_tui.link.phases import Authorizing, Connecting, Open, Session, State, Waiting


def reopen(session: Session, at: float) -> Step:
    """Open a new connection at once; whatever the present one is doing no longer matters."""
    if life.healthy(session.state, at):
        session = replace(session, failures=0, retried=False)
    session, leaving = abort(session, at)
    session = replace(session, down_at=at if session.down_at is None else session.down_at)
    lease = session.lease
    if session.keyed and lease is not None and lease.token == session.presents and lease.expires_at <= at:
        session, actions = authorize(replace(session, refused=session.token))
    else:
        session, actions = open_anew(session, at)
    return session, (*leaving, *actions)


def open_anew(session: Session, at: float) -> Step:
    """Open a connection with the newest token, as soon as the server allows."""
    if at < session.barred:
        return rest(session, Waiting(session.barred, session.barred)), ()
    conn = session.serial + 1
    connecting = Connecting(at, token=session.presents)
    opening = OpenStream(conn, session.ladder.rung.name, session.presents)
    return replace(session, state=connecting, conn=conn, serial=conn, covers=session.grown), (opening,)


def abort(session: Session, at: float) -> Step:
    """Drop whatever is open or being opened."""
    session, gone = overlap.give_up(session, at)
    own: tuple[Action, ...] = (AbortStream(session.conn),) if isinstance(session.state, Connecting | Open) else ()
    return session, (*own, *gone)


def leave(session: Session, state: State) -> Step:
    """Give the present connection up, politely where it had opened, and go to `state`."""
    leaving: tuple[Action, ...] = ()
    if isinstance(session.state, Open):
        leaving = (CloseStream(session.conn),)
    elif isinstance(session.state, Connecting):
        leaving = (AbortStream(session.conn),)
    if (candidate := session.candidate) is not None:
        leaving = (*leaving, AbortStream(candidate.conn))
    return rest(replace(session, candidate=None), state), leaving


def rest(session: Session, state: State) -> Session:
    """Have no connection any more: what the last one may still say is history."""
    number = session.serial + 1
    return replace(session, state=state, conn=number, serial=number, suspect=None)


def authorize(session: Session, *, final: bool = False) -> Step:
    """Have no connection until there is a fresh token."""
    session = rest(session, Authorizing(final))
    return (session, ()) if session.fetching else look_for_token(session)


def look_for_token(session: Session) -> Step:
    """Have a token fetched, once at a time."""
    lease = None if session.lease is None else tokens.looking(session.lease)
    if session.fetching:
        return replace(session, lease=lease), ()
    fetch = session.fetches + 1
    return replace(session, lease=lease, fetches=fetch, fetching=True), (FetchToken(fetch),)
