"""The connection's state machine, without I/O: ``step(session, input) -> (session, actions)``.

    Connecting ──hello──► Open: syncing ──all heads reached──► live ◄──any byte── quiet
        ▲  │                │      ▲                             │ ──silence──►     │
        │  └──no hello──┐   │      └──────────── woke ───────────┤                  │
        │               ▼   ▼                                    ▼                  │
        └──timer, r── Waiting ◄───────────── lost, closed, silent too long ◄────────┘

    Open ──every order ended──► Finished          anything ──final verdict──► Failed
    anything ──token refused──► SignedOut         anything ──quit──► Closed
    SignedOut ──r──► Connecting                  (Finished, Failed and Closed are ends)

Every input from a connection bears that connection's number; what an abandoned one still says is ignored. There are
three places only that open a connection again, each guarded: the timer of `Waiting` (our backoff and the server's
floor), `Pressed` (once a second, never before the floor) and `Woke` (once a sleep, never before the floor).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from tracker_tui.domain.cursor import Cursor
from tracker_tui.link import backoff
from tracker_tui.link.errors import LinkError, Refused, StreamClosed, TransportDown
from tracker_tui.link.inputs import (
    AbortStream,
    Action,
    Advanced,
    AllEnded,
    AllRefused,
    CloseStream,
    Dropped,
    Ended,
    FetchAll,
    Heard,
    Input,
    OpenStream,
    Ping,
    Pressed,
    Quit,
    Said,
    SubscribeAll,
    Tick,
    Woke,
)
from tracker_tui.link.phases import (
    HELLO_TIMEOUT,
    Closed,
    Connecting,
    Failed,
    Finished,
    Open,
    Session,
    SignedOut,
    State,
    Waiting,
)
from tracker_tui.link.state import Phase
from tracker_tui.link.verdicts import Course, Verdict, judge
from tracker_tui.wire import Goodbye, Heartbeat, Hello, Problem, Subscribed

HEALTHY_AFTER = 10.0
"""Seconds since hello after which a stream that was in sync once resets the backoff (DESIGN §2)."""

PRESS_INTERVAL = 1.0
"""Least seconds between two reconnects by key (DESIGN §2)."""

WAKE_PATIENCE = 1.0
"""Seconds that a ping after waking may take (DESIGN §2)."""

GOODBYE_PATIENCE = 2.0
"""Seconds within which a server that announced an end must have closed: its own limit is one (PROTOCOL §4)."""

PROTOCOL_VERSION = 1

Step: TypeAlias = tuple[Session, tuple[Action, ...]]


def start(orders: tuple[str, ...], transport: str, at: float) -> Step:
    """Begin: the first connection is opened at once."""
    return Session(Connecting(at), orders, transport, down_at=at), (OpenStream(1),)


def step(session: Session, event: Input) -> Step:
    """Take one input; an input that changes nothing gives the same session and no actions."""
    if isinstance(event, Said | Heard | Ended) and event.conn != session.conn:
        return session, ()
    state = session.state
    match event:
        case _ if isinstance(state, Failed | Finished | Closed):
            return session, ()
        case Quit():
            return _leave(session, Closed())
        case Pressed(at=at):
            return _pressed(session, at)
        case Dropped(order_id=order_id) if not isinstance(state, Open):
            return replace(session, orders=_without(session.orders, order_id)), ()
        case _ if isinstance(state, SignedOut):
            return session, ()
        case AllEnded():
            return _leave(replace(session, reason=None), Finished())
        case AllRefused(reason=reason):
            return _leave(replace(session, reason=reason), Failed())
        case Ended(at=at, error=error, draw=draw):
            return _ended(session, at, error, draw)
        case Tick(at=at, heard=heard, draw=draw):
            return _tick(session, at, heard, draw)
        case Woke(at=at):
            return _woke(session, at)
        case Said(message=Hello() as hello, at=at) if isinstance(state, Connecting):
            return _hello(session, hello, at)
        case Said() | Heard() | Advanced() | Dropped() if isinstance(state, Open):
            return _progress(session, state, event)
        case Said(message=Problem(order_id=None) as problem) if isinstance(state, Connecting) and not state.problem:
            return replace(session, state=replace(state, problem=problem)), ()
        case _:
            return session, ()


def _hello(session: Session, hello: Hello, at: float) -> Step:
    if hello.protocol != PROTOCOL_VERSION:
        return _leave(replace(session, reason=f"the server speaks protocol {hello.protocol}, not 1"), Failed())
    opened = Open(at, hello.heartbeat_seconds, dict.fromkeys(session.orders))
    session, _ = _settled(session, opened)
    return session, (SubscribeAll(session.conn),)


def _progress(session: Session, state: Open, event: Said | Heard | Advanced | Dropped) -> Step:
    now, awaiting = state, state.awaiting
    match event:
        case Said(message=Subscribed(order_id=order_id, head=head), held=held) if order_id in awaiting:
            awaiting = _without_key(awaiting, order_id) if _reached(held, head) else {**awaiting, order_id: head}
        case Said(message=Problem(order_id=None) as problem, at=at):
            now = replace(_leaving(state, at, problem.retry_after_seconds), problem=state.problem or problem)
        case Said(message=Goodbye(retry_after_seconds=retry_after), at=at):
            now = _leaving(state, at, retry_after)
        case Said(message=Heartbeat(heads=heads)) if awaiting:
            # A head of an order whose answer got lost is an answer, too.
            told = {order: heads[order] for order, head in awaiting.items() if head is None and order in heads}
            awaiting = {**awaiting, **told} if told else awaiting
        case Said(message=Problem(order_id=str(order_id))) if order_id in awaiting:
            awaiting = _without_key(awaiting, order_id)
        case Advanced(order_id=order_id, held=held):
            goal = awaiting.get(order_id)
            awaiting = _without_key(awaiting, order_id) if goal and _reached(held, goal) else awaiting
        case Dropped(order_id=order_id):
            session = replace(session, orders=_without(session.orders, order_id))
            awaiting = _without_key(awaiting, order_id) if order_id in awaiting else awaiting
        case _:
            pass
    if awaiting is not now.awaiting:
        now = replace(now, awaiting=awaiting)
    if isinstance(event, Said | Heard) and (now.quiet or now.answer_by is not None):
        now = replace(now, quiet=False, answer_by=None)
    return (session, ()) if now is state else _settled(session, now)


def _leaving(state: Open, at: float, retry_after: float | None) -> Open:
    """The server announced the end of this stream: should it not come, we leave; a wait it asked for is kept."""
    leave_by = at + GOODBYE_PATIENCE if state.leave_by is None else state.leave_by
    floors = [floor for floor in (state.floor, retry_after) if floor is not None]
    return replace(state, leave_by=leave_by, floor=max(floors, default=None))


def _settled(session: Session, state: Open) -> Step:
    if state.phase is not Phase.LIVE:
        return replace(session, state=state), ()
    return replace(session, state=replace(state, synced=True), attempt=0, down_at=None, reason=None), ()


def _ended(session: Session, at: float, error: LinkError, draw: float) -> Step:
    state = session.state
    if isinstance(state, Waiting):
        return session, ()
    if isinstance(state, Connecting | Open) and state.problem is not None:
        error = Refused(state.problem)
    verdict = judge(error)
    if isinstance(state, Open) and state.floor is not None:
        verdict = replace(verdict, retry_after=max(state.floor, verdict.retry_after or 0.0))
    session = replace(session, reason=str(error), retried=session.retried and not _healthy(state, at))
    match verdict.course:
        case Course.SIGNED_OUT | Course.REFRESH:
            return _rest(session, SignedOut()), ()
        case Course.FINAL:
            return _rest(session, Failed()), ()
        case Course.RETRY_ONCE if session.retried:
            return _rest(session, Failed()), ()
        case Course.RETRY_ONCE:
            return _wait(replace(session, retried=True), at, verdict, draw)
        case Course.FETCH_ALL:
            waiting, actions = _wait(session, at, verdict, draw)
            return waiting, (*actions, FetchAll())
        case _:
            return _wait(session, at, verdict, draw)


def _wait(session: Session, at: float, verdict: Verdict, draw: float) -> Step:
    if _healthy(session.state, at):
        failures, own = 0, backoff.first_wait(draw)
    else:
        failures, own = session.failures + 1, backoff.wait(session.failures, draw)
    floor = 0.0 if verdict.retry_after is None else at + backoff.floor(verdict.retry_after, draw)
    return replace(
        session,
        state=Waiting(at + own, floor),
        failures=failures,
        attempt=session.attempt + 1,
        down_at=at if session.down_at is None else session.down_at,
    ), ()


def _tick(session: Session, at: float, heard: float, draw: float) -> Step:
    state = session.state
    if isinstance(state, Open) and state.quiet and at < state.quiet_at(heard):
        return _settled(session, replace(state, quiet=False))
    due = session.deadline(heard)
    if due is None or at < due:
        return session, ()
    match state:
        case Connecting():
            error = TransportDown(f"no hello within {HELLO_TIMEOUT:g} s", connected=True)
            return _abandon(session, at, error, draw)
        case Open():
            if at >= state.dead_at(heard):
                return _abandon(session, at, TransportDown(f"silent for {at - heard:.0f} s", connected=True), draw)
            if state.leave_by is not None and at >= state.leave_by:
                return _abandon(session, at, StreamClosed(4012), draw)
            if state.answer_by is not None and at >= state.answer_by:
                if state.floor is not None:
                    return _abandon(session, at, TransportDown("no answer after waking", connected=True), draw)
                return _reopen(session, at)
            return replace(session, state=replace(state, quiet=True)), ()
        case _:
            return _reopen(session, at)


def _abandon(session: Session, at: float, error: LinkError, draw: float) -> Step:
    abort = AbortStream(session.conn)
    session, actions = _ended(session, at, error, draw)
    return session, (abort, *actions)


def _woke(session: Session, at: float) -> Step:
    match session.state:
        case Open() as state:
            return replace(session, state=replace(state, answer_by=at + WAKE_PATIENCE)), (Ping(session.conn),)
        case Waiting(floor=floor) if at >= floor:
            return _reopen(session, at)
        case Waiting(floor=floor):
            return replace(session, state=Waiting(floor, floor)), ()
        case Connecting(problem=None):
            return _reopen(session, at)
        case _:
            return session, ()


def _pressed(session: Session, at: float) -> Step:
    if at - session.pressed_at < PRESS_INTERVAL:
        return session, ()
    session = replace(session, pressed_at=at)
    match session.state:
        case Connecting():
            return session, ()
        case Open() as state if state.floor is not None:
            # The server closes this stream within seconds, and asked not to be called again for a while.
            return session, ()
        case Waiting(floor=floor) if at < floor:
            return replace(session, state=Waiting(floor, floor)), ()
        case _:
            return _reopen(session, at)


def _reopen(session: Session, at: float) -> Step:
    """Open a new connection at once; whatever the present one is doing no longer matters."""
    if _healthy(session.state, at):
        session = replace(session, failures=0, retried=False)
    conn = session.conn + 1
    leaving: tuple[Action, ...] = (AbortStream(session.conn),) if isinstance(session.state, Connecting | Open) else ()
    down_at = at if session.down_at is None else session.down_at
    return replace(session, state=Connecting(at), conn=conn, down_at=down_at), (*leaving, OpenStream(conn))


def _leave(session: Session, state: State) -> Step:
    """Give the present connection up, politely where it had opened, and go to `state`."""
    leaving: tuple[Action, ...] = ()
    if isinstance(session.state, Open):
        leaving = (CloseStream(session.conn),)
    elif isinstance(session.state, Connecting):
        leaving = (AbortStream(session.conn),)
    return _rest(session, state), leaving


def _rest(session: Session, state: State) -> Session:
    """Have no connection any more: what the last one may still say is history."""
    return replace(session, state=state, conn=session.conn + 1)


def _healthy(state: State, at: float) -> bool:
    return isinstance(state, Open) and state.synced and at - state.hello_at >= HEALTHY_AFTER


def _reached(held: Cursor | None, head: Cursor) -> bool:
    return held is not None and held >= head


def _without(orders: tuple[str, ...], order_id: str) -> tuple[str, ...]:
    return tuple(order for order in orders if order != order_id)


def _without_key(awaiting: Mapping[str, Cursor | None], order_id: str) -> Mapping[str, Cursor | None]:
    return {order: head for order, head in awaiting.items() if order != order_id}
