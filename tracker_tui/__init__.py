"""A terminal order tracker whose screen can be trusted, and the realtime client under it.

As a library: ``async with track("A1042") as feed: async for change in feed: …``. The names are loaded when they are
first used, so that ``import tracker_tui`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker_tui.domain.view import OrderView
    from tracker_tui.link.changes import LinkState
    from tracker_tui.link.feed import OrderFeed
    from tracker_tui.link.track import track

__all__ = ["LinkState", "OrderFeed", "OrderView", "track"]

_HOMES = {
    "LinkState": "tracker_tui.link.changes",
    "OrderFeed": "tracker_tui.link.feed",
    "OrderView": "tracker_tui.domain.view",
    "track": "tracker_tui.link.track",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
