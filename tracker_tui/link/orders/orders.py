"""The orders of a feed: each one's view, what its repair is at, and whether anything more is to be expected of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from random import Random

from tracker_tui.domain import overlay
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.history import Entry
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.view import Arrival, OrderView, classify
from tracker_tui.link.change_queue import ChangeQueue, Significance, compare
from tracker_tui.link.changes import Counters, Noted, OrderChanged, Standing, Topic
from tracker_tui.link.clock import Clock
from tracker_tui.link.labels import why_refused
from tracker_tui.link.orders import repair
from tracker_tui.link.orders.command_status import CommandStatuses
from tracker_tui.link.orders.gaps import GapTracker
from tracker_tui.link.orders.repair import Remedy, Repair
from tracker_tui.link.orders.subscriptions import RequestedCursors, Subscriptions
from tracker_tui.link.session import describe
from tracker_tui.link.session.verdicts import is_temporary
from tracker_tui.wire.messages import Heartbeat, Problem, ServerMessage, Subscribed

REPAIR_PAUSE = 0.05
"""Least seconds between two subscriptions that repair something: what falls due meanwhile goes with the next one, as a
server takes no more than 50 frames a second (PROTOCOL §4)."""


class Orders:
    """Takes messages in, and says which orders need what.

    Attributes:
        views: The newest view of every order, by id.
        refused: The orders that the gateway refused for good.
        finished_at: The orders that ended or were refused, with the time of that in seconds on the clock, earliest first.
        pending_commands: What was asked of them.
    """

    def __init__(
        self,
        order_ids: Sequence[str],
        clock: Clock,
        counters: Counters,
        outbox: ChangeQueue,
        *,
        heard: Callable[[ServerMessage], None] | None = None,
        endless: bool = False,
    ) -> None:
        """Take care of `order_ids`, and with `endless` of what else may come: then there is no end to wait for.

        `heard` is told every message that is taken in.
        """
        self.views = {order_id: OrderView(order_id) for order_id in order_ids}
        self.refused: dict[str, Problem] = {}
        self.finished_at: dict[str, float] = {}
        self._endless = endless
        self._clock = clock
        self._counters = counters
        self._outbox = outbox
        self.pending_commands = CommandStatuses(clock, outbox)
        self._heard = heard or (lambda message: None)
        self._present = Subscriptions.initial(order_ids)
        self._candidates: dict[int, Subscriptions] = {}
        self._asked = RequestedCursors()
        self._gaps = GapTracker(counters)
        self._standings = dict.fromkeys(order_ids, Standing.WAITING)
        self._expecting = set(order_ids)
        self._advanced: dict[str, Cursor | None] = {}
        self._dropped: list[str] = []
        self._servable = False
        self._deadline: float | None = None
        self._repaired_at = float("-inf")

    # --- what is asked about them -------------------------------------------------------------------------------------

    @property
    def active(self) -> list[str]:
        """The orders that were not refused for good."""
        return [order_id for order_id in self.views if order_id not in self.refused]

    @property
    def all_ended(self) -> bool:
        """Whether every wanted order has ended and is complete, and there is one, and no wish is open (PROTOCOL §7)."""
        if self._endless or self._expecting or len(self.refused) == len(self.views):
            return False
        return not self.pending_commands.any_open

    @property
    def all_refused(self) -> bool:
        """Whether no order is left."""
        return not self._endless and len(self.refused) == len(self.views)

    @property
    def deadline(self) -> float | None:
        """When the first repair may have something to do; never too late, at times too early."""
        return None if self._deadline is None else max(self._deadline, self._repaired_at + REPAIR_PAUSE)

    def standing(self, order_id: str) -> Standing:
        """What the view of an order is worth."""
        if order_id in self.refused:
            return Standing.REFUSED
        if self._repairs[order_id].reconciling:
            return Standing.RECONCILING
        return Standing.WAITING if self.views[order_id].facts is None else Standing.IN_SYNC

    def is_served(self, order_id: str) -> bool:
        """Whether the present stream has answered the subscription of an order, and didn't refuse it."""
        return order_id in self.views and order_id not in self.refused and not self._repairs[order_id].unanswered

    def resume(self, connection_id: int, order_ids: Iterable[str]) -> dict[str, Cursor | None]:
        """For those that are wanted, the cursor up to which everything is held, now being asked for on `conn`."""
        wanted = (order for order in order_ids if order in self.views and order not in self.refused)
        cursors = {order: self.views[order].resume for order in wanted}
        self._asked.add(connection_id, cursors)
        return cursors

    def versions(self) -> dict[str, Cursor | None]:
        """The version of every view."""
        return {order_id: view.version for order_id, view in self.views.items()}

    def events_since(self, since: Mapping[str, Cursor | None]) -> int | None:
        """How many versions the views are ahead of `since`; None where a log began anew, which can't be counted."""
        held = ((since[order_id], view.version) for order_id, view in self.views.items() if order_id in since)
        pairs = [(before, now) for before, now in held if before and now]
        if any(now.epoch != before.epoch for before, now in pairs):
            return None
        return sum(now.seq - before.seq for before, now in pairs)

    def take_advanced(self) -> Iterable[tuple[str, Cursor | None]]:
        """The resume cursors that moved since this was last asked."""
        moved, self._advanced = self._advanced, {}
        return moved.items()

    def take_refused(self) -> Iterable[str]:
        """The orders that were refused for good since this was last asked."""
        dropped, self._dropped = self._dropped, []
        return dropped

    def take_serves_again(self) -> bool:
        """Return whether an order that the present stream does not serve could be served, by a snapshot got since."""
        servable, self._servable = self._servable, False
        return servable

    # --- what they are told -------------------------------------------------------------------------------------------

    def receive(
        self,
        connection_id: int,
        message: ServerMessage,
        at: float,
        draw: float,
        speaks_for: Collection[str] | None = None,
    ) -> str | None:
        """Take in a message of stream `conn`; the order that it answers a subscription of, if it does.

        A heartbeat names every order that it `speaks_for`, which are all unless it came on a part of a stream.
        """
        if not isinstance(message, Event | Snapshot):
            self._heard(message)
        source = self._candidates.get(connection_id, self._present)
        match message:
            case Event() | Snapshot():
                if message.type == "snapshot" or message.order_id in source.replays:
                    source.progress_at = at
                self.join(message, at)
            case Subscribed() if message.order_id in self.views and message.order_id not in self.refused:
                self._answered(connection_id, source, message, at)
                return message.order_id
            case Heartbeat():
                self._heartbeat(source, message, at, speaks_for)
            case Problem(order_id=str(order_id)) if order_id in self.views and order_id not in self.refused:
                if is_temporary(message):
                    source.postpone(order_id, at, message.retry_after_seconds, draw)
                    if source is self._present:
                        self._set(order_id, self._repairs[order_id])
                        self._publish(order_id, self.views[order_id])
                else:
                    self.refuse(order_id, message)
        return None

    def join(self, message: Event | Snapshot, at: float) -> None:
        """Take in an event or a snapshot, wherever it came from; one of an order that is not wanted is ignored."""
        before = self.views.get(message.order_id)
        if before is None or message.order_id in self.refused:
            return
        self._heard(message)
        kind = classify(before, message)
        after = before.join(message)
        if kind is Arrival.CONFLICT:
            self._counters.conflicts += 1
            self._note(Topic.ODDITY, f"two different states at version {message.version}", message.order_id)
        elif kind is Arrival.DUPLICATE:
            self._counters.duplicates += 1
        if before.superseded_epoch and not after.superseded_epoch:
            self._note(Topic.EPOCH, "the server's log began anew; its snapshot is in", message.order_id)
        if message.type == "snapshot":
            for candidate in self._candidates.values():
                candidate.snapshot_arrived(message.order_id)
        state = self._repairs[message.order_id]
        self._update(
            message.order_id, after, at, repair.snapshot_arrived(state) if message.type == "snapshot" else state
        )

    def receive_snapshot(self, snapshot: Snapshot, at: float) -> None:
        """Take in the snapshot that answers a GET."""
        state = self._repairs.get(snapshot.order_id)
        self._servable = self._servable or (state is not None and repair.shows_service_again(state))
        self.join(snapshot, at)

    def commands_changed(self, order_id: str) -> None:
        """What was asked of an order has another fate: hold it against the view once more, and tell of both."""
        self.pending_commands.reconcile(self.views[order_id])
        self._publish(order_id, self.views[order_id])

    def refuse(self, order_id: str, problem: Problem) -> None:
        """The gateway refused an order for good."""
        if order_id in self.refused or order_id not in self.views:
            return
        if problem.order_id is None:
            # It answers a GET, which named the order.
            self._heard(replace(problem, order_id=order_id))
        self.refused[order_id] = problem
        self.finished_at.setdefault(order_id, self._clock.time())
        self._dropped.append(order_id)
        self._expecting.discard(order_id)
        self._repairs[order_id] = repair.COMPLETE
        detail = f": {sanitize(problem.detail)}" if problem.detail else ""
        self._note(Topic.REFUSAL, f"{why_refused(problem.code)}{detail}", order_id)
        self._publish(order_id, self.views[order_id])

    def postpone_fetch(self, order_id: str, at: float, retry_after: float | None, draw: float) -> None:
        """A snapshot can't be got for now."""
        if order_id not in self.views:
            return
        self._set(order_id, repair.fetch_postponed(self._repairs[order_id], at, retry_after, draw))

    def add(self, views: Iterable[OrderView], at: float) -> None:
        """Take care of more orders, which are being subscribed or will be with the next stream.

        Args:
            views: What is held of each of them, if only its id.
            at: Now.
        """
        for view in views:
            order_id = view.order_id
            self.views[order_id] = view
            self._expecting.add(order_id)
            for candidate in self._candidates.values():
                candidate.repairs[order_id] = repair.subscribed(view, at)
            self._set(order_id, repair.subscribed(view, at))
            if _has_ended(view):
                # Front ends show it as it was when it left, until the server has answered.
                self.finished_at[order_id] = at
                self._standings[order_id] = Standing.FINAL
            else:
                self._publish(order_id, view)

    def is_settled(self, order_id: str) -> bool:
        """Whether nothing more is expected of an order, and no command for it is pending or worth showing."""
        if order_id in self._expecting:
            return False
        return not overlay.recent(self.pending_commands.of(order_id), self._clock.wall())

    def remove(self, order_id: str) -> tuple[OrderView, Problem | None]:
        """Stop taking care of an order; returns its last view, and why it was refused, if it was."""
        for connection in (self._present, *self._candidates.values()):
            connection.remove(order_id)
        self._asked.remove(order_id)
        self._advanced.pop(order_id, None)
        del self._standings[order_id]
        self._expecting.discard(order_id)
        del self.finished_at[order_id]
        self._gaps.remove(order_id)
        self.pending_commands.remove(order_id)
        return self.views.pop(order_id), self.refused.pop(order_id, None)

    def connection_opened(self, at: float) -> None:
        """A stream that takes the place of a lost one says hello: every order is being subscribed on it."""
        self._present.replays.clear()
        self._present.progress_at = at
        for order_id in self.active:
            self._expecting.add(order_id)
            self._set(order_id, repair.subscribed(self.views[order_id], at))

    def candidate_opened(self, connection_id: int, at: float) -> None:
        """Every order is being subscribed on `conn`, too: what it answers counts once it takes over."""
        self._candidates[connection_id] = self._present.for_candidate(
            (self.views[order_id] for order_id in self.active), at
        )

    def promote_candidate(self, connection_id: int, at: float) -> None:
        """Let the answers of candidate `conn` count in place of those of the stream before it."""
        candidate = self._candidates.pop(connection_id)
        self._present.replays, self._present.progress_at = candidate.replays, candidate.progress_at
        for order_id in self.active:
            self._update(order_id, self.views[order_id], at, candidate.repairs[order_id])

    def connection_closed(self, connection_id: int) -> None:
        """Stream `conn` is gone, and with it what was asked and answered on it alone."""
        self._asked.remove_connection(connection_id)
        self._candidates.pop(connection_id, None)

    def take_due_repairs(self, at: float, random: Random, *, resubscribes: bool) -> list[tuple[str, Remedy]]:
        """The steps that are due, taken; `resubscribes` as in `repair.take_step`."""
        steps: list[tuple[str, Remedy]] = []
        if (deadline := self.deadline) is None or at < deadline:
            return steps
        self._deadline = None
        for order_id, before in self._repairs.items():
            if before.deadline is None:
                continue
            after, remedy = before, None
            if before.deadline <= at:
                after, remedy = repair.take_step(
                    before, at, random.random(), progress_at=self._present.progress_at, resubscribes=resubscribes
                )
            self._set(order_id, after)
            if remedy is not None:
                steps.append((order_id, remedy))
            if remedy in {Remedy.SUBSCRIBE, Remedy.BOTH}:
                self._repaired_at = at
            if after.reconciling and not before.reconciling:
                self._out_of_sync(order_id, remedy)
        return steps

    # --- one order ----------------------------------------------------------------------------------------------------

    @property
    def _repairs(self) -> dict[str, Repair]:
        """Where the repair of each order stands on the present connection."""
        return self._present.repairs

    def _answered(self, connection_id: int, source: Subscriptions, message: Subscribed, at: float) -> None:
        order_id = message.order_id
        view = self.views[order_id].announce(message.head)
        asked = self._asked.answered_by(connection_id, message)
        if not asked:
            self._note(Topic.ODDITY, f"replays from {message.from_}, which was not asked for", order_id)
        self._learn(source, view, at, source.answered(message, view, at, asked=asked))

    def _heartbeat(
        self, source: Subscriptions, message: Heartbeat, at: float, speaks_for: Collection[str] | None
    ) -> None:
        for order_id in self.active:
            if speaks_for is not None and order_id not in speaks_for:
                continue
            if (head := message.heads.get(order_id)) is None:
                self._set(order_id, repair.absent_from_heartbeat(self._repairs[order_id], at, repair.LAG_GRACE))
                continue
            view = self.views[order_id].announce(head)
            self._learn(source, view, at, source.in_heartbeat(view, head, at))

    def _learn(self, source: Subscriptions, view: OrderView, at: float, state: Repair) -> None:
        """A connection announced a head, which is a fact, and leaves the repair in `state`, which is its own."""
        if source is self._present:
            self._update(view.order_id, view, at, state)
        else:
            source.repairs[view.order_id] = state
            self._update(view.order_id, view, at)

    def _update(self, order_id: str, after: OrderView, at: float, state: Repair | None = None) -> None:
        before = self.views[order_id]
        self.views[order_id] = after
        for candidate in self._candidates.values():
            candidate.observe(after, at)
        held = self._repairs[order_id]
        state = held if state is None else state
        if after is before and state is held:
            return
        state = repair.observe(state, after, at)
        if state.resume != held.resume:
            self._advanced[order_id] = state.resume
        self._set(order_id, state)
        self._look_for_gaps(order_id, after)
        ended = _has_ended(after)
        if ended:
            self.finished_at.setdefault(order_id, at)
        else:
            self.finished_at.pop(order_id, None)
        if ended and after.complete and not state.unanswered:
            self._expecting.discard(order_id)
        else:
            self._expecting.add(order_id)
        weight = Significance.FULL if self.pending_commands.reconcile(after) else compare(before, after)
        if weight is not Significance.NOTHING or self.standing(order_id) is not self._standings[order_id]:
            arrived = tuple(after.history.added_to(before.history))[::-1]
            self._publish(order_id, after, arrived, minor=weight is Significance.POSITION)

    def _publish(self, order_id: str, view: OrderView, arrived: tuple[Entry, ...] = (), *, minor: bool = False) -> None:
        standing = self.standing(order_id)
        minor = minor and standing is self._standings.get(order_id)
        self._standings[order_id] = standing
        self._outbox.put(
            OrderChanged(order_id, view, standing, arrived, self.pending_commands.of(order_id)), minor=minor
        )

    def _look_for_gaps(self, order_id: str, view: OrderView) -> None:
        connections = (self._present, *self._candidates.values())
        for each in connections:
            each.end_replay_if_reached(view)
        unseen = any(order_id in each.replays for each in connections) or self._repairs[order_id].unanswered
        if (mended := self._gaps.observe(view, unseen=unseen)) is not None:
            self._note(Topic.GAP, mended, order_id)

    def _out_of_sync(self, order_id: str, remedy: Remedy | None) -> None:
        step = {Remedy.SUBSCRIBE: "subscribing again", None: "waiting"}.get(remedy, "getting the snapshot")
        view = self.views[order_id]
        what = (
            f"seq {describe.seqs(view.gaps)} missing"
            if view.gaps and view.resume is not None
            else "a newer log was opened"
            if view.superseded_epoch
            else "the server is behind what was already seen"
            if self._repairs[order_id].lagging_at is not None
            else "no answer"
        )
        self._note(Topic.GAP, f"{what}; {step}", order_id)
        self._publish(order_id, view)

    def _set(self, order_id: str, state: Repair) -> None:
        self._repairs[order_id] = state
        if (due := state.deadline) is not None and (self._deadline is None or due < self._deadline):
            self._deadline = due

    def _note(self, topic: Topic, text: str, order_id: str) -> None:
        self._outbox.put(Noted(self._clock.wall(), topic, sanitize(text), order_id))


def _has_ended(view: OrderView) -> bool:
    return view.state is not None and view.state.value.outcome is not None
