"""The cache of a run's server and identity, and the orders that this machine knows there."""

from __future__ import annotations

import os
import shlex
from datetime import datetime
from typing import TYPE_CHECKING

from tracker_tui.cli.settings import Settings
from tracker_tui.storage.files import cache_directory

if TYPE_CHECKING:
    from tracker_tui.storage.view_cache import ViewCache


def open_cache(settings: Settings) -> ViewCache | None:
    """Return the cache of the server and identity in the settings; None if nothing may be kept."""
    if settings.no_cache or settings.demo is not None or settings.replay is not None:
        return None
    # Imported here: the first paint comes before it.
    from tracker_tui.storage.identity import identity_digest  # noqa: PLC0415
    from tracker_tui.storage.view_cache import ViewCache  # noqa: PLC0415

    folder = cache_directory() / "orders"
    identity = identity_digest(folder, token_origin(settings))
    return None if identity is None else ViewCache(folder, settings.server, identity)


def token_origin(settings: Settings) -> tuple[str, ...]:
    """Return the origin of the token, which decides the cache: tokens change, but their origin stays.

    The parts of a token command are its arguments. Without a token, return an empty tuple.
    """
    if settings.cache_identity is not None:
        return ("identity", settings.cache_identity)
    if settings.token_file is not None:
        return ("token-file", os.path.abspath(settings.token_file))
    if settings.token_command is not None:
        return ("token-command", *shlex.split(settings.token_command))
    if settings.token is not None:
        return ("token", settings.token.reveal())
    return ()


def known_ids(settings: Settings, now: datetime) -> frozenset[str]:
    """Return the orders that the user may mean by a mistyped id: those of all lists, and the cached ones.

    Args:
        settings: The settings of the run.
        now: The wall time.
    """
    listed = frozenset(order_id for order_ids in settings.lists.values() for order_id in order_ids)
    # Opening the cache may create a key, which a machine without a cache does not need.
    cache = open_cache(settings) if (cache_directory() / "orders").is_dir() else None
    return listed if cache is None else listed | cache.order_ids(now)
