"""Which orders are watched, of more than there are places for, and which give their place up; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile

from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Coverage, Standing
from tracker_tui.link.http.server import MAX_ORDERS
from tracker_tui.wire.messages import Problem

RELEASE_DELAY = 60.0
"""Seconds from the end or the refusal of an order to the earliest time at which it gives up its place."""

MAX_RELEASED = 1_000
"""How many of the orders that left are kept, the newest, to be shown and to be resumed from."""

MAX_COOLDOWN = 3_600.0
"""Greatest number of seconds for which an order that left again and again gets no place."""


@dataclass(frozen=True, slots=True)
class _Left:
    """How an order left.

    Attributes:
        version: The version of its view.
        times: How often in a row it left with nothing new.
        again_at: When it may have a place again, in seconds on the feed's clock.
    """

    version: Cursor | None
    times: int
    again_at: float


class WatchSlots:
    """Gives places to orders, and keeps the last views of those that left.

    An order of a list gives up its place some time after it ended or was refused. It gets one again as soon as a later
    list names it. A list that goes on naming it although nothing of it is new gets it a place more and more rarely:
    on most transports each new place costs another stream.

    Args:
        named: Orders that the user named: they never leave.
        most: How many places there are.
        most_kept: How many of the orders that left are kept.

    Attributes:
        views: The last views of the orders that left, oldest first.
        refused: Why some of these were refused.
    """

    def __init__(self, named: Iterable[str] = (), *, most: int = MAX_ORDERS, most_kept: int = MAX_RELEASED) -> None:
        self.views: dict[str, OrderView] = {}
        self.refused: dict[str, Problem] = {}
        self._most = most
        self._most_kept = most_kept
        self._named = set(named)
        self._watched: dict[str, _Left | None] = dict.fromkeys(self._named)
        self._left: dict[str, _Left] = {}
        self._listed: dict[str, None] = {}
        self._waiting = 0

    @property
    def coverage(self) -> Coverage:
        """How many orders have a place, of how many that need one."""
        return Coverage(len(self._watched), len(self._watched) + self._waiting)

    def standing(self, order_id: str) -> Standing | None:
        """Return what the view of an order that left is worth; None for any other order."""
        if order_id not in self.views:
            return None
        return Standing.REFUSED if order_id in self.refused else Standing.FINAL

    def add_named(self, order_ids: Iterable[str]) -> list[OrderView]:
        """Give places to orders that the user names, while there are any; returns the views that they begin with."""
        order_ids = dict.fromkeys(order_ids)
        more = [order_id for order_id in order_ids if order_id not in self._watched][: self._most - len(self._watched)]
        self._named.update(order_id for order_id in order_ids if order_id in self._watched or order_id in more)
        return [self._admit(order_id) for order_id in more]

    def update_list(self, order_ids: Iterable[str]) -> None:
        """Take in a list of the orders that are open."""
        self._listed = dict.fromkeys(order_ids)

    def fill_free(self, at: float) -> list[OrderView]:
        """Give the free places to orders of the last list; returns the views that they begin with.

        Args:
            at: Now, in seconds on the feed's clock.
        """
        waiting = [
            order_id for order_id in self._listed if order_id not in self._watched and self._may_enter(order_id, at)
        ]
        free = max(0, self._most - len(self._watched))
        self._waiting = len(waiting[free:])
        return [self._admit(order_id) for order_id in waiting[:free]]

    def due_for_release(self, over: Mapping[str, float], at: float, is_settled: Callable[[str], bool]) -> list[str]:
        """Return the orders that give up their place now.

        Args:
            over: The watched orders that ended or were refused, with the time when they did, the earliest first.
            at: Now, in seconds on the feed's clock.
            is_settled: Tells whether an order is complete, and no command for it is pending or worth showing.
        """
        due = takewhile(lambda order_id: over[order_id] + RELEASE_DELAY <= at, over)
        return [order_id for order_id in due if order_id not in self._named and is_settled(order_id)]

    def release(self, view: OrderView, problem: Problem | None, at: float) -> list[str]:
        """Take an order's place away and keep its view; returns the orders that are no longer kept because of that.

        Args:
            view: The last view of it.
            problem: Why the gateway refused it; None if it did not.
            at: Now, in seconds on the feed's clock.
        """
        order_id = view.order_id
        before = self._watched.pop(order_id)
        times = before.times + 1 if before is not None and before.version == view.version else 1
        rest = 0.0 if times == 1 else min(MAX_COOLDOWN, RELEASE_DELAY * 2 ** min(times - 2, 10))
        self._left[order_id] = _Left(view.version, times, at + rest)
        self.views[order_id] = view
        if problem is not None:
            self.refused[order_id] = problem
        # A list that was read before it left doesn't bring it back.
        self._listed.pop(order_id, None)
        forgotten = list(self.views)[: -self._most_kept]
        for each in forgotten:
            self._take(each)
        return forgotten

    def _may_enter(self, order_id: str, at: float) -> bool:
        left = self._left.get(order_id)
        return left is None or left.again_at <= at

    def _admit(self, order_id: str) -> OrderView:
        view, self._watched[order_id] = self._take(order_id)
        return view

    def _take(self, order_id: str) -> tuple[OrderView, _Left | None]:
        """Stop keeping an order as one that left."""
        self.refused.pop(order_id, None)
        return self.views.pop(order_id, None) or OrderView(order_id), self._left.pop(order_id, None)
