"""Which transport to use: a step down where a network blocks one, and a try to climb back now and then (DESIGN §2).

What counts against a transport was seen to fail while the gateway itself answered: an outage is no block. The memory is
one server's and lasts as long as the feed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

PROBES = (60.0, 120.0, 300.0, 600.0)
"""Seconds after a step down, and then after each probe in vain, until the next better transport is tried; the last one
goes on and on."""

FAILURES = 2
"""Confirmed failures in a row without hello that make a step."""

SHORT_LIVES = 3
"""Confirmed short lives within `SHORT_LIVES_WITHIN` seconds that make a step."""

SHORT_LIVES_WITHIN = 60.0

EXCEPTIONS = 3
"""Unexpected exceptions of one kind in a row that make a step."""

SHORT_LIFE = 10.0
"""Seconds from hello within which an unplanned end makes a life a short one."""

LABELS = {"websocket": "WebSocket", "sse": "SSE", "longpoll": "long-poll", "polling": "polling"}
"""The transports' names, for people."""


class Failure(Enum):
    """What a transport did wrong."""

    BLOCKED = auto()
    """Something that is not the gateway refused it."""
    NO_HELLO = auto()
    """It opened, and no hello came."""
    SHORT_LIFE = auto()
    """It said hello and ended soon, unplanned."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A transport, as far as a choice between them goes; `duplex` as in `transports.Transport`."""

    name: str
    duplex: bool


@dataclass(frozen=True, slots=True)
class Ladder:
    """The transports, and what is held against the present one.

    Attributes:
        rungs: At least one, best first.
        probes: See `PROBES`.
        index: Index of the present one.
        failures: Confirmed failures in a row without hello.
        short_lives: Times at which its confirmed short lives ended: at most `SHORT_LIVES`, all within
            `SHORT_LIVES_WITHIN` seconds of the last one.
        exceptions: The kind of unexpected exception that it ended with last, and how often in a row.
        failed_probes: Probes in vain since the last step down that was not a fall right after a climb.
        probe_at: When to try a better one; None on the best.
        climbed_at: When it was last climbed.
        reason: Why a better one is not in use, for people.
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
        """The present transport."""
        return self.rungs[self.index]

    @property
    def is_lowest(self) -> bool:
        """Whether there is nothing to step down to."""
        return self.index == len(self.rungs) - 1


def count_failure(ladder: Ladder, failure: Failure, reason: str, at: float) -> Ladder:
    """Hold a failure against the present transport, after which the gateway itself answered a GET."""
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
    """Remember a confirmed short life, and no more of the earlier ones than can still count."""
    recent = [then for then in ladder.short_lives if at - then < SHORT_LIVES_WITHIN]
    return replace(ladder, short_lives=(*recent, at)[-SHORT_LIVES:])


def count_exception(ladder: Ladder, kind: str, reason: str, at: float) -> Ladder:
    """The present transport ended with an unexpected exception; enough of one kind in a row make a step."""
    before, times = ladder.exceptions
    times = times + 1 if kind == before else 1
    if times >= EXCEPTIONS and not ladder.is_lowest:
        return _down(ladder, reason, at)
    return replace(ladder, exceptions=(kind, times))


def clear_exceptions(ladder: Ladder) -> Ladder:
    """The present transport works, or fails in a way that it knows: its row of unexpected exceptions is over."""
    return replace(ladder, exceptions=("", 0)) if ladder.exceptions != ("", 0) else ladder


def clear_failures(ladder: Ladder) -> Ladder:
    """The gateway itself did not answer either: whatever was held against the transport was no block."""
    return replace(ladder, failures=0, short_lives=()) if ladder.failures or ladder.short_lives else ladder


def hello_received(ladder: Ladder) -> Ladder:
    """The present transport brought a hello."""
    return replace(ladder, failures=0) if ladder.failures else ladder


def probe_failed(ladder: Ladder, at: float) -> Ladder:
    """A better transport was tried in vain."""
    tried = ladder.failed_probes + 1
    return replace(ladder, failed_probes=tried, probe_at=at + _wait(ladder, tried))


def climbed(ladder: Ladder, at: float) -> Ladder:
    """The next better transport has taken over."""
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
    # Who falls right after a climb waits longer before the next one, as after a probe in vain.
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
