"""What the board shows and in which order: sort keys, groups, and the user's saved views."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.wording.filter import MAX_LENGTH, Filter


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


class ColumnName(StrEnum):
    """A column of the board, by the word for it in the config file and in ``--columns``."""

    ORDER = "order"
    STAGE = "stage"
    PROGRESS = "progress"
    ARRIVES = "arrives"
    DUE = "due"
    CONDITION = "condition"
    EVENT = "event"
    CUSTOMER = "customer"
    COURIER = "courier"
    ITEMS = "items"
    TO = "to"
    PROMISED = "promised"
    UPDATED = "updated"
    SYNC = "sync"


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


class Grouping(StrEnum):
    """What the orders of one group have in common, by the word for it in the config file."""

    NONE = "none"
    STAGE = "stage"
    COURIER = "courier"

    @property
    def is_grouped(self) -> bool:
        """Whether there are groups."""
        return self is not Grouping.NONE

    @property
    def next(self) -> Grouping:
        """The grouping after this one; after the last one the first."""
        every = list(Grouping)
        return every[(every.index(self) + 1) % len(every)]


@dataclass(frozen=True, slots=True)
class BoardView:
    """A filter, a sort key and a grouping, under a name and a key.

    Attributes:
        name: The name, safe to show; empty for the default view.
        key: The digit that shows the view; ``0`` is the view that the board starts with.
    """

    name: str = ""
    key: str = "0"
    filter: Filter = field(default_factory=Filter)
    sort: Sort = Sort.ATTENTION
    is_reversed: bool = False
    grouping: Grouping = Grouping.NONE

    @property
    def sort_text(self) -> str:
        """The sort key as it is written in the config file, with a ``-`` if it is reversed."""
        return f"{'-' if self.is_reversed else ''}{self.sort}"


DEFAULT_VIEW = BoardView()
"""The view that the board starts with, unless the config file has one with the key ``0``."""

VIEW_KEYS = "0123456789"
"""The keys of views."""

_FIELDS = ("filter", "sort", "group", "key")

_MAX_NAME = 40
"""Characters of the name of a view."""


def parse_views(table: Mapping[str, object]) -> tuple[BoardView, ...]:
    """Return the views of a config file, ordered by key.

    Views without a key get the free keys from ``1`` on.

    Args:
        table: The fields of each view by its name, as they are written.

    Raises:
        ValueError: There is no such field or value, or too many views; the message is one line for users.
    """
    views: dict[str, BoardView] = {}
    keyless: list[BoardView] = []
    for name, fields in table.items():
        try:
            view = _parse_view(name, fields)
        except ValueError as error:
            raise ValueError(f'"{sanitize(name)}": {error}') from error
        if not view.key:
            keyless.append(view)
        elif (other := views.setdefault(view.key, view)) is not view:
            raise ValueError(f'"{view.key}" is the key of both "{other.name}" and "{view.name}": choose another key')
    free = [key for key in VIEW_KEYS[1:] if key not in views]
    if len(keyless) > len(free):
        raise ValueError(f"too many views: there are only {len(VIEW_KEYS) - 1} keys, 1 to 9, besides 0 for the start")
    views |= {key: replace(view, key=key) for key, view in zip(free, keyless, strict=False)}
    return tuple(views[key] for key in sorted(views))


def start_view(views: Iterable[BoardView], filter_text: str | None) -> BoardView:
    """Return the view that the board starts with.

    Args:
        views: The views of the config file.
        filter_text: A filter that replaces the view's; None to keep it.
    """
    view = next((view for view in views if view.key == DEFAULT_VIEW.key), DEFAULT_VIEW)
    return view if filter_text is None else replace(view, filter=Filter.parse(filter_text))


def _parse_view(name: str, fields: object) -> BoardView:
    if not isinstance(fields, Mapping):
        raise ValueError('write a table, such as {filter = "late", sort = "-eta", group = "courier"}')  # noqa: TRY004
    if not 1 <= len(name) <= _MAX_NAME:
        raise ValueError(f"a name has 1 to {_MAX_NAME} characters")
    for unknown in fields.keys() - set(_FIELDS):
        raise ValueError(f'unknown field "{sanitize(str(unknown))}"; known fields: {", ".join(_FIELDS)}')
    for field_, value in fields.items():
        if not isinstance(value, str):
            raise ValueError(f"{field_}: write a text in quotes")  # noqa: TRY004
    filter_text, sort = fields.get("filter", ""), fields.get("sort", Sort.ATTENTION)
    if len(filter_text) > MAX_LENGTH:
        raise ValueError(f"filter: a filter has at most {MAX_LENGTH} characters")
    key = fields.get("key", "")
    if key and (len(key) != 1 or key not in VIEW_KEYS):
        raise ValueError(f'key: "{sanitize(key)}" is not a digit, such as "1"')
    return BoardView(
        sanitize(name),
        key,
        Filter.parse(filter_text),
        Sort(_choice("sort", sort.removeprefix("-").lower(), list(Sort))),
        sort.startswith("-"),
        Grouping(_choice("group", fields.get("group", Grouping.NONE).lower(), list(Grouping))),
    )


def _choice(name: str, text: str, choices: Iterable[str]) -> str:
    if text not in choices:
        raise ValueError(f'{name}: "{sanitize(text)}" is not one of {", ".join(choices)}')
    return text
