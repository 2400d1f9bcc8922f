"""Which orders are out of sync, since when, and the next step for each (PROTOCOL §7); pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.view import OrderView
from tracker_tui.link.session import backoff

GAP_GRACE = 1.0
"""Seconds that a hole may stay open before the order counts as out of sync."""

HEAD_GRACE = 2.0
"""Seconds that an announced head may stay unseen before the order counts as out of sync."""

SUBSCRIBE_TIMEOUT = 2.0
"""Seconds after sending a subscription within which something must advance, else the snapshot is got."""

SUBSCRIBE_EVERY = 3
"""An order whose subscription is not answered is subscribed again with one repair of so many."""

LAG_GRACE = 10.0
"""Seconds for which a server may announce a head below what is held (PROTOCOL §2)."""


class Remedy(Enum):
    """A step of the repair."""

    SUBSCRIBE = auto()
    """Subscribe again, from the resume cursor."""
    FETCH = auto()
    """Get the snapshot."""
    BOTH = auto()
    """Get the snapshot, and subscribe again, as the subscription may have got lost."""


@dataclass(frozen=True, slots=True)
class Repair:
    """Where the repair of one order stands. The default is an order of which nothing is missing.

    Attributes:
        resume: The resume cursor when last looked at.
        next: The next step; None while nothing is missing.
        due: When it is taken, in seconds on the feed's clock.
        tries: How many snapshots were got in vain.
        reconciling: Whether the order counts as out of sync.
        unanswered: Whether a subscription was sent and not answered yet.
        not_served: Whether the server said that it does not serve the order on this connection, and takes it back by an
            answer only.
        needs_snapshot: Whether a snapshot is needed whatever the view says, because a replay can't be trusted.
        lagging_at: Since when the server has announced a head below what is held.
    """

    resume: Cursor | None = None
    next: Remedy | None = None
    due: float = 0.0
    tries: int = 0
    reconciling: bool = False
    unanswered: bool = False
    not_served: bool = False
    needs_snapshot: bool = False
    lagging_at: float | None = None

    @property
    def deadline(self) -> float | None:
        """When `take_step` or `lag` has something to do; None if never."""
        lag = None if self.lagging_at is None or self.reconciling else self.lagging_at + LAG_GRACE
        times = [time for time in (self.due if self.next else None, lag) if time is not None]
        return min(times, default=None)


COMPLETE = Repair()


def observe(repair: Repair, view: OrderView, at: float) -> Repair:
    """Look at an order after its view took something in."""
    resume = view.resume
    repair = _forgive_lag(repair, view)
    if view.complete and not repair.unanswered and not repair.needs_snapshot:
        return _whole(repair, view, at)
    if view.complete or (repair.unanswered and repair.next is Remedy.SUBSCRIBE):
        # Whatever is missing, the subscription that is to come asks for it, and not before the server allows.
        return replace(repair, resume=resume)
    if view.superseded_epoch and repair.resume is not None and not repair.unanswered:
        # The first sign of a higher epoch: nothing of it is held, so there is nothing to wait for.
        return replace(repair, resume=None, next=Remedy.SUBSCRIBE, due=at, tries=0)
    advanced = resume is not None and (repair.resume is None or resume > repair.resume)
    if repair.next is Remedy.FETCH and not advanced:
        return repair
    if repair.unanswered or view.target is None:
        # Nothing is known to be missing yet but the answer itself.
        return replace(repair, resume=resume, next=Remedy.FETCH, due=at + SUBSCRIBE_TIMEOUT, tries=0)
    due = at + (GAP_GRACE if _has_hole(view) else HEAD_GRACE)
    if repair.next is not None and not advanced:
        due = min(due, repair.due)
    return replace(repair, resume=resume, next=Remedy.SUBSCRIBE, due=due, tries=0)


def subscribed(view: OrderView, at: float) -> Repair:
    """The order was just subscribed on a new connection: whatever was under way on an older one is cancelled."""
    return Repair(resume=view.resume, next=Remedy.FETCH, due=at + SUBSCRIBE_TIMEOUT, unanswered=True)


def subscribed_on_candidate(repair: Repair, view: OrderView, at: float) -> Repair:
    """The order was just subscribed on a candidate, too: an order that is refused again is asked for no more often."""
    return replace(subscribed(view, at), tries=repair.tries if repair.not_served else 0)


def subscription_answered(repair: Repair, view: OrderView, at: float) -> Repair:
    """The server answered a subscription, or started a snapshot of its own accord."""
    repair = _forgive_lag(repair, view)
    if view.complete:
        return _whole(repair, view, at)
    # A repair's patience runs from the sending of its subscription (PROTOCOL §7): the answer gives it no more time.
    repairing = repair.next is Remedy.FETCH and not repair.unanswered
    due = repair.due if repairing else at + SUBSCRIBE_TIMEOUT
    return replace(repair, next=Remedy.FETCH, due=due, unanswered=False, not_served=False, resume=view.resume)


def head_announced(repair: Repair, view: OrderView, head: Cursor, at: float) -> Repair:
    """A head was announced; it may lie below what is held (a lagging node)."""
    held = view.version
    if held is None or head >= held:
        return repair if repair.lagging_at is None else replace(repair, lagging_at=None)
    return replace(repair, lagging_at=at) if repair.lagging_at is None else repair


def refused_temporarily(repair: Repair, at: float, retry_after: float | None, draw: float) -> Repair:
    """The order's subscription was refused or ended with something that passes: subscribe again later."""
    wait = max(backoff.wait(repair.tries, draw), backoff.floor(retry_after or 0.0, draw))
    repair = replace(repair, next=Remedy.SUBSCRIBE, due=at + wait, tries=repair.tries + 1, reconciling=True)
    return replace(repair, unanswered=True, not_served=True)


def fetch_postponed(repair: Repair, at: float, retry_after: float | None, draw: float) -> Repair:
    """The server was too busy for a snapshot: the next one is got no sooner than it allows."""
    if repair.next is not Remedy.FETCH:
        return repair
    return replace(repair, due=max(repair.due, at + backoff.floor(retry_after or 0.0, draw)))


def absent_from_heartbeat(repair: Repair, at: float, grace: float) -> Repair:
    """A heartbeat names every subscribed order, and not this one: the server no longer watches it for us.

    Args:
        repair: Where the order's repair stands.
        at: Now.
        grace: Seconds for which the next heartbeat may still name it.
    """
    if repair.unanswered:
        return repair
    due = at + grace if repair.next is None else min(repair.due, at + grace)
    return replace(repair, next=Remedy.SUBSCRIBE, due=due, unanswered=True, not_served=True)


def shows_service_again(repair: Repair) -> bool:
    """Return whether a snapshot that was just got shows that the server would serve the order again.

    The snapshot is got no sooner than the server allows, so that its answer comes after the refusal has passed.
    """
    return repair.not_served and repair.next is Remedy.FETCH


def wrong_replay_start(repair: Repair, at: float) -> Repair:
    """The server replays from another cursor than the one asked for: get the snapshot at once."""
    return replace(repair, next=Remedy.FETCH, due=at, unanswered=False, not_served=False, needs_snapshot=True)


def snapshot_arrived(repair: Repair) -> Repair:
    """A snapshot arrived, over the stream or by GET."""
    return replace(repair, needs_snapshot=False) if repair.needs_snapshot else repair


def take_step(
    repair: Repair, at: float, draw: float, *, progress_at: float, resubscribes: bool = True
) -> tuple[Repair, Remedy | None]:
    """Take the step that is due, if one is.

    Args:
        repair: Where the order's repair stands.
        at: Now.
        draw: Uniform in [0, 1).
        progress_at: When the connection last delivered an answer, or what one had promised, of any order. A server
            answers a thousand subscriptions one after the other: an order that waits its turn is not stuck.
        resubscribes: Whether the stream takes another subscription; one that does not gets the snapshot at once.
    """
    if _lags_long(repair, at):
        repair = replace(repair, reconciling=True)
    if repair.next is None or at < repair.due:
        return repair, None
    if repair.next is Remedy.SUBSCRIBE and resubscribes:
        return replace(repair, next=Remedy.FETCH, due=at + SUBSCRIBE_TIMEOUT, reconciling=True), Remedy.SUBSCRIBE
    waits = repair.unanswered and not repair.tries
    if repair.next is Remedy.FETCH and waits and at < progress_at + SUBSCRIBE_TIMEOUT:
        return replace(repair, due=progress_at + SUBSCRIBE_TIMEOUT), None
    wait = backoff.wait(repair.tries, draw)
    tries = repair.tries + 1
    fetching = replace(repair, next=Remedy.FETCH, due=at + wait, tries=tries, reconciling=True)
    again = resubscribes and repair.unanswered and tries % SUBSCRIBE_EVERY == 0
    return fetching, Remedy.BOTH if again else Remedy.FETCH


def _has_hole(view: OrderView) -> bool:
    return view.version is not None and (view.resume is None or view.resume < view.version)


def _whole(repair: Repair, view: OrderView, at: float) -> Repair:
    """Nothing is missing, so that only a server that is behind can keep the order out of sync."""
    out_of_sync = repair.reconciling and _lags_long(repair, at)
    return replace(COMPLETE, resume=view.resume, lagging_at=repair.lagging_at, reconciling=out_of_sync)


def _lags_long(repair: Repair, at: float) -> bool:
    return repair.lagging_at is not None and at >= repair.lagging_at + LAG_GRACE


def _forgive_lag(repair: Repair, view: OrderView) -> Repair:
    """A higher epoch ends the lag of the one before."""
    risen = repair.resume is not None and view.epoch > repair.resume.epoch
    return replace(repair, lagging_at=None) if risen and repair.lagging_at is not None else repair
