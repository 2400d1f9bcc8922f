"""A session that has ended: every order has ended or was refused, or the gateway refused the connection.

It has no connection and no deadline. Only added orders start it again: with a new connection, as if for the first time.
What outlives connections stays: the transports, the tokens and the server's floor for the next attempt.
"""

from __future__ import annotations

from dataclasses import replace

from tracker_tui.link.session import idle, sign_in
from tracker_tui.link.session.events import AllOrdersEnded, Event, TokenFetched
from tracker_tui.link.session.parts import Downtime
from tracker_tui.link.session.session import Session, Step
from tracker_tui.link.session.states import Failed, Finished


def step_ended(session: Session, event: Event) -> Step:
    """Apply an event that adds no orders."""
    match event:
        case TokenFetched():
            # The fetch began before the end; its result is for the next connection.
            return sign_in.token_fetched(session, event)
        case AllOrdersEnded() if isinstance(session.state, Failed) and not session.orders:
            # The user has removed the orders that the gateway refused.
            return replace(session, state=Finished(), downtime=Downtime()), ()
        case _:
            return session, ()


def start_again(session: Session, at: float) -> Step:
    """Open the first connection for the added orders, or fetch a token first."""
    return idle.open_first_stream(
        replace(
            session,
            was_live=False,
            downtime=Downtime(),
            retries=replace(session.retries, failures=0, retried_once=False),
            tokens=replace(session.tokens, renewed=False),
        ),
        at,
    )
