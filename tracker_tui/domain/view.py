"""A client's view of one order, as a join of everything that was ever received about it (PROTOCOL §1).

State is that of the highest version, history the union of milestones, facts those of the highest snapshot, the known
head the highest announced. `merge` is commutative, associative and idempotent, so no permutation, duplication or late
arrival can lead to another view; a hole is derived, not tracked.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Generic, TypeVar

from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.history import Entry, History, greater
from tracker_tui.domain.order import Order, OrderState
from tracker_tui.domain.seqs import Seqs

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Versioned(Generic[T]):
    """A value with the version at which it held and what told it."""

    version: Cursor
    from_snapshot: bool
    value: T


@dataclass(frozen=True, slots=True)
class Log:
    """What of one epoch is held.

    Attributes:
        known: Seqs that need not be asked for again: received, or closed by a snapshot.
        told: Seqs of which it is known whether they left a milestone.
    """

    known: Seqs = field(default_factory=Seqs)
    told: Seqs = field(default_factory=Seqs)

    def __or__(self, other: Log) -> Log:
        known, told = self.known | other.known, self.told | other.told
        return self if known is self.known and told is self.told else Log(known, told)


@dataclass(frozen=True, slots=True)
class OrderView:
    """All that is known of one order.

    Attributes:
        order_id: Whose view this is.
        state: The state of the highest version.
        facts: The facts of the highest snapshot.
        history: The milestones from the facts' epoch on.
        logs: What is held, per epoch from the facts' epoch on, ascending; nearly always one.
        head: The highest version that the server announced.
    """

    order_id: str
    state: Versioned[OrderState] | None = None
    facts: Versioned[Order] | None = None
    history: History = field(default_factory=History)
    logs: tuple[tuple[int, Log], ...] = ()
    head: Cursor | None = None

    def join(self, message: Event | Snapshot) -> OrderView:
        """Take in what a message tells; the view itself if that is nothing new.

        Raises:
            ValueError: The message is about another order.
        """
        if message.order_id != self.order_id:
            raise ValueError(f"a message about {message.order_id} cannot be joined into {self.order_id}")
        return merge(self, lift(message))

    def announce(self, head: Cursor) -> OrderView:
        """Take in the head version that a server announced; a head says what is missing and drops nothing."""
        return self if self.head is not None and self.head >= head else replace(self, head=head)

    @property
    def epoch(self) -> int:
        """The highest epoch that anything told of; 0 if nothing did."""
        return max(self.head.epoch if self.head else 0, self.state.version.epoch if self.state else 0)

    @property
    def version(self) -> Cursor | None:
        """The version of the state; None while there is none."""
        return self.state.version if self.state else None

    @property
    def resume(self) -> Cursor | None:
        """The cursor up to which everything is held; None where only a snapshot helps (PROTOCOL §7)."""
        if self.facts is None or self.epoch > self.facts.version.epoch:
            return None
        return Cursor(self.epoch, self.log(self.epoch).known.upto)

    @property
    def target(self) -> Cursor | None:
        """The newest version that is known to exist."""
        return max((cursor for cursor in (self.version, self.head) if cursor is not None), default=None)

    @property
    def complete(self) -> bool:
        """Whether the facts and everything up to the newest known version are held."""
        return self.resume is not None and self.resume == self.target

    @property
    def holes(self) -> tuple[tuple[int, int], ...]:
        """Ranges of seqs (first, last) that the newest epoch is known to have and this view lacks."""
        target = self.target
        return tuple(self.log(target.epoch).known.holes(target.seq)) if target else ()

    @property
    def superseded_epoch(self) -> bool:
        """Whether a newer epoch is known whose snapshot is still to come: facts and history are then old ones."""
        return self.facts is not None and self.epoch > self.facts.version.epoch

    @property
    def whole_history(self) -> bool:
        """Whether every milestone since the order's first event is held."""
        return self.state is not None and self.log(self.epoch).told.upto >= self.state.version.seq

    def log(self, epoch: int) -> Log:
        """What is held of `epoch`."""
        return next((log for number, log in self.logs if number == epoch), Log())


def lift(message: Event | Snapshot) -> OrderView:
    """The view that knows one message and nothing else."""
    epoch, seq = message.epoch, message.seq
    if isinstance(message, Snapshot):
        return OrderView(
            message.order_id,
            state=Versioned(message.version, True, message.state),
            facts=Versioned(message.version, True, message.order),
            history=History.of(Entry(epoch, milestone, True) for milestone in message.history),
            logs=((epoch, Log(Seqs.span(1, seq), Seqs.span(max(message.history_from, 1), seq))),),
        )
    at = Seqs.span(seq, seq)
    return OrderView(
        message.order_id,
        state=Versioned(message.version, False, message.state),
        history=History((Entry(epoch, message.milestone, False), None)) if message.milestone else History(),
        logs=((epoch, Log(at, at)),),
    )


def merge(one: OrderView, other: OrderView) -> OrderView:
    """The least view that knows what both know; `one` itself if it already does.

    Raises:
        ValueError: The views are of different orders.
    """
    if one.order_id != other.order_id:
        raise ValueError(f"views of {one.order_id} and {other.order_id} cannot be merged")
    facts = _higher(one.facts, other.facts)
    # A snapshot of an epoch carries what is retained of older ones, renumbered: those are told by it from now on.
    first = facts.version.epoch if facts else 0
    mine, theirs = _since(one, first), _since(other, first)
    merged = OrderView(
        one.order_id,
        state=_higher(one.state, other.state),
        facts=facts,
        history=mine.history | theirs.history,
        logs=_union(mine.logs, theirs.logs),
        head=max((head for head in (one.head, other.head) if head is not None), default=None),
    )
    unchanged = (
        merged.state is one.state
        and merged.facts is one.facts
        and merged.history is one.history
        and merged.logs is one.logs
        and merged.head == one.head
    )
    return one if unchanged else merged


class Arrival(Enum):
    """What a message was to the view that it met; for counting, never for deciding."""

    NEW = auto()
    GAP = auto()
    """New, and events before it are still missing."""
    LATE = auto()
    """Fills a hole, or is below the newest version for another reason."""
    DUPLICATE = auto()
    CONFLICT = auto()
    """Another body at a version already held: a server fault."""


def classify(view: OrderView, message: Event | Snapshot) -> Arrival:
    """Say what `message` is to `view`, before it is joined."""
    held = view.state
    if held is None or message.version > held.version:
        resume = view.resume
        follows = resume is None or message.epoch != resume.epoch or message.seq <= resume.seq + 1
        return Arrival.NEW if follows or isinstance(message, Snapshot) else Arrival.GAP
    if message.version == held.version:
        same_source = held.from_snapshot == isinstance(message, Snapshot)
        return Arrival.CONFLICT if same_source and held.value != message.state else Arrival.DUPLICATE
    known = view.log(message.epoch).known
    return Arrival.DUPLICATE if message.epoch < held.version.epoch or message.seq in known else Arrival.LATE


def _higher(one: Versioned[T] | None, other: Versioned[T] | None) -> Versioned[T] | None:
    if one is None or other is None:
        return one or other
    mine, theirs = (one.version, one.from_snapshot), (other.version, other.from_snapshot)
    if mine != theirs:
        return one if mine > theirs else other
    return one if greater(one.value, other.value) == one.value else other


def _since(view: OrderView, epoch: int) -> OrderView:
    if not view.logs or view.logs[0][0] >= epoch:
        return view
    return replace(
        view,
        history=view.history.since(epoch),
        logs=tuple((number, log) for number, log in view.logs if number >= epoch),
    )


def _union(one: tuple[tuple[int, Log], ...], other: tuple[tuple[int, Log], ...]) -> tuple[tuple[int, Log], ...]:
    logs = dict(one)
    changed = False
    for epoch, log in other:
        joined = logs[epoch] | log if epoch in logs else log
        changed = changed or joined is not logs.get(epoch)
        logs[epoch] = joined
    return tuple(sorted(logs.items())) if changed else one
