"""What changed on each row since the user last looked at it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tracker_tui.domain.attention import Attention
from tracker_tui.domain.order import Outcome
from tracker_tui.ui.board.rows import BoardRow


@dataclass(frozen=True, slots=True)
class _Look:
    """The part of a row whose change is worth a look; a moving courier or estimate is not."""

    status: str
    outcome: Outcome | None
    attention: Attention
    last_event: tuple[datetime, str] | None


class News:
    """The rows as the user last looked at them.

    What the start finds is no news.

    Attributes:
        version: A number that changes when every row must be marked again.
    """

    def __init__(self) -> None:
        self.version = 0
        self._looks: dict[str, _Look] = {}
        self._looked_at: set[str] = set()

    def is_news(self, row: BoardRow) -> bool:
        """Return whether a row changed since the user last looked at it; the first known row counts as looked at."""
        look = _look(row)
        return look is not None and self._looks.setdefault(row.order_id, look) != look

    def forget(self) -> None:
        """Count the next state of every row as looked at."""
        self._looks = {}
        self.version += 1

    def look_at(self, rows: Iterable[BoardRow]) -> None:
        """Take note that the user looks at some rows."""
        for row in rows:
            look = _look(row)
            if look is not None and self._looks.get(row.order_id) != look:
                self._looks[row.order_id] = look
                self._looked_at.add(row.order_id)

    def take_looked_at(self) -> frozenset[str]:
        """Return the ids of the orders that were looked at since the last call."""
        taken, self._looked_at = frozenset(self._looked_at), set()
        return taken


def _look(row: BoardRow) -> _Look | None:
    state = row.view.current
    if state is None or row.view.order is None:
        return None
    return _Look(state.status, state.outcome, row.assessment.attention, row.last_event)
