"""An output that cannot be written: an error apart from the loops that write, for who needs none of them."""

from __future__ import annotations

from tracker_tui.domain.sanitize import sanitize


class OutputUnwritable(Exception):
    """What was to be written cannot be, though somebody may be there to read it; says why, safe to show."""

    def __init__(self, error: OSError) -> None:
        super().__init__(sanitize(error.strerror or str(error)))
