"""The repair of one order: whether it is out of sync, and the next step (PROTOCOL §7); pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.view import OrderView
from tracker_tui.link.session import backoff

GAP_GRACE = 1.0
"""Seconds for which a gap may stay open before the order counts as out of sync."""

HEAD_GRACE = 2.0
"""Seconds after which an announced head must have arrived, or the order counts as out of sync."""

SUBSCRIBE_TIMEOUT = 2.0
"""Seconds after a subscription within which something must advance, or the snapshot is fetched."""

SUBSCRIBE_EVERY = 3
"""An order with an unanswered subscription is subscribed again after this number of repair steps."""

LAG_GRACE = 10.0
"""Seconds for which a server may announce a head below the known version (PROTOCOL §2)."""


class Remedy(Enum):
    """A step of the repair."""

    SUBSCRIBE = auto()
    """Subscribe again, from the resume cursor."""
    FETCH = auto()
    """Fetch the snapshot."""
    BOTH = auto()
    """Fetch the snapshot and subscribe again, because the subscription may be lost."""


@dataclass(frozen=True, slots=True)
class Repair:
    """The state of one order's repair. The default is an order of which nothing is missing.

    Attributes:
        resume: The resume cursor when the view was last checked.
        next: The next step; None while nothing is missing.
        due: When the step is due, in seconds on the feed's clock.
        tries: Snapshots that were fetched without progress.
        reconciling: Whether the order counts as out of sync.
        unanswered: Whether a subscription was sent and not answered yet.
        not_served: Whether the server refused to serve the order on this connection; only an answer ends that.
        needs_snapshot: Whether a snapshot is needed even if the view is complete, because the replay cannot be trusted.
        lagging_at: When the server first announced a head below the known version; None if it did not.
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
    """Return the repair after the order's view changed."""
    resume = view.resume
    repair = _end_lag_of_old_epoch(repair, view)
    if view.complete and not repair.unanswered and not repair.needs_snapshot:
        return _complete(repair, view, at)
    if view.complete or (repair.unanswered and repair.next is Remedy.SUBSCRIBE):
        # The next subscription requests whatever is missing, and not before the server allows.
        return replace(repair, resume=resume)
    if view.superseded_epoch and repair.resume is not None and not repair.unanswered:
        # A higher epoch is new: none of its events are known yet, so the next step is due at once.
        return replace(repair, resume=None, next=Remedy.SUBSCRIBE, due=at, tries=0)
    advanced = resume is not None and (repair.resume is None or resume > repair.resume)
    if repair.next is Remedy.FETCH and not advanced:
        return repair
    if repair.unanswered or view.target is None:
        # So far, only the answer itself is known to be missing.
        return replace(repair, resume=resume, next=Remedy.FETCH, due=at + SUBSCRIBE_TIMEOUT, tries=0)
    due = at + (GAP_GRACE if _has_gap(view) else HEAD_GRACE)
    if repair.next is not None and not advanced:
        due = min(due, repair.due)
    return replace(repair, resume=resume, next=Remedy.SUBSCRIBE, due=due, tries=0)


def subscribed(view: OrderView, at: float) -> Repair:
    """Return the repair of an order that was just subscribed on a new connection."""
    return Repair(resume=view.resume, next=Remedy.FETCH, due=at + SUBSCRIBE_TIMEOUT, unanswered=True)


def subscribed_on_candidate(repair: Repair, view: OrderView, at: float) -> Repair:
    """Return the repair of an order that was just subscribed on a candidate; the backoff after a refusal continues."""
    return replace(subscribed(view, at), tries=repair.tries if repair.not_served else 0)


def subscription_answered(repair: Repair, view: OrderView, at: float) -> Repair:
    """Return the repair after the server answered a subscription, or announced a snapshot by itself."""
    repair = _end_lag_of_old_epoch(repair, view)
    if view.complete:
        return _complete(repair, view, at)
    # The timeout of a repair starts when its subscription is sent (PROTOCOL §7): the answer does not extend it.
    repairing = repair.next is Remedy.FETCH and not repair.unanswered
    due = repair.due if repairing else at + SUBSCRIBE_TIMEOUT
    return replace(repair, next=Remedy.FETCH, due=due, unanswered=False, not_served=False, resume=view.resume)


def head_announced(repair: Repair, view: OrderView, head: Cursor, at: float) -> Repair:
    """Return the repair after a head was announced, which may be below the known version (a lagging node)."""
    known = view.version
    if known is None or head >= known:
        return repair if repair.lagging_at is None else replace(repair, lagging_at=None)
    return replace(repair, lagging_at=at) if repair.lagging_at is None else repair


def refused_temporarily(repair: Repair, at: float, retry_after: float | None, draw: float) -> Repair:
    """Return the repair after the subscription was refused temporarily: subscribe again later."""
    wait = max(backoff.wait(repair.tries, draw), backoff.floor(retry_after or 0.0, draw))
    repair = replace(repair, next=Remedy.SUBSCRIBE, due=at + wait, tries=repair.tries + 1, reconciling=True)
    return replace(repair, unanswered=True, not_served=True)


def fetch_postponed(repair: Repair, at: float, retry_after: float | None, draw: float) -> Repair:
    """Return the repair after a fetch found the server busy: the next fetch waits as long as the server asks."""
    if repair.next is not Remedy.FETCH:
        return repair
    return replace(repair, due=max(repair.due, at + backoff.floor(retry_after or 0.0, draw)))


def absent_from_heartbeat(repair: Repair, at: float, grace: float) -> Repair:
    """Return the repair after a heartbeat did not name the order: the server no longer serves it.

    Args:
        repair: The order's repair.
        at: Now.
        grace: Seconds within which the next heartbeat may still name it.
    """
    if repair.unanswered:
        return repair
    due = at + grace if repair.next is None else min(repair.due, at + grace)
    return replace(repair, next=Remedy.SUBSCRIBE, due=due, unanswered=True, not_served=True)


def shows_service_again(repair: Repair) -> bool:
    """Return whether a snapshot that was just fetched shows that the server would serve the order again.

    The fetch waits as long as the server asks, so that its answer comes after the end of the refusal.
    """
    return repair.not_served and repair.next is Remedy.FETCH


def wrong_replay_start(repair: Repair, at: float) -> Repair:
    """Return the repair after a replay from a cursor that was not requested: fetch the snapshot at once."""
    return replace(repair, next=Remedy.FETCH, due=at, unanswered=False, not_served=False, needs_snapshot=True)


def snapshot_arrived(repair: Repair) -> Repair:
    """Return the repair after a snapshot arrived, over the stream or by GET."""
    return replace(repair, needs_snapshot=False) if repair.needs_snapshot else repair


def take_step(
    repair: Repair, at: float, draw: float, *, progress_at: float, resubscribes: bool = True
) -> tuple[Repair, Remedy | None]:
    """Return the repair after the step that is due, and that step; None if no step is due.

    Args:
        repair: The order's repair.
        at: Now.
        draw: Uniform in [0, 1).
        progress_at: When the connection last delivered an answer, or a message that one had announced, of any order.
            A server answers a thousand subscriptions one by one: an order that waits for its turn is not stuck.
        resubscribes: Whether the stream accepts another subscription; if not, the snapshot is fetched at once.
    """
    if _lags_too_long(repair, at):
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
    resubscribe = resubscribes and repair.unanswered and tries % SUBSCRIBE_EVERY == 0
    return fetching, Remedy.BOTH if resubscribe else Remedy.FETCH


def _has_gap(view: OrderView) -> bool:
    return view.version is not None and (view.resume is None or view.resume < view.version)


def _complete(repair: Repair, view: OrderView, at: float) -> Repair:
    """Return the repair of a complete order, which only a lagging server can keep out of sync."""
    out_of_sync = repair.reconciling and _lags_too_long(repair, at)
    return replace(COMPLETE, resume=view.resume, lagging_at=repair.lagging_at, reconciling=out_of_sync)


def _lags_too_long(repair: Repair, at: float) -> bool:
    return repair.lagging_at is not None and at >= repair.lagging_at + LAG_GRACE


def _end_lag_of_old_epoch(repair: Repair, view: OrderView) -> Repair:
    """Return the repair without a lag that belongs to an older epoch."""
    is_newer = repair.resume is not None and view.epoch > repair.resume.epoch
    return replace(repair, lagging_at=None) if is_newer and repair.lagging_at is not None else repair
