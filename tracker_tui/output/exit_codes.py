"""How a run ends: when its orders are settled, and the exit code that they deserve (DESIGN §3)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import IntEnum

from tracker_tui.domain.order import Outcome
from tracker_tui.domain.timeline import superseded
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import LinkState, Phase


class Exit(IntEnum):
    """The exit codes of tracker-tui; signals end with 128 + their number."""

    DONE = 0
    CRASH = 1
    USAGE = 2
    UNREACHABLE = 3
    """No gateway, or out of time."""
    UNKNOWN_ORDER = 4
    """An order is unknown or forbidden."""
    OTHERWISE = 5
    """An order ended without being delivered, or without the status that was waited for."""
    SIGNED_OUT = 6


_PRECEDENCE = (Exit.SIGNED_OUT, Exit.UNKNOWN_ORDER, Exit.UNREACHABLE, Exit.OTHERWISE, Exit.DONE)


def first_of(exits: Iterable[Exit]) -> Exit:
    """The one of several reasons to exit that is told."""
    return min(exits, key=_PRECEDENCE.index, default=Exit.DONE)


def ended(view: OrderView) -> bool:
    """Whether the order has an outcome and nothing about it is missing."""
    return view.complete and view.state is not None and view.state.value.outcome is not None


def reached(view: OrderView, status: str) -> bool:
    """Whether the order has `status` now, or had it by a milestone that no correction struck."""
    if view.state is not None and view.state.value.status == status:
        return True
    entries = [entry for entry in view.history if entry.milestone.status == status]
    return bool({entry.version for entry in entries} - superseded(view)) if entries else False


def foreign(views: Iterable[OrderView], refused: Collection[str], status: str) -> tuple[str, ...]:
    """The stages of the orders, if all of those are known and `status` is neither one of them nor any order's by now.

    An order may have a status that is in no flow, so this is a reason to say so and none to stop.
    """
    known = [view for view in views if view.order_id not in refused]
    if status in set(Outcome) or any(view.facts is None or reached(view, status) for view in known):
        return ()
    flows = [view.facts.value.flow for view in known if view.facts is not None]
    stages = tuple(dict.fromkeys(stage.id for flow in flows for stage in flow.stages))
    return () if status in stages else stages


def settled(views: Iterable[OrderView], refused: Collection[str], status: str | None) -> bool:
    """Whether no order is left to wait for.

    Args:
        views: The orders' views.
        refused: Ids of orders that the gateway refused for good.
        status: The status waited for; None to wait for an outcome.
    """
    return all(
        view.order_id in refused or ended(view) or (status is not None and reached(view, status)) for view in views
    )


def judge(views: Iterable[OrderView], refused: Collection[str], status: str | None) -> Exit:
    """The exit code that the orders as they are deserve; arguments as of `settled`."""
    return first_of(_judge(view, refused, status) for view in views)


def judge_link(link: LinkState | None) -> Exit:
    """The exit code that the connection deserves as it was left; None if there never was one."""
    match link:
        case LinkState(phase=Phase.SIGNED_OUT):
            return Exit.SIGNED_OUT
        case LinkState(phase=Phase.FAILED, code="forbidden" | "order_not_found"):
            return Exit.UNKNOWN_ORDER
        case LinkState(phase=Phase.FAILED):
            return Exit.UNREACHABLE
        case _:
            return Exit.DONE


def _judge(view: OrderView, refused: Collection[str], status: str | None) -> Exit:
    if view.order_id in refused:
        return Exit.UNKNOWN_ORDER
    outcome = view.state.value.outcome if view.state else None
    if outcome is None or (status is not None and reached(view, status)):
        return Exit.DONE
    return Exit.DONE if outcome is Outcome.DELIVERED and status is None else Exit.OTHERWISE
