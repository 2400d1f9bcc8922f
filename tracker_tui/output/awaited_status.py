"""The status of ``--until``: whether the orders can have it, or whether it is misspelt."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from tracker_tui.domain.order import Outcome
from tracker_tui.domain.timeline import SIDE_STATES
from tracker_tui.domain.view import OrderView

_CLOSE = 0.8
"""Similarity from which on a status counts as misspelt, of at most 1 (`difflib.SequenceMatcher.ratio`)."""


@dataclass(frozen=True, slots=True)
class StatusCheck:
    """The result of looking for a status.

    Attributes:
        is_known: Whether it is a stage, an outcome, a side state, or in the history of an order. An order can have a
            status that is none of these, so that an unknown one may still come.
        stages: The stages of all orders.
        nearest: The known status that a misspelt one is meant to be; None if no known one is close.
    """

    is_known: bool
    stages: tuple[str, ...]
    nearest: str | None = None


def check_status(views: Iterable[OrderView], refused: Collection[str], status: str) -> StatusCheck | None:
    """Return whether the orders can have a status; None until the stages of every order are known.

    Args:
        views: The orders' views.
        refused: Ids of the orders that the server refused.
        status: The status to look for.
    """
    watched = [view for view in views if view.order_id not in refused]
    if not watched or any(view.facts is None for view in watched):
        return None
    stages = tuple(dict.fromkeys(stage.id for view in watched for stage in view.stages))
    known = dict.fromkeys([*stages, *Outcome, *SIDE_STATES, *(each for view in watched for each in _past(view))])
    if status in known:
        return StatusCheck(True, stages)
    return StatusCheck(False, stages, _nearest(status, known))


def _past(view: OrderView) -> Iterable[str]:
    """Return the statuses that an order has or had."""
    current = [view.current.status] if view.current is not None else []
    return [*current, *(entry.milestone.status for entry in view.history)]


def _nearest(status: str, known: Iterable[str]) -> str | None:
    from difflib import get_close_matches  # noqa: PLC0415 - slow to load, rarely needed

    by_lower_case = {each.casefold(): each for each in known}
    matches = get_close_matches(status.casefold(), by_lower_case, 1, _CLOSE)
    return by_lower_case[matches[0]] if matches else None
