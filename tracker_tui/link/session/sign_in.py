"""What a session does about tokens: present a fresh one in time, and know when there is none; pure (PROTOCOL §6)."""

from __future__ import annotations

from dataclasses import replace

from tracker_tui.link.session import backoff, candidate, idle, token_lease, transitions
from tracker_tui.link.session.events import PresentToken, RequestUnauthorized, TokenFetched
from tracker_tui.link.session.session import Purpose, Session, Step
from tracker_tui.link.session.states import Backoff, Connecting, Failed, FetchingToken, Idle, Open, SignedOut
from tracker_tui.link.session.verdicts import Recovery, verdict_of
from tracker_tui.wire.messages import Authenticated


def token_refused(session: Session, at: float, course: Recovery, floor: float) -> Step:
    """The server did not take the token that the present connection presented, or no longer does.

    Args:
        session: The session whose connection has ended.
        at: Now.
        course: What the server's refusal asks for.
        floor: Before when it does not want to be called again.
    """
    presented = session.state.token if isinstance(session.state, Connecting | Open) else 0
    final = course is Recovery.REFRESH_OR_FAIL
    down_at = at if session.down_at is None else session.down_at
    pace = session.with_refused_token(presented, at).pace
    session = replace(session, refused_token=max(session.refused_token, presented), down_at=down_at, not_before=floor)
    if session.token > session.refused_token:  # a fresh one has come in meanwhile
        return transitions.open_connection(session, at)
    if course is Recovery.SIGNED_OUT or not session.has_credentials or session.token_renewed:
        return transitions.disconnect(replace(session, pace=pace), Failed() if final else SignedOut()), ()
    return transitions.await_token(replace(session, token_renewed=True), at, final=final)


def request_unauthorized(session: Session, event: RequestUnauthorized) -> Step:
    """A request was refused for its token: look for another one, as for a stream; one that was replaced is no news."""
    number, at, state = event.token, event.at, session.state
    if not session.has_credentials or number != session.request_token:
        return session, ()
    if isinstance(state, Open) and state.token != number:  # a fresh one, which the stream has not taken yet
        return session.with_refused_token(number, at), ()
    session = replace(
        session, refused_token=max(session.refused_token, number), declined=number, pace=session.pace.after_miss(at)
    )
    match state:
        case Backoff(retry_floor=floor):
            verdict = verdict_of(event.error)
            if verdict.retry_after is not None:
                floor = max(floor, at + backoff.floor(verdict.retry_after, session.pace.draw))
            # Where no stream gets through, waits between two tries don't make a second fresh token a better one.
            renewed = session.token_renewed or session.pace.misses > 1
            session = replace(
                session, reason=str(event.error), problem_code=event.error.problem.code, token_renewed=renewed
            )
            return token_refused(session, at, verdict.recovery, max(floor, session.not_before))
        case Idle():
            return idle.list_unauthorized(session, at, event.error)
        case Open() if (due := session.fetch_token_at) is not None and at >= due:
            return transitions.fetch_token(session)
        case _:  # a stream that is being opened presents the same token, and its own answer decides
            return session, ()


def token_needed(session: Session, at: float) -> Step:
    """A request of the user waits for a token: look for one even while signed out, at the session's pace."""
    if session.request_token is not None:
        return session, ()
    session = replace(session, needed=True)
    if isinstance(session.state, SignedOut) and not session.fetching_token and at >= session.pace.fetch_at:
        return transitions.fetch_token(session)
    return session, ()


def credentials_changed(session: Session, at: float) -> Step:
    """The source of tokens has changed: look for one, but not faster than tokens were refused."""
    return transitions.await_token(session) if at >= session.pace.renew_at else (session, ())


def token_fetched(session: Session, event: TokenFetched) -> Step:
    """A look for a token is over; one that the server has refused is not presented again."""
    if event.fetch != session.token_fetches or not session.fetching_token:
        return session, ()
    state, at = session.state, event.at
    pace = session.pace.after_fetch(at, event.draw, fresh=event.token > session.token)
    session = replace(session, fetching_token=False, token=max(session.token, event.token), pace=pace)
    fresh = session.token > session.refused_token
    session = replace(session, needed=False) if fresh else replace(session, pace=pace.after_miss(at))
    match state:
        case FetchingToken() | SignedOut() if fresh:
            return transitions.open_connection(session, at)
        case Idle():
            return idle.read_with_token(session, at, event.error)
        case FetchingToken(final=final):
            reason = event.error or session.reason or "the token has expired"
            return transitions.disconnect(replace(session, reason=reason), Failed() if final else SignedOut()), ()
        case Open(token=token, close_deadline=None) if fresh and session.token > token:
            session = (
                session if session.lease is None else replace(session, lease=token_lease.fetch_started(session.lease))
            )
            if not session.ladder.rung.duplex:
                return candidate.open_candidate(session, at, Purpose.TOKEN)
            return replace(session, state=replace(state, offered_token=session.token)), (
                PresentToken(session.connection_id, session.token),
            )
        case Open() if session.lease is not None:
            return replace(session, lease=token_lease.fetch_failed(session.lease, at)), ()
        case _:
            return session, ()


def token_answered(session: Session, state: Open, answer: Authenticated, at: float) -> Session:
    """The server took the token that it was offered on the open stream, or did not: then the old expiry stands."""
    lease, offered = session.lease, state.offered_token
    if not offered:
        return session
    if answer.error is not None:
        lease = None if lease is None else token_lease.fetch_failed(lease, at)
        session = replace(session.with_refused_token(offered, at), lease=lease)
        return replace(session, state=replace(state, offered_token=0))
    expires = answer.token_expires_at
    lease = None if lease is None or expires is None else token_lease.renew(lease, offered, expires, at)
    return replace(session, lease=lease, state=replace(state, token=offered, offered_token=0))
