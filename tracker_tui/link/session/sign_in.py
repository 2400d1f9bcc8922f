"""What a session does about tokens: present a fresh one in time, and know when there is none; pure (PROTOCOL §6)."""

from __future__ import annotations

from dataclasses import replace

from tracker_tui.link.session import backoff, candidate, idle, token_lease, transitions
from tracker_tui.link.session.candidate import Step
from tracker_tui.link.session.events import Authenticate, Declined, Fetched
from tracker_tui.link.session.states import (
    Authorizing,
    Connecting,
    Failed,
    Idle,
    Open,
    Session,
    SignedOut,
    Waiting,
    Why,
)
from tracker_tui.link.session.verdicts import Course, judge
from tracker_tui.wire.messages import Authenticated


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
    pace = session.refusing(presented, at).pace
    session = replace(session, refused=max(session.refused, presented), down_at=down_at, barred=floor)
    if session.token > session.refused:  # a fresh one has come in meanwhile
        return transitions.open_anew(session, at)
    if course is Course.SIGNED_OUT or not session.keyed or session.renewed:
        return transitions.rest(replace(session, pace=pace), Failed() if final else SignedOut()), ()
    return transitions.authorize(replace(session, renewed=True), at, final=final)


def declined(session: Session, event: Declined) -> Step:
    """A request was refused for its token: look for another one, as for a stream; one that was replaced is no news."""
    number, at, state = event.token, event.at, session.state
    if not session.keyed or number != session.bearer:
        return session, ()
    if isinstance(state, Open) and state.token != number:  # a fresh one, which the stream has not taken yet
        return session.refusing(number, at), ()
    session = replace(session, refused=max(session.refused, number), declined=number, pace=session.pace.missed(at))
    match state:
        case Waiting(floor=floor):
            verdict = judge(event.error)
            if verdict.retry_after is not None:
                floor = max(floor, at + backoff.floor(verdict.retry_after, session.pace.draw))
            # Where no stream gets through, waits between two tries don't make a second fresh token a better one.
            renewed = session.renewed or session.pace.misses > 1
            session = replace(session, reason=str(event.error), code=event.error.problem.code, renewed=renewed)
            return unauthorized(session, at, verdict.course, max(floor, session.barred))
        case Idle():
            return idle.declined(session, at, event.error)
        case Open() if (due := session.look_at) is not None and at >= due:
            return transitions.look_for_token(session)
        case _:  # a stream that is being opened presents the same token, and its own answer decides
            return session, ()


def needed(session: Session, at: float) -> Step:
    """A request of the user waits for a token: look for one even while signed out, at the session's pace."""
    if session.bearer is not None:
        return session, ()
    session = replace(session, needed=True)
    if isinstance(session.state, SignedOut) and not session.fetching and at >= session.pace.fetch_at:
        return transitions.look_for_token(session)
    return session, ()


def renewable(session: Session, at: float) -> Step:
    """The source of tokens has changed: look for one, but not faster than tokens were refused."""
    return transitions.authorize(session) if at >= session.pace.renew_at else (session, ())


def fetched(session: Session, event: Fetched) -> Step:
    """A look for a token is over; one that the server has refused is not presented again."""
    if event.fetch != session.fetches or not session.fetching:
        return session, ()
    state, at = session.state, event.at
    pace = session.pace.looked(at, event.draw, fresh=event.token > session.token)
    session = replace(session, fetching=False, token=max(session.token, event.token), pace=pace)
    fresh = session.token > session.refused
    session = replace(session, needed=False) if fresh else replace(session, pace=pace.missed(at))
    match state:
        case Authorizing() | SignedOut() if fresh:
            return transitions.open_anew(session, at)
        case Idle():
            return idle.fetched(session, at, event.error)
        case Authorizing(final=final):
            reason = event.error or session.reason or "the token has expired"
            return transitions.rest(replace(session, reason=reason), Failed() if final else SignedOut()), ()
        case Open(token=token, leave_by=None) if fresh and session.token > token:
            session = session if session.lease is None else replace(session, lease=token_lease.looking(session.lease))
            if not session.ladder.rung.duplex:
                return candidate.begin(session, at, Why.TOKEN)
            return replace(session, state=replace(state, offered=session.token)), (
                Authenticate(session.conn, session.token),
            )
        case Open() if session.lease is not None:
            return replace(session, lease=token_lease.in_vain(session.lease, at)), ()
        case _:
            return session, ()


def answered(session: Session, state: Open, answer: Authenticated, at: float) -> Session:
    """The server took the token that it was offered on the open stream, or did not: then the old expiry stands."""
    lease, offered = session.lease, state.offered
    if not offered:
        return session
    if answer.error is not None:
        lease = None if lease is None else token_lease.in_vain(lease, at)
        session = replace(session.refusing(offered, at), lease=lease)
        return replace(session, state=replace(state, offered=0))
    expires = answer.token_expires_at
    lease = None if lease is None or expires is None else token_lease.renewed(lease, offered, expires, at)
    return replace(session, lease=lease, state=replace(state, token=offered, offered=0))
