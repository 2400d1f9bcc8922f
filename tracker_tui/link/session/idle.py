"""What a session does while no order is to be watched on a transport that needs one; pure.

Over plain HTTP a stream names its orders (PROTOCOL §5), so there is none to open. The list of orders, read every 10 s,
is then the only contact with the gateway: the link is live while the list is current. No stream means no evidence
about a transport, so the ladder stays as it is.
"""

from __future__ import annotations

from dataclasses import replace

from tracker_tui.link.errors import LinkError, Refused
from tracker_tui.link.session import transitions
from tracker_tui.link.session.events import ListFailed, ListRead, ReadList
from tracker_tui.link.session.list_state import MAX_AGE, ListState
from tracker_tui.link.session.session import Session, Step
from tracker_tui.link.session.states import Failed, Idle, SignedOut
from tracker_tui.link.session.verdicts import SIGN_IN, Recovery, verdict_of


def list_reading_ended(session: Session, event: ListRead | ListFailed) -> Step:
    """Take in what came of a reading of the list; it decides on the link only while the session is idle."""
    listing, state = session.list_state, session.state
    if listing is None:
        return session, ()
    if isinstance(event, ListRead):
        session = replace(session, list_state=ListState(event.at))
        return (transitions.live_idle(session), ()) if isinstance(state, Idle) else (session, ())
    session = replace(session, list_state=listing.with_failure(str(event.error)))
    return _failed(session, state, event) if isinstance(state, Idle) else (session, ())


def mark_list_stale(session: Session, at: float, reason: str | None, code: str | None = None) -> Session:
    """No longer rely on the list: the link is down until the list is read again."""
    return replace(
        session,
        state=Idle(is_current=False),
        downtime=replace(
            session.downtime.starting(at),
            attempt=session.downtime.attempt + 1,
            reason=reason,
            code=code,
        ),
    )


def list_expired(session: Session, at: float) -> Session:
    """The list was not read again in time."""
    return mark_list_stale(session, at, _unread(session) or f"the list of orders was not read for {MAX_AGE:g} s")


def open_first_stream(session: Session, at: float) -> Step:
    """The first order is there: open a stream for it, with a token that the server did not refuse."""
    if session.tokens.enabled and not session.tokens.has_fresh:
        return transitions.await_token(
            replace(
                session,
                downtime=session.downtime.starting(at),
            )
        )
    return transitions.reconnect(session, at)


def read_with_token(session: Session, at: float, error: str | None) -> Step:
    """A look for a token is over: read the list with it, unless the server has refused the newest one."""
    if session.tokens.has_fresh:
        return session, (ReadList(),)
    return _sign_out(session, at, error or _unread(session) or "the token has expired", "token_expired"), ()


def _failed(session: Session, state: Idle, event: ListFailed) -> Step:
    at, error = event.at, event.error
    course = verdict_of(error).recovery
    code = _code(error)
    if course in SIGN_IN:
        # Where there are tokens, `list_unauthorized` has decided.
        return (session, ()) if session.tokens.enabled else (_sign_out(session, at, str(error), code), ())
    if course is Recovery.FINAL:
        return transitions.disconnect(
            replace(session, downtime=replace(session.downtime, reason=str(error), code=code)), Failed()
        ), ()
    listing = session.list_state
    if state.is_current and listing is not None and listing.is_current(at):
        return session, ()
    return mark_list_stale(session, at, str(error), code), ()


def list_unauthorized(session: Session, at: float, error: LinkError) -> Step:
    """The server refused the token that the reading presented: read the list with a fresh one, once (PROTOCOL §8)."""
    course = verdict_of(error).recovery
    if course is not Recovery.SIGNED_OUT and session.tokens.is_fetching:
        return session, ()
    if course is Recovery.SIGNED_OUT or session.tokens.renewed:
        return _sign_out(session, at, str(error), _code(error)), ()
    return transitions.fetch_token(replace(session, tokens=replace(session.tokens, renewed=True)))


def _sign_out(session: Session, at: float, reason: str, code: str | None) -> Session:
    down_at = at if session.downtime.since is None else session.downtime.since
    return transitions.disconnect(
        replace(session, downtime=replace(session.downtime, since=down_at, reason=reason, code=code)), SignedOut()
    )


def _unread(session: Session) -> str | None:
    """Why the last reading failed; None if it did not."""
    return None if session.list_state is None else session.list_state.reason


def _code(error: LinkError) -> str | None:
    return error.problem.code if isinstance(error, Refused) else None
