"""Reports of the link for people: link changes, notes, and the count of lost streams."""

from __future__ import annotations

from tracker_tui.domain.cursor import Cursor
from tracker_tui.link.change_queue import ChangeQueue
from tracker_tui.link.changes import Counters, LinkChanged, Noted, Phase, Topic
from tracker_tui.link.clock import Clock
from tracker_tui.link.orders.orders import Orders
from tracker_tui.link.orders.versions import events_since, versions
from tracker_tui.link.session.describe import describe
from tracker_tui.link.session.session import Session
from tracker_tui.link.session.states import Open


class Reporter:
    """Queues what a step of the session changed for people."""

    def __init__(self, queue: ChangeQueue, orders: Orders, clock: Clock, counters: Counters) -> None:
        self._queue = queue
        self._orders = orders
        self._clock = clock
        self._counters = counters
        self._versions_at_loss: dict[str, Cursor | None] = {}

    def step(self, before: Session, after: Session) -> None:
        """Report a step from one session to the next."""
        if isinstance(before.state, Open) and after.phase in {Phase.BACKOFF, Phase.CONNECTING}:
            self._counters.drops += 1
        if before.downtime.since is None and after.downtime.since is not None:
            self._versions_at_loss = versions(self._orders.views)
        for text in describe(before, after, missed=lambda: events_since(self._orders.views, self._versions_at_loss)):
            self.note(text)
        if after.link != before.link:
            self._queue.put(LinkChanged(after.link))

    def note(self, text: str) -> None:
        """Add a line about the link to the event log."""
        self._queue.put(Noted(self._clock.wall(), Topic.LINK, text))
