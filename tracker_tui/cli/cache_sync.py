"""Cached views: shown at the start, and written while the program runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from tracker_tui.cli.order_cache import open_cache
from tracker_tui.cli.settings import Settings
from tracker_tui.domain.cached_view import CachedView
from tracker_tui.ui.app import TrackerApp

if TYPE_CHECKING:
    from tracker_tui.storage.view_cache import ViewCache

SYNC_INTERVAL = 1.0
"""Seconds between two passes over the views."""

VIEWS_PER_PASS = 5
"""Views written in one pass, so that a long board costs no more than a short one."""

REFRESH_AFTER = timedelta(seconds=30)
"""How much newer the time of an unchanged view must be before it is written again."""

EXIT_BUDGET = 1.0
"""Seconds for the remaining views when the program ends."""


class CacheSync:
    """Loads cached views into an app, and writes the views that change.

    Args:
        settings: The settings of the run. ``--no-cache``, a demo and a replay have no cache.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._cache: ViewCache | None = None
        self._written: dict[str, CachedView] = {}

    async def load(self, app: TrackerApp, order_ids: tuple[str, ...]) -> None:
        """Show the cached views of these orders, or with ``--all`` of those that were open."""
        self._cache = await asyncio.to_thread(open_cache, self._settings)
        if self._cache is None:
            return
        if self._settings.everything:
            app.show_cached(await asyncio.to_thread(self._cache.load_open, app.now))
        else:
            app.show_cached(await asyncio.to_thread(self._cache.load, order_ids, app.now))

    async def load_added(self, app: TrackerApp, order_ids: Sequence[str]) -> None:
        """Show the cached views of orders that the user added."""
        if self._cache is not None:
            app.show_cached(await asyncio.to_thread(self._cache.load, order_ids, app.now))

    async def run(self, app: TrackerApp) -> None:
        """Write a few changed views at intervals, until cancelled; first tell the app which orders are cached."""
        are_known = False
        while True:
            await asyncio.sleep(SYNC_INTERVAL)
            if not are_known and self._cache is not None:
                # Not at the start, which need not wait for it.
                app.know_orders(await asyncio.to_thread(self._cache.order_ids, app.now))
                are_known = True
            changed = zip(range(VIEWS_PER_PASS), self._changed(app, REFRESH_AFTER), strict=False)
            await self._write(app, [cached for _, cached in changed])

    async def finish(self, app: TrackerApp) -> None:
        """Write the remaining views within `EXIT_BUDGET`, and remove old ones."""
        deadline = monotonic() + EXIT_BUDGET
        await self._write(app, [])
        for cached in list(self._changed(app, timedelta())):
            await self._write(app, [cached])
            if monotonic() > deadline:
                break
        if self._cache is not None:
            await asyncio.to_thread(self._cache.prune, app.now)

    def _changed(self, app: TrackerApp, refresh_after: timedelta) -> Iterator[CachedView]:
        for order_id, present in app.current_views().items() if self._cache is not None else ():
            written = self._written.get(order_id)
            if written is None or present.view is not written.view or present.as_of - written.as_of > refresh_after:
                yield present

    async def _write(self, app: TrackerApp, views: list[CachedView]) -> None:
        """Write views, and remove the orders that the server refused with 403 or 404."""
        if self._cache is None:
            return
        self._cache.remove(app.feed.refused.keys() if app.feed is not None else ())
        if views:
            await asyncio.to_thread(self._cache.store, views)
            self._written |= {cached.view.order_id: cached for cached in views}
