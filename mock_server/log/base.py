"""What the gateway asks of an event log, wherever it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tracker_tui.domain.order import MilestoneKind


@dataclass(frozen=True, slots=True)
class MilestoneDraft:
    """A milestone that has no seq yet: the log gives it one when it is appended.

    Attributes:
        supersedes: Seqs of earlier milestones of the order, in the present epoch, that this one corrects.
    """

    kind: MilestoneKind
    status: str
    occurred_at: datetime
    note: str | None = None
    source: str | None = None
    supersedes: tuple[int, ...] = ()
    command_id: str | None = None
