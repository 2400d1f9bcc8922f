"""Assessments of a feed's orders, each made at the moment up to which the order is known to be true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tracker_tui.domain.attention import Assessment, AssessmentBasis, assess, stuck_since
from tracker_tui.domain.timeline import entered, has_same_past, is_reopened
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Change, LinkChanged, OrderChanged, OrderForgotten, Phase, Standing

if TYPE_CHECKING:
    from tracker_tui.link.clock import Clock

_LIVE = {Phase.LIVE, Phase.FINAL}

_COMPLETE = {Standing.IN_SYNC, Standing.FINAL}


@dataclass(slots=True)
class _Knowledge:
    """The time up to which one order is known.

    Attributes:
        is_complete: Whether the order is in sync.
        until: The last wall time at which the order was known to be true; until then, the time of its first change.
    """

    is_complete: bool
    until: datetime


@dataclass(frozen=True, slots=True)
class _Past:
    """A view, and the values of its assessment that change only with the view."""

    view: OrderView
    entered_at: datetime | None
    is_reopened: bool
    basis: AssessmentBasis


class Assessments:
    """Assesses orders: now while the link is live and the order in sync, else at the last time when that was so.

    Every change of the feed is given to `observe`; a change that was observed before has no effect.

    Args:
        clock: The clock; only its wall time is used.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._is_live = False
        self._orders: dict[str, _Knowledge] = {}
        self._pasts: dict[str, _Past] = {}

    def observe(self, change: Change) -> None:
        """Take in a change."""
        match change:
            case LinkChanged(link=link):
                if self._is_live and link.phase not in _LIVE:
                    now = self._clock.wall()
                    for order in self._orders.values():
                        if order.is_complete:
                            order.until = now
                self._is_live = link.phase in _LIVE
            case OrderChanged(order_id=order_id, standing=standing):
                self._observe_standing(order_id, is_complete=standing in _COMPLETE)
            case OrderForgotten(order_id=order_id):
                self._orders.pop(order_id, None)
                self._pasts.pop(order_id, None)

    def known_until(self, order_id: str) -> datetime:
        """Return the wall time up to which an order is known; now if the feed has not reported it."""
        order = self._orders.get(order_id)
        if order is None or (self._is_live and order.is_complete):
            return self._clock.wall()
        return order.until

    def basis_of(self, view: OrderView) -> AssessmentBasis:
        """Return the basis of a view's assessment; it is kept until the view changes."""
        before = self._pasts.get(view.order_id)
        if before is not None and before.view is view:
            return before.basis
        if before is not None and has_same_past(before.view, view):
            entered_at, reopened = before.entered_at, before.is_reopened
        else:
            entered_at, reopened = entered(view), is_reopened(view)
        basis = AssessmentBasis(stuck_since(view, entered_at), reopened)
        self._pasts[view.order_id] = _Past(view, entered_at, reopened, basis)
        return basis

    def of(self, view: OrderView) -> Assessment:
        """Return the assessment of an order."""
        return assess(view, self.known_until(view.order_id), self.basis_of(view))

    def _observe_standing(self, order_id: str, *, is_complete: bool) -> None:
        order = self._orders.get(order_id)
        if order is None:
            self._orders[order_id] = _Knowledge(is_complete, self._clock.wall())
            return
        if self._is_live and order.is_complete and not is_complete:
            order.until = self._clock.wall()
        order.is_complete = is_complete
