"""The state of the list of orders: the last reading, and the failed ones since then (PROTOCOL §5)."""

from __future__ import annotations

from dataclasses import dataclass, replace

INTERVAL = 10.0
"""Seconds between two readings of the list (PROTOCOL §5)."""

MAX_AGE = 25.0
"""Seconds after which the list is out of date: two readings are missing."""

MAX_FAILURES = 2
"""Failed readings in a row after which the list is out of date."""


@dataclass(frozen=True, slots=True)
class ListState:
    """The list of orders as the session knows it.

    Attributes:
        read_at: When the list was last read, in seconds on the feed's clock; None before the first reading.
        failures: Failed readings since then.
        reason: Why the last reading failed, for display; None if it succeeded.
    """

    read_at: float | None = None
    failures: int = 0
    reason: str | None = None

    @property
    def expires_at(self) -> float | None:
        """When the list is out of date by its age; None before the first reading."""
        return None if self.read_at is None else self.read_at + MAX_AGE

    def is_current(self, at: float) -> bool:
        """Return whether the list is up to date."""
        return self.expires_at is not None and at < self.expires_at and self.failures < MAX_FAILURES

    def with_failure(self, reason: str) -> ListState:
        """Return the state after a failed reading."""
        return replace(self, failures=self.failures + 1, reason=reason)
