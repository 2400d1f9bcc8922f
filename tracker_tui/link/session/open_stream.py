"""An open stream: the effect of each message, and of each advance of a view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tracker_tui.domain.cursor import Cursor
from tracker_tui.link.changes import Phase
from tracker_tui.link.session import lag
from tracker_tui.link.session.events import BytesReceived, MessageReceived, OrderAdvanced, OrderRemoved
from tracker_tui.link.session.parts import Downtime
from tracker_tui.link.session.session import Session
from tracker_tui.link.session.states import Open
from tracker_tui.link.session.token_lease import Lease, grant
from tracker_tui.wire.messages import Goodbye, Heartbeat, Hello, Problem, Subscribed

GOODBYE_TIMEOUT = 2.0
"""Seconds after a goodbye in which the server must close; its own limit is one second (PROTOCOL §4)."""

HEALTHY_AFTER = 10.0
"""Seconds since hello after which a stream that was in sync once resets the backoff."""


def open_state(hello: Hello, at: float, orders: tuple[str, ...], token: int) -> Open:
    """Return the state of a stream on which hello has arrived: no order is answered yet."""
    return lag.apply_server_time(
        Open(at, hello.heartbeat_seconds, dict.fromkeys(orders), token=token), hello.server_time, at
    )


def lease_of(hello: Hello, at: float, token: int, before: Lease | None) -> Lease | None:
    """Return the lifetime of the presented token by a hello; None without a token or an expiry."""
    if hello.token_expires_at is None or not token:
        return None
    return grant(token, hello.token_expires_at, hello.server_time, at, before)


def apply(state: Open, event: MessageReceived | BytesReceived | OrderAdvanced | OrderRemoved) -> Open:
    """Apply a message of the stream, or the advance of an order's view; return the same object if nothing changes."""
    now, awaiting = state, state.awaited_heads
    if isinstance(event, MessageReceived) and isinstance(event.message, Heartbeat):
        now = lag.apply_server_time(state, event.message.server_time, event.at)
    match event:
        case MessageReceived(message=Subscribed(order_id=order_id, head=head), resume=resume) if order_id in awaiting:
            awaiting = _without(awaiting, order_id) if _reached(resume, head) else {**awaiting, order_id: head}
        case MessageReceived(message=Problem(order_id=None) as problem, at=at):
            now = replace(_closing(state, at, problem.retry_after_seconds), problem=state.problem or problem)
        case MessageReceived(message=Goodbye(retry_after_seconds=retry_after), at=at):
            now = _closing(state, at, retry_after)
        case MessageReceived(message=Heartbeat(heads=heads)) if awaiting:
            # A head replaces a lost `subscribed` message.
            answered = {order: heads[order] for order, head in awaiting.items() if head is None and order in heads}
            awaiting = {**awaiting, **answered} if answered else awaiting
        case MessageReceived(message=Problem(order_id=str(order_id))) if order_id in awaiting:
            awaiting = _without(awaiting, order_id)
        case OrderAdvanced(order_id=order_id, resume=resume):
            goal = awaiting.get(order_id)
            awaiting = _without(awaiting, order_id) if goal and _reached(resume, goal) else awaiting
        case OrderRemoved(order_id=order_id) if order_id in awaiting:
            awaiting = _without(awaiting, order_id)
        case _:
            pass
    if awaiting is not now.awaited_heads:
        now = replace(now, awaited_heads=awaiting)
    if isinstance(event, MessageReceived | BytesReceived) and (now.is_quiet or now.ping_deadline is not None):
        now = replace(now, is_quiet=False, ping_deadline=None)
    return now


def with_state(session: Session, state: Open) -> Session:
    """Return the session with this state of its stream; once live, the downtime is over."""
    if state.phase is not Phase.LIVE:
        return replace(session, state=state)
    state = replace(state, was_synced=True)
    return replace(
        session,
        state=state,
        was_live=True,
        downtime=Downtime(),
    )


def is_healthy(state: object, at: float) -> bool:
    """Return whether a stream has lived long enough, and in sync, to reset the backoff."""
    return isinstance(state, Open) and state.was_synced and at - state.hello_at >= HEALTHY_AFTER


def _closing(state: Open, at: float, retry_after: float | None) -> Open:
    """Return a stream whose end the server announced: with a deadline for it, and the longest wait it asked for."""
    close_deadline = at + GOODBYE_TIMEOUT if state.close_deadline is None else state.close_deadline
    floors = [floor for floor in (state.retry_floor, retry_after) if floor is not None]
    return replace(state, close_deadline=close_deadline, retry_floor=max(floors, default=None))


def _reached(resume: Cursor | None, head: Cursor) -> bool:
    return resume is not None and resume >= head


def _without(awaiting: Mapping[str, Cursor | None], order_id: str) -> Mapping[str, Cursor | None]:
    return {order: head for order, head in awaiting.items() if order != order_id}
