"""What a session holds against a transport, and when it leaves one for the next; pure (DESIGN §2, ladder)."""

from __future__ import annotations

from dataclasses import replace

from tracker_tui.link.errors import (
    LinkError,
    NoToken,
    Refused,
    ServerBusy,
    StreamClosed,
    TransportBlocked,
    TransportDown,
    UnexpectedError,
)
from tracker_tui.link.session import open_stream, transitions
from tracker_tui.link.session.candidate import Step
from tracker_tui.link.session.events import GatewayProbed
from tracker_tui.link.session.ladder import (
    SHORT_LIFE,
    Failure,
    clear_exceptions,
    clear_failures,
    count_exception,
    count_failure,
    remember_short_life,
)
from tracker_tui.link.session.states import Backoff, Connecting, Open, Session


def suspected_failure(state: Connecting | Open, error: LinkError, at: float) -> Failure | None:
    """What the end of the present connection says against its transport, if the gateway itself can be reached."""
    match error:
        case TransportBlocked():
            return Failure.BLOCKED
        case Refused() | ServerBusy() | NoToken() | UnexpectedError():
            return None
        case StreamClosed(code=code, by_us=by_us) if code >= 4000 or (code == 1009 and by_us):
            return None
        case TransportDown(connected=False) if isinstance(state, Connecting):
            return None
    if isinstance(state, Connecting):
        return Failure.NO_HELLO
    return None if state.close_deadline is not None or at - state.hello_at >= SHORT_LIFE else Failure.SHORT_LIFE


def record_exception(session: Session, error: LinkError, at: float) -> Session:
    """Hold an unexpected exception that ended the present connection against its transport.

    No GET confirms it: an outage raises other errors. A healthy connection ends the row.
    """
    ladder = session.ladder
    if open_stream.is_healthy(session.state, at) or not isinstance(error, UnexpectedError):
        ladder = clear_exceptions(ladder)
    if isinstance(error, UnexpectedError):
        ladder = count_exception(ladder, error.kind, str(error), at)
    return session if ladder is session.ladder else replace(session, ladder=ladder)


def gateway_probed(session: Session, event: GatewayProbed) -> Step:
    """The gateway itself was asked with a GET after a failure: it is held against the transport if it answered."""
    suspect, state = session.unconfirmed_failure, session.state
    if suspect is None or suspect.connection_id != event.connection_id:
        return session, ()
    session = replace(session, unconfirmed_failure=None)
    if not event.answered:
        return replace(session, ladder=clear_failures(session.ladder)), ()
    if isinstance(state, Open):
        # Meanwhile it works again: a short life is remembered, and nothing that works is left.
        if suspect.failure is not Failure.SHORT_LIFE:
            return session, ()
        return replace(session, ladder=remember_short_life(session.ladder, event.at)), ()
    ladder = count_failure(session.ladder, suspect.failure, suspect.reason, event.at)
    stepped = ladder.index != session.ladder.index
    session = replace(session, ladder=ladder)
    match state:
        case Backoff(retry_floor=floor) if stepped and event.at < floor and not session.needs_no_stream:
            return replace(session, state=Backoff(floor, floor)), ()
        case Backoff() | Connecting() if stepped:
            return transitions.reconnect(session, event.at)
        case _:
            return session, ()
