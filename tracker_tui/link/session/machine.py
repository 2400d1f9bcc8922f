"""The connection's state machine, without I/O: ``step_candidate(session, input) -> (session, actions)``.

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
is opened by `moves.open_anew` and `overlap.open_candidate` alone, and these are the places that come to it, each with its guard:

* the timer of `Backoff`: our backoff and the server's floor;
* `ReconnectRequested`: once a second, never before the floor;
* `WokeUp`: once a sleep, never before the floor;
* `GatewayProbed`: once a step down the ladder, of which there are fewer than transports, never before the floor;
* `TokenFetched`: once a token that was not presented before, never faster than `Session.pace`;
* `OrdersAdded`: once each time that the session was `Idle`, never before the floor;
* `overlap.open_candidate`: one at a time beside an open stream, by the ladder's probes, a fresh token, more orders, orders that
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
    Backoff,
    Closed,
    Connecting,
    Failed,
    FetchingToken,
    Finished,
    Idle,
    Open,
    Purpose,
    Session,
    SignedOut,
    Suspect,
)
from tracker_tui.link.session.verdicts import Recovery, Verdict, verdict_of
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
        return replace(session, state=FetchingToken(), token_fetches=1, fetching_token=True), (events.FetchToken(1),)
    if session.streamless:
        return replace(session, state=Idle()), (events.ReadList(),)
    return session, (events.OpenStream(1, ladder.rung.name, 0),)


def step(session: Session, event: events.Event) -> Step:
    """Take one input; an input that changes nothing gives the same session and no actions."""
    if (
        isinstance(event, events.MessageReceived | events.BytesReceived | events.ConnectionEnded)
        and event.connection_id != session.connection_id
    ):
        candidate = session.candidate
        if candidate is None or event.connection_id != candidate.connection_id:
            return session, ()
        return overlap.step_candidate(session, candidate, event)
    state = session.state
    match event:
        case _ if isinstance(state, Failed | Finished | Closed):
            return session, ()
        case events.CloseRequested():
            return transitions.leave(session, Closed())
        case events.ReconnectRequested(at=at):
            return _pressed(session, at)
        case events.TokenFetched():
            return sign_in.token_fetched(session, event)
        case events.OrdersAdded():
            return _wanted(session, event)
        case events.OrdersServable(at=at):
            return _servable(session, at), ()
        case events.RequestUnauthorized():
            return sign_in.declined(session, event)
        case events.TokenNeeded(at=at):
            return sign_in.needed(session, at)
        case events.CredentialsChanged(at=at) if isinstance(state, SignedOut) and session.has_credentials:
            return sign_in.renewable(session, at)
        case events.Tick() if isinstance(state, SignedOut | FetchingToken):
            return _tick(session, event)
        case events.ListRead() | events.ListFailed():
            return idle.read(session, event)
        case events.OrderRemoved():
            return _dropped(session, event)
        case _ if isinstance(state, SignedOut):
            return session, ()
        case events.AllOrdersEnded():
            return transitions.leave(replace(session, reason=None, problem_code=None), Finished())
        case events.AllOrdersRefused(reason=reason):
            return transitions.leave(replace(session, reason=reason), Failed())
        case events.GatewayProbed():
            return fallback.verified(session, event)
        case _ if isinstance(state, FetchingToken):
            return session, ()
        case events.ConnectionEnded(at=at, error=error, draw=draw):
            return _ended(session, at, error, draw)
        case events.Tick():
            return _tick(session, event)
        case events.WokeUp(at=at):
            return _woke(session, at)
        case events.MessageReceived(message=Hello() as hello, at=at) if isinstance(state, Connecting):
            return _hello(session, state, hello, at)
        case events.MessageReceived(message=Authenticated() as answer, at=at) if isinstance(state, Open):
            session = sign_in.token_answered(session, state, answer, at)
            return step(session, events.BytesReceived(session.connection_id, at))
        case events.MessageReceived() | events.BytesReceived() | events.OrderAdvanced() if isinstance(state, Open):
            return _progress(session, state, event)
        case events.MessageReceived(message=Problem(order_id=None) as problem) if (
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
    lease = open_stream.lease_of(hello, at, state.token, session.lease)
    # A stream that can be told is told of orders that came while it was being opened.
    covers = session.orders_version if session.ladder.rung.duplex else session.subscribed_version
    session = replace(session, ladder=ladders.hello_received(session.ladder), lease=lease, subscribed_version=covers)
    opened = open_stream.open_state(hello, at, session.orders, state.token)
    return open_stream.with_state(session, opened), (events.SubscribeAll(session.connection_id),)


def _progress(
    session: Session,
    state: Open,
    event: events.MessageReceived | events.BytesReceived | events.OrderAdvanced | events.OrderRemoved,
) -> Step:
    if isinstance(event, events.MessageReceived) and isinstance(event.message, Heartbeat) and session.lease is not None:
        lease = token_lease.correct_clock(session.lease, event.message.server_time, event.at)
        session = session if lease is session.lease else replace(session, lease=lease)
    now = open_stream.apply(state, event)
    session = session if now is state else open_stream.with_state(session, now)
    if session.candidate is not None and isinstance(event, events.OrderAdvanced | events.OrderRemoved):
        return overlap.step_candidate(session, session.candidate, event)
    return session, ()


def _dropped(session: Session, event: events.OrderRemoved) -> Step:
    """Watch an order no longer; where it was the last one, a stream that must name one has no further use."""
    orders = tuple(order for order in session.orders if order != event.order_id)
    session, state = replace(session, orders=orders), session.state
    if session.streamless and isinstance(state, Connecting | Open | Backoff):
        return transitions.idle(session, event.at)
    return _progress(session, state, event) if isinstance(state, Open) else (session, ())


def _wanted(session: Session, event: events.OrdersAdded) -> Step:
    """Ask for more orders: on the open streams that can be told, and by another stream in place of one that can't."""
    session = replace(session, orders=(*session.orders, *event.order_ids), orders_version=session.orders_version + 1)
    actions: tuple[events.Action, ...] = ()
    if isinstance(session.state, Idle):
        return idle.wanted(session, event.at)
    if isinstance(session.state, Open):
        if session.ladder.rung.duplex:
            session = replace(session, subscribed_version=session.orders_version)
            actions = (events.SubscribeSome(session.connection_id, event.order_ids),)
        else:
            session = replace(session, resubscribe_at=event.at + WIDEN_AFTER)
    candidate = session.candidate
    if candidate is not None and isinstance(candidate.state, Open) and overlap.is_duplex(session, candidate):
        session = replace(session, candidate=replace(candidate, subscribed_version=session.orders_version))
        actions = (*actions, events.SubscribeSome(candidate.connection_id, event.order_ids))
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
    verdict = verdict_of(error)
    if isinstance(state, Open) and state.retry_floor is not None:
        verdict = replace(verdict, retry_after=max(state.retry_floor, verdict.retry_after or 0.0), lenient=False)
    session = replace(
        session,
        reason=str(error),
        problem_code=error.problem.code if isinstance(error, Refused) else None,
        retried_once=session.retried_once and not open_stream.is_healthy(state, at),
        token_renewed=session.token_renewed
        and not (isinstance(state, Open) and state.synced and at - state.hello_at >= NEW_LIFE),
    )
    if (candidate := session.candidate) is not None:
        if isinstance(candidate.state, Open) and verdict.recovery not in {Recovery.FINAL, Recovery.SIGNED_OUT}:
            session = replace(session, down_at=at if session.down_at is None else session.down_at)
            session, _ = overlap.take_over(session, candidate, candidate.state, at)
            return session, (events.FetchAll(),) if verdict.recovery is Recovery.FETCH_ALL else ()
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
    match verdict.recovery:
        case Recovery.SIGNED_OUT | Recovery.REFRESH | Recovery.REFRESH_OR_FAIL:
            return sign_in.token_refused(session, at, verdict.recovery, _floor(verdict, at, draw))
        case Recovery.FINAL:
            return transitions.rest(session, Failed()), ()
        case Recovery.RETRY_ONCE if session.retried_once:
            return transitions.rest(session, Failed()), ()
        case Recovery.RETRY_ONCE:
            session = replace(session, retried_once=True)
        case _:
            pass
    actions: tuple[events.Action, ...] = (events.FetchAll(),) if verdict.recovery is Recovery.FETCH_ALL else ()
    waiting = _wait(session, at, verdict, draw)
    if suspicion is None or session.ladder.lowest:
        return waiting, actions
    return replace(waiting, suspect=Suspect(session.connection_id, suspicion, str(error))), (
        *actions,
        events.ProbeGateway(session.connection_id),
    )


def _wait(session: Session, at: float, verdict: Verdict, draw: float) -> Session:
    if open_stream.is_healthy(session.state, at):
        failures, own = 0, backoff.first_wait(draw)
        verdict = replace(verdict, retry_after=None) if verdict.lenient else verdict
    else:
        failures, own = session.failures + 1, backoff.wait(session.failures, draw)
    # While nothing answers a fresh token grows old: renewing it once more is no loop, as every turn waits.
    return replace(
        session,
        token_renewed=False,
        state=Backoff(at + own, _floor(verdict, at, draw)),
        failures=failures,
        attempt=session.attempt + 1,
        down_at=at if session.down_at is None else session.down_at,
    )


def _floor(verdict: Verdict, at: float, draw: float) -> float:
    return 0.0 if verdict.retry_after is None else at + backoff.floor(verdict.retry_after, draw)


# --- time -------------------------------------------------------------------------------------------------------------


def _tick(session: Session, event: events.Tick) -> Step:
    at, heard, state = event.at, event.heard_at, session.state
    if isinstance(state, Open) and state.quiet and at < state.quiet_at(heard):
        return open_stream.with_state(session, replace(state, quiet=False)), ()
    due = session.deadline(heard, event.candidate_heard_at)
    if due is None or at < due:
        return session, ()
    match state:
        case Connecting():
            return _abandon(session, event, TransportDown(f"no hello within {HELLO_TIMEOUT:g} s", connected=True))
        case Open():
            return _tick_open(session, state, event)
        case Idle():
            return idle.outdated(session, at), ()
        case SignedOut() | FetchingToken():
            return transitions.look_for_token(session)
        case _:
            return transitions.reopen(session, at)


def _tick_open(session: Session, state: Open, event: events.Tick) -> Step:
    """What is due on an open stream, the first of it."""
    at, heard = event.at, event.heard_at
    if at >= state.dead_at(heard):
        return _abandon(session, event, TransportDown(f"silent for {at - heard:.0f} s", connected=True))
    if state.is_outdated:
        return _abandon(session, event, TransportDown(f"what arrives is {state.lag:.0f} s old", connected=True))
    if state.close_deadline is not None and at >= state.close_deadline:
        return _abandon(session, event, StreamClosed(4012))
    if state.ping_deadline is not None and at >= state.ping_deadline:
        if state.retry_floor is not None:
            return _abandon(session, event, TransportDown("no answer after waking", connected=True))
        return transitions.reopen(session, at)
    if session.candidate is not None and at >= session.candidate.deadline(event.candidate_heard_at):
        return overlap.give_up(session, at)
    if session.fetch_token_at is not None and at >= session.fetch_token_at:
        return transitions.look_for_token(session)
    if session.resubscribe_due_at is not None and at >= session.resubscribe_due_at:
        return overlap.open_candidate(session, at, Purpose.ORDERS)
    if session.clock_at is not None and at >= session.clock_at:
        return overlap.open_candidate(replace(session, clock_asked_at=at), at, Purpose.CLOCK)
    if session.probe_at is not None and at >= session.probe_at:
        return overlap.open_candidate(session, at, Purpose.CLIMB)
    return replace(session, state=replace(state, quiet=True)), ()


def _abandon(session: Session, event: events.Tick, error: LinkError) -> Step:
    abort = events.AbortStream(session.connection_id)
    session, actions = _ended(session, event.at, error, event.draw)
    return session, (abort, *actions)


def _woke(session: Session, at: float) -> Step:
    match session.state:
        case Open() as state:
            session = replace(session, state=replace(state, ping_deadline=at + WAKE_PATIENCE))
            if session.ladder.rung.duplex:
                return session, (events.Ping(session.connection_id),)
            return overlap.open_candidate(session, at, Purpose.WAKE) if state.close_deadline is None else (session, ())
        case Backoff(retry_floor=floor) if at >= floor:
            return transitions.reopen(session, at)
        case Backoff(retry_floor=floor):
            return replace(session, state=Backoff(floor, floor)), ()
        case Connecting(problem=None):
            return transitions.reopen(session, at)
        case Idle(current=current):
            return idle.doubt(session, at, None) if current else session, (events.ReadList(),)
        case _:
            return session, ()


def _pressed(session: Session, at: float) -> Step:
    if at - session.reconnect_requested_at < PRESS_INTERVAL:
        return session, ()
    session = replace(session, reconnect_requested_at=at)
    match session.state:
        case Connecting() | FetchingToken():
            return session, ()
        case SignedOut() if session.has_credentials:
            return transitions.authorize(session)
        case Open() as state if state.retry_floor is not None:
            # The server closes this stream within seconds, and asked not to be called again for a while.
            return session, ()
        case Backoff(retry_floor=floor) if at < floor:
            return replace(session, state=Backoff(floor, floor)), ()
        case Idle():
            return session, (events.ReadList(),)
        case _:
            return transitions.reopen(session, at)
