"""Memory from one session to the next: views are shown from the cache at the start, and kept there as they change."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any

from tracker_tui.cli.settings import Settings
from tracker_tui.cli.target import build_credentials
from tracker_tui.domain.cached_view import CachedView
from tracker_tui.ui.app import TrackerApp

if TYPE_CHECKING:
    from tracker_tui.link.auth.token import Token
    from tracker_tui.storage.view_cache import ViewCache

STEP = 1.0
"""Seconds between two looks at what is to be kept."""

AT_ONCE = 5
"""Views that are kept at a look, so that a long board costs no more than a short one."""

RENEWED = timedelta(seconds=30)
"""An unchanged view is kept anew when it has been the truth for so much longer than was written."""

LEAVING = 1.0
"""Seconds that leaving may spend on what is not kept yet."""


class CacheSync:
    """Has an app show what is known from before, and keeps what it learns.

    Where nobody says for whom a view would be kept, nothing is: without a token it is whoever is at this machine; a
    token that says whom it speaks for, in a file or the environment, is that subject's; a command is not run once more.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._cache: ViewCache | None = None
        self._subject: str | None = None
        self._kept: dict[str, CachedView] = {}

    async def load(self, app: TrackerApp, order_ids: tuple[str, ...]) -> None:
        """Show what is known from before: of these orders, or with ``--all`` of those that were open."""
        self._subject = await self._whose()
        if self._subject is None:
            return
        from tracker_tui.storage.view_cache import ViewCache, default_folder  # noqa: PLC0415 - after the first paint

        self._cache = ViewCache(default_folder(), self._settings.server, self._subject)
        if self._settings.everything:
            app.remember(await asyncio.to_thread(self._cache.load_open, app.now))
        else:
            app.remember(await asyncio.to_thread(self._cache.load, order_ids, app.now))

    async def run(self, app: TrackerApp) -> None:
        """Keep what changes, a little at a time."""
        while True:
            await asyncio.sleep(STEP)
            await self._keep(app, [past for _, past in zip(range(AT_ONCE), self._due(app, RENEWED), strict=False)])

    async def finish(self, app: TrackerApp) -> None:
        """Keep all that can be kept within a moment."""
        until = monotonic() + LEAVING
        for past in list(self._due(app, timedelta())):
            await self._keep(app, [past])
            if monotonic() > until:
                break
        if self._cache is not None:
            await asyncio.to_thread(self._cache.prune, app.now)

    def _due(self, app: TrackerApp, renewed: timedelta) -> Iterator[CachedView]:
        """Yield what differs from what is kept."""
        presents = app.presents() if self._cache is not None else {}
        for order_id in self._kept.keys() - presents.keys():
            del self._kept[order_id]
        for order_id, present in presents.items():
            kept = self._kept.get(order_id)
            if kept is None or present.view is not kept.view or present.as_of - kept.as_of > renewed:
                yield present

    async def _keep(self, app: TrackerApp, pasts: list[CachedView]) -> None:
        if self._cache is None:
            return
        refused = app.feed.refused.keys() if app.feed is not None else set[str]()
        self._cache.remove(refused)
        # The token in a file may have become somebody else's: what came for one subject is not kept for another one.
        if pasts and await self._whose() == self._subject:
            await asyncio.to_thread(self._cache.store, pasts)
            self._kept |= {past.view.order_id: past for past in pasts}

    async def _whose(self) -> str | None:
        """Who asks the gateway; None where that can't be told, or nothing is to be kept."""
        settings = self._settings
        if settings.no_cache or settings.demo is not None or settings.replay is not None:
            return None
        if settings.token_command is not None:
            return None
        from tracker_tui.link.errors import NoToken  # noqa: PLC0415 - as above
        from tracker_tui.storage.view_cache import ANONYMOUS  # noqa: PLC0415 - after the first paint

        credentials = build_credentials(settings)
        if credentials is None:
            return ANONYMOUS
        try:
            return subject_of(await credentials.fetch())
        except NoToken:
            return None


def subject_of(token: Token) -> str | None:
    """Who a token speaks for, as a digest; None of one that doesn't say so.

    It is read, not verified: that is the gateway's business, and a lie only finds what the liar had kept before.
    """
    from base64 import urlsafe_b64decode  # noqa: PLC0415 - hardly anybody needs it

    from tracker_tui.storage.view_cache import digest  # noqa: PLC0415 - as above

    parts = token.reveal().split(".")
    try:
        claims: Any = json.loads(urlsafe_b64decode(parts[1] + "=="))
        issuer, subject = claims.get("iss", ""), claims["sub"]
    except (IndexError, ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return None
    return digest("token", issuer, subject) if isinstance(issuer, str) and isinstance(subject, str) else None
