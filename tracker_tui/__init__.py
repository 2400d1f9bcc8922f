"""Client library and terminal program for tracking orders in real time.

``async with track("A1042") as feed: async for change in feed: …``. The names are imported when they are first used, so
that ``import tracker_tui`` loads nothing else.
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

_MODULES = {
    "LinkState": "tracker_tui.link.changes",
    "OrderFeed": "tracker_tui.link.feed",
    "OrderView": "tracker_tui.domain.view",
    "track": "tracker_tui.link.track",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
