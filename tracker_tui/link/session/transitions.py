"""Transitions that several events share: open a connection, close it, become idle, wait for a token, fall back."""

from __future__ import annotations

from dataclasses import replace

from tracker_tui.link.errors import (
    LinkError,
    NoToken,
    Refused,
    ServerBusy,
    StreamClosed,
    TransportBlocked,
    TransportDown,
    UnexpectedError,
)
from tracker_tui.link.session import backoff, open_stream, token_lease
from tracker_tui.link.session.candidate import give_up
from tracker_tui.link.session.events import (
    AbortStream,
    Action,
    CloseStream,
    FetchToken,
    GatewayProbed,
    OpenStream,
    ReadList,
)
from tracker_tui.link.session.ladder import (
    SHORT_LIFE,
    Failure,
    clear_exceptions,
    clear_failures,
    count_exception,
    count_failure,
    remember_short_life,
)
from tracker_tui.link.session.parts import Downtime
from tracker_tui.link.session.session import Session, Step
from tracker_tui.link.session.states import Backoff, Connecting, FetchingToken, Idle, Open, State


def reconnect(session: Session, at: float) -> Step:
    """Drop the active connection in any state, and open a new one at once."""
    if session.needs_no_stream:
        return become_idle(session, at)
    if open_stream.is_healthy(session.state, at):
        session = replace(session, retries=replace(session.retries, failures=0, retried_once=False))
    session, leaving = abort_connections(session, at)
    session = replace(
        session,
        downtime=session.downtime.starting(at),
    )
    lease = session.tokens.lease
    if (
        session.tokens.enabled
        and lease is not None
        and lease.token == session.presented_token
        and lease.expires_at <= at
    ):
        session, actions = await_token(
            replace(session, tokens=replace(session.tokens, refused=session.tokens.current)), at
        )
    else:
        session, actions = open_connection(session, at)
    return session, (*leaving, *actions)


def open_connection(session: Session, at: float) -> Step:
    """Open a connection with the newest token, as soon as the server allows; without an order, become idle."""
    if session.needs_no_stream:
        return become_idle(session, at)
    if at < session.retries.not_before:
        return disconnect(session, Backoff(at, session.retries.not_before)), ()
    # A token that was refused on a request is presented once more here, and then on requests, too.
    session = replace(session, tokens=replace(session.tokens, unauthorized=0))
    connection_id = session.last_connection_id + 1
    connecting = Connecting(at, token=session.presented_token)
    opening = OpenStream(connection_id, session.ladder.rung.name, session.presented_token)
    session = replace(
        session,
        state=connecting,
        connection_id=connection_id,
        last_connection_id=connection_id,
        subscriptions=replace(
            session.subscriptions, subscribed_version=session.subscriptions.orders_version, has_unserved=False
        ),
    )
    return session, (opening,)


def become_idle(session: Session, at: float) -> Step:
    """Close the stream, if there is one, until there is an order to watch.

    A candidate that is dropped here has not failed, so the ladder does not change.
    """
    if open_stream.is_healthy(session.state, at):
        session = replace(session, retries=replace(session.retries, failures=0, retried_once=False))
    session, leaving = end(session, Idle(), at)
    if session.list_state is not None and session.list_state.is_current(at):
        return live_idle(session), leaving
    session = replace(
        session,
        downtime=session.downtime.starting(at),
    )
    return session, (*leaving, ReadList())


def live_idle(session: Session) -> Session:
    """Go live without a stream: the list is current and has no order to watch."""
    # The next stream does not replace a lost one, so it counts as the first.
    return replace(
        session,
        state=Idle(is_current=True),
        was_live=False,
        retries=replace(session.retries, failures=0),
        downtime=Downtime(),
        tokens=replace(session.tokens, renewed=False),
    )


def abort_connections(session: Session, at: float) -> Step:
    """Drop the active connection and the candidate."""
    session, gone = give_up(session, at)
    own: tuple[Action, ...] = (
        (AbortStream(session.connection_id),) if isinstance(session.state, Connecting | Open) else ()
    )
    return session, (*own, *gone)


def end(session: Session, state: State, at: float) -> Step:
    """Close the connection, go to `state`, and keep the server's floor for the next one."""
    not_before = max(session.retries.not_before, _floor(session.state, at))
    return close_connection(replace(session, retries=replace(session.retries, not_before=not_before)), state)


def close_connection(session: Session, state: State) -> Step:
    """Close an open connection, or abort one that is being opened, and go to `state`."""
    leaving: tuple[Action, ...] = ()
    if isinstance(session.state, Open):
        leaving = (CloseStream(session.connection_id),)
    elif isinstance(session.state, Connecting):
        leaving = (AbortStream(session.connection_id),)
    if (candidate := session.candidate) is not None:
        leaving = (*leaving, AbortStream(candidate.connection_id))
    return disconnect(replace(session, candidate=None), state), leaving


def disconnect(session: Session, state: State) -> Session:
    """Go to `state` without a connection: later events of the last one are ignored."""
    number = session.last_connection_id + 1
    return replace(session, state=state, connection_id=number, last_connection_id=number, unconfirmed_failure=None)


def await_token(session: Session, at: float | None = None, *, final: bool = False) -> Step:
    """Wait without a connection for a fresh token.

    The token is fetched at once, or, if `at` is given, at the pace of fetches.
    """
    session = disconnect(session, FetchingToken(final))
    if session.tokens.is_fetching or (at is not None and at < session.tokens.pace.fetch_at):
        return session, ()
    return fetch_token(session)


def fetch_token(session: Session) -> Step:
    """Fetch a token, unless a fetch is running."""
    lease = None if session.tokens.lease is None else token_lease.fetch_started(session.tokens.lease)
    if session.tokens.is_fetching:
        return replace(session, tokens=replace(session.tokens, lease=lease)), ()
    fetch = session.tokens.fetches + 1
    return replace(session, tokens=replace(session.tokens, lease=lease, fetches=fetch, is_fetching=True)), (
        FetchToken(fetch),
    )


def _floor(state: State, at: float) -> float:
    """Return the time before which the server forbids an attempt; 0.0 if it named none."""
    match state:
        case Backoff(retry_floor=floor):
            return floor
        case Open(retry_floor=seconds) if seconds is not None:
            return at + backoff.floor(seconds, 0.0)
        case Connecting(problem=problem) if problem is not None and problem.retry_after_seconds is not None:
            return at + backoff.floor(problem.retry_after_seconds, 0.0)
        case _:
            return 0.0


# --- evidence against a transport -------------------------------------------------------------------------------------


def suspected_failure(state: Connecting | Open, error: LinkError, at: float) -> Failure | None:
    """Return the transport failure that the end of the connection suggests, to be confirmed by a GET."""
    match error:
        case TransportBlocked():
            return Failure.BLOCKED
        case Refused() | ServerBusy() | NoToken() | UnexpectedError():
            return None
        case StreamClosed(code=code, by_us=by_us) if code >= 4000 or (code == 1009 and by_us):
            return None
        case TransportDown(connected=False) if isinstance(state, Connecting):
            return None
    if isinstance(state, Connecting):
        return Failure.NO_HELLO
    return None if state.close_deadline is not None or at - state.hello_at >= SHORT_LIFE else Failure.SHORT_LIFE


def record_exception(session: Session, error: LinkError, at: float) -> Session:
    """Count an unexpected exception that ended the active connection against its transport.

    No GET confirms it: an outage raises other errors. A healthy connection resets the count.
    """
    ladder = session.ladder
    if open_stream.is_healthy(session.state, at) or not isinstance(error, UnexpectedError):
        ladder = clear_exceptions(ladder)
    if isinstance(error, UnexpectedError):
        ladder = count_exception(ladder, error.kind, str(error), at)
    return session if ladder is session.ladder else replace(session, ladder=ladder)


def gateway_probed(session: Session, event: GatewayProbed) -> Step:
    """Count the last failure against its transport if the gateway itself answered the GET."""
    suspect, state = session.unconfirmed_failure, session.state
    if suspect is None or suspect.connection_id != event.connection_id:
        return session, ()
    session = replace(session, unconfirmed_failure=None)
    if not event.answered:
        return replace(session, ladder=clear_failures(session.ladder)), ()
    if isinstance(state, Open):
        # The transport works again: remember a short life, but keep the transport.
        if suspect.failure is not Failure.SHORT_LIFE:
            return session, ()
        return replace(session, ladder=remember_short_life(session.ladder, event.at)), ()
    ladder = count_failure(session.ladder, suspect.failure, suspect.reason, event.at)
    stepped = ladder.index != session.ladder.index
    session = replace(session, ladder=ladder)
    match state:
        case Backoff(retry_floor=floor) if stepped and event.at < floor and not session.needs_no_stream:
            return replace(session, state=Backoff(floor, floor)), ()
        case Backoff() | Connecting() if stepped:
            return reconnect(session, event.at)
        case _:
            return session, ()
