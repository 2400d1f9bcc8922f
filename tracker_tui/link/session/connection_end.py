"""The end of the active connection: the next step of the session, by the verdict on the error."""

from __future__ import annotations

from dataclasses import replace

from tracker_tui.domain.codes import Recovery
from tracker_tui.link.errors import LinkError, Refused
from tracker_tui.link.session import backoff, events, open_stream, sign_in, transitions
from tracker_tui.link.session.candidate import (
    give_up,
    take_over,
)
from tracker_tui.link.session.ladder import Failure
from tracker_tui.link.session.parts import UnconfirmedFailure
from tracker_tui.link.session.session import Session, Step
from tracker_tui.link.session.states import (
    Backoff,
    Connecting,
    Failed,
    Open,
)
from tracker_tui.link.session.verdicts import Verdict, verdict_of

PROVEN_TOKEN_AFTER = 1.0
"""Seconds of a live stream after which the next expiry of a token may renew it once more."""


def connection_ended(session: Session, at: float, error: LinkError, draw: float) -> Step:
    """Handle the end of the active connection: use the candidate, wait, sign in, or fail."""
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
        downtime=replace(
            session.downtime, reason=str(error), code=error.problem.code if isinstance(error, Refused) else None
        ),
        retries=replace(
            session.retries, retried_once=session.retries.retried_once and not open_stream.is_healthy(state, at)
        ),
        tokens=replace(
            session.tokens,
            renewed=session.tokens.renewed
            and not (isinstance(state, Open) and state.was_synced and at - state.hello_at >= PROVEN_TOKEN_AFTER),
        ),
    )
    if (candidate := session.candidate) is not None:
        if isinstance(candidate.state, Open) and verdict.recovery not in {Recovery.FINAL, Recovery.SIGNED_OUT}:
            session = replace(
                session,
                downtime=session.downtime.starting(at),
            )
            session, _ = take_over(session, candidate, candidate.state, at)
            return session, (events.FetchAll(),) if verdict.recovery is Recovery.FETCH_ALL else ()
        session, given_up = give_up(session, at)
        session, actions = _follow(session, verdict, at, error, draw)
        return session, (*given_up, *actions)
    suspicion = transitions.suspected_failure(state, error, at)
    return _follow(transitions.record_exception(session, error, at), verdict, at, error, draw, suspicion=suspicion)


def _follow(
    session: Session,
    verdict: Verdict,
    at: float,
    error: LinkError,
    draw: float,
    *,
    suspicion: Failure | None = None,
) -> Step:
    """Apply the verdict on the end of the active connection."""
    match verdict.recovery:
        case Recovery.SIGNED_OUT | Recovery.REFRESH | Recovery.REFRESH_OR_FAIL:
            return sign_in.token_refused(session, at, verdict.recovery, floor_at(verdict, at, draw))
        case Recovery.FINAL:
            return _fail(session, floor_at(verdict, at, draw)), ()
        case Recovery.RETRY_ONCE if session.retries.retried_once:
            return _fail(session, floor_at(verdict, at, draw)), ()
        case Recovery.RETRY_ONCE:
            session = replace(session, retries=replace(session.retries, retried_once=True))
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


def _fail(session: Session, floor: float) -> Session:
    """End the session; orders that are added later are not requested before the server's floor."""
    not_before = max(session.retries.not_before, floor)
    return transitions.disconnect(replace(session, retries=replace(session.retries, not_before=not_before)), Failed())


def _wait(session: Session, at: float, verdict: Verdict, draw: float) -> Session:
    state = session.state
    if open_stream.is_healthy(state, at):
        failures, own = 0, backoff.first_wait(draw)
        verdict = replace(verdict, retry_after=None) if verdict.lenient else verdict
    elif isinstance(state, Open) and state.was_synced:
        failures, own = (
            session.retries.failures + 1,
            backoff.wait_after_live(session.retries.failures, at - state.hello_at, draw),
        )
    else:
        failures, own = session.retries.failures + 1, backoff.wait(session.retries.failures, draw)
    # A token may expire during an outage. Renewing it again cannot loop, because a wait comes before every attempt.
    return replace(
        session,
        state=Backoff(at + own, floor_at(verdict, at, draw)),
        tokens=replace(session.tokens, renewed=False),
        retries=replace(session.retries, failures=failures),
        downtime=replace(
            session.downtime.starting(at),
            attempt=session.downtime.attempt + 1,
        ),
    )


def floor_at(verdict: Verdict, at: float, draw: float) -> float:
    """Return the time before which the server forbids the next attempt; 0.0 if it named none."""
    return 0.0 if verdict.retry_after is None else at + backoff.floor(verdict.retry_after, draw)
