"""The known order id that a user probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

MIN_LENGTH = 3
"""Ids with fewer characters are similar to too many others."""

MIN_LENGTH_REPLACED = 4
"""The same, for a replaced character: two ids in a row differ in one."""


class _Slip(IntEnum):
    """One mistake that turns an id into another, the least ambiguous kind first."""

    CASE = 0
    SWAPPED = 1
    LENGTH = 2
    """A character is missing, or there is one too many."""
    REPLACED = 3


def closest(order_id: str, known: Iterable[str]) -> str | None:
    """Return the known id that differs in case only, or by one slip; None if there is none, or several.

    Args:
        order_id: The id that was not found.
        known: The ids that the user may see, in any order.
    """
    best: _Slip | None = None
    candidates: set[str] = set()
    for candidate in known:
        slip = None if candidate == order_id else _slip_between(order_id.lower(), candidate.lower())
        if slip is None or (best is not None and slip > best):
            continue
        if slip != best:
            best, candidates = slip, set()
        candidates.add(candidate)
    return candidates.pop() if len(candidates) == 1 else None


def _slip_between(typed: str, meant: str) -> _Slip | None:
    """Return the one slip that turns `meant` into `typed`, both in lower case; None if it takes more than one."""
    if typed == meant:
        return _Slip.CASE
    shorter, longer = sorted((typed, meant), key=len)
    if len(shorter) < MIN_LENGTH or len(longer) - len(shorter) > 1:
        return None
    pairs = zip(shorter, longer, strict=False)
    start = next((index for index, (one, other) in enumerate(pairs) if one != other), len(shorter))
    if len(shorter) != len(longer):
        return _Slip.LENGTH if shorter[start:] == longer[start + 1 :] else None
    if typed[start : start + 2] == meant[start : start + 2][::-1] and typed[start + 2 :] == meant[start + 2 :]:
        return _Slip.SWAPPED
    if len(typed) >= MIN_LENGTH_REPLACED and typed[start + 1 :] == meant[start + 1 :]:
        return _Slip.REPLACED
    return None
