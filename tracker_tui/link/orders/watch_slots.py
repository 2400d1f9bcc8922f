"""Chooses the watched orders where there are more than one stream can serve; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any

from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Coverage, Standing
from tracker_tui.link.http.server import MAX_ORDERS
from tracker_tui.wire.messages import Problem

RELEASE_DELAY = 60.0
"""Seconds from the end or the refusal of an order until it may release its slot."""

MAX_RELEASED = 1_000
"""Maximum number of released orders whose view is kept, to show it and to resume from it."""

MAX_REMOVED = 10_000
"""Maximum number of orders that the list does not bring back after the user removed them: as many as it may name."""

MAX_COOLDOWN = 3_600.0
"""Maximum seconds for which an order that is released again and again gets no slot."""


@dataclass(frozen=True, slots=True)
class _Release:
    """The release of an order's slot.

    Attributes:
        version: The version of its view.
        count: Releases in a row with the same version.
        again_at: When it may get a slot again, in seconds on the feed's clock.
    """

    version: Cursor | None
    count: int
    again_at: float


class WatchSlots:
    """Gives slots to orders, and keeps the last views of the released ones.

    An order of the list releases its slot some time after it ended or was refused. It gets one again as soon as a later
    list names it. If the list keeps naming it without a new version, it gets a slot less and less often: on most
    transports each new slot costs another stream.

    An order that the user names takes the slot of one of the list, if no other is free. One that the user removes gets
    a slot only when it is named again.

    Args:
        named: Orders that the user named; they never release their slot.
        capacity: Number of slots.
        max_released: Released orders whose view is kept.

    Attributes:
        views: The last views of the released orders, oldest first.
        refused: Why some of these were refused.
    """

    def __init__(
        self, named: Iterable[str] = (), *, capacity: int = MAX_ORDERS, max_released: int = MAX_RELEASED
    ) -> None:
        self.views: dict[str, OrderView] = {}
        self.refused: dict[str, Problem] = {}
        self._capacity = capacity
        self._max_released = max_released
        self._watched: dict[str, _Release | None] = dict.fromkeys(named)
        self._named = set(self._watched)
        self._released: dict[str, _Release] = {}
        self._hidden: dict[str, OrderView] = {}
        self._removed: dict[str, None] = {}
        self._listed: dict[str, None] = {}
        self._waiting = 0

    @property
    def coverage(self) -> Coverage:
        """The number of orders with a slot, and of those that need one."""
        return Coverage(len(self._watched), len(self._watched) + self._waiting)

    def standing(self, order_id: str) -> Standing | None:
        """Return the standing of a released order; None for any other order."""
        if order_id not in self.views:
            return None
        return Standing.REFUSED if order_id in self.refused else Standing.FINAL

    def add_named(self, order_ids: Iterable[str]) -> list[OrderView]:
        """Give slots to orders that the user names, while slots are free; return the views that they start with."""
        order_ids = dict.fromkeys(order_ids)
        more = [order_id for order_id in order_ids if order_id not in self._watched][
            : self._capacity - len(self._watched)
        ]
        self._named.update(order_id for order_id in order_ids if order_id in self._watched or order_id in more)
        for order_id in more:
            self._removed.pop(order_id, None)
        return [self._admit(order_id) for order_id in more]

    def crowded_out(self, order_ids: Iterable[str], may_leave: Callable[[str], bool]) -> list[str]:
        """Return the orders of the list that make room for orders that the user names: the newest, as many as needed.

        Args:
            order_ids: The orders that the user names.
            may_leave: Returns whether an order may leave now.
        """
        wanted = set(order_ids)
        lacking = len(self._watched.keys() | wanted) - self._capacity
        leaving = (each for each in reversed(self._watched) if each not in self._named | wanted and may_leave(each))
        return list(islice(leaving, max(0, lacking)))

    def update_list(self, order_ids: Iterable[str]) -> None:
        """Take a new list of the open orders."""
        self._listed = {order_id: None for order_id in order_ids if order_id not in self._removed}

    def fill_free(self, at: float) -> list[OrderView]:
        """Give the free slots to orders of the last list; return the views that they start with.

        Args:
            at: Now, in seconds on the feed's clock.
        """
        waiting = [
            order_id for order_id in self._listed if order_id not in self._watched and self._may_enter(order_id, at)
        ]
        free = max(0, self._capacity - len(self._watched))
        self._waiting = len(waiting[free:])
        return [self._admit(order_id) for order_id in waiting[:free]]

    def due_for_release(
        self, finished_at: Mapping[str, float], at: float, is_settled: Callable[[str], bool]
    ) -> list[str]:
        """Return the orders that release their slot now.

        Args:
            finished_at: The watched orders that ended or were refused, with the time of that, the earliest first.
            at: Now, in seconds on the feed's clock.
            is_settled: Returns whether an order is complete, and has no command to show.
        """
        due = takewhile(lambda order_id: finished_at[order_id] + RELEASE_DELAY <= at, finished_at)
        return [order_id for order_id in due if order_id not in self._named and is_settled(order_id)]

    def release(self, view: OrderView, problem: Problem | None, at: float) -> list[str]:
        """Release the slot of an order and keep its view; return the orders whose view is dropped instead.

        Args:
            view: The last view of it.
            problem: Why the server refused it; None if it did not.
            at: Now, in seconds on the feed's clock.
        """
        order_id = view.order_id
        before = self._watched.pop(order_id)
        count = before.count + 1 if before is not None and before.version == view.version else 1
        cooldown = 0.0 if count == 1 else min(MAX_COOLDOWN, RELEASE_DELAY * 2 ** min(count - 2, 10))
        self._released[order_id] = _Release(view.version, count, at + cooldown)
        self.views[order_id] = view
        if problem is not None:
            self.refused[order_id] = problem
        # A list that was read before the release does not bring the order back.
        self._listed.pop(order_id, None)
        dropped = list(self.views)[: -self._max_released]
        for each in dropped:
            self._take(each)
        return dropped

    def hide(self, view: OrderView) -> None:
        """Free the slot of an order, and show it no more; its view is kept for its next slot."""
        order_id = view.order_id
        if order_id in self._watched:
            del self._watched[order_id]
        else:
            view, _ = self._take(order_id)
        self._named.discard(order_id)
        self._hidden[order_id] = view
        _drop_oldest(self._hidden, self._max_released)

    def remove(self, order_id: str) -> None:
        """Ignore an order in every list, until the user names it again."""
        self._removed[order_id] = None
        _drop_oldest(self._removed, MAX_REMOVED)
        self._listed.pop(order_id, None)

    def _may_enter(self, order_id: str, at: float) -> bool:
        release = self._released.get(order_id)
        return release is None or release.again_at <= at

    def _admit(self, order_id: str) -> OrderView:
        view, self._watched[order_id] = self._take(order_id)
        return view

    def _take(self, order_id: str) -> tuple[OrderView, _Release | None]:
        """Remove an order from the released or hidden ones; return its view and its release."""
        self.refused.pop(order_id, None)
        hidden = self._hidden.pop(order_id, None)
        view = self.views.pop(order_id, None) or hidden or OrderView(order_id)
        return view, self._released.pop(order_id, None)


def _drop_oldest(entries: dict[str, Any], limit: int) -> None:
    while len(entries) > limit:
        del entries[next(iter(entries))]
