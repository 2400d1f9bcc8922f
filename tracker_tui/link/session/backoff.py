"""Waiting times before the next connection attempt.

One count of failures in a row, `n`, serves all transports. It is reset by a healthy stream: one that was in sync once
and whose hello is at least 10 s old.
"""

from __future__ import annotations

BASE = 0.25
"""Longest wait after the first failure, in seconds."""

FACTOR = 1.5
"""Growth of the longest wait per failure."""

CEILING = 30.0
"""Longest wait that the client chooses by itself, in seconds."""

FLOOR_CEILING = 300.0
"""Longest wait that a server can ask for, in seconds."""

FIRST = 0.3
"""Longest wait before the first attempt after a healthy stream, in seconds."""

EARNED_AFTER = 1.0
"""Seconds from hello after which a stream that reached live earns a shorter wait."""

EARNED_CEILING = 5.0
"""Longest wait after a live stream, in seconds, unless the stream lived longer than that."""

UNEARNED_CEILING = 10.0
"""Longest wait after a live stream that was lost within `EARNED_AFTER` seconds, in seconds."""

_LAST_STEP = 12  # 0.25 · 1.5¹² exceeds the ceiling; an unclamped power overflows after a thousand failures


def wait(n: int, draw: float) -> float:
    """Return the seconds to wait before attempt `n`: between half and all of ``min(30, 0.25 · 1.5ⁿ)``.

    Args:
        n: Failures in a row so far.
        draw: Random number, uniform in [0, 1).
    """
    return _spread(_longest(n), draw)


def wait_after_live(n: int, lived: float, draw: float) -> float:
    """Return the seconds to wait after the loss of a stream that had reached live.

    Such a stream proves that the server is up and reachable. The wait is at most `EARNED_CEILING` or the time that the
    stream lived, whichever is longer. A stream that is closed at once does not qualify. Any series of streams under
    10 s causes at most 24 openings a minute.

    Args:
        n: Failures in a row so far.
        lived: Seconds from the stream's hello to its end.
        draw: Random number, uniform in [0, 1).
    """
    ceiling = max(EARNED_CEILING, lived) if lived >= EARNED_AFTER else UNEARNED_CEILING
    return _spread(min(_longest(n), ceiling), draw)


def first_wait(draw: float) -> float:
    """Return the seconds to wait before the first attempt after a healthy stream; it doesn't count as a failure."""
    return FIRST * draw


def floor(retry_after: float, draw: float) -> float:
    """Return the seconds for which a server's Retry-After forbids an attempt: capped, plus up to a tenth."""
    return min(retry_after, FLOOR_CEILING) * (1 + 0.1 * draw)


def _longest(n: int) -> float:
    return min(CEILING, BASE * FACTOR ** min(n, _LAST_STEP))


def _spread(longest: float, draw: float) -> float:
    return longest / 2 + draw * longest / 2
