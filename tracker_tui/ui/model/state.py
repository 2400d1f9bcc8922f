"""The app's state: the newest of what the feed reported. Frozen, so that pausing is keeping a value."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from tracker_tui.domain.cached_view import CachedView
from tracker_tui.domain.drift import record_expectation
from tracker_tui.domain.overlay import recent
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import (
    Change,
    Counters,
    Coverage,
    LinkChanged,
    LinkState,
    Metrics,
    Noted,
    OrderChanged,
    OrderForgotten,
    Phase,
    Standing,
)
from tracker_tui.link.feed_protocol import Feed
from tracker_tui.ui.model.event_log import EventLog
from tracker_tui.ui.model.ports import Refusal
from tracker_tui.ui.model.scene import BoardScene, ConnectionStatus, OrderScene, Replay, TrackedOrder, suggest_order
from tracker_tui.ui.model.server_label import NO_LABEL, ServerLabel
from tracker_tui.ui.model.tracking import changed_order
from tracker_tui.wording.times import Instant

LOG_TAIL = 40
"""Lines of the event log given to a screen; no common terminal shows more."""


@dataclass(frozen=True, slots=True, eq=False)
class AppState:
    """Everything that the screens show. Each transition returns a new state.

    Attributes:
        orders: The watched orders by id, as given or as they appeared.
        unlisted: Orders shown from the cache only, until the server's list of orders is read.
        delisted: Cached views of orders that the list didn't have; a screen may still show one.
        forgotten: Orders that the feed has dropped; a screen may still show one.
        hidden: Orders that the user removed; no screen shows them.
        cached_ids: Orders of earlier sessions, which may be meant by an unknown id.
        link: The state of the connection.
        was_live: Whether there has been a live stream before; after an end, or without a stream, the next one is no
            reconnection.
        listed: Whether the server's list of orders has been read.
        coverage: How many orders are watched, of how many; None before the feed is open.
        metrics: The feed's counters and measurements.
        live_until: When the last byte arrived while live, in seconds on the feed's clock; None if it never was live.
        left_live_at: When the link stopped being live, in seconds on the feed's clock; None if it never was live.
        host: The server's host and port, safe to show.
        sign_in_hint: What the user can do when signed out, safe to show.
        replay: The recording being replayed; None for a live feed.
        server: The user's name and colour for the server, and the signed-in user.
        names_courier: Whether the sentence for the customer may name the courier.
    """

    orders: Mapping[str, TrackedOrder] = field(default_factory=dict)
    unlisted: frozenset[str] = frozenset()
    delisted: Mapping[str, CachedView] = field(default_factory=dict)
    forgotten: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    cached_ids: frozenset[str] = frozenset()
    link: LinkState = field(default_factory=lambda: LinkState(Phase.CONNECTING, "websocket"))
    was_live: bool = False
    listed: bool = False
    coverage: Coverage | None = None
    metrics: Metrics = field(default_factory=lambda: Metrics(Counters()))
    live_until: float | None = None
    left_live_at: float | None = None
    event_log: EventLog = field(default_factory=EventLog)
    host: str = ""
    sign_in_hint: str = ""
    replay: Replay | None = None
    server: ServerLabel = NO_LABEL
    names_courier: bool = False

    @classmethod
    def initial(
        cls,
        order_ids: Iterable[str],
        host: str = "",
        sign_in_hint: str = "",
        replay: Replay | None = None,
        server: ServerLabel = NO_LABEL,
        *,
        names_courier: bool = False,
    ) -> AppState:
        """Return the state before the first change.

        Args:
            order_ids: The orders to watch.
            host: The server's host and port.
            sign_in_hint: What the user can do when signed out.
            replay: The recording being replayed, if any.
            server: The user's name and colour for the server.
            names_courier: Whether the sentence for the customer may name the courier.
        """
        orders = {order_id: TrackedOrder.unknown(order_id) for order_id in order_ids}
        host, hint = sanitize(host), sanitize(sign_in_hint)
        return cls(orders, host=host, sign_in_hint=hint, replay=replay, server=server, names_courier=names_courier)

    @property
    def order_ids(self) -> tuple[str, ...]:
        """The ids of the watched orders."""
        return tuple(self.orders)

    @property
    def other_ids(self) -> frozenset[str]:
        """Orders that are known to exist, but are not watched."""
        return self.cached_ids.union(self.delisted)

    def is_open(self, order_id: str) -> bool:
        """Return whether an order is watched and isn't known to have ended."""
        order = self.orders.get(order_id)
        return order is not None and order.view.outcome is None

    def apply(self, change: Change, instant: Instant, refused: Mapping[str, Refusal]) -> AppState:
        """Return the state after a change that the feed reported.

        Args:
            change: The change.
            instant: The present time.
            refused: The orders that the server refused, each with the reason.
        """
        match change:
            case OrderChanged():
                return self._with_order(change, instant, refused.get(change.order_id))
            case OrderForgotten(order_id=order_id):
                return replace(self, forgotten=self.forgotten | {order_id})
            case LinkChanged(link=link):
                # Everything reported before the end was reported while the link was live.
                ended = self.link.phase is Phase.LIVE and link.phase is Phase.FINAL
                return replace(
                    self,
                    link=link,
                    was_live=self._was_live(link),
                    live_until=instant.time if ended else self.live_until,
                    left_live_at=instant.time if self.link.phase is Phase.LIVE else self.left_live_at,
                )
            case Noted():
                return self.with_log(lambda log: log.add_note(change))
        return self

    def forget(self, *, keep: Collection[str]) -> AppState:
        """Return the state without the orders that the feed has dropped, except those in `keep`."""
        dropped = self.forgotten.difference(keep)
        if not dropped:
            return self
        log = self.event_log
        for order_id in dropped:
            log = log.forget(order_id)
        orders = {order_id: order for order_id, order in self.orders.items() if order_id not in dropped}
        return replace(
            self,
            orders=orders,
            unlisted=self.unlisted - dropped,
            forgotten=self.forgotten - dropped,
            event_log=log,
        )

    def with_log(self, add: Callable[[EventLog], EventLog]) -> AppState:
        """Return the state with the event log that `add` returns."""
        return replace(self, event_log=add(self.event_log))

    def with_replay_finished(self) -> AppState:
        """Return the state after the end of a replayed recording; the same state if none is replayed."""
        return self if self.replay is None else replace(self, replay=replace(self.replay, finished=True))

    def with_cached(self, cached: Mapping[str, CachedView]) -> AppState:
        """Return the state with views from an earlier session, for orders that the server sent nothing of yet.

        An order that isn't watched is shown until the list of orders is read, and afterwards if it is listed.
        """
        orders = dict(self.orders)
        for order_id, each in cached.items():
            order = orders.setdefault(order_id, TrackedOrder.unknown(order_id))
            if order.view.order is None and order.standing is not Standing.REFUSED:
                seen = record_expectation((), each.view)
                orders[order_id] = replace(order, view=each.view, cached_as_of=each.as_of, expectations=seen)
        return replace(self, orders=orders, unlisted=self.unlisted | (orders.keys() - self.orders.keys()))

    def with_metrics(self, feed: Feed) -> AppState:
        """Return the state with the values that the feed measures all the time and doesn't report as changes."""
        orders, delisted, unlisted = self.orders, self.delisted, self.unlisted
        if feed.listed and unlisted:
            gone = unlisted - feed.views.keys()
            delisted = {
                **delisted,
                **{each: CachedView(orders[each].view, as_of) for each in gone if (as_of := orders[each].cached_as_of)},
            }
            orders = {order_id: order for order_id, order in orders.items() if order_id not in gone}
            unlisted = frozenset()
        return replace(
            self,
            orders=orders,
            delisted=delisted,
            unlisted=unlisted,
            listed=feed.listed,
            coverage=feed.coverage,
            server=self.server.with_user(feed.user),
            metrics=Metrics(replace(feed.counters), feed.heard_at, feed.rtt),
            live_until=feed.heard_at if self.link.phase is Phase.LIVE else self.live_until,
        )

    def current_views(self, instant: Instant) -> dict[str, CachedView]:
        """Return the views that the server sent, each with the time up to which it is known to be complete."""
        return {
            order_id: CachedView(order.view, self._complete_until(order, instant) or order.view.current.updated_at)
            for order_id, order in self.orders.items()
            if order.view.order is not None and order.view.current is not None and order.cached_as_of is None
        }

    def versions_since(self, earlier: AppState, order_id: str | None) -> int:
        """Return how many versions an order got since `earlier`; with None, all orders together."""
        chosen = self.orders if order_id is None else {order_id} & self.orders.keys()
        before = earlier.orders
        return sum(
            self.orders[each].versions - (before[each].versions if each in before else 0)
            for each in chosen
            if self.orders[each] is not before.get(each)
        )

    def order_scene(self, order_id: str, instant: Instant, paused: int | None) -> OrderScene:
        """Return the content of an order's screen; `paused` counts the changes since the pause."""
        cached = self.delisted.get(order_id)
        if cached is not None:
            order = TrackedOrder.unknown(order_id, cached)
        else:
            # An order may be dropped in the moment in which the user opens it.
            order = self.orders.get(order_id) or TrackedOrder(OrderView(order_id), Standing.FINAL, None)
        as_of = order.cached_as_of or self._complete_until(order, instant)
        known_until = order.known_until(self.link, self.left_live_at, instant)
        return OrderScene(
            order.view,
            order.standing,
            order.problem,
            self._connection(paused),
            as_of,
            self.event_log.tail(order_id, LOG_TAIL),
            instant,
            recent(order.pending_commands, instant.now),
            order.cached_as_of is not None,
            # A paused view isn't known beyond the pause, even if it is copied later.
            known_until if known_until is not None or paused is None else as_of,
            suggest_order(order, self.orders.values(), self.other_ids),
            order.expectations,
            self.names_courier,
        )

    def board_scene(self, instant: Instant, paused: int | None) -> BoardScene:
        """Return the content of the board; `paused` counts the changes since the pause."""
        cached = [order.cached_as_of for order in self.orders.values() if order.cached_as_of is not None]
        return BoardScene(
            tuple(self.orders.values()),
            self._connection(paused),
            min(cached) if cached else self._live_until(instant),
            self.event_log.tail(None, LOG_TAIL),
            instant,
            bool(cached),
            self.listed,
            self.coverage,
            self.left_live_at,
            len(self.hidden),
        )

    def _with_order(self, change: OrderChanged, instant: Instant, problem: Refusal | None) -> AppState:
        order_id, view, standing = change.order_id, change.view, change.standing
        before = self.orders.get(order_id)
        cached_as_of = None
        if before is not None and before.cached_as_of is not None:
            if view.order is None and standing is not Standing.REFUSED:
                # Until the server sent facts, the cached view says more.
                view, cached_as_of = before.view, before.cached_as_of
            else:
                # The cached view is replaced, never merged. What differs from it isn't news of this session.
                before = replace(before, view=OrderView(order_id))
        log = self.event_log
        if before is not None and before.view.outcome is not None and view.outcome is None:
            log = log.add_reopened(order_id, before.view.outcome, instant.now)
        order = changed_order(
            before,
            change,
            view,
            problem,
            received_at=instant.now,
            known_at=self._known_at(instant),
            cached_as_of=cached_as_of,
        )
        delisted = self.delisted
        if order_id in delisted:
            delisted = {each: cached for each, cached in delisted.items() if each != order_id}
        return replace(
            self,
            orders={**self.orders, order_id: order},
            delisted=delisted,
            forgotten=self.forgotten - {order_id},
            event_log=log.add_milestones(view, change.arrived, instant.now),
        )

    def _was_live(self, link: LinkState) -> bool:
        """Return whether a stream that is opened after `link` replaces one that was live."""
        if link.phase in {Phase.FINAL, Phase.FAILED}:
            return False
        return link.list_every is None if link.phase is Phase.LIVE else self.was_live

    def _connection(self, paused: int | None) -> ConnectionStatus:
        return ConnectionStatus(
            self.link,
            self.was_live,
            self.metrics.heard_at,
            self.metrics.rtt,
            self.metrics.counters,
            paused,
            self.host,
            self.sign_in_hint,
            self.replay,
            self.server,
        )

    def _known_at(self, instant: Instant) -> float:
        """Return when an order that is found to be out of sync now was known last, in seconds on the feed's clock."""
        # An order that the new connection finds incomplete has been unknown since the old connection was lost.
        is_live = self.link.phase in {Phase.LIVE, Phase.FINAL}
        return instant.time if is_live or self.left_live_at is None else self.left_live_at

    def _live_until(self, instant: Instant) -> datetime | None:
        return None if self.live_until is None else instant.wall(self.live_until)

    def _complete_until(self, order: TrackedOrder, instant: Instant) -> datetime | None:
        """Return the earliest time from which on something may have been missed."""
        if self.live_until is None:
            return order.received_at
        until = self.live_until if order.in_sync_until is None else min(order.in_sync_until, self.live_until)
        return instant.wall(until)
