"""The connection's state machine, without I/O: ``step(session, input) -> (session, actions)``.

    Authorizing ──token──► Connecting ──hello──► Open: syncing ──all heads reached──► live ◄──any byte── quiet
        ▲   │                 ▲  │                │      ▲                             │ ──silence──►     │
        │   └──no token──┐    │  └──no hello──┐   │      └──────────── woke ───────────┤                  │
        │                ▼    │               ▼   ▼                                    ▼                  │
        │          SignedOut  └──timer, r── Waiting ◄───────── lost, closed, silent too long ◄────────────┘
        └──────── token expired, source changed

    a list names the orders, none is left, and the transport must name one ──► Idle ──first order──► Connecting

    Open ──every order ended──► Finished          anything ──final verdict──► Failed
    anything ──token refused──► SignedOut         anything ──quit──► Closed
                                                  (Finished, Failed and Closed are ends)

Every input from a connection bears that connection's number; what an abandoned one still says is ignored. A connection
is opened by `moves.open_anew` and `overlap.begin` alone, and these are the places that come to it, each with its guard:

* the timer of `Waiting`: our backoff and the server's floor;
* `Pressed`: once a second, never before the floor;
* `Woke`: once a sleep, never before the floor;
* `Verified`: once a step down the ladder, of which there are fewer than transports, never before the floor;
* `Fetched`: once a token that was not presented before, never faster than `Session.pace`;
* `Wanted`: once each time that the session was `Idle`, never before the floor;
* `overlap.begin`: one at a time beside an open stream, by the ladder's probes, a fresh token, more orders, orders that
  the open stream does not serve (at most once in 30 s), waking, or a lag that does not grow (at most once a minute).
"""

from __future__ import annotations

from dataclasses import replace

from tracker_tui.link.errors import LinkError, Refused, StreamClosed, TransportDown
from tracker_tui.link.session import backoff, events, fallback, idle, open_stream, sign_in, token_lease, transitions
from tracker_tui.link.session import candidate as overlap
from tracker_tui.link.session import ladder as ladders
from tracker_tui.link.session.candidate import PROTOCOL_VERSION, Step
from tracker_tui.link.session.ladder import Failure, Ladder
from tracker_tui.link.session.list_state import ListState
from tracker_tui.link.session.states import (
    HELLO_TIMEOUT,
    Authorizing,
    Closed,
    Connecting,
    Failed,
    Finished,
    Idle,
    Open,
    Session,
    SignedOut,
    Suspect,
    Waiting,
    Why,
)
from tracker_tui.link.session.verdicts import Course, Verdict, judge
from tracker_tui.wire.messages import Authenticated, Heartbeat, Hello, Problem

PRESS_INTERVAL = 1.0
"""Least seconds between two reconnects by key (DESIGN §2)."""

WAKE_PATIENCE = 1.0
"""Seconds that a sign of life after waking may take (DESIGN §2)."""

WIDEN_AFTER = 0.5
"""Seconds for which orders that come one after the other are gathered before a stream is opened for them."""

NEW_LIFE = 1.0
"""Seconds that a live stream must have lived for another expiry of its token to be a new one."""


def start(orders: tuple[str, ...], ladder: Ladder, at: float, *, keyed: bool = False, listed: bool = False) -> Step:
    """Begin: the first connection is opened at once, or, where there are tokens, as soon as there is one.

    Where more orders come from a list (`listed`), a transport that needs one to open a stream waits for the list.
    """
    session = Session(Connecting(at), orders, ladder, keyed, down_at=at, listing=ListState() if listed else None)
    if keyed:
        return replace(session, state=Authorizing(), fetches=1, fetching=True), (events.FetchToken(1),)
    if session.streamless:
        return replace(session, state=Idle()), (events.ReadList(),)
    return session, (events.OpenStream(1, ladder.rung.name, 0),)


def step(session: Session, event: events.Input) -> Step:
    """Take one input; an input that changes nothing gives the same session and no actions."""
    if isinstance(event, events.Said | events.Heard | events.Ended) and event.conn != session.conn:
        candidate = session.candidate
        if candidate is None or event.conn != candidate.conn:
            return session, ()
        return overlap.step(session, candidate, event)
    state = session.state
    match event:
        case _ if isinstance(state, Failed | Finished | Closed):
            return session, ()
        case events.Quit():
            return transitions.leave(session, Closed())
        case events.Pressed(at=at):
            return _pressed(session, at)
        case events.Fetched():
            return sign_in.fetched(session, event)
        case events.Wanted():
            return _wanted(session, event)
        case events.Servable(at=at):
            return _servable(session, at), ()
        case events.Declined():
            return sign_in.declined(session, event)
        case events.Needed(at=at):
            return sign_in.needed(session, at)
        case events.Renewable(at=at) if isinstance(state, SignedOut) and session.keyed:
            return sign_in.renewable(session, at)
        case events.Tick() if isinstance(state, SignedOut | Authorizing):
            return _tick(session, event)
        case events.Listed() | events.ListFailed():
            return idle.read(session, event)
        case events.Dropped():
            return _dropped(session, event)
        case _ if isinstance(state, SignedOut):
            return session, ()
        case events.AllEnded():
            return transitions.leave(replace(session, reason=None, code=None), Finished())
        case events.AllRefused(reason=reason):
            return transitions.leave(replace(session, reason=reason), Failed())
        case events.Verified():
            return fallback.verified(session, event)
        case _ if isinstance(state, Authorizing):
            return session, ()
        case events.Ended(at=at, error=error, draw=draw):
            return _ended(session, at, error, draw)
        case events.Tick():
            return _tick(session, event)
        case events.Woke(at=at):
            return _woke(session, at)
        case events.Said(message=Hello() as hello, at=at) if isinstance(state, Connecting):
            return _hello(session, state, hello, at)
        case events.Said(message=Authenticated() as answer, at=at) if isinstance(state, Open):
            session = sign_in.answered(session, state, answer, at)
            return step(session, events.Heard(session.conn, at))
        case events.Said() | events.Heard() | events.Advanced() if isinstance(state, Open):
            return _progress(session, state, event)
        case events.Said(message=Problem(order_id=None) as problem) if (
            isinstance(state, Connecting) and not state.problem
        ):
            return replace(session, state=replace(state, problem=problem)), ()
        case _:
            return session, ()


# --- a stream's life --------------------------------------------------------------------------------------------------


def _hello(session: Session, state: Connecting, hello: Hello, at: float) -> Step:
    if hello.protocol != PROTOCOL_VERSION:
        return transitions.leave(
            replace(session, reason=f"the server speaks protocol {hello.protocol}, not 1"), Failed()
        )
    lease = open_stream.leased(hello, at, state.token, session.lease)
    # A stream that can be told is told of orders that came while it was being opened.
    covers = session.grown if session.ladder.rung.duplex else session.covers
    session = replace(session, ladder=ladders.greeted(session.ladder), lease=lease, covers=covers)
    opened = open_stream.opened(hello, at, session.orders, state.token)
    return open_stream.settled(session, opened), (events.SubscribeAll(session.conn),)


def _progress(
    session: Session, state: Open, event: events.Said | events.Heard | events.Advanced | events.Dropped
) -> Step:
    if isinstance(event, events.Said) and isinstance(event.message, Heartbeat) and session.lease is not None:
        lease = token_lease.corrected(session.lease, event.message.server_time, event.at)
        session = session if lease is session.lease else replace(session, lease=lease)
    now = open_stream.take(state, event)
    session = session if now is state else open_stream.settled(session, now)
    if session.candidate is not None and isinstance(event, events.Advanced | events.Dropped):
        return overlap.step(session, session.candidate, event)
    return session, ()


def _dropped(session: Session, event: events.Dropped) -> Step:
    """Watch an order no longer; where it was the last one, a stream that must name one has no further use."""
    orders = tuple(order for order in session.orders if order != event.order_id)
    session, state = replace(session, orders=orders), session.state
    if session.streamless and isinstance(state, Connecting | Open | Waiting):
        return transitions.idle(session, event.at)
    return _progress(session, state, event) if isinstance(state, Open) else (session, ())


def _wanted(session: Session, event: events.Wanted) -> Step:
    """Ask for more orders: on the open streams that can be told, and by another stream in place of one that can't."""
    session = replace(session, orders=(*session.orders, *event.order_ids), grown=session.grown + 1)
    actions: tuple[events.Action, ...] = ()
    if isinstance(session.state, Idle):
        return idle.wanted(session, event.at)
    if isinstance(session.state, Open):
        if session.ladder.rung.duplex:
            session = replace(session, covers=session.grown)
            actions = (events.SubscribeSome(session.conn, event.order_ids),)
        else:
            session = replace(session, widen_at=event.at + WIDEN_AFTER)
    candidate = session.candidate
    if candidate is not None and isinstance(candidate.state, Open) and overlap.duplex(session, candidate):
        session = replace(session, candidate=replace(candidate, covers=session.grown))
        actions = (*actions, events.SubscribeSome(candidate.conn, event.order_ids))
    return session, actions


def _servable(session: Session, at: float) -> Session:
    """Have another stream ask for the orders that the open one does not serve, all of them together."""
    if not isinstance(session.state, Open) or session.ladder.rung.duplex or session.unserved:
        return session
    return replace(session, unserved=True, serve_at=max(session.serve_at, at + WIDEN_AFTER))


def _ended(session: Session, at: float, error: LinkError, draw: float) -> Step:
    state = session.state
    if not isinstance(state, Connecting | Open):
        return session, ()
    if state.problem is not None:
        error = Refused(state.problem)
    verdict = judge(error)
    if isinstance(state, Open) and state.floor is not None:
        verdict = replace(verdict, retry_after=max(state.floor, verdict.retry_after or 0.0), lenient=False)
    session = replace(
        session,
        reason=str(error),
        code=error.problem.code if isinstance(error, Refused) else None,
        retried=session.retried and not open_stream.healthy(state, at),
        renewed=session.renewed and not (isinstance(state, Open) and state.synced and at - state.hello_at >= NEW_LIFE),
    )
    if (candidate := session.candidate) is not None:
        if isinstance(candidate.state, Open) and verdict.course not in {Course.FINAL, Course.SIGNED_OUT}:
            session = replace(session, down_at=at if session.down_at is None else session.down_at)
            session, _ = overlap.take_over(session, candidate, candidate.state, at)
            return session, (events.FetchAll(),) if verdict.course is Course.FETCH_ALL else ()
        session, given_up = overlap.give_up(session, at)
        session, actions = _follow(session, verdict, at, error, draw)
        return session, (*given_up, *actions)
    suspicion = fallback.suspicion(state, error, at)
    return _follow(fallback.raised(session, error, at), verdict, at, error, draw, suspicion=suspicion)


def _follow(
    session: Session,
    verdict: Verdict,
    at: float,
    error: LinkError,
    draw: float,
    *,
    suspicion: Failure | None = None,
) -> Step:
    """Do what the verdict on the end of the present connection says."""
    match verdict.course:
        case Course.SIGNED_OUT | Course.REFRESH | Course.REFRESH_OR_FAIL:
            return sign_in.unauthorized(session, at, verdict.course, _floor(verdict, at, draw))
        case Course.FINAL:
            return transitions.rest(session, Failed()), ()
        case Course.RETRY_ONCE if session.retried:
            return transitions.rest(session, Failed()), ()
        case Course.RETRY_ONCE:
            session = replace(session, retried=True)
        case _:
            pass
    actions: tuple[events.Action, ...] = (events.FetchAll(),) if verdict.course is Course.FETCH_ALL else ()
    waiting = _wait(session, at, verdict, draw)
    if suspicion is None or session.ladder.lowest:
        return waiting, actions
    return replace(waiting, suspect=Suspect(session.conn, suspicion, str(error))), (
        *actions,
        events.Verify(session.conn),
    )


def _wait(session: Session, at: float, verdict: Verdict, draw: float) -> Session:
    if open_stream.healthy(session.state, at):
        failures, own = 0, backoff.first_wait(draw)
        verdict = replace(verdict, retry_after=None) if verdict.lenient else verdict
    else:
        failures, own = session.failures + 1, backoff.wait(session.failures, draw)
    # While nothing answers a fresh token grows old: renewing it once more is no loop, as every turn waits.
    return replace(
        session,
        renewed=False,
        state=Waiting(at + own, _floor(verdict, at, draw)),
        failures=failures,
        attempt=session.attempt + 1,
        down_at=at if session.down_at is None else session.down_at,
    )


def _floor(verdict: Verdict, at: float, draw: float) -> float:
    return 0.0 if verdict.retry_after is None else at + backoff.floor(verdict.retry_after, draw)


# --- time -------------------------------------------------------------------------------------------------------------


def _tick(session: Session, event: events.Tick) -> Step:
    at, heard, state = event.at, event.heard, session.state
    if isinstance(state, Open) and state.quiet and at < state.quiet_at(heard):
        return open_stream.settled(session, replace(state, quiet=False)), ()
    due = session.deadline(heard, event.second)
    if due is None or at < due:
        return session, ()
    match state:
        case Connecting():
            return _abandon(session, event, TransportDown(f"no hello within {HELLO_TIMEOUT:g} s", connected=True))
        case Open():
            return _tick_open(session, state, event)
        case Idle():
            return idle.outdated(session, at), ()
        case SignedOut() | Authorizing():
            return transitions.look_for_token(session)
        case _:
            return transitions.reopen(session, at)


def _tick_open(session: Session, state: Open, event: events.Tick) -> Step:
    """What is due on an open stream, the first of it."""
    at, heard = event.at, event.heard
    if at >= state.dead_at(heard):
        return _abandon(session, event, TransportDown(f"silent for {at - heard:.0f} s", connected=True))
    if state.outdated:
        return _abandon(session, event, TransportDown(f"what arrives is {state.lag:.0f} s old", connected=True))
    if state.leave_by is not None and at >= state.leave_by:
        return _abandon(session, event, StreamClosed(4012))
    if state.answer_by is not None and at >= state.answer_by:
        if state.floor is not None:
            return _abandon(session, event, TransportDown("no answer after waking", connected=True))
        return transitions.reopen(session, at)
    if session.candidate is not None and at >= session.candidate.deadline(event.second):
        return overlap.give_up(session, at)
    if session.look_at is not None and at >= session.look_at:
        return transitions.look_for_token(session)
    if session.widening_at is not None and at >= session.widening_at:
        return overlap.begin(session, at, Why.ORDERS)
    if session.clock_at is not None and at >= session.clock_at:
        return overlap.begin(replace(session, clock_asked_at=at), at, Why.CLOCK)
    if session.probe_at is not None and at >= session.probe_at:
        return overlap.begin(session, at, Why.CLIMB)
    return replace(session, state=replace(state, quiet=True)), ()


def _abandon(session: Session, event: events.Tick, error: LinkError) -> Step:
    abort = events.AbortStream(session.conn)
    session, actions = _ended(session, event.at, error, event.draw)
    return session, (abort, *actions)


def _woke(session: Session, at: float) -> Step:
    match session.state:
        case Open() as state:
            session = replace(session, state=replace(state, answer_by=at + WAKE_PATIENCE))
            if session.ladder.rung.duplex:
                return session, (events.Ping(session.conn),)
            return overlap.begin(session, at, Why.WAKE) if state.leave_by is None else (session, ())
        case Waiting(floor=floor) if at >= floor:
            return transitions.reopen(session, at)
        case Waiting(floor=floor):
            return replace(session, state=Waiting(floor, floor)), ()
        case Connecting(problem=None):
            return transitions.reopen(session, at)
        case Idle(current=current):
            return idle.doubt(session, at, None) if current else session, (events.ReadList(),)
        case _:
            return session, ()


def _pressed(session: Session, at: float) -> Step:
    if at - session.pressed_at < PRESS_INTERVAL:
        return session, ()
    session = replace(session, pressed_at=at)
    match session.state:
        case Connecting() | Authorizing():
            return session, ()
        case SignedOut() if session.keyed:
            return transitions.authorize(session)
        case Open() as state if state.floor is not None:
            # The server closes this stream within seconds, and asked not to be called again for a while.
            return session, ()
        case Waiting(floor=floor) if at < floor:
            return replace(session, state=Waiting(floor, floor)), ()
        case Idle():
            return session, (events.ReadList(),)
        case _:
            return transitions.reopen(session, at)
