"""A candidate: a second connection next to the open one, which catches up and takes over.

When it takes over, the old connection closes with 1000. A failed candidate changes neither the phase nor the backoff.
A candidate exists only next to an open stream. When that stream ends, a candidate with a hello takes over at once,
and one without a hello is given up.
"""

from __future__ import annotations

from dataclasses import replace

from tracker_tui.domain.codes import Recovery
from tracker_tui.link.changes import Phase
from tracker_tui.link.errors import LinkError, Refused
from tracker_tui.link.session import backoff, lag, open_stream, token_lease
from tracker_tui.link.session.events import (
    AbortStream,
    BytesReceived,
    CloseStream,
    ConnectionEnded,
    MessageReceived,
    OpenStream,
    OrderAdvanced,
    OrderRemoved,
    SubscribeAll,
)
from tracker_tui.link.session.ladder import Rung, climbed, probe_failed
from tracker_tui.link.session.parts import Candidate, Purpose
from tracker_tui.link.session.session import Session, Step
from tracker_tui.link.session.states import Connecting, Open
from tracker_tui.link.session.verdicts import is_temporary, verdict_of
from tracker_tui.wire.messages import Goodbye, Hello, Problem, ServerMessage

PROTOCOL_VERSION = 1

RESUBSCRIBE_RETRY = 10.0
"""Seconds after a failed candidate for more orders until the next one."""

UNSERVED_INTERVAL = 30.0
"""Minimum seconds between two candidates for orders that the active stream does not serve."""

_TOKEN_REFUSED = frozenset({Recovery.REFRESH, Recovery.REFRESH_OR_FAIL, Recovery.SIGNED_OUT})


def open_candidate(session: Session, at: float, purpose: Purpose) -> Step:
    """Open a second connection; it replaces an earlier candidate."""
    session, gone = give_up(session, at) if session.candidate is not None else (session, ())
    connection_id = session.last_connection_id + 1
    candidate = Candidate(
        connection_id,
        Connecting(at, token=session.presented_token),
        purpose,
        subscribed_version=session.subscriptions.orders_version,
    )
    rung = _rung(session, purpose)
    if purpose is Purpose.ORDERS:
        session = replace(
            session,
            subscriptions=replace(session.subscriptions, has_unserved=False, unserved_due_at=at + UNSERVED_INTERVAL),
        )
    return replace(session, last_connection_id=connection_id, candidate=candidate), (
        *gone,
        OpenStream(connection_id, rung.name, session.presented_token),
    )


def step_candidate(
    session: Session,
    candidate: Candidate,
    event: MessageReceived | BytesReceived | ConnectionEnded | OrderAdvanced | OrderRemoved,
) -> Step:
    """Apply an event of the candidate, or the advance of an order's view on any stream."""
    state = candidate.state
    match event:
        case ConnectionEnded(at=at, error=error):
            return _failed(session, candidate, at, error), ()
        case MessageReceived(message=Problem() as problem, at=at) if problem.order_id is None or disqualifies(
            candidate, problem
        ):
            return _failed(session, candidate, at, Refused(problem)), (AbortStream(candidate.connection_id),)
        case MessageReceived(message=Goodbye(), at=at):
            return give_up(session, at)
        case MessageReceived(message=Hello(protocol=protocol), at=at) if protocol != PROTOCOL_VERSION:
            return give_up(session, at)
        case MessageReceived(message=Hello() as hello) if (
            isinstance(state, Connecting) and candidate.purpose is Purpose.CLOCK
        ):
            return _server_time_received(session, candidate, state, hello)
        case MessageReceived(message=Hello() as hello, at=at) if isinstance(state, Connecting):
            return _hello_received(session, candidate, state, hello, at)
    if not isinstance(state, Open):
        return session, ()
    now = open_stream.apply(state, event)
    if now.phase is Phase.LIVE:
        return take_over(session, candidate, now, event.at)
    return (session, ()) if now is state else (replace(session, candidate=replace(candidate, state=now)), ())


def disqualifies(candidate: Candidate, message: ServerMessage) -> bool:
    """Return whether a message shows that the candidate would serve fewer orders than the active stream."""
    is_refusal = isinstance(message, Problem) and message.order_id is not None and is_temporary(message)
    return is_refusal and candidate.purpose is Purpose.CLIMB


def take_over(session: Session, candidate: Candidate, state: Open, at: float) -> Step:
    """Make the candidate the active connection and close the old one with 1000."""
    ladder = climbed(session.ladder, at) if candidate.purpose is Purpose.CLIMB else session.ladder
    old = session.connection_id
    session = replace(
        session,
        connection_id=candidate.connection_id,
        ladder=ladder,
        candidate=None,
        tokens=replace(session.tokens, lease=candidate.lease),
    )
    session = replace(
        session,
        subscriptions=replace(
            session.subscriptions, subscribed_version=candidate.subscribed_version, has_unserved=False
        ),
    )
    return open_stream.with_state(session, state), (CloseStream(old),)


def give_up(session: Session, at: float) -> Step:
    """Drop the candidate."""
    candidate = session.candidate
    if candidate is None:
        return session, ()
    return _failed(session, candidate, at, None), (AbortStream(candidate.connection_id),)


def is_duplex(session: Session, candidate: Candidate) -> bool:
    """Return whether the client can send on the candidate."""
    return _rung(session, candidate.purpose).duplex


def _rung(session: Session, purpose: Purpose) -> Rung:
    return session.ladder.rungs[session.ladder.index - (purpose is Purpose.CLIMB)]


def _hello_received(session: Session, candidate: Candidate, state: Connecting, hello: Hello, at: float) -> Step:
    opened = open_stream.open_state(hello, at, session.orders, state.token)
    lease = open_stream.lease_of(hello, at, state.token, session.tokens.lease)
    # A duplex stream is subscribed to every order at hello.
    version = session.subscriptions.orders_version if is_duplex(session, candidate) else candidate.subscribed_version
    candidate = replace(candidate, state=opened, lease=lease, subscribed_version=version)
    return replace(session, candidate=candidate), (SubscribeAll(candidate.connection_id),)


def _server_time_received(session: Session, candidate: Candidate, state: Connecting, hello: Hello) -> Step:
    """Correct the lag of the active stream by the server time of this hello, and close the candidate."""
    session = replace(session, candidate=None)
    if isinstance(session.state, Open):
        session = open_stream.with_state(
            session, lag.correct_clock_offset(session.state, hello.server_time, state.started)
        )
    return session, (CloseStream(candidate.connection_id),)


def _failed(session: Session, candidate: Candidate, at: float, error: LinkError | None) -> Session:
    verdict = None if error is None else verdict_of(error)
    floor = 0.0 if verdict is None else backoff.floor(verdict.retry_after or 0.0, 0.0)
    session = replace(
        session,
        candidate=None,
        retries=replace(
            session.retries,
            not_before=max(session.retries.not_before, at + floor) if floor else session.retries.not_before,
        ),
    )
    if candidate.purpose is Purpose.CLIMB:
        session = replace(session, ladder=probe_failed(session.ladder, at))
    if verdict is not None and verdict.recovery in _TOKEN_REFUSED:
        session = session.with_refused_token(candidate.state.token, at)
    if candidate.purpose is Purpose.ORDERS:
        session = replace(session, subscriptions=replace(session.subscriptions, resubscribe_at=at + RESUBSCRIBE_RETRY))
    if candidate.purpose is Purpose.TOKEN and session.tokens.lease is not None:
        session = replace(
            session, tokens=replace(session.tokens, lease=token_lease.fetch_failed(session.tokens.lease, at, floor))
        )
    return session
