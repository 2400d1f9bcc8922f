"""Reading the feed: opening it, and applying its changes to the state."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from tracker_tui.domain.cached_view import CachedView
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.changes import Change, LinkState, OrderChanged, OrderForgotten
from tracker_tui.link.clock import Clock
from tracker_tui.link.feed_protocol import Feed
from tracker_tui.ui.handlers.base import HandlerBase
from tracker_tui.ui.messages import StateChanged
from tracker_tui.ui.model.notifier import Notifier
from tracker_tui.ui.model.ports import ChangeObserver
from tracker_tui.ui.model.replaying import apply_change
from tracker_tui.ui.model.state import AppState
from tracker_tui.wording.times import Instant

CLOSE_WITHIN = 3.0
"""Seconds to wait for the feed to close when the app quits; the feed itself takes at most 2."""

BATCH_SECONDS = 0.005
"""Seconds for which changes are applied before other tasks get their turn."""

_log = logging.getLogger(__name__)


class FeedHandlers(HandlerBase):
    """The part of the app that reads the feed; `TrackerApp` sets the attributes.

    Attributes:
        failure: The error that ended the app, in one line; None if there was none.
    """

    failure: str | None = None
    _state: AppState
    _clock: Clock
    _notifier: Notifier
    _observer: ChangeObserver | None
    _open_feed: Callable[[], Awaitable[Feed]]
    _reader: asyncio.Task[None] | None = None
    _saved: dict[int, AppState]

    @property
    def link(self) -> LinkState:
        """The state of the connection."""
        return self._state.link

    def as_of(self, order_id: str) -> datetime | None:
        """Return up to when an order's view is known to be complete; None if it is current or unknown."""
        if order_id not in self._state.order_ids:
            return None
        scene = self._state.order_scene(order_id, self._instant(), None)
        return None if scene.trusted or scene.view.current is None else scene.as_of

    def show_cached(self, cached: Mapping[str, CachedView]) -> None:
        """Show views from an earlier session until the server sends newer ones."""
        self._state = self._state.with_cached({each: cached[each] for each in cached.keys() - self._state.hidden})
        self.post_message(StateChanged())

    def know_orders(self, order_ids: Iterable[str]) -> None:
        """Suggest orders of earlier sessions, too, in place of unknown ones."""
        self._state = replace(self._state, cached_ids=self._state.cached_ids.union(order_ids))

    def current_views(self) -> dict[str, CachedView]:
        """Return the views that the server sent, each with the time up to which it is known to be complete."""
        return self._state.current_views(self._instant())

    def _start_reading(self) -> None:
        # Not a worker: Textual would cancel it twice, and so interrupt the closing of its connections.
        self._reader = asyncio.create_task(self._read_feed(), name="feed")

    async def _read_feed(self) -> None:
        try:
            feed = await self._open_feed()
            async with feed:
                self.feed = feed
                self._state = self._state.with_metrics(feed)
                loop = asyncio.get_running_loop()
                rested = loop.time()
                self._feed_opened(feed)
                async for change in feed:
                    self._apply(change, feed)
                    # A feed that never waits must not keep the screen from being painted.
                    if loop.time() - rested >= BATCH_SECONDS:
                        await asyncio.sleep(0)
                        rested = loop.time()
                self._state = self._state.with_replay_finished()
                self.request_repaint()
        except Exception as error:  # noqa: BLE001 - the top of the task: every error ends the app and is reported
            _log.exception("crashed")
            self.failure = sanitize(f"{type(error).__name__}: {error}")
            self.exit(return_code=1)

    def _feed_opened(self, feed: Feed) -> None:
        """Do with the feed what the user asked for before it was open."""

    def _apply(self, change: Change, feed: Feed) -> None:
        """Apply a change to the state, alerts and commands, unless it is about an order that the user removed."""
        if isinstance(change, OrderChanged | OrderForgotten) and change.order_id in self._state.hidden:
            return
        self._state = apply_change(self._state, change, feed, self._instant(), self._saved, shown=self._shown_order_ids)
        self._notifier.on_change(change, self._clock.time(), self._clock.wall())
        if self._observer is not None:
            self._observer.on_change(change, self._clock.wall())
        self.request_repaint()

    async def _stop_reading(self) -> None:
        """Close the feed, and wait until it is closed."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait({self._reader}, timeout=CLOSE_WITHIN)

    def _instant(self) -> Instant:
        return Instant(self._clock.time(), self._clock.wall(), self._zone)
