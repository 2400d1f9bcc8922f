"""What one connection asked for and was answered: facts count wherever they come from, answers only here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.view import OrderView
from tracker_tui.link.orders import repair
from tracker_tui.link.orders.repair import COMPLETE, Repair
from tracker_tui.wire.messages import Mode, Subscribed

MAX_REQUESTED_CURSORS = 32
"""How many of the cursors last asked for on a stream are remembered of each order."""


class RequestedCursors:
    """The cursors that were asked for, by connection and order, the oldest first."""

    def __init__(self) -> None:
        self._cursors: dict[int, dict[str, list[Cursor | None]]] = {}

    def add(self, connection_id: int, cursors: Mapping[str, Cursor | None]) -> None:
        """Remember what is being asked for on `conn`."""
        asked = self._cursors.setdefault(connection_id, {})
        for order_id, cursor in cursors.items():
            earlier = asked.setdefault(order_id, [])
            earlier.append(cursor)
            del earlier[:-MAX_REQUESTED_CURSORS]

    def answered_by(self, connection_id: int, message: Subscribed) -> bool:
        """Return whether `message` answers what was asked for on `conn`; what it answers is no longer open."""
        asked = self._cursors.get(connection_id, {}).get(message.order_id, [])
        if message.mode is Mode.SNAPSHOT:
            del asked[:1]
            return True
        if message.from_ is None or message.from_ not in asked:
            return False
        del asked[: asked.index(message.from_) + 1]
        return True

    def remove(self, order_id: str) -> None:
        """Forget what was asked for of an order, on every connection."""
        for asked in self._cursors.values():
            asked.pop(order_id, None)

    def remove_connection(self, connection_id: int) -> None:
        """Forget what was asked for on `conn`."""
        self._cursors.pop(connection_id, None)


@dataclass(slots=True)
class Subscriptions:
    """The repair of every order as one connection leaves it.

    A candidate keeps its own until it takes over. If it is aborted, they are dropped, and with them the answers that
    only the candidate had given.

    Attributes:
        repairs: Where the repair of each order stands.
        replays: The heads that the running replays lead to.
        progress_at: When an answer, or what one had promised, last arrived, in seconds on the feed's clock.
    """

    repairs: dict[str, Repair]
    replays: dict[str, Cursor] = field(default_factory=dict)
    progress_at: float = 0.0

    @classmethod
    def initial(cls, order_ids: Iterable[str]) -> Subscriptions:
        """Return those of no connection at all."""
        return cls(dict.fromkeys(order_ids, COMPLETE))

    def for_candidate(self, views: Iterable[OrderView], at: float) -> Subscriptions:
        """Return those of a candidate beside this connection, on which all of `views` are being subscribed."""
        repairs = {
            view.order_id: repair.subscribed_on_candidate(self.repairs[view.order_id], view, at) for view in views
        }
        return Subscriptions(repairs, progress_at=at)

    def answered(self, message: Subscribed, view: OrderView, at: float, *, asked: bool) -> Repair:
        """Return the repair of an order whose subscription was answered; `asked` as `RequestedCursors.was` has it."""
        self.progress_at = at
        state = self.repairs[view.order_id]
        if not asked:
            return repair.wrong_replay_start(state, at)
        if message.mode is Mode.REPLAY:
            self.replays[view.order_id] = message.head
        return repair.head_announced(repair.subscription_answered(state, view, at), view, message.head, at)

    def in_heartbeat(self, view: OrderView, head: Cursor, at: float) -> Repair:
        """Return the repair of an order that a heartbeat lists with `head`, which is an answer, too."""
        state = self.repairs[view.order_id]
        if state.unanswered:
            state = repair.subscription_answered(state, view, at)
        return repair.head_announced(state, view, head, at)

    def postpone(self, order_id: str, at: float, retry_after: float | None, draw: float) -> None:
        """The order's subscription was refused for now."""
        self.repairs[order_id] = repair.refused_temporarily(self.repairs[order_id], at, retry_after, draw)

    def remove(self, order_id: str) -> None:
        """Forget an order that is no longer wanted."""
        self.repairs.pop(order_id, None)
        self.replays.pop(order_id, None)

    def snapshot_arrived(self, order_id: str) -> None:
        """A snapshot of an order arrived, wherever it came from."""
        if (state := self.repairs.get(order_id)) is not None:
            self.repairs[order_id] = repair.snapshot_arrived(state)

    def observe(self, view: OrderView, at: float) -> None:
        """Look at an order after its view took something in."""
        if (state := self.repairs.get(view.order_id)) is not None:
            self.repairs[view.order_id] = repair.observe(state, view, at)

    def end_replay_if_reached(self, view: OrderView) -> None:
        """End the replay of an order whose view holds all that it was to bring."""
        goal = self.replays.get(view.order_id)
        if goal is not None and view.resume is not None and view.resume >= goal:
            del self.replays[view.order_id]
