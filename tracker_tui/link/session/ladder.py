"""The ladder of transports: step down if a network blocks one, and try to climb back from time to time.

A failure counts against a transport only if the gateway itself answers meanwhile: outages do not count. The evidence
belongs to one server and lasts as long as the feed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

from tracker_tui.domain.transport import TransportName

PROBES = (60.0, 120.0, 300.0, 600.0)
"""Seconds until the next better transport is tried, after a step down and each failed probe; the last one repeats."""

FAILURES = 2
"""Confirmed failures in a row without hello that cause a step down."""

SHORT_LIVES = 3
"""Confirmed short lives within `SHORT_LIVES_WITHIN` seconds that cause a step down."""

SHORT_LIVES_WITHIN = 60.0

EXCEPTIONS = 3
"""Unexpected exceptions of one kind in a row that cause a step down."""

SHORT_LIFE = 10.0
"""Seconds from hello below which a stream that ended unplanned counts as short-lived."""

LABELS: dict[str, str] = {name.value: name.label for name in TransportName}
"""Names of the transports for display."""


class Failure(Enum):
    """A kind of failure of a transport."""

    BLOCKED = auto()
    """Something other than the gateway refused the stream."""
    NO_HELLO = auto()
    """The stream opened, and no hello arrived."""
    SHORT_LIFE = auto()
    """The stream ended unplanned soon after hello."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A transport on the ladder; `duplex` as in `transports.base.Transport`."""

    name: str
    duplex: bool


@dataclass(frozen=True, slots=True)
class Ladder:
    """The transports, and the evidence against the current one.

    Attributes:
        rungs: The transports, best first; at least one.
        probes: See `PROBES`.
        index: Index of the current transport.
        failures: Its confirmed failures in a row without hello.
        short_lives: Times at which its confirmed short lives ended: at most `SHORT_LIVES`, all within
            `SHORT_LIVES_WITHIN` seconds of the last one.
        exceptions: Kind of the last unexpected exception, and how often it was raised in a row.
        failed_probes: Failed probes since the last step down that did not follow a climb at once.
        probe_at: When to try a better transport; None on the best one.
        climbed_at: When the last climb was.
        reason: Why a better transport is not in use, for display.
    """

    rungs: tuple[Rung, ...]
    probes: tuple[float, ...] = PROBES
    index: int = 0
    failures: int = 0
    short_lives: tuple[float, ...] = ()
    exceptions: tuple[str, int] = ("", 0)
    failed_probes: int = 0
    probe_at: float | None = None
    climbed_at: float = float("-inf")
    reason: str | None = None

    @property
    def rung(self) -> Rung:
        """The current transport."""
        return self.rungs[self.index]

    @property
    def is_lowest(self) -> bool:
        """Whether there is no transport to step down to."""
        return self.index == len(self.rungs) - 1


def count_failure(ladder: Ladder, failure: Failure, reason: str, at: float) -> Ladder:
    """Count a failure of the current transport, after which the gateway itself answered a GET."""
    if ladder.is_lowest:
        return ladder
    match failure:
        case Failure.SHORT_LIFE:
            ladder = remember_short_life(ladder, at)
            enough = len(ladder.short_lives) >= SHORT_LIVES
        case Failure.NO_HELLO:
            ladder, enough = replace(ladder, failures=ladder.failures + 1), ladder.failures + 1 >= FAILURES
        case Failure.BLOCKED:
            enough = True
    return _down(ladder, reason, at) if enough else ladder


def remember_short_life(ladder: Ladder, at: float) -> Ladder:
    """Add a confirmed short life, and drop those that are too old to count."""
    recent = [then for then in ladder.short_lives if at - then < SHORT_LIVES_WITHIN]
    return replace(ladder, short_lives=(*recent, at)[-SHORT_LIVES:])


def count_exception(ladder: Ladder, kind: str, reason: str, at: float) -> Ladder:
    """Count an unexpected exception of the current transport; enough of one kind in a row are a step down."""
    before, times = ladder.exceptions
    times = times + 1 if kind == before else 1
    if times >= EXCEPTIONS and not ladder.is_lowest:
        return _down(ladder, reason, at)
    return replace(ladder, exceptions=(kind, times))


def clear_exceptions(ladder: Ladder) -> Ladder:
    """Reset the count of unexpected exceptions: the transport works, or failed in an expected way."""
    return replace(ladder, exceptions=("", 0)) if ladder.exceptions != ("", 0) else ladder


def clear_failures(ladder: Ladder) -> Ladder:
    """Drop the evidence against the transport: the gateway itself did not answer either."""
    return replace(ladder, failures=0, short_lives=()) if ladder.failures or ladder.short_lives else ladder


def hello_received(ladder: Ladder) -> Ladder:
    """Reset the count of failures without hello."""
    return replace(ladder, failures=0) if ladder.failures else ladder


def probe_failed(ladder: Ladder, at: float) -> Ladder:
    """Plan the next probe after a failed one."""
    tried = ladder.failed_probes + 1
    return replace(ladder, failed_probes=tried, probe_at=at + _wait(ladder, tried))


def climbed(ladder: Ladder, at: float) -> Ladder:
    """Make the next better transport the current one."""
    rung = ladder.index - 1
    return replace(
        ladder,
        index=rung,
        failures=0,
        short_lives=(),
        exceptions=("", 0),
        probe_at=at + _wait(ladder, 0) if rung else None,
        climbed_at=at,
        reason=ladder.reason if rung else None,
    )


def _down(ladder: Ladder, reason: str, at: float) -> Ladder:
    # A step down right after a climb counts as a failed probe, so that the next climb comes later.
    tried = ladder.failed_probes + 1 if at - ladder.climbed_at < SHORT_LIVES_WITHIN else 0
    return replace(
        ladder,
        index=ladder.index + 1,
        failures=0,
        short_lives=(),
        exceptions=("", 0),
        failed_probes=tried,
        probe_at=at + _wait(ladder, tried),
        reason=f"{LABELS.get(ladder.rung.name, ladder.rung.name)}: {reason}",
    )


def _wait(ladder: Ladder, tried: int) -> float:
    return ladder.probes[min(tried, len(ladder.probes) - 1)]
