"""The link's lines for the event log: a step of the session in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tracker_tui.link.changes import Phase
from tracker_tui.link.session.ladder import LABELS
from tracker_tui.link.session.list_state import INTERVAL
from tracker_tui.link.session.session import Session
from tracker_tui.link.session.states import FetchingToken, Idle, Open

_ENDS = {
    Phase.SIGNED_OUT: "signed out",
    Phase.FAILED: "refused",
    Phase.FINAL: "every order has ended; connection closed",
}


def describe(before: Session, after: Session, *, missed: Callable[[], int | None]) -> Iterator[str]:
    """Yield the log lines about a step of the session that users need to know about.

    Args:
        before: The session before the step.
        after: The session after it.
        missed: Returns how many versions arrived since the link was lost; None if they cannot be counted.
    """
    old, new = before.phase, after.phase
    if after.ladder.index > before.ladder.index:
        yield f"falling back from {_transport(before)} to {_transport(after)}"
    elif after.ladder.index < before.ladder.index:
        yield f"back on {_transport(after)}"
    if new is Phase.BACKOFF and old is not Phase.BACKOFF:
        if before.downtime.since is None:
            yield f"lost: {after.downtime.reason}"
        elif after.downtime.reason != before.downtime.reason:
            # The badge counts the attempts; the log names each new reason once.
            yield f"could not connect: {after.downtime.reason}"
    elif isinstance(after.state, FetchingToken) and isinstance(before.state, Open):
        yield f"lost: {after.downtime.reason}; looking for a fresh token"
    elif before.downtime.since is None and after.downtime.since is not None and isinstance(after.state, Open):
        yield f"lost: {after.downtime.reason}; another connection takes over"
    if isinstance(after.state, Idle):
        yield from _idle(before, after)
    elif new is Phase.LIVE and old is not Phase.QUIET and old is not Phase.LIVE:
        yield _live(before, after, missed())
    if new in _ENDS and old is not new:
        text = _ENDS[new] if after.orders or new is not Phase.FINAL else "no order is left; connection closed"
        yield f"{text}: {after.downtime.reason}" if after.downtime.reason else text
    elif old in {Phase.FINAL, Phase.FAILED} and new not in _ENDS:
        yield "orders were added; connecting again"
    if (
        after.tokens.lease is not None
        and before.tokens.lease is not None
        and after.tokens.lease.token > before.tokens.lease.token
    ):
        yield "a fresh token is in use"
    if (unread := _unread(after)) is not None and unread != _unread(before):
        yield f"the list of orders can't be read: {unread}"


def events(count: int) -> str:
    """Return a number of events in words: "1 event", "3 events"."""
    return f"{count} event" if count == 1 else f"{count} events"


def seqs(gaps: Iterable[tuple[int, int]]) -> str:
    """Return ranges of sequence numbers as text: "41–43, 45"."""
    return ", ".join(f"{first}–{last}" if first != last else f"{first}" for first, last in gaps)


def _live(before: Session, after: Session, missed: int | None) -> str:
    if not before.was_live:
        return f"live over {_transport(after)}"
    tries = f" on try {before.downtime.attempt}" if before.downtime.attempt else ""
    if missed is None:
        return f"live again{tries}"
    return f"live again{tries}; {f'{events(missed)} recovered' if missed else 'nothing missed'}"


def _unread(session: Session) -> str | None:
    return None if session.list_state is None else session.list_state.reason


def _idle(before: Session, after: Session) -> Iterator[str]:
    was_idle = isinstance(before.state, Idle)
    if was_idle and before.phase is after.phase:
        return
    if after.phase is Phase.LIVE:
        # Without a reason, the list was only read again after a sleep.
        if not was_idle or before.downtime.reason or not before.downtime.attempt:
            yield f"live; there is no order to watch, and the list of orders is read every {INTERVAL:g} s"
    elif was_idle and after.downtime.reason:
        yield f"lost: {after.downtime.reason}"


def _transport(session: Session) -> str:
    return LABELS.get(session.ladder.rung.name, session.ladder.rung.name)
