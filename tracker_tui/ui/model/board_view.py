"""What the board shows and in which order: the sort keys."""

from __future__ import annotations

from enum import StrEnum


class Sort(StrEnum):
    """A sort key of the board, by the word for it in the config file; of equal rows the smaller id comes first."""

    ATTENTION = "attention"
    ID = "id"
    STAGE = "stage"
    ETA = "eta"
    PROMISE = "promise"
    UPDATED = "updated"
    CUSTOMER = "customer"
    COURIER = "courier"


SORT_WORDS = {
    Sort.ATTENTION: ("worst first", "best first"),
    Sort.ID: ("A to Z", "Z to A"),
    Sort.STAGE: ("furthest along first", "least far first"),
    Sort.ETA: ("next arrival first", "last arrival first"),
    Sort.PROMISE: ("most late first", "most early first"),
    Sort.UPDATED: ("latest change first", "oldest change first"),
    Sort.CUSTOMER: ("A to Z", "Z to A"),
    Sort.COURIER: ("A to Z", "Z to A"),
}
"""Per sort key the words for its order, and for the reverse order."""


SORT_LABELS = {sort: "ETA" if sort is Sort.ETA else str(sort) for sort in Sort}
"""Per sort key its name on the screens."""


def sort_words(sort: Sort, *, is_reversed: bool) -> str:
    """Return the words for the order of a sort key: ``next arrival first``."""
    return SORT_WORDS[sort][is_reversed]
