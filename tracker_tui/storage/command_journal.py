"""What was asked of a gateway and not decided when the program ended: the next one tells what came of it.

Nothing is asked again from here: what somebody wanted then is not what they want now. One file a command, in the user's
state directory, for as long as its fate is open; whatever is not exactly what was written here counts as absent.

A file names the session that wrote it, and is left over when that session has ended (see `session_lock`). Where that
can't be known, because the file system has no locks or an earlier version wrote the file, its age decides.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from tracker_tui.domain.canonical import rfc3339
from tracker_tui.domain.command import Command, Verb, is_command_id
from tracker_tui.domain.overlay import CommandStatus, PendingCommand, PendingCommands
from tracker_tui.domain.view import OrderView
from tracker_tui.storage import files
from tracker_tui.storage.session_lock import (
    LOCK_PATTERN,
    SessionLock,
    SessionState,
    is_session_id,
    lock_path,
    session_state,
)

LOOK = 0.25
"""Seconds between two looks at what was asked."""

LONGEST = timedelta(days=7)
"""Files that are older are removed, unless their session is known to run."""

ABANDONED = timedelta(minutes=10)
"""Age from which a file is left over where nothing tells whether its session still runs."""

_LARGEST = 64 << 10
_SUFFIX = ".json"
_FRESH = ".*.new"

Tell = Callable[[datetime, str, str], None]
"""Takes a line for people: when it was asked, what became of it, of which order."""


class JournaledFeed(Protocol):
    """What of a feed is looked at."""

    @property
    def views(self) -> Mapping[str, OrderView]:
        """The newest view of every order."""

    def pending_commands(self, order_id: str) -> PendingCommands:
        """What was asked of an order."""


@dataclass(frozen=True, slots=True)
class UnresolvedCommand:
    """A command of an earlier session."""

    order_id: str
    command: Command
    asked_at: datetime
    path: Path


class CommandJournal:
    """Keeps what is undecided, and tells what earlier sessions left so.

    Args:
        folder: Where the files are; made when there is something to keep, for its owner alone. None keeps nothing.
        server: The gateway's base URL.
        tell: Takes what became of what was left.
        now: The present.
    """

    def __init__(self, folder: Path | None, server: str, tell: Tell, now: datetime) -> None:
        self._folder = folder
        self._server = server
        self._tell = tell
        self._kept: dict[str, Path] = {}
        self._lock = SessionLock(folder) if folder is not None else None
        self._left = [] if folder is None else self._find(folder, now)

    async def run(self, feed: Callable[[], JournaledFeed | None]) -> None:
        """Look again and again, until cancelled."""
        while True:
            if (asked := feed()) is not None:
                self.update(asked)
            await asyncio.sleep(LOOK)

    def finish(self, feed: JournaledFeed | None) -> None:
        """Look for the last time; what was surely not sent has no fate that the next one could tell of."""
        if feed is not None:
            self._forget_unsent(feed)
        if self._lock is not None:
            self._lock.release()

    def _forget_unsent(self, feed: JournaledFeed) -> None:
        self.update(feed)
        for order_id in feed.views:
            for pending in feed.pending_commands(order_id):
                if (
                    pending.status is CommandStatus.PENDING
                    and (path := self._kept.pop(pending.command.command_id, None)) is not None
                ):
                    _remove(path)

    def update(self, feed: JournaledFeed) -> None:
        """Keep what is open now, forget what is decided, and tell of what was left by others."""
        if self._folder is None or self._lock is None:
            return
        for order_id, view in feed.views.items():
            for pending in feed.pending_commands(order_id):
                name = pending.command.command_id
                if pending.is_open and name not in self._kept:
                    self._kept[name] = self._folder / f"{name}{_SUFFIX}"
                    self._write(self._folder, self._lock, order_id, pending)
                elif not pending.is_open and name in self._kept:
                    _remove(self._kept.pop(name))
            if view.complete:
                self._tell_of(view)

    def _tell_of(self, view: OrderView) -> None:
        for left in [each for each in self._left if each.order_id == view.order_id]:
            self._left.remove(left)
            if not _remove(left.path):
                continue  # another session has found it too, and told of it
            text = f" (“{left.command.text}”)" if left.command.text else ""
            fate = _fate(left.command.command_id, view)
            self._tell(left.asked_at, f"earlier {left.command.command} {fate}{text}", left.order_id)

    def _find(self, folder: Path, now: datetime) -> list[UnresolvedCommand]:
        """Read what earlier sessions of this server left, and remove what is too old and the locks of the ended."""
        # Before the locks: what a session that starts meanwhile writes is not among them.
        paths = _listed(folder, f"*{_SUFFIX}")
        left: list[UnresolvedCommand] = []
        for path in paths:
            body = _body(path)
            life, age = _life(folder, body), now - _written_at(path, body, now)
            if life is SessionState.RUNNING:
                continue
            if age >= LONGEST:
                _remove(path)
            elif life is SessionState.ENDED or age >= ABANDONED:
                left += self._read(path, body)
        for path in _listed(folder, LOCK_PATTERN):
            life = session_state(path)
            if life is SessionState.ENDED or (
                life is SessionState.UNKNOWN and now - _written_at(path, {}, now) >= LONGEST
            ):
                _remove(path)
        for path in _listed(folder, _FRESH):
            if now - _written_at(path, {}, now) >= LONGEST:
                _remove(path)
        return left

    def _write(self, folder: Path, lock: SessionLock, order_id: str, pending: PendingCommand) -> None:
        command = pending.command
        body = {
            "server": self._server,
            "orderId": order_id,
            "commandId": command.command_id,
            "command": command.command.value,
            "text": command.text,
            "askedAt": rfc3339(pending.requested_at),
            "session": lock.session_id,
        }
        with suppress(OSError):
            lock.acquire()
            files.replace(folder, f"{command.command_id}{_SUFFIX}", json.dumps(body))

    def _read(self, path: Path, body: Mapping[str, Any]) -> Iterator[UnresolvedCommand]:
        with suppress(ValueError, TypeError, KeyError, AttributeError, OverflowError):
            if body["server"] == self._server and is_command_id(body["commandId"]):
                command = Command(body["commandId"], Verb(body["command"]), body["text"])
                yield UnresolvedCommand(body["orderId"], command, _time(body["askedAt"]), path)


def _body(path: Path) -> Mapping[str, Any]:
    """What a file holds; empty if it is not what is written here."""
    try:
        with path.open("rb") as file:
            body = json.loads(file.read(_LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _life(folder: Path, body: Mapping[str, Any]) -> SessionState:
    session = body.get("session")
    if not isinstance(session, str) or not is_session_id(session):
        return SessionState.UNKNOWN
    return session_state(lock_path(folder, session))


def _written_at(path: Path, body: Mapping[str, Any], now: datetime) -> datetime:
    with suppress(ValueError, TypeError, KeyError, OverflowError):
        return _time(body["askedAt"])
    with suppress(OSError, ValueError, OverflowError):
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return now


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _listed(folder: Path, pattern: str) -> list[Path]:
    with suppress(OSError):
        return sorted(folder.glob(pattern))
    return []


def _fate(command_id: str, view: OrderView) -> str:
    for entry in view.history.newest_first():
        if (entry.milestone.command_id or "").lower() == command_id.lower():
            return f"was applied, seq {entry.milestone.seq}"
    if view.whole_history:
        return "is not in the history; ask again if it is still wanted"
    return "is not in the history that is held, which is not all of it"


def _remove(path: Path) -> bool:
    """Remove a file; False if it was gone already."""
    with suppress(OSError):
        path.unlink()
        return True
    return path.exists()
