"""How long to wait before the next try (DESIGN §2)."""

from __future__ import annotations

BASE = 0.25
FACTOR = 1.5
CEILING = 30.0
"""Greatest wait of our own, in seconds."""

FLOOR_CEILING = 300.0
"""Greatest wait that a server can ask for, in seconds."""

FIRST = 0.3
"""Greatest wait before the first try after a healthy stream, in seconds."""

_LAST_STEP = 12  # 0.25 · 1.5¹² is past the ceiling; an unclamped power overflows after a thousand failures


def wait(n: int, draw: float) -> float:
    """Seconds before try `n` (from 0), between half and all of ``min(30, 0.25 · 1.5ⁿ)``.

    Args:
        n: Failures in a row so far.
        draw: Uniform in [0, 1).
    """
    whole = min(CEILING, BASE * FACTOR ** min(n, _LAST_STEP))
    return whole / 2 + draw * whole / 2


def first_wait(draw: float) -> float:
    """Seconds before the first try after a healthy stream; it consumes no `n`."""
    return FIRST * draw


def floor(asked: float, draw: float) -> float:
    """Seconds for which a server's Retry-After forbids a try: capped, and spread by up to a tenth."""
    return min(asked, FLOOR_CEILING) * (1 + 0.1 * draw)
