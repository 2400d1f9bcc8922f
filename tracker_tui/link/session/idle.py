"""A session without any order to watch, on a transport that must name one to open a stream.

Over plain HTTP a stream names its orders (PROTOCOL §5). The list of orders, read every 10 s, is then the only contact
with the gateway, and the link is live while the list is current. Without a stream there is no evidence about a
transport, so the ladder does not change.
"""

from __future__ import annotations

from dataclasses import replace

from tracker_tui.domain.codes import Recovery
from tracker_tui.link.errors import LinkError, Refused
from tracker_tui.link.session import transitions
from tracker_tui.link.session.events import ListFailed, ListRead, ReadList
from tracker_tui.link.session.list_state import MAX_AGE, ListState
from tracker_tui.link.session.session import Session, Step
from tracker_tui.link.session.states import Failed, Idle, SignedOut
from tracker_tui.link.session.verdicts import SIGN_IN, verdict_of


def list_reading_ended(session: Session, event: ListRead | ListFailed) -> Step:
    """Apply the result of reading the list; it changes the link only while the session is idle."""
    listing, state = session.list_state, session.state
    if listing is None:
        return session, ()
    if isinstance(event, ListRead):
        session = replace(session, list_state=ListState(event.at))
        return (transitions.live_idle(session), ()) if isinstance(state, Idle) else (session, ())
    session = replace(session, list_state=listing.with_failure(str(event.error)))
    return _failed(session, state, event) if isinstance(state, Idle) else (session, ())


def mark_list_stale(session: Session, at: float, reason: str | None, code: str | None = None) -> Session:
    """Mark the list as out of date: the link is down until the list is read again."""
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
    """Mark the list as out of date because it was not read again in time."""
    return mark_list_stale(session, at, _unread(session) or f"the list of orders was not read for {MAX_AGE:g} s")


def open_first_stream(session: Session, at: float) -> Step:
    """Open a stream for the first order, with a token that the server did not refuse."""
    if session.tokens.enabled and not session.tokens.has_fresh:
        return transitions.await_token(replace(session, downtime=session.downtime.starting(at)), at)
    return transitions.reconnect(session, at)


def read_with_token(session: Session, at: float, error: str | None) -> Step:
    """Read the list with the fetched token, or sign out if the server has refused it."""
    if session.tokens.has_fresh:
        return session, (ReadList(),)
    return _sign_out(session, at, error or _unread(session) or "the token has expired", "token_expired"), ()


def _failed(session: Session, state: Idle, event: ListFailed) -> Step:
    at, error = event.at, event.error
    course = verdict_of(error).recovery
    code = _code(error)
    if course in SIGN_IN:
        # With tokens, `list_unauthorized` has handled the refusal.
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
    """Fetch a fresh token after the server refused the one for the list, once (PROTOCOL §8)."""
    course = verdict_of(error).recovery
    if course is not Recovery.SIGNED_OUT and session.tokens.is_fetching:
        return session, ()
    if course is Recovery.SIGNED_OUT or session.tokens.renewed:
        return _sign_out(session, at, str(error), _code(error)), ()
    return transitions.fetch_token(replace(session, tokens=replace(session.tokens, renewed=True)))


def _sign_out(session: Session, at: float, reason: str, code: str | None) -> Session:
    return transitions.disconnect(
        replace(session, downtime=replace(session.downtime.starting(at), reason=reason, code=code)), SignedOut()
    )


def _unread(session: Session) -> str | None:
    """Return why the last reading failed; None if it succeeded."""
    return None if session.list_state is None else session.list_state.reason


def _code(error: LinkError) -> str | None:
    return error.problem.code if isinstance(error, Refused) else None
