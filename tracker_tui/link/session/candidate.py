"""A second connection beside the open one: it catches up, takes over, and the old one closes (DESIGN §2, session).

Whatever becomes of it touches neither the phase nor the backoff. It exists only beside an open stream: when that ends,
a candidate that has said hello takes over at once, and one that hasn't is given up.
"""

from __future__ import annotations

from dataclasses import replace

from tracker_tui.link.changes import Phase
from tracker_tui.link.errors import LinkError, Refused
from tracker_tui.link.session import backoff, lag, open_stream, token_lease
from tracker_tui.link.session import ladder as ladders
from tracker_tui.link.session.events import (
    AbortStream,
    Action,
    Advanced,
    CloseStream,
    Dropped,
    Ended,
    Heard,
    OpenStream,
    Said,
    SubscribeAll,
)
from tracker_tui.link.session.states import Candidate, Connecting, Open, Session, Why
from tracker_tui.link.session.verdicts import Course, judge, passes
from tracker_tui.wire.messages import Goodbye, Hello, Problem, ServerMessage

PROTOCOL_VERSION = 1

WIDEN_AGAIN = 10.0
"""Seconds after a stream for more orders could not be had, until the next one is tried."""

SERVE_AGAIN = 30.0
"""Least seconds between two streams for orders that the open one does not serve."""

Step = tuple[Session, tuple[Action, ...]]

_UNWANTED_TOKEN = frozenset({Course.REFRESH, Course.REFRESH_OR_FAIL, Course.SIGNED_OUT})


def begin(session: Session, at: float, why: Why) -> Step:
    """Open a second connection; one that is there already gives way."""
    session, gone = give_up(session, at) if session.candidate is not None else (session, ())
    conn = session.serial + 1
    candidate = Candidate(conn, Connecting(at, token=session.presents), why, covers=session.grown)
    rung = _rung(session, why)
    if why is Why.ORDERS:
        session = replace(session, unserved=False, serve_at=at + SERVE_AGAIN)
    return replace(session, serial=conn, candidate=candidate), (*gone, OpenStream(conn, rung.name, session.presents))


def step(session: Session, candidate: Candidate, event: Said | Heard | Ended | Advanced | Dropped) -> Step:
    """Take what the candidate says, or how far a view has come, from whichever stream."""
    state = candidate.state
    match event:
        case Ended(at=at, error=error):
            return _failed(session, candidate, at, error), ()
        case Said(message=Problem() as problem, at=at) if problem.order_id is None or spoils(candidate, problem):
            return _failed(session, candidate, at, Refused(problem)), (AbortStream(candidate.conn),)
        case Said(message=Goodbye(), at=at):
            return give_up(session, at)
        case Said(message=Hello(protocol=protocol), at=at) if protocol != PROTOCOL_VERSION:
            return give_up(session, at)
        case Said(message=Hello() as hello) if isinstance(state, Connecting) and candidate.why is Why.CLOCK:
            return _told_time(session, candidate, state, hello)
        case Said(message=Hello() as hello, at=at) if isinstance(state, Connecting):
            return _greeted(session, candidate, state, hello, at)
    if not isinstance(state, Open):
        return session, ()
    now = open_stream.take(state, event)
    if now.phase is Phase.LIVE:
        return take_over(session, candidate, now, event.at)
    return (session, ()) if now is state else (replace(session, candidate=replace(candidate, state=now)), ())


def spoils(candidate: Candidate, message: ServerMessage) -> bool:
    """Whether a message says that a candidate would have less than the open stream, which it could only replace."""
    is_refusal = isinstance(message, Problem) and message.order_id is not None and passes(message)
    return is_refusal and candidate.why is Why.CLIMB


def take_over(session: Session, candidate: Candidate, state: Open, at: float) -> Step:
    """Let the candidate be the connection from now on; the old one closes with 1000."""
    ladder = ladders.climbed(session.ladder, at) if candidate.why is Why.CLIMB else session.ladder
    old = session.conn
    session = replace(session, conn=candidate.conn, ladder=ladder, lease=candidate.lease, candidate=None)
    session = replace(session, covers=candidate.covers, unserved=False)
    return open_stream.settled(session, state), (CloseStream(old),)


def give_up(session: Session, at: float) -> Step:
    """Drop the candidate."""
    candidate = session.candidate
    if candidate is None:
        return session, ()
    return _failed(session, candidate, at, None), (AbortStream(candidate.conn),)


def duplex(session: Session, candidate: Candidate) -> bool:
    """Whether the candidate can be spoken to."""
    return _rung(session, candidate.why).duplex


def _rung(session: Session, why: Why) -> ladders.Rung:
    return session.ladder.rungs[session.ladder.at_rung - (why is Why.CLIMB)]


def _greeted(session: Session, candidate: Candidate, state: Connecting, hello: Hello, at: float) -> Step:
    opened = open_stream.opened(hello, at, session.orders, state.token)
    lease = open_stream.leased(hello, at, state.token, session.lease)
    covers = session.grown if duplex(session, candidate) else candidate.covers  # one that can be told is told all
    candidate = replace(candidate, state=opened, lease=lease, covers=covers)
    return replace(session, candidate=candidate), (SubscribeAll(candidate.conn),)


def _told_time(session: Session, candidate: Candidate, state: Connecting, hello: Hello) -> Step:
    """Measure the open stream by the time that the server has now; the candidate is of no more use."""
    session = replace(session, candidate=None)
    if isinstance(session.state, Open):
        session = open_stream.settled(session, lag.rebased(session.state, hello.server_time, state.started))
    return session, (CloseStream(candidate.conn),)


def _failed(session: Session, candidate: Candidate, at: float, error: LinkError | None) -> Session:
    verdict = None if error is None else judge(error)
    floor = 0.0 if verdict is None else backoff.floor(verdict.retry_after or 0.0, 0.0)
    session = replace(session, candidate=None, barred=max(session.barred, at + floor) if floor else session.barred)
    if candidate.why is Why.CLIMB:
        session = replace(session, ladder=ladders.probed(session.ladder, at))
    if verdict is not None and verdict.course in _UNWANTED_TOKEN:
        session = session.refusing(candidate.state.token, at)
    if candidate.why is Why.ORDERS:
        session = replace(session, widen_at=at + WIDEN_AGAIN)
    if candidate.why is Why.TOKEN and session.lease is not None:
        session = replace(session, lease=token_lease.in_vain(session.lease, at, floor))
    return session
