"""Tokens of a session: when to present a fresh one, and when to sign out (PROTOCOL §6)."""

from __future__ import annotations

from dataclasses import replace

from tracker_tui.domain.codes import Recovery
from tracker_tui.link.session import backoff, candidate, idle, token_lease, transitions
from tracker_tui.link.session.events import PresentToken, RequestUnauthorized, TokenFetched
from tracker_tui.link.session.parts import Purpose
from tracker_tui.link.session.session import Session, Step
from tracker_tui.link.session.states import Backoff, Connecting, Failed, FetchingToken, Idle, Open, SignedOut
from tracker_tui.link.session.verdicts import verdict_of
from tracker_tui.wire.messages import Authenticated


def token_refused(session: Session, at: float, recovery: Recovery, floor: float) -> Step:
    """Sign in again, sign out or fail after the server refused the token of the active connection.

    Args:
        session: The session whose connection has ended.
        at: Now.
        recovery: The recovery for the server's refusal.
        floor: Time before which the server forbids an attempt.
    """
    presented = session.state.token if isinstance(session.state, Connecting | Open) else 0
    final = recovery is Recovery.REFRESH_OR_FAIL
    pace = session.with_refused_token(presented, at).tokens.pace
    session = replace(
        session,
        tokens=replace(session.tokens, refused=max(session.tokens.refused, presented)),
        downtime=session.downtime.starting(at),
        retries=replace(session.retries, not_before=floor),
    )
    if session.tokens.has_fresh:  # a fresh token arrived in the meantime
        return transitions.open_connection(session, at)
    if recovery is Recovery.SIGNED_OUT or not session.tokens.enabled or session.tokens.renewed:
        return transitions.disconnect(
            replace(session, tokens=replace(session.tokens, pace=pace)), Failed() if final else SignedOut()
        ), ()
    return transitions.await_token(replace(session, tokens=replace(session.tokens, renewed=True)), at, final=final)


def request_unauthorized(session: Session, event: RequestUnauthorized) -> Step:
    """Fetch another token after a request was refused for its token; ignore a token already replaced."""
    number, at, state = event.token, event.at, session.state
    if not session.tokens.enabled or number != session.request_token:
        return session, ()
    if isinstance(state, Open) and state.token != number:  # a fresh token that the stream has not accepted yet
        return session.with_refused_token(number, at), ()
    session = replace(
        session,
        tokens=replace(
            session.tokens,
            refused=max(session.tokens.refused, number),
            unauthorized=number,
            pace=session.tokens.pace.after_miss(at),
        ),
    )
    match state:
        case Backoff(retry_floor=floor):
            verdict = verdict_of(event.error)
            if verdict.retry_after is not None:
                floor = max(floor, at + backoff.floor(verdict.retry_after, session.tokens.pace.draw))
            # If no stream gets through, waiting doesn't make a second fresh token more useful.
            renewed = session.tokens.renewed or session.tokens.pace.misses > 1
            session = replace(
                session,
                downtime=replace(session.downtime, reason=str(event.error), code=event.error.problem.code),
                tokens=replace(session.tokens, renewed=renewed),
            )
            return token_refused(session, at, verdict.recovery, max(floor, session.retries.not_before))
        case Idle():
            return idle.list_unauthorized(session, at, event.error)
        case Open() if (due := session.fetch_token_at) is not None and at >= due:
            return transitions.fetch_token(session)
        case _:  # a stream being opened presents the same token, and its answer decides
            return session, ()


def token_needed(session: Session, at: float) -> Step:
    """Fetch a token for a waiting request of the user, even while signed out, at the pace of fetches."""
    if session.request_token is not None:
        return session, ()
    session = replace(session, tokens=replace(session.tokens, is_needed=True))
    if isinstance(session.state, SignedOut) and not session.tokens.is_fetching and at >= session.tokens.pace.fetch_at:
        return transitions.fetch_token(session)
    return session, ()


def credentials_changed(session: Session, at: float) -> Step:
    """Fetch a token because their source has changed, but not faster than tokens are refused."""
    return transitions.await_token(session) if at >= session.tokens.pace.renew_at else (session, ())


def token_fetched(session: Session, event: TokenFetched) -> Step:
    """Use the fetched token, unless the server has refused it before."""
    if event.fetch != session.tokens.fetches or not session.tokens.is_fetching:
        return session, ()
    state, at = session.state, event.at
    pace = session.tokens.pace.after_fetch(at, event.draw, fresh=event.token > session.tokens.current)
    session = replace(
        session,
        tokens=replace(session.tokens, is_fetching=False, current=max(session.tokens.current, event.token), pace=pace),
    )
    fresh = session.tokens.has_fresh
    session = (
        replace(session, tokens=replace(session.tokens, is_needed=False))
        if fresh
        else replace(session, tokens=replace(session.tokens, pace=pace.after_miss(at)))
    )
    match state:
        case FetchingToken() | SignedOut() if fresh:
            return transitions.open_connection(session, at)
        case Idle():
            return idle.read_with_token(session, at, event.error)
        case FetchingToken(final=final):
            reason = event.error or session.downtime.reason or "the token has expired"
            return transitions.disconnect(
                replace(session, downtime=replace(session.downtime, reason=reason)), Failed() if final else SignedOut()
            ), ()
        case Open(token=token, close_deadline=None) if fresh and session.tokens.current > token:
            session = (
                session
                if session.tokens.lease is None
                else replace(
                    session, tokens=replace(session.tokens, lease=token_lease.fetch_started(session.tokens.lease))
                )
            )
            if not session.ladder.rung.duplex:
                return candidate.open_candidate(session, at, Purpose.TOKEN)
            return replace(session, state=replace(state, offered_token=session.tokens.current)), (
                PresentToken(session.connection_id, session.tokens.current),
            )
        case Open() if session.tokens.lease is not None:
            return replace(
                session, tokens=replace(session.tokens, lease=token_lease.fetch_failed(session.tokens.lease, at))
            ), ()
        case _:
            return session, ()


def token_answered(session: Session, state: Open, answer: Authenticated, at: float) -> Session:
    """Record whether the server accepted the token offered on the open stream; if not, the old expiry stays."""
    lease, offered = session.tokens.lease, state.offered_token
    if not offered:
        return session
    if answer.error is not None:
        lease = None if lease is None else token_lease.fetch_failed(lease, at)
        session = session.with_refused_token(offered, at)
        session = replace(session, tokens=replace(session.tokens, lease=lease))
        return replace(session, state=replace(state, offered_token=0))
    expires = answer.token_expires_at
    lease = None if lease is None or expires is None else token_lease.renew(lease, offered, expires, at)
    return replace(
        session, state=replace(state, token=offered, offered_token=0), tokens=replace(session.tokens, lease=lease)
    )
