"""How a run ends: when its orders are settled, and the exit code that they deserve (DESIGN §3)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import IntEnum

from tracker_tui.domain.order import Outcome
from tracker_tui.domain.timeline import superseded
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import LinkState, Phase


class ExitCode(IntEnum):
    """The exit codes of tracker-tui; signals end with 128 + their number."""

    DONE = 0
    CRASH = 1
    USAGE = 2
    UNREACHABLE = 3
    """No gateway, or out of time."""
    UNKNOWN_ORDER = 4
    """An order is unknown or forbidden."""
    NOT_DELIVERED = 5
    """An order ended without being delivered, or without the status that was waited for."""
    SIGNED_OUT = 6


_PRECEDENCE = (ExitCode.SIGNED_OUT, ExitCode.UNKNOWN_ORDER, ExitCode.UNREACHABLE, ExitCode.NOT_DELIVERED, ExitCode.DONE)


def most_severe(exits: Iterable[ExitCode]) -> ExitCode:
    """The one of several reasons to exit that is told."""
    return min(exits, key=_PRECEDENCE.index, default=ExitCode.DONE)


def has_ended(view: OrderView) -> bool:
    """Whether the order has an outcome and nothing about it is missing."""
    return view.complete and view.state is not None and view.state.value.outcome is not None


def has_reached(view: OrderView, status: str) -> bool:
    """Whether the order has `status` now, or had it by a milestone that no correction struck."""
    if view.state is not None and view.state.value.status == status:
        return True
    entries = [entry for entry in view.history if entry.milestone.status == status]
    return bool({entry.version for entry in entries} - superseded(view)) if entries else False


def stages_without(views: Iterable[OrderView], refused: Collection[str], status: str) -> tuple[str, ...]:
    """The stages of the orders, if all of those are known and `status` is neither one of them nor any order's by now.

    An order may have a status that is in no flow, so this is a reason to say so and none to stop.
    """
    known = [view for view in views if view.order_id not in refused]
    if status in set(Outcome) or any(view.facts is None or has_reached(view, status) for view in known):
        return ()
    flows = [view.facts.value.flow for view in known if view.facts is not None]
    stages = tuple(dict.fromkeys(stage.id for flow in flows for stage in flow.stages))
    return () if status in stages else stages


def all_finished(views: Iterable[OrderView], refused: Collection[str], status: str | None) -> bool:
    """Whether no order is left to wait for.

    Args:
        views: The orders' views.
        refused: Ids of orders that the gateway refused for good.
        status: The status waited for; None to wait for an outcome.
    """
    return all(
        view.order_id in refused or has_ended(view) or (status is not None and has_reached(view, status))
        for view in views
    )


def exit_code_of_orders(views: Iterable[OrderView], refused: Collection[str], status: str | None) -> ExitCode:
    """The exit code that the orders as they are deserve; arguments as of `all_finished`."""
    return most_severe(_judge(view, refused, status) for view in views)


def exit_code_of_link(link: LinkState | None) -> ExitCode:
    """The exit code that the connection deserves as it was left; None if there never was one."""
    match link:
        case LinkState(phase=Phase.SIGNED_OUT):
            return ExitCode.SIGNED_OUT
        case LinkState(phase=Phase.FAILED, code="forbidden" | "order_not_found"):
            return ExitCode.UNKNOWN_ORDER
        case LinkState(phase=Phase.FAILED):
            return ExitCode.UNREACHABLE
        case _:
            return ExitCode.DONE


def _judge(view: OrderView, refused: Collection[str], status: str | None) -> ExitCode:
    if view.order_id in refused:
        return ExitCode.UNKNOWN_ORDER
    outcome = view.state.value.outcome if view.state else None
    if outcome is None or (status is not None and has_reached(view, status)):
        return ExitCode.DONE
    return ExitCode.DONE if outcome is Outcome.DELIVERED and status is None else ExitCode.NOT_DELIVERED
