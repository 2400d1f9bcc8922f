"""Logging of the link with the standard library: changes at INFO or WARNING, the session's trace at DEBUG.

The trace has one line for each event of the session and one for each action, written when it happens. Tokens are logged
by their number only. Text from outside is logged only in errors, where it is sanitized.
"""

from __future__ import annotations

import logging
from typing import assert_never

from tracker_tui.link.changes import Change, LinkChanged, Noted, OrderChanged, OrderForgotten, Phase, ReplayChanged
from tracker_tui.link.session import events
from tracker_tui.link.session.session import Session
from tracker_tui.link.session.states import Idle, Open

_log = logging.getLogger("tracker_tui.link")

_TROUBLE = {Phase.QUIET, Phase.BACKOFF, Phase.SIGNED_OUT, Phase.FAILED}


def log_change(change: Change) -> None:
    """Log a change of the link at INFO, or at WARNING if there is trouble; log an order's version at DEBUG."""
    match change:
        case LinkChanged(link=link):
            level = logging.WARNING if link.phase in _TROUBLE else logging.INFO
            attempt = f", try {link.attempt}" if link.attempt else ""
            reason = f": {link.reason}" if link.reason else ""
            _log.log(level, "%s over %s%s%s", link.phase.value, link.transport, attempt, reason)
        case Noted(topic=topic, text=text, order_id=order_id):
            about = f" {order_id}" if order_id else ""
            _log.info("%s%s: %s", topic.value, about, text)
        case OrderForgotten(order_id=order_id):
            _log.debug("order %s: removed from memory", order_id)
        case ReplayChanged(event=event):
            _log.debug("replay: %s", event.value)
        case OrderChanged(order_id=order_id, view=view, standing=standing, arrived=arrived):
            if _log.isEnabledFor(logging.DEBUG):
                _log.debug("order %s: %s, %s, %d new milestones", order_id, view.version, standing.value, len(arrived))


def trace_start(session: Session) -> None:
    """Log the first state of a session."""
    if _log.isEnabledFor(logging.DEBUG):
        _log.debug("#%d %s: start", session.connection_id, _state(session))


def trace_event(event: events.Event, before: Session, after: Session) -> None:
    """Log an event with the number of its connection, and the session's state before and after it."""
    if not _log.isEnabledFor(logging.DEBUG):
        return
    number = getattr(event, "connection_id", before.connection_id)
    old, new = _state(before), _state(after)
    detail = _event_detail(event)
    _log.debug("#%d %s -> %s: %s%s", number, old, new, type(event).__name__, f" {detail}" if detail else "")


def trace_action(action: events.Action) -> None:
    """Log an action with the number of its connection, if it has one."""
    if not _log.isEnabledFor(logging.DEBUG):
        return
    number = getattr(action, "connection_id", None)
    detail = _action_detail(action)
    _log.debug(
        "%s  %s%s", "" if number is None else f"#{number}", type(action).__name__, f" {detail}" if detail else ""
    )


def _state(session: Session) -> str:
    state = session.state
    name = type(state).__name__
    candidate = f"+#{session.candidate.connection_id}" if session.candidate is not None else ""
    return f"{name}({state.phase.value}){candidate}" if isinstance(state, Open | Idle) else f"{name}{candidate}"


def _event_detail(event: events.Event) -> str:
    match event:
        case events.MessageReceived(message=message):
            return type(message).__name__
        case events.OrderAdvanced(order_id=order_id, resume=resume):
            return f"{order_id} {resume}"
        case events.OrderRemoved(order_id=order_id):
            return order_id
        case events.OrdersAdded(order_ids=order_ids):
            return f"{len(order_ids)} orders"
        case events.ConnectionEnded(error=error) | events.ListFailed(error=error):
            return f"{type(error).__name__}: {error}"
        case events.RequestUnauthorized(token=token, error=error):
            return f"token {token}: {error}"
        case events.TokenFetched(token=token, error=reason):
            return f"token {token}" if reason is None else f"token {token}: {reason}"
        case events.GatewayProbed(answered=answered):
            return "answered" if answered else "no answer"
        case events.AllOrdersRefused(reason=reason):
            return reason
        case _:
            return ""


def _action_detail(action: events.Action) -> str:
    match action:
        case events.OpenStream(transport=transport, token=token):
            return f"{transport}, token {token}" if token else transport
        case events.SubscribeSome(order_ids=order_ids):
            return f"{len(order_ids)} orders"
        case events.PresentToken(token=token):
            return f"token {token}"
        case (
            events.SubscribeAll()
            | events.CloseStream()
            | events.AbortStream()
            | events.Ping()
            | events.FetchAll()
            | events.ReadList()
            | events.ProbeGateway()
            | events.FetchToken()
        ):
            return ""
        case _:
            assert_never(action)
