"""The last known view of each order on disk, for display until the server answers.

Never use a cached view as a cursor and never join it with messages: the first snapshot replaces it. There is one file
per order. Its name is a digest of server, identity and order, so that no identity can see the views of another one. A
file that this version would not write like that is ignored.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from tracker_tui.domain.cached_view import CachedView, as_snapshot
from tracker_tui.domain.canonical import rfc3339
from tracker_tui.domain.view import lift
from tracker_tui.storage.files import make_private_directory, write_atomically

MAX_FILES = 500
MAX_BYTES = 5 << 20
MAX_AGE = timedelta(days=7)

_CLOCK_TOLERANCE = timedelta(minutes=1)
"""How far in the future a file may have been written, by a clock that was set back since."""

_VERSION = 1
_SUFFIX = ".order.json"


@dataclass(frozen=True, slots=True)
class CacheLimits:
    """Limits for all caches together; the oldest files beyond them are removed.

    Attributes:
        files: Number of files.
        size: Bytes.
        age: Time since a file was written.
    """

    files: int = MAX_FILES
    size: int = MAX_BYTES
    age: timedelta = MAX_AGE


class ViewCache:
    """The cache of one identity at one server.

    Args:
        folder: The folder of all caches, created with the first view.
        server: The server's base URL.
        identity: A digest as of `identity.identity_digest`.
        limits: Limits for all caches together.
    """

    def __init__(self, folder: Path, server: str, identity: str, limits: CacheLimits = CacheLimits()) -> None:
        self._folder = folder
        self._key = _digest(server, identity)
        self._limits = limits

    def load(self, order_ids: Iterable[str], now: datetime) -> dict[str, CachedView]:
        """Return the cached views of these orders, as far as there are any."""
        found = ((order_id, self._read(self._file(order_id), now)) for order_id in order_ids)
        return {order_id: each for order_id, each in found if each is not None and each.view.order_id == order_id}

    def load_open(self, now: datetime) -> dict[str, CachedView]:
        """Return the cached views of all orders that had not ended, sorted by id."""
        views = self._load_all(now)
        return {order_id: views[order_id] for order_id in sorted(views) if _is_open(views[order_id])}

    def order_ids(self, now: datetime) -> frozenset[str]:
        """Return the ids of all cached orders."""
        return frozenset(self._load_all(now))

    def store(self, views: Iterable[CachedView]) -> None:
        """Write views; ignore errors of the file system."""
        with suppress(OSError):
            make_private_directory(self._folder)
            for cached in views:
                self._write(cached)

    def remove(self, order_ids: Iterable[str]) -> None:
        """Remove orders that this identity may not see any more."""
        for order_id in order_ids:
            with suppress(OSError):
                self._file(order_id).unlink()

    def prune(self, now: datetime) -> None:
        """Remove the files that are too old, and the oldest ones beyond the other limits."""
        files, size = 0, 0
        for written, length, file in sorted(self._scan(), reverse=True):
            files, size = files + 1, size + length
            is_old = written < (now - self._limits.age).timestamp()
            if files > self._limits.files or size > self._limits.size or is_old:
                with suppress(OSError):
                    file.unlink()

    def _load_all(self, now: datetime) -> dict[str, CachedView]:
        found = [
            (file, self._read(file, now))
            for _, _, file in self._scan()
            if file.name.startswith(self._prefix) and file.name.endswith(_SUFFIX)
        ]
        return {each.view.order_id: each for file, each in found if each and file == self._file(each.view.order_id)}

    def _scan(self) -> Iterator[tuple[float, int, Path]]:
        """Yield time of writing, size and path of each file of all caches."""
        with suppress(OSError):
            for entry in os.scandir(self._folder):
                # Drafts too: a process that was killed leaves one.
                if entry.name.endswith((_SUFFIX, ".new")):
                    with suppress(OSError):
                        found = entry.stat(follow_symlinks=False)
                        yield found.st_mtime, found.st_size, Path(entry.path)

    def _file(self, order_id: str) -> Path:
        return self._folder / f"{self._prefix}{_digest(order_id)[:24]}{_SUFFIX}"

    @property
    def _prefix(self) -> str:
        return f"{self._key[:24]}-"

    def _write(self, cached: CachedView) -> None:
        from tracker_tui.wire.codec import encode  # noqa: PLC0415 - loads pydantic; the first paint comes before it

        snapshot = as_snapshot(cached.view)
        if snapshot is None:
            return
        head = {"version": _VERSION, "key": self._key, "asOf": rfc3339(cached.as_of)}
        # In ASCII: a user may print the file in a terminal, which must not obey escape sequences in an order's text.
        text = json.dumps({**head, "snapshot": json.loads(encode(snapshot))}, separators=(",", ":"))
        write_atomically(self._file(snapshot.order_id), text.replace("\x7f", r"\u007f"))

    def _read(self, path: Path, now: datetime) -> CachedView | None:
        from tracker_tui.domain.event import Snapshot  # noqa: PLC0415 - as above
        from tracker_tui.wire.codec import ProtocolViolation, decode  # noqa: PLC0415 - as above

        try:
            with path.open("rb") as file:
                body = json.loads(file.read(self._limits.size + 1))
            as_of = datetime.fromisoformat(body["asOf"]).astimezone(UTC)
            snapshot = decode(json.dumps(body["snapshot"]))
        except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError, ProtocolViolation):
            return None
        if (body.get("version"), body.get("key")) != (_VERSION, self._key):
            return None
        if not isinstance(snapshot, Snapshot):
            return None
        is_fresh = now - self._limits.age <= as_of <= now + _CLOCK_TOLERANCE
        return CachedView(lift(snapshot), as_of) if is_fresh else None


def _is_open(cached: CachedView) -> bool:
    return cached.view.state is None or cached.view.state.value.outcome is None


def _digest(*parts: str) -> str:
    return sha256(json.dumps(parts).encode(errors="surrogatepass")).hexdigest()
