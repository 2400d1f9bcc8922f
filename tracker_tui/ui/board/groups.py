"""Groups of rows: by stage or by courier, the group with the worst order first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tracker_tui.domain.attention import Attention
from tracker_tui.ui.board.calm_order import CalmOrder
from tracker_tui.ui.board.counts import BoardCounts, count_rows
from tracker_tui.ui.board.rows import BoardRow
from tracker_tui.ui.model.board_view import Grouping

WITHOUT_COURIER = "No courier"
"""Name of the group of orders without a courier."""

WITHOUT_STAGE = "No data yet"
"""Name of the group of orders of which nothing is known."""


@dataclass(frozen=True, slots=True)
class GroupTitle:
    """The title line of a group.

    Attributes:
        name: The stage or the courier, safe to show.
        worst: The row of the order that needs attention first.
        counts: The numbers of its orders.
        is_collapsed: Whether its rows are hidden.
    """

    name: str
    worst: BoardRow
    counts: BoardCounts
    is_collapsed: bool

    @property
    def line_id(self) -> str:
        """A name for the title among all lines of the board; ids of orders have no space."""
        return f"group {self.name}"


BoardLine = BoardRow | GroupTitle
"""A line of the board's table."""

_NAMES: Mapping[Grouping, Callable[[BoardRow], str]] = {
    Grouping.STAGE: lambda row: row.stage or WITHOUT_STAGE,
    Grouping.COURIER: lambda row: row.courier_name or WITHOUT_COURIER,
}


class Groups:
    """Arranges rows in groups, which move as calmly as rows do.

    Attributes:
        grouping: What the orders of a group have in common.
    """

    def __init__(self) -> None:
        self.grouping = Grouping.NONE
        self._order = CalmOrder()
        self._collapsed_by_default = False
        self._exceptions: set[str] = set()

    def choose(self, grouping: Grouping) -> None:
        """Group by something else, with all groups expanded."""
        self.grouping = grouping
        self._order = CalmOrder()
        self._collapsed_by_default = False
        self._exceptions.clear()

    def is_collapsed(self, name: str) -> bool:
        """Return whether the rows of a group are hidden."""
        return (name in self._exceptions) is not self._collapsed_by_default

    def toggle(self, name: str) -> None:
        """Collapse or expand a group."""
        self._exceptions ^= {name}

    def toggle_all(self) -> None:
        """Collapse all groups, also later ones; if all are collapsed, expand them."""
        self._collapsed_by_default = not (self._collapsed_by_default and not self._exceptions)
        self._exceptions.clear()

    def lines(self, rows: Sequence[BoardRow], *, is_due: bool) -> Sequence[BoardLine]:
        """Return the rows with a title for each group; without a grouping only the rows.

        Args:
            rows: The rows, sorted.
            is_due: Whether the groups may be sorted now.
        """
        name_of = _NAMES.get(self.grouping)
        if name_of is None:
            return rows
        groups: dict[str, list[BoardRow]] = {}
        for row in rows:
            groups.setdefault(name_of(row), []).append(row)
        worst = {name: min(members, key=_urgency) for name, members in groups.items()}
        classes = {name: row.placement for name, row in worst.items()}
        self._order = self._order.follow(
            classes, lambda: sorted(groups, key=lambda name: (_urgency(worst[name]), name)), is_due=is_due
        )
        return list(self._lines((name, worst[name], groups[name]) for name in self._order.keys))

    def _lines(self, groups: Iterable[tuple[str, BoardRow, list[BoardRow]]]) -> Iterable[BoardLine]:
        for name, worst, members in groups:
            is_collapsed = self.is_collapsed(name)
            yield GroupTitle(name, worst, count_rows(members, len(members)), is_collapsed)
            if not is_collapsed:
                yield from members


def _urgency(row: BoardRow) -> tuple[tuple[Attention, bool], float, object]:
    return row.placement, -row.assessment.severity, row.natural_id
