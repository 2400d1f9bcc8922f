"""What a session does about tokens: present a fresh one in time, and know when there is none; pure (PROTOCOL §6)."""

from __future__ import annotations

from dataclasses import replace

from tracker_tui.link import idle, moves, overlap, tokens
from tracker_tui.link.inputs import Authenticate, Fetched
from tracker_tui.link.overlap import Step
from tracker_tui.link.phases import Authorizing, Connecting, Failed, Idle, Open, Session, SignedOut, Why
from tracker_tui.link.verdicts import Course
from tracker_tui.wire import Authenticated


def unauthorized(session: Session, at: float, course: Course, floor: float) -> Step:
    """The server did not take the token that the present connection presented, or no longer does.

    Args:
        session: The session whose connection has ended.
        at: Now.
        course: What the server's refusal asks for.
        floor: Before when it does not want to be called again.
    """
    presented = session.state.token if isinstance(session.state, Connecting | Open) else 0
    final = course is Course.REFRESH_OR_FAIL
    down_at = at if session.down_at is None else session.down_at
    session = replace(session, refused=max(session.refused, presented), down_at=down_at, barred=floor)
    if session.token > session.refused:  # a fresh one has come in meanwhile
        return moves.open_anew(session, at)
    if course is Course.SIGNED_OUT or not session.keyed or session.renewed:
        return moves.rest(session, Failed() if final else SignedOut()), ()
    return moves.authorize(replace(session, renewed=True), final=final)


def fetched(session: Session, event: Fetched) -> Step:
    """A look for a token is over; one that the server has refused is not presented again."""
    if event.fetch != session.fetches or not session.fetching:
        return session, ()
    state, at = session.state, event.at
    session = replace(session, fetching=False, token=max(session.token, event.token))
    fresh = session.token > session.refused
    match state:
        case Authorizing() | SignedOut() if fresh:
            return moves.open_anew(session, at)
        case Idle():
            return idle.fetched(session, at, event.error)
        case Authorizing(final=final):
            reason = event.error or session.reason or "the token has expired"
            return moves.rest(replace(session, reason=reason), Failed() if final else SignedOut()), ()
        case Open(token=token, leave_by=None) if fresh and session.token > token:
            if not session.ladder.rung.duplex:
                return overlap.begin(session, at, Why.TOKEN)
            return replace(session, state=replace(state, offered=session.token)), (
                Authenticate(session.conn, session.token),
            )
        case Open() if session.lease is not None:
            return replace(session, lease=tokens.in_vain(session.lease, at)), ()
        case _:
            return session, ()


def answered(session: Session, state: Open, answer: Authenticated, at: float) -> Session:
    """The server took the token that it was offered on the open stream, or did not: then the old expiry stands."""
    lease, offered = session.lease, state.offered
    if not offered:
        return session
    if answer.error is not None:
        lease = None if lease is None else tokens.in_vain(lease, at)
        session = replace(session, refused=max(session.refused, offered), lease=lease)
        return replace(session, state=replace(state, offered=0))
    expires = answer.token_expires_at
    lease = None if lease is None or expires is None else tokens.renewed(lease, offered, expires, at)
    return replace(session, lease=lease, state=replace(state, token=offered, offered=0))
