"""The state of a replay: the replayed messages joined to views, and what was published of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from tracker_tui.domain.codes import Recovery
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.history import Entry
from tracker_tui.domain.overlay import PendingCommands
from tracker_tui.domain.transport import TransportName
from tracker_tui.domain.view import OrderView
from tracker_tui.link.change_queue import Significance, compare
from tracker_tui.link.changes import (
    Change,
    Counters,
    LinkChanged,
    LinkState,
    Metrics,
    Noted,
    OrderChanged,
    OrderForgotten,
    Phase,
    Standing,
)
from tracker_tui.link.recording.format import OrderRecorded, Record, RecordingEnd
from tracker_tui.link.session.verdicts import verdict_of_problem
from tracker_tui.wire.messages import Heartbeat, Message, Problem, Subscribed


@dataclass(slots=True)
class Playback:
    """The state of a feed after some records.

    Attributes:
        views: The newest view of every order.
        refused: The orders that the server refused permanently, with its reason.
        standings: The recorded standings.
        pending_commands: The recorded pending commands.
        unpublished: The milestones of each order that were joined and not published yet.
        metrics: The recorded measurements.
    """

    views: dict[str, OrderView]
    refused: dict[str, Problem] = field(default_factory=dict)
    standings: dict[str, Standing] = field(default_factory=dict)
    pending_commands: dict[str, PendingCommands] = field(default_factory=dict)
    unpublished: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    link: LinkState = field(default_factory=lambda: LinkState(Phase.CONNECTING, TransportName.WEBSOCKET))
    metrics: Metrics = field(default_factory=lambda: Metrics(Counters()))

    @classmethod
    def initial(cls, order_ids: Iterable[str]) -> Playback:
        """Return the state before the first record."""
        return cls({order_id: OrderView(order_id) for order_id in order_ids})

    def copy(self) -> Playback:
        """Return a copy that later records leave as it is; values are immutable and shared."""
        return Playback(
            dict(self.views),
            dict(self.refused),
            dict(self.standings),
            dict(self.pending_commands),
            dict(self.unpublished),
            self.link,
            self.metrics,
        )

    def standing(self, order_id: str) -> Standing:
        """Return the recorded standing of an order."""
        known = self.views[order_id].facts is not None
        return self.standings.get(order_id, Standing.IN_SYNC if known else Standing.WAITING)

    def replay(self, record: Record) -> Iterator[Change]:
        """Apply a record, and yield the changes that were published then."""
        match record.content:
            case LinkState() as link:
                self.link = link
                yield LinkChanged(link)
            case Noted(order_id=order_id) as note if order_id is None or order_id in self.views:
                yield note
            case OrderRecorded(order_id=order_id, standing=standing, pending_commands=pending) if (
                order_id in self.views
            ):
                self.standings[order_id], self.pending_commands[order_id] = standing, pending
                yield self._publish(order_id)
            case OrderForgotten(order_id=order_id) as forgotten if order_id in self.views:
                yield forgotten
            case Metrics() as metrics:
                self.metrics = metrics
            case Noted() | OrderRecorded() | OrderForgotten() | RecordingEnd():
                pass
            case message:
                self.metrics = replace(self.metrics, heard_at=record.mono)
                self._join(message)

    def publish_rest(self) -> Iterator[Change]:
        """Yield the changes that were not published: a program that was killed had no time for it."""
        for order_id in tuple(self.unpublished):
            yield self._publish(order_id)

    def _publish(self, order_id: str) -> OrderChanged:
        arrived = self.unpublished.pop(order_id, ())
        pending = self.pending_commands.get(order_id, ())
        return OrderChanged(order_id, self.views[order_id], self.standing(order_id), arrived, pending)

    def _join(self, message: Message) -> None:
        match message:
            case Event(order_id=order_id) | Snapshot(order_id=order_id) if order_id in self.views:
                self._update(self.views[order_id].join(message))
            case Subscribed(order_id=order_id, head=head) if order_id in self.views:
                self._update(self.views[order_id].announce(head))
            case Heartbeat(heads=heads):
                for order_id in filter(self.views.__contains__, heads):
                    self._update(self.views[order_id].announce(heads[order_id]))
            case Problem(order_id=str(order_id)) if order_id in self.views:
                if verdict_of_problem(message).recovery not in {Recovery.RETRY, Recovery.REFRESH}:
                    self.refused[order_id] = message
            case _:
                pass

    def _update(self, after: OrderView) -> None:
        before = self.views[after.order_id]
        self.views[after.order_id] = after
        if compare(before, after) is not Significance.NOTHING:
            arrived = tuple(after.history.added_to(before.history))[::-1]
            self.unpublished[after.order_id] = self.unpublished.get(after.order_id, ()) + arrived
