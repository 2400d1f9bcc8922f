"""Numbers as a row of bars, one cell each."""

from __future__ import annotations

from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float], width: int, top: float) -> str:
    """Return the newest values as bars, the newest at the right; zero is blank.

    Args:
        values: The values, not negative.
        width: Cells.
        top: The value of a full bar.
    """
    shown = values[-width:] if width > 0 else ()
    return "".join(_bar(value, top) for value in shown).rjust(width)


def profile(values: Sequence[float], width: int) -> str:
    """Return the newest values as bars between their least and their greatest; shorter than `width` for few values."""
    shown = values[-width:] if width > 0 else ()
    least, greatest = min(shown, default=0.0), max(shown, default=0.0)
    if greatest == least:
        return _BARS[0] * len(shown)
    return "".join(_BARS[round((value - least) / (greatest - least) * (len(_BARS) - 1))] for value in shown)


def _bar(value: float, top: float) -> str:
    # One event among many must be visible, and zero must be blank.
    return " " if value <= 0 else _BARS[min(len(_BARS), max(1, round(len(_BARS) * value / max(top, 1)))) - 1]
