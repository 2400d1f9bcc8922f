"""What the app knows: the newest that the feed told, and since when it has been in doubt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime

from tracker_tui.domain.cached_view import CachedView
from tracker_tui.domain.order import Outcome
from tracker_tui.domain.overlay import recent
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Change, Counters, LinkChanged, LinkState, Noted, OrderChanged, Phase, Standing
from tracker_tui.ui.model.event_log import EventLog
from tracker_tui.ui.model.ports import Feed, Refusal
from tracker_tui.ui.model.scene import BoardScene, ConnectionStatus, OrderScene, Replay, TrackedOrder
from tracker_tui.wording.times import Instant

LOG_TAIL = 40
"""Lines of the event log that a screen is given; more fit on no usual terminal."""


class AppState:
    """Everything that the screens show, in one place; a copy is a picture that no longer moves."""

    def __init__(
        self, order_ids: Sequence[str], host: str = "", renewal: str = "", replay: Replay | None = None
    ) -> None:
        self._host, self._renewal = sanitize(host), sanitize(renewal)
        self.replay = replay
        self.event_log = EventLog()
        self.versions: Counter[str] = Counter()
        """Per order: versions seen since the start."""
        self._rows = {order_id: TrackedOrder(OrderView(order_id), Standing.WAITING, None) for order_id in order_ids}
        self._remembered: dict[str, datetime] = {}
        """Per order of which only a view from before is held: up to when that was the truth."""
        self._unlisted: set[str] = set()
        """Orders that are shown from before only, until the list of orders tells which there are."""
        self._gone: dict[str, CachedView] = {}
        """What was shown from before of orders that the list didn't have: a screen may be open on one still."""
        self.link = LinkState(Phase.CONNECTING, "websocket")
        """The connection as it was told of last."""
        self._was_live = False
        self._listed = False
        self._heard_at: float | None = None
        self._rtt: float | None = None
        self._counters = Counters()
        self._refused: Mapping[str, Refusal] = {}
        self._live_until: float | None = None
        self._in_sync_until: dict[str, float] = {}
        self._told_at: dict[str, datetime] = {}

    @property
    def order_ids(self) -> tuple[str, ...]:
        """The orders that are watched, as they were asked for or came up."""
        return tuple(self._rows)

    def is_under_way(self, order_id: str) -> bool:
        """Whether an order is watched and has not ended, as far as is known."""
        row = self._rows.get(order_id)
        return row is not None and _outcome(row.view) is None

    def apply(self, change: Change, instant: Instant) -> None:
        """Take in what the feed tells."""
        match change:
            case OrderChanged(
                order_id=order_id, view=view, standing=standing, arrived=arrived, pending_commands=pending
            ):
                self._gone.pop(order_id, None)
                view = self._newest(order_id, view, standing)
                held = self._rows.get(order_id)
                self.versions[order_id] += _advance(held.view if held else None, view)
                if standing is Standing.IN_SYNC:
                    self._in_sync_until.pop(order_id, None)
                elif held is not None and held.standing is Standing.IN_SYNC:
                    self._in_sync_until[order_id] = instant.time
                if held and (ended := _outcome(held.view)) is not None and _outcome(view) is None:
                    self.event_log.add_reopened(order_id, ended, instant.now)
                self._rows[order_id] = TrackedOrder(view, standing, self._refused.get(order_id), pending)
                self._told_at[order_id] = instant.now
                self.event_log.add_milestones(view, arrived, instant.now)
            case LinkChanged(link=link):
                if self.link.phase is Phase.LIVE and link.phase is Phase.FINAL:
                    # Whatever was told before that was told while it was live.
                    self._live_until = instant.time
                self.link = link
                self._was_live = self._was_live or link.phase is Phase.LIVE
            case Noted():
                self.event_log.add_note(change)

    def with_cached(self, past: Mapping[str, CachedView]) -> None:
        """Show views from before, of orders of which the gateway has told nothing yet.

        An order that nobody asked for is shown until the list of orders is there, and after that if it is on it.
        """
        for order_id, each in past.items():
            row = self._rows.get(order_id)
            if row is None:
                self._unlisted.add(order_id)
                row = TrackedOrder(OrderView(order_id), Standing.WAITING, None)
            if row.view.facts is None and order_id not in self._refused:
                self._rows[order_id], self._remembered[order_id] = replace(row, view=each.view), each.as_of

    def current_views(self, instant: Instant) -> dict[str, CachedView]:
        """The views that the gateway told, each with the time up to which it is known to have been the truth."""
        return {
            order_id: CachedView(view, self._true_until(order_id, instant) or view.state.value.updated_at)
            for order_id, view in ((order_id, row.view) for order_id, row in self._rows.items())
            if view.facts is not None and view.state is not None and order_id not in self._remembered
        }

    def _newest(self, order_id: str, view: OrderView, standing: Standing) -> OrderView:
        """The view to show: what the gateway tells takes the place of a view from before, and is never joined with it.

        Until there are facts there is nothing to show instead.
        """
        if order_id in self._remembered:
            if view.facts is None and standing is not Standing.REFUSED:
                return self._rows[order_id].view
            del self._remembered[order_id]
            # This session saw nothing of it: what is new is no news against an earlier one.
            self._rows[order_id] = replace(self._rows[order_id], view=OrderView(order_id))
        return view

    def with_metrics(self, feed: Feed) -> None:
        """Take in what the feed measures all the time and doesn't tell of."""
        self._heard_at, self._rtt, self._counters = feed.heard_at, feed.rtt, replace(feed.counters)
        self._refused = feed.refused
        self._listed = feed.listed
        if feed.listed and self._unlisted:
            for order_id in self._unlisted - feed.views.keys():
                self._gone[order_id] = CachedView(self._rows.pop(order_id).view, self._remembered.pop(order_id))
            self._unlisted.clear()
        if self.link.phase is Phase.LIVE:
            self._live_until = self._heard_at

    def __copy__(self) -> AppState:
        """All that is known now, as a picture."""
        twin = AppState(())
        twin.__dict__.update(self.__dict__)
        twin.event_log, twin.versions = copy(self.event_log), copy(self.versions)
        twin._rows, twin._told_at = dict(self._rows), dict(self._told_at)
        twin._remembered, twin._gone, twin._unlisted = dict(self._remembered), dict(self._gone), set(self._unlisted)
        twin._in_sync_until, twin._refused = dict(self._in_sync_until), dict(self._refused)
        return twin

    def order_scene(self, order_id: str, instant: Instant, paused: int | None) -> OrderScene:
        """One order as its screen shows it."""
        gone = self._gone.get(order_id)
        row = self._rows[order_id] if gone is None else TrackedOrder(gone.view, Standing.WAITING, None)
        return OrderScene(
            row.view,
            row.standing,
            row.problem,
            self._connection(paused),
            self._as_of(order_id, instant) if gone is None else gone.as_of,
            self.event_log.tail(order_id, LOG_TAIL),
            instant,
            recent(row.pending_commands, instant.now),
            order_id in self._remembered or gone is not None,
        )

    def board_scene(self, instant: Instant, paused: int | None) -> BoardScene:
        """All orders as the board shows them."""
        return BoardScene(
            tuple(self._rows.values()),
            self._connection(paused),
            self._as_of(None, instant),
            self.event_log.tail(None, LOG_TAIL),
            instant,
            bool(self._remembered),
            self._listed,
        )

    def _connection(self, paused: int | None) -> ConnectionStatus:
        return ConnectionStatus(
            self.link,
            self._was_live,
            self._heard_at,
            self._rtt,
            self._counters,
            paused,
            self._host,
            self._renewal,
            self.replay,
        )

    def _as_of(self, order_id: str | None, instant: Instant) -> datetime | None:
        """The earliest moment from which on something may have been missed."""
        if order_id is None and self._remembered:
            return min(self._remembered.values())
        return self._remembered.get(order_id or "") or self._true_until(order_id, instant)

    def _true_until(self, order_id: str | None, instant: Instant) -> datetime | None:
        if self._live_until is None:
            return self._told_at.get(order_id) if order_id is not None else None
        doubted = self._in_sync_until.get(order_id) if order_id is not None else None
        return instant.wall(self._live_until if doubted is None else min(doubted, self._live_until))


def _outcome(view: OrderView | None) -> Outcome | None:
    return view.state.value.outcome if view is not None and view.state is not None else None


def _advance(before: OrderView | None, after: OrderView) -> int:
    """How many versions `after` is ahead of `before`; a new epoch counts as one."""
    held, new = before.version if before else None, after.version
    if new is None or new == held:
        return 0
    return new.seq - held.seq if held is not None and new.epoch == held.epoch else 1
