"""What the link did, in words: the lines of the event log that are about the connection."""

from __future__ import annotations

from collections.abc import Iterable

from tracker_tui.link.phases import Session
from tracker_tui.link.state import Phase

_ENDS = {
    Phase.SIGNED_OUT: "signed out",
    Phase.FAILED: "refused",
    Phase.FINAL: "every order has ended; connection closed",
}


def tell(before: Session, after: Session, *, missed: int) -> str | None:
    """Say what a step of the session means to people; None where it is of no interest.

    Args:
        before: The session before the step.
        after: The session after it.
        missed: How many versions came in since the link was lost.
    """
    old, new = before.phase, after.phase
    if new is Phase.BACKOFF and old is not Phase.BACKOFF:
        if before.down_at is None:
            return f"lost: {after.reason}"
        # The badge counts the tries; the log says what is in their way, once.
        return f"not yet: {after.reason}" if after.reason != before.reason else None
    if new is Phase.LIVE and old is not Phase.QUIET and old is not Phase.LIVE:
        if before.attempt == 0 and not missed:
            return "live"
        tries = f" on try {before.attempt}" if before.attempt else ""
        return f"live again{tries}" + (f"; {events(missed)} recovered" if missed else "; nothing missed")
    if new in _ENDS and old is not new:
        return f"{_ENDS[new]}: {after.reason}" if after.reason else _ENDS[new]
    return None


def events(count: int) -> str:
    """A number of events for people: "1 event", "3 events"."""
    return f"{count} event" if count == 1 else f"{count} events"


def seqs(holes: Iterable[tuple[int, int]]) -> str:
    """Ranges of seqs for people: "41–43, 45"."""
    return ", ".join(f"{first}–{last}" if first != last else f"{first}" for first, last in holes)
