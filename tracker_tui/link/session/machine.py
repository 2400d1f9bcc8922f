"""The connection's state machine, without I/O: ``step(session, event) -> (session, actions)``.

  FetchingToken ──token──► Connecting ──hello──► Open: syncing ──all heads reached──► live ◄──any byte── quiet
        ▲   │                 ▲  │                │      ▲                             │ ──silence──►     │
        │   └──no token──┐    │  └──no hello──┐   │      └──────────── woke ───────────┤                  │
        │                ▼    │               ▼   ▼                                    ▼                  │
        │          SignedOut  └──timer, r── Backoff ◄───────── lost, closed, silent too long ◄────────────┘
        └──────── token expired, source changed

    a list names the orders, none is left, and the transport must name one ──► Idle ──first order──► Connecting

    Open ──every order ended──► Finished          anything ──final verdict──► Failed
    anything ──token refused──► SignedOut         anything ──quit──► Closed
                                                  (Finished, Failed and Closed are ends)

Every event of a connection carries the connection's number, and events of abandoned connections are ignored. Two
functions open a connection: `transitions.open_connection` and `candidate.open_candidate`. These are their causes, each
with its limit:

* the timer of `Backoff`: after our backoff and the server's floor;
* `ReconnectRequested`: once a second, never before the floor;
* `WokeUp`: once per sleep, never before the floor;
* `GatewayProbed`: once per step down the ladder, never before the floor;
* `TokenFetched`: once per new token, never faster than the pace of fetches;
* `OrdersAdded`: once each time the session was `Idle`, never before the floor;
* `open_candidate`: one candidate at a time, next to an open stream. Its causes: a probe of the ladder, a fresh token,
  added orders, unserved orders (at most once in 30 s), waking, and a lag that does not grow (at most once a minute).
"""

from __future__ import annotations

from dataclasses import replace

from tracker_tui.link.errors import LinkError, Refused, StreamClosed, TransportDown
from tracker_tui.link.session import backoff, events, fallback, idle, open_stream, sign_in, token_lease, transitions
from tracker_tui.link.session.candidate import (
    PROTOCOL_VERSION,
    Step,
    give_up,
    is_duplex,
    open_candidate,
    step_candidate,
    take_over,
)
from tracker_tui.link.session.ladder import Failure, Ladder, hello_received
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
    UnconfirmedFailure,
)
from tracker_tui.link.session.verdicts import Recovery, Verdict, verdict_of
from tracker_tui.wire.messages import Authenticated, Heartbeat, Hello, Problem

RECONNECT_INTERVAL = 1.0
"""Least seconds between two reconnects by key (DESIGN §2)."""

WAKE_PATIENCE = 1.0
"""Seconds that a sign of life after waking may take (DESIGN §2)."""

RESUBSCRIBE_DELAY = 0.5
"""Seconds for which orders that come one after the other are gathered before a stream is opened for them."""

PROVEN_TOKEN_AFTER = 1.0
"""Seconds that a live stream must have lived for another expiry of its token to be a new one."""


def start(
    orders: tuple[str, ...], ladder: Ladder, at: float, *, has_credentials: bool = False, reads_list: bool = False
) -> Step:
    """Begin: the first connection is opened at once, or, where there are tokens, as soon as there is one.

    If orders come from a list (`reads_list`), a transport that names its orders in the request waits for the list.
    """
    session = Session(
        Connecting(at), orders, ladder, has_credentials, down_at=at, list_state=ListState() if reads_list else None
    )
    if has_credentials:
        return replace(session, state=FetchingToken(), token_fetches=1, fetching_token=True), (events.FetchToken(1),)
    if session.needs_no_stream:
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
        return step_candidate(session, candidate, event)
    state = session.state
    match event:
        case _ if isinstance(state, Failed | Finished | Closed):
            return session, ()
        case events.CloseRequested():
            return transitions.close_connection(session, Closed())
        case events.ReconnectRequested(at=at):
            return _reconnect_requested(session, at)
        case events.TokenFetched():
            return sign_in.token_fetched(session, event)
        case events.OrdersAdded():
            return _orders_added(session, event)
        case events.OrdersServable(at=at):
            return _orders_servable(session, at), ()
        case events.RequestUnauthorized():
            return sign_in.request_unauthorized(session, event)
        case events.TokenNeeded(at=at):
            return sign_in.token_needed(session, at)
        case events.CredentialsChanged(at=at) if isinstance(state, SignedOut) and session.has_credentials:
            return sign_in.credentials_changed(session, at)
        case events.Tick() if isinstance(state, SignedOut | FetchingToken):
            return _tick(session, event)
        case events.ListRead() | events.ListFailed():
            return idle.list_reading_ended(session, event)
        case events.OrderRemoved():
            return _order_removed(session, event)
        case _ if isinstance(state, SignedOut):
            return session, ()
        case events.AllOrdersEnded():
            return transitions.close_connection(replace(session, reason=None, problem_code=None), Finished())
        case events.AllOrdersRefused(reason=reason):
            return transitions.close_connection(replace(session, reason=reason), Failed())
        case events.GatewayProbed():
            return fallback.gateway_probed(session, event)
        case _ if isinstance(state, FetchingToken):
            return session, ()
        case events.ConnectionEnded(at=at, error=error, draw=draw):
            return _connection_ended(session, at, error, draw)
        case events.Tick():
            return _tick(session, event)
        case events.WokeUp(at=at):
            return _woke_up(session, at)
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
        return transitions.close_connection(
            replace(session, reason=f"the server speaks protocol {hello.protocol}, not 1"), Failed()
        )
    lease = open_stream.lease_of(hello, at, state.token, session.lease)
    # A stream that can be told is told of orders that came while it was being opened.
    covers = session.orders_version if session.ladder.rung.duplex else session.subscribed_version
    session = replace(session, ladder=hello_received(session.ladder), lease=lease, subscribed_version=covers)
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
        return step_candidate(session, session.candidate, event)
    return session, ()


def _order_removed(session: Session, event: events.OrderRemoved) -> Step:
    """Watch an order no longer; where it was the last one, a stream that must name one has no further use."""
    orders = tuple(order for order in session.orders if order != event.order_id)
    session, state = replace(session, orders=orders), session.state
    if session.needs_no_stream and isinstance(state, Connecting | Open | Backoff):
        return transitions.become_idle(session, event.at)
    return _progress(session, state, event) if isinstance(state, Open) else (session, ())


def _orders_added(session: Session, event: events.OrdersAdded) -> Step:
    """Ask for more orders: on the open streams that can be told, and by another stream in place of one that can't."""
    session = replace(session, orders=(*session.orders, *event.order_ids), orders_version=session.orders_version + 1)
    actions: tuple[events.Action, ...] = ()
    if isinstance(session.state, Idle):
        return idle.open_first_stream(session, event.at)
    if isinstance(session.state, Open):
        if session.ladder.rung.duplex:
            session = replace(session, subscribed_version=session.orders_version)
            actions = (events.SubscribeSome(session.connection_id, event.order_ids),)
        else:
            session = replace(session, resubscribe_at=event.at + RESUBSCRIBE_DELAY)
    candidate = session.candidate
    if candidate is not None and isinstance(candidate.state, Open) and is_duplex(session, candidate):
        session = replace(session, candidate=replace(candidate, subscribed_version=session.orders_version))
        actions = (*actions, events.SubscribeSome(candidate.connection_id, event.order_ids))
    return session, actions


def _orders_servable(session: Session, at: float) -> Session:
    """Have another stream ask for the orders that the open one does not serve, all of them together."""
    if not isinstance(session.state, Open) or session.ladder.rung.duplex or session.unserved:
        return session
    return replace(session, unserved=True, serve_at=max(session.serve_at, at + RESUBSCRIBE_DELAY))


def _connection_ended(session: Session, at: float, error: LinkError, draw: float) -> Step:
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
        and not (isinstance(state, Open) and state.was_synced and at - state.hello_at >= PROVEN_TOKEN_AFTER),
    )
    if (candidate := session.candidate) is not None:
        if isinstance(candidate.state, Open) and verdict.recovery not in {Recovery.FINAL, Recovery.SIGNED_OUT}:
            session = replace(session, down_at=at if session.down_at is None else session.down_at)
            session, _ = take_over(session, candidate, candidate.state, at)
            return session, (events.FetchAll(),) if verdict.recovery is Recovery.FETCH_ALL else ()
        session, given_up = give_up(session, at)
        session, actions = _follow(session, verdict, at, error, draw)
        return session, (*given_up, *actions)
    suspicion = fallback.suspected_failure(state, error, at)
    return _follow(fallback.record_exception(session, error, at), verdict, at, error, draw, suspicion=suspicion)


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
            return transitions.disconnect(session, Failed()), ()
        case Recovery.RETRY_ONCE if session.retried_once:
            return transitions.disconnect(session, Failed()), ()
        case Recovery.RETRY_ONCE:
            session = replace(session, retried_once=True)
        case _:
            pass
    actions: tuple[events.Action, ...] = (events.FetchAll(),) if verdict.recovery is Recovery.FETCH_ALL else ()
    waiting = _wait(session, at, verdict, draw)
    if suspicion is None or session.ladder.is_lowest:
        return waiting, actions
    return replace(waiting, unconfirmed_failure=UnconfirmedFailure(session.connection_id, suspicion, str(error))), (
        *actions,
        events.ProbeGateway(session.connection_id),
    )


def _wait(session: Session, at: float, verdict: Verdict, draw: float) -> Session:
    state = session.state
    if open_stream.is_healthy(state, at):
        failures, own = 0, backoff.first_wait(draw)
        verdict = replace(verdict, retry_after=None) if verdict.lenient else verdict
    elif isinstance(state, Open) and state.was_synced:
        failures, own = session.failures + 1, backoff.wait_after_live(session.failures, at - state.hello_at, draw)
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
    if isinstance(state, Open) and state.is_quiet and at < state.quiet_at(heard):
        return open_stream.with_state(session, replace(state, is_quiet=False)), ()
    due = session.deadline(heard, event.candidate_heard_at)
    if due is None or at < due:
        return session, ()
    match state:
        case Connecting():
            return _abandon(session, event, TransportDown(f"no hello within {HELLO_TIMEOUT:g} s", connected=True))
        case Open():
            return _tick_open(session, state, event)
        case Idle():
            return idle.list_expired(session, at), ()
        case SignedOut() | FetchingToken():
            return transitions.fetch_token(session)
        case _:
            return transitions.reconnect(session, at)


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
        return transitions.reconnect(session, at)
    if session.candidate is not None and at >= session.candidate.deadline(event.candidate_heard_at):
        return give_up(session, at)
    if session.fetch_token_at is not None and at >= session.fetch_token_at:
        return transitions.fetch_token(session)
    if session.resubscribe_due_at is not None and at >= session.resubscribe_due_at:
        return open_candidate(session, at, Purpose.ORDERS)
    if session.clock_at is not None and at >= session.clock_at:
        return open_candidate(replace(session, clock_asked_at=at), at, Purpose.CLOCK)
    if session.probe_at is not None and at >= session.probe_at:
        return open_candidate(session, at, Purpose.CLIMB)
    return replace(session, state=replace(state, is_quiet=True)), ()


def _abandon(session: Session, event: events.Tick, error: LinkError) -> Step:
    abort = events.AbortStream(session.connection_id)
    session, actions = _connection_ended(session, event.at, error, event.draw)
    return session, (abort, *actions)


def _woke_up(session: Session, at: float) -> Step:
    match session.state:
        case Open() as state:
            session = replace(session, state=replace(state, ping_deadline=at + WAKE_PATIENCE))
            if session.ladder.rung.duplex:
                return session, (events.Ping(session.connection_id),)
            return open_candidate(session, at, Purpose.WAKE) if state.close_deadline is None else (session, ())
        case Backoff(retry_floor=floor) if at >= floor:
            return transitions.reconnect(session, at)
        case Backoff(retry_floor=floor):
            return replace(session, state=Backoff(floor, floor)), ()
        case Connecting(problem=None):
            return transitions.reconnect(session, at)
        case Idle(is_current=current):
            return idle.mark_list_stale(session, at, None) if current else session, (events.ReadList(),)
        case _:
            return session, ()


def _reconnect_requested(session: Session, at: float) -> Step:
    if at - session.reconnect_requested_at < RECONNECT_INTERVAL:
        return session, ()
    session = replace(session, reconnect_requested_at=at)
    match session.state:
        case Connecting() | FetchingToken():
            return session, ()
        case SignedOut() if session.has_credentials:
            return transitions.await_token(session)
        case Open() as state if state.retry_floor is not None:
            # The server closes this stream within seconds, and asked not to be called again for a while.
            return session, ()
        case Backoff(retry_floor=floor) if at < floor:
            return replace(session, state=Backoff(floor, floor)), ()
        case Idle():
            return session, (events.ReadList(),)
        case _:
            return transitions.reconnect(session, at)
