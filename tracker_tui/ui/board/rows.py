"""One line of the board: an order with how it stands at the moment."""

from __future__ import annotations

from dataclasses import dataclass

from tracker_tui.domain.attention import Assessment, Attention
from tracker_tui.ui.board.reading import Reading
from tracker_tui.wording.order_filter import status_of


@dataclass(frozen=True, slots=True, eq=False)
class BoardRow:
    """An order on the board; two entries are the same only if they are one object.

    Attributes:
        reading: What is read from the order.
        assessment: How it stands.
        is_marked: Whether the user marked it.
        is_current: Whether the link is live.
    """

    reading: Reading
    assessment: Assessment
    is_marked: bool
    is_current: bool

    @property
    def order_id(self) -> str:
        """Whose line this is."""
        return self.reading.order_id

    @property
    def is_open(self) -> bool:
        """Whether it is known and has not ended."""
        return self.assessment.attention < Attention.UNKNOWN

    @property
    def status(self) -> str:
        """Its status as the gateway names it, in lower case; empty while it isn't known."""
        return status_of(self.reading.row.view)

    @property
    def words(self) -> str:
        """What a filter's text is looked for in, in lower case."""
        return self.reading.words
