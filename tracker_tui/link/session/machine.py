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
                       (Finished, Failed and Closed are ends; added orders lead from the first two to Connecting)

Every event of a connection carries the connection's number, and events of abandoned connections are ignored. Two
functions open a connection: `transitions.open_connection` and `candidate.open_candidate`. These are their causes, each
with its limit:

* the timer of `Backoff`: after the client's backoff and the server's floor;
* `ReconnectRequested`: once a second, never before the floor;
* `WokeUp`: once per sleep, never before the floor;
* `GatewayProbed`: once per step down the ladder, never before the floor;
* `TokenFetched`: once per new token, never faster than the pace of fetches;
* `OrdersAdded`: once each time the session was `Idle`, `Finished` or `Failed`, never before the floor;
* `open_candidate`: one candidate at a time, next to an open stream. Its causes: a probe of the ladder, a fresh token,
  added orders, unserved orders (at most once in 30 s), waking, and a lag that does not grow (at most once a minute).
"""

from __future__ import annotations

from dataclasses import replace

from tracker_tui.link.session import ended, events, idle, open_stream, sign_in, timers, token_lease, transitions
from tracker_tui.link.session.candidate import (
    PROTOCOL_VERSION,
    is_duplex,
    step_candidate,
)
from tracker_tui.link.session.connection_end import connection_ended
from tracker_tui.link.session.ladder import Ladder, hello_received
from tracker_tui.link.session.list_state import ListState
from tracker_tui.link.session.parts import Downtime, TokenState
from tracker_tui.link.session.session import Session, Step
from tracker_tui.link.session.states import (
    Backoff,
    Closed,
    Connecting,
    Failed,
    FetchingToken,
    Finished,
    Idle,
    Open,
    SignedOut,
)
from tracker_tui.wire.messages import Authenticated, Heartbeat, Hello, Problem

RECONNECT_INTERVAL = 1.0
"""Minimum seconds between two reconnects that the user asks for."""

RESUBSCRIBE_DELAY = 0.5
"""Seconds for which added orders are collected before a stream is opened for them."""


def start(
    orders: tuple[str, ...], ladder: Ladder, at: float, *, has_credentials: bool = False, reads_list: bool = False
) -> Step:
    """Return the first session and its actions: open a connection at once, or fetch a token first.

    If orders come from a list (`reads_list`), a transport that names its orders in the request waits for the list.
    """
    session = Session(
        Connecting(at),
        orders,
        ladder,
        tokens=TokenState(enabled=has_credentials),
        downtime=Downtime(since=at),
        list_state=ListState() if reads_list else None,
    )
    if has_credentials:
        return replace(session, state=FetchingToken(), tokens=replace(session.tokens, fetches=1, is_fetching=True)), (
            events.FetchToken(1),
        )
    if session.needs_no_stream:
        return replace(session, state=Idle()), (events.ReadList(),)
    return session, (events.OpenStream(1, ladder.rung.name, 0),)


def step(session: Session, event: events.Event) -> Step:
    """Apply an event. If it changes nothing, return the same session and no actions."""
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
        case _ if isinstance(state, Closed):
            return session, ()
        case events.OrdersAdded():
            return _orders_added(session, event)
        case events.OrderRemoved():
            return _order_removed(session, event)
        case _ if isinstance(state, Failed | Finished):
            return ended.step_ended(session, event)
        case events.CloseRequested():
            return transitions.close_connection(session, Closed())
        case events.ReconnectRequested(at=at):
            return _reconnect_requested(session, at)
        case events.TokenFetched():
            return sign_in.token_fetched(session, event)
        case events.OrdersServable(at=at):
            return _orders_servable(session, at), ()
        case events.RequestUnauthorized():
            return sign_in.request_unauthorized(session, event)
        case events.TokenNeeded(at=at):
            return sign_in.token_needed(session, at)
        case events.CredentialsChanged(at=at) if isinstance(state, SignedOut) and session.tokens.enabled:
            return sign_in.credentials_changed(session, at)
        case events.Tick() if isinstance(state, SignedOut | FetchingToken):
            return timers.tick(session, event)
        case events.ListRead() | events.ListFailed():
            return idle.list_reading_ended(session, event)
        case _ if isinstance(state, SignedOut):
            return session, ()
        case events.AllOrdersEnded(at=at):
            return transitions.end(
                replace(session, downtime=replace(session.downtime, reason=None, code=None)), Finished(), at
            )
        case events.AllOrdersRefused(reason=reason, at=at):
            return transitions.end(replace(session, downtime=replace(session.downtime, reason=reason)), Failed(), at)
        case events.GatewayProbed():
            return transitions.gateway_probed(session, event)
        case _ if isinstance(state, FetchingToken):
            return session, ()
        case events.ConnectionEnded(at=at, error=error, draw=draw):
            return connection_ended(session, at, error, draw)
        case events.Tick():
            return timers.tick(session, event)
        case events.WokeUp(at=at):
            return timers.woke_up(session, at)
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
        reason = f"the server speaks protocol {hello.protocol}, not 1"
        return transitions.end(replace(session, downtime=replace(session.downtime, reason=reason)), Failed(), at)
    lease = open_stream.lease_of(hello, at, state.token, session.tokens.lease)
    # A duplex stream is subscribed at hello to orders that were added while it was being opened.
    version = (
        session.subscriptions.orders_version if session.ladder.rung.duplex else session.subscriptions.subscribed_version
    )
    session = replace(
        session,
        ladder=hello_received(session.ladder),
        tokens=replace(session.tokens, lease=lease),
        subscriptions=replace(session.subscriptions, subscribed_version=version),
    )
    opened = open_stream.open_state(hello, at, session.orders, state.token)
    return open_stream.with_state(session, opened), (events.SubscribeAll(session.connection_id),)


def _progress(
    session: Session,
    state: Open,
    event: events.MessageReceived | events.BytesReceived | events.OrderAdvanced | events.OrderRemoved,
) -> Step:
    if (
        isinstance(event, events.MessageReceived)
        and isinstance(event.message, Heartbeat)
        and session.tokens.lease is not None
    ):
        lease = token_lease.correct_clock(session.tokens.lease, event.message.server_time, event.at)
        session = (
            session if lease is session.tokens.lease else replace(session, tokens=replace(session.tokens, lease=lease))
        )
    now = open_stream.apply(state, event)
    session = session if now is state else open_stream.with_state(session, now)
    if session.candidate is not None and isinstance(event, events.OrderAdvanced | events.OrderRemoved):
        return step_candidate(session, session.candidate, event)
    return session, ()


def _order_removed(session: Session, event: events.OrderRemoved) -> Step:
    """Stop watching an order; without any order left, close a stream that must name one."""
    orders = tuple(order for order in session.orders if order != event.order_id)
    session, state = replace(session, orders=orders), session.state
    if session.needs_no_stream and isinstance(state, Connecting | Open | Backoff):
        return transitions.become_idle(session, event.at)
    return _progress(session, state, event) if isinstance(state, Open) else (session, ())


def _orders_added(session: Session, event: events.OrdersAdded) -> Step:
    """Subscribe added orders on duplex streams, plan another stream elsewhere, or start an ended session again."""
    session = replace(
        session,
        orders=(*session.orders, *event.order_ids),
        subscriptions=replace(session.subscriptions, orders_version=session.subscriptions.orders_version + 1),
    )
    actions: tuple[events.Action, ...] = ()
    if isinstance(session.state, Idle):
        return idle.open_first_stream(session, event.at)
    if isinstance(session.state, Finished | Failed):
        return ended.start_again(session, event.at)
    if isinstance(session.state, Open):
        if session.ladder.rung.duplex:
            session = replace(
                session,
                subscriptions=replace(session.subscriptions, subscribed_version=session.subscriptions.orders_version),
            )
            actions = (events.SubscribeSome(session.connection_id, event.order_ids),)
        else:
            session = replace(
                session, subscriptions=replace(session.subscriptions, resubscribe_at=event.at + RESUBSCRIBE_DELAY)
            )
    candidate = session.candidate
    if candidate is not None and isinstance(candidate.state, Open) and is_duplex(session, candidate):
        session = replace(
            session, candidate=replace(candidate, subscribed_version=session.subscriptions.orders_version)
        )
        actions = (*actions, events.SubscribeSome(candidate.connection_id, event.order_ids))
    return session, actions


def _orders_servable(session: Session, at: float) -> Session:
    """Plan one other stream for all orders that the active one does not serve."""
    if not isinstance(session.state, Open) or session.ladder.rung.duplex or session.subscriptions.has_unserved:
        return session
    return replace(
        session,
        subscriptions=replace(
            session.subscriptions,
            has_unserved=True,
            unserved_due_at=max(session.subscriptions.unserved_due_at, at + RESUBSCRIBE_DELAY),
        ),
    )


def _reconnect_requested(session: Session, at: float) -> Step:
    if at - session.retries.requested_at < RECONNECT_INTERVAL:
        return session, ()
    session = replace(session, retries=replace(session.retries, requested_at=at))
    match session.state:
        case Connecting() | FetchingToken():
            return session, ()
        case SignedOut() if session.tokens.enabled:
            return transitions.await_token(session)
        case Open() as state if state.retry_floor is not None:
            # The server closes this stream within seconds, and set a floor for the next one.
            return session, ()
        case Backoff(retry_floor=floor) if at < floor:
            return replace(session, state=Backoff(floor, floor)), ()
        case Idle():
            return session, (events.ReadList(),)
        case _:
            return transitions.reconnect(session, at)
