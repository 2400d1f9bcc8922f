"""The end of a run: when its orders are finished, and with which exit code."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import IntEnum

from tracker_tui.domain.order import Outcome
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.timeline import superseded
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import LinkState, Phase


class ExitCode(IntEnum):
    """Exit codes of tracker-tui; after a signal, the code is 128 + its number."""

    DONE = 0
    CRASH = 1
    USAGE = 2
    UNREACHABLE = 3
    """No server, or timed out."""
    UNKNOWN_ORDER = 4
    """An order is unknown or forbidden."""
    NOT_DELIVERED = 5
    """An order ended undelivered, or without the status of ``--until``."""
    SIGNED_OUT = 6


class OutputUnwritable(Exception):
    """The output can't be written, as on a full disk; the message is safe to print."""

    def __init__(self, error: OSError) -> None:
        super().__init__(sanitize(error.strerror or str(error)))


_PRECEDENCE = (
    ExitCode.SIGNED_OUT,
    ExitCode.UNKNOWN_ORDER,
    ExitCode.UNREACHABLE,
    ExitCode.NOT_DELIVERED,
    ExitCode.DONE,
)


def most_severe(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the code that takes precedence; `ExitCode.DONE` without any."""
    return min(codes, key=_PRECEDENCE.index, default=ExitCode.DONE)


def has_ended(view: OrderView) -> bool:
    """Return whether the order has an outcome and its view is complete."""
    return view.complete and view.state is not None and view.state.value.outcome is not None


def has_reached(view: OrderView, status: str) -> bool:
    """Return whether the order has the status now, or had it in a milestone that no correction struck."""
    if view.state is not None and view.state.value.status == status:
        return True
    entries = [entry for entry in view.history if entry.milestone.status == status]
    return bool({entry.version for entry in entries} - superseded(view)) if entries else False


def all_finished(views: Iterable[OrderView], refused: Collection[str], status: str | None) -> bool:
    """Return whether every order has ended, was refused, or has reached the status.

    Args:
        views: The orders' views.
        refused: Ids of the orders that the server refused.
        status: The status to wait for; None to wait for an outcome.
    """
    return all(
        view.order_id in refused or has_ended(view) or (status is not None and has_reached(view, status))
        for view in views
    )


def exit_code_of_orders(views: Iterable[OrderView], refused: Collection[str], status: str | None) -> ExitCode:
    """Return the exit code for the orders' present state; arguments as of `all_finished`."""
    return most_severe(_exit_code_of_order(view, refused, status) for view in views)


def exit_code_of_link(link: LinkState | None) -> ExitCode:
    """Return the exit code for the last state of the connection; None if there was no connection."""
    match link:
        case LinkState(phase=Phase.SIGNED_OUT):
            return ExitCode.SIGNED_OUT
        case LinkState(phase=Phase.FAILED, code="forbidden" | "order_not_found"):
            return ExitCode.UNKNOWN_ORDER
        case LinkState(phase=Phase.FAILED):
            return ExitCode.UNREACHABLE
        case _:
            return ExitCode.DONE


def _exit_code_of_order(view: OrderView, refused: Collection[str], status: str | None) -> ExitCode:
    if view.order_id in refused:
        return ExitCode.UNKNOWN_ORDER
    outcome = view.state.value.outcome if view.state else None
    if outcome is None or (status is not None and has_reached(view, status)):
        return ExitCode.DONE
    return ExitCode.DONE if outcome is Outcome.DELIVERED and status is None else ExitCode.NOT_DELIVERED
