"""The last known view of each order on disk: to be shown until the gateway answers, and for nothing else (DESIGN §2).

One file an order, named by a digest of who asked which server for it, so that what one token may see is never shown to
another one. Whatever is not exactly what was written here counts as absent.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import platformdirs

from tracker_tui.domain.cached_view import CachedView, as_snapshot
from tracker_tui.domain.canonical import rfc3339
from tracker_tui.domain.view import lift

MOST_FILES = 500
MOST_BYTES = 5 << 20
LONGEST = timedelta(days=7)
"""Beyond these, the oldest files are removed."""

_VERSION = 1
_SUFFIX = ".order.json"


@dataclass(frozen=True, slots=True)
class CacheLimits:
    """How much is kept: files, bytes, and since when."""

    files: int = MOST_FILES
    size: int = MOST_BYTES
    age: timedelta = LONGEST


class ViewCache:
    """What is kept for one subject at one server.

    Args:
        folder: Where all caches are; made when there is something to keep, for its owner alone.
        server: The gateway's base URL.
        subject: Who asks there, as `subject_of` tells it.
        bounds: How much is kept of everybody's.
    """

    def __init__(self, folder: Path, server: str, subject: str, bounds: CacheLimits = CacheLimits()) -> None:
        self._folder = folder
        self._key = digest(server, subject)
        self._bounds = bounds

    def load(self, order_ids: Iterable[str], now: datetime) -> dict[str, CachedView]:
        """What is known from before of these orders, as far as it is fit to be shown."""
        found = ((order_id, self._read(self._file(order_id), now)) for order_id in order_ids)
        return {order_id: past for order_id, past in found if past is not None and past.view.order_id == order_id}

    def load_open(self, now: datetime) -> dict[str, CachedView]:
        """What is known from before of every order that had not ended, as far as it is fit to be shown."""
        found = [
            (file, self._read(file, now))
            for _, _, file in self._files()
            if file.name.startswith(self._stem) and file.name.endswith(_SUFFIX)
        ]
        pasts = {past.view.order_id: past for file, past in found if past and file == self._file(past.view.order_id)}
        return {order_id: pasts[order_id] for order_id in sorted(pasts) if _is_open(pasts[order_id])}

    def store(self, presents: Iterable[CachedView]) -> None:
        """Keep views, each with the time up to which it was the truth; what can't be written is not kept."""
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for present in presents:
                self._write(present)

    def remove(self, order_ids: Iterable[str]) -> None:
        """Keep nothing of these orders: the gateway shows them no more."""
        for order_id in order_ids:
            with suppress(OSError):
                self._file(order_id).unlink()

    def prune(self, now: datetime) -> None:
        """Remove what is too old, and the oldest of what is too much."""
        files, size = 0, 0
        for written, length, file in sorted(self._files(), reverse=True):
            files, size = files + 1, size + length
            is_old = written < (now - self._bounds.age).timestamp()
            if files > self._bounds.files or size > self._bounds.size or is_old:
                with suppress(OSError):
                    file.unlink()

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        with suppress(OSError):
            for entry in os.scandir(self._folder):
                # What a killed process left half written is nothing but old.
                if entry.name.endswith((_SUFFIX, ".new")):
                    with suppress(OSError):
                        found = entry.stat(follow_symlinks=False)
                        yield found.st_mtime, found.st_size, Path(entry.path)

    def _file(self, order_id: str) -> Path:
        return self._folder / f"{self._stem}{digest(order_id)[:24]}{_SUFFIX}"

    @property
    def _stem(self) -> str:
        return f"{self._key[:24]}-"

    def _write(self, present: CachedView) -> None:
        from tracker_tui.wire.codec import encode  # noqa: PLC0415 - brings pydantic, for which no first paint waits

        snapshot = as_snapshot(present.view)
        if snapshot is None:
            return
        head = {"version": _VERSION, "key": self._key, "asOf": rfc3339(present.as_of)}
        # In ASCII, as it may be looked at in a terminal, which would obey what a text in it says.
        text = json.dumps({**head, "snapshot": json.loads(encode(snapshot))}, separators=(",", ":"))
        text = text.replace("\x7f", r"\u007f")
        # Whoever reads it meanwhile sees the one or the other; a temporary file is its owner's alone.
        descriptor, name = tempfile.mkstemp(dir=self._folder, suffix=".new")
        try:
            with open(descriptor, "w", encoding="ascii") as file:
                file.write(text)
            os.replace(name, self._file(snapshot.order_id))
        except OSError:
            with suppress(OSError):
                os.unlink(name)
            raise

    def _read(self, kept: Path, now: datetime) -> CachedView | None:
        from tracker_tui.domain.event import Snapshot  # noqa: PLC0415 - as above
        from tracker_tui.wire.codec import ProtocolViolation, decode  # noqa: PLC0415 - as above

        try:
            with kept.open("rb") as file:
                body = json.loads(file.read(self._bounds.size + 1))
            as_of = datetime.fromisoformat(body["asOf"]).astimezone(UTC)
            snapshot = decode(json.dumps(body["snapshot"]))
        except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError, ProtocolViolation):
            return None
        if (body.get("version"), body.get("key")) != (_VERSION, self._key):
            return None
        if not isinstance(snapshot, Snapshot):
            return None
        # A clock that was put back makes everything come from the future.
        return (
            CachedView(lift(snapshot), as_of) if now - self._bounds.age <= as_of <= now + timedelta(minutes=1) else None
        )


def default_folder() -> Path:
    """Where caches are: ``$XDG_CACHE_HOME/tracker-tui/orders``, ``~/.cache/…``, or what the system has instead."""
    return platformdirs.user_cache_path("tracker-tui") / "orders"


def _is_open(past: CachedView) -> bool:
    return past.view.state is None or past.view.state.value.outcome is None


ANONYMOUS = ""
"""The subject where no token is presented."""


def digest(*parts: str) -> str:
    """Return a digest of the parts in their order."""
    return sha256(json.dumps(parts).encode(errors="surrogatepass")).hexdigest()
