"""A client's view of one order: a join of every message received about it (PROTOCOL §1).

The state is the one with the highest version, the history is the union of all milestones, the facts are those of the
highest snapshot, and the known head is the highest announced version. `merge` is commutative, associative and
idempotent: messages that are reordered, duplicated or late give the same view. Gaps are computed, not tracked.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Generic, TypeVar

from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.history import Entry, History, greater
from tracker_tui.domain.order import Order, OrderState, Outcome, Stage
from tracker_tui.domain.seqs import Seqs

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Versioned(Generic[T]):
    """A value, its version, and whether a snapshot or an event carried it."""

    version: Cursor
    from_snapshot: bool
    value: T


@dataclass(frozen=True, slots=True)
class Log:
    """The seqs of one epoch that the view knows.

    Attributes:
        known: Seqs that are not missing: received, or covered by a snapshot.
        covered: Seqs for which the view knows whether they have a milestone.
    """

    known: Seqs = field(default_factory=Seqs)
    covered: Seqs = field(default_factory=Seqs)

    def __or__(self, other: Log) -> Log:
        known, covered = self.known | other.known, self.covered | other.covered
        return self if known is self.known and covered is self.covered else Log(known, covered)


@dataclass(frozen=True, slots=True)
class OrderView:
    """Everything that is known about one order.

    Attributes:
        order_id: The order's id.
        state: The state of the highest version.
        facts: The facts of the highest snapshot.
        history: The milestones from the facts' epoch on.
        logs: The known seqs per epoch, from the facts' epoch on, ascending; nearly always one entry.
        head: The highest version that the server announced.
    """

    order_id: str
    state: Versioned[OrderState] | None = None
    facts: Versioned[Order] | None = None
    history: History = field(default_factory=History)
    logs: tuple[tuple[int, Log], ...] = ()
    head: Cursor | None = None

    def join(self, message: Event | Snapshot) -> OrderView:
        """Return the view joined with a message; the same object if the message adds nothing.

        Raises:
            ValueError: The message is about another order.
        """
        if message.order_id != self.order_id:
            raise ValueError(f"a message about {message.order_id} cannot be joined into {self.order_id}")
        return merge(self, lift(message))

    def announce(self, head: Cursor) -> OrderView:
        """Return the view with an announced head. A head can reveal a gap; it never removes anything."""
        return self if self.head is not None and self.head >= head else replace(self, head=head)

    @property
    def current(self) -> OrderState | None:
        """The state without its version; None while there is none."""
        return self.state.value if self.state else None

    @property
    def order(self) -> Order | None:
        """The facts without their version; None until a snapshot arrived."""
        return self.facts.value if self.facts else None

    @property
    def outcome(self) -> Outcome | None:
        """The outcome of the order; None while it is open or not known."""
        return self.state.value.outcome if self.state else None

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages of the order's flow; empty until a snapshot arrived."""
        return self.facts.value.flow.stages if self.facts else ()

    @property
    def epoch(self) -> int:
        """The highest epoch of any state or head; 0 before the first."""
        return max(self.head.epoch if self.head else 0, self.state.version.epoch if self.state else 0)

    @property
    def version(self) -> Cursor | None:
        """The version of the state; None without a state."""
        return self.state.version if self.state else None

    @property
    def resume(self) -> Cursor | None:
        """The cursor up to which nothing is missing; None if only a snapshot can help (PROTOCOL §7)."""
        if self.facts is None or self.epoch > self.facts.version.epoch:
            return None
        return Cursor(self.epoch, self.log(self.epoch).known.upto)

    @property
    def target(self) -> Cursor | None:
        """The newest version that is known to exist."""
        return max((cursor for cursor in (self.version, self.head) if cursor is not None), default=None)

    @property
    def complete(self) -> bool:
        """Whether the facts and everything up to the newest known version are here."""
        return self.resume is not None and self.resume == self.target

    @property
    def gaps(self) -> tuple[tuple[int, int], ...]:
        """Missing ranges of seqs (first, last) of the newest epoch."""
        target = self.target
        return tuple(self.log(target.epoch).known.gaps(target.seq)) if target else ()

    @property
    def superseded_epoch(self) -> bool:
        """Whether a newer epoch is known without its snapshot; facts and history are then outdated."""
        return self.facts is not None and self.epoch > self.facts.version.epoch

    @property
    def whole_history(self) -> bool:
        """Whether the history is complete since the order's first event."""
        return self.state is not None and self.log(self.epoch).covered.upto >= self.state.version.seq

    def log(self, epoch: int) -> Log:
        """Return the known seqs of `epoch`."""
        return next((log for number, log in self.logs if number == epoch), Log())


def lift(message: Event | Snapshot) -> OrderView:
    """Return the view that knows one message and nothing else."""
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
    """Return the join of two views; `one` itself if `other` adds nothing.

    Raises:
        ValueError: The views are of different orders.
    """
    if one.order_id != other.order_id:
        raise ValueError(f"views of {one.order_id} and {other.order_id} cannot be merged")
    facts = _higher(one.facts, other.facts)
    # A snapshot renumbers the retained history of older epochs, so entries of older epochs are dropped.
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
    """The class of a received message, for statistics only."""

    NEW = auto()
    GAP = auto()
    """New, while earlier events are still missing."""
    LATE = auto()
    """Not duplicate, below the newest version; usually fills a gap."""
    DUPLICATE = auto()
    CONFLICT = auto()
    """Another body at a known version: a server error."""


def classify(view: OrderView, message: Event | Snapshot) -> Arrival:
    """Classify `message` against `view` before the join."""
    current = view.state
    if current is None or message.version > current.version:
        resume = view.resume
        follows = resume is None or message.epoch != resume.epoch or message.seq <= resume.seq + 1
        return Arrival.NEW if follows or isinstance(message, Snapshot) else Arrival.GAP
    if message.version == current.version:
        same_source = current.from_snapshot == isinstance(message, Snapshot)
        return Arrival.CONFLICT if same_source and current.value != message.state else Arrival.DUPLICATE
    known = view.log(message.epoch).known
    return Arrival.DUPLICATE if message.epoch < current.version.epoch or message.seq in known else Arrival.LATE


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
