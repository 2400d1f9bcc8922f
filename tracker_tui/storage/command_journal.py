"""Commands without an answer when a session ended: the next session reports what happened to them.

Nothing is sent again from here: the user may not want it any more. The journal has one file per open command, in the
user's state directory. A file that this version would not write like that is ignored.

A file names the session that wrote it. The command is left over as soon as that session has ended (see `session_lock`).
Without locks in the file system, and for files of earlier versions, the age of the file decides.
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
from tracker_tui.storage.files import write_atomically
from tracker_tui.storage.session_lock import (
    LOCK_PATTERN,
    SessionLock,
    SessionState,
    is_session_id,
    lock_path,
    session_state,
)

UPDATE_INTERVAL = 0.25
"""Seconds between two updates of the journal."""

MAX_AGE = timedelta(days=7)
"""Age at which a file is removed, unless its session is known to run."""

ABANDONED_AFTER = timedelta(minutes=10)
"""Age at which a command is left over, if its session's state is unknown."""

_MAX_BYTES = 64 << 10
_SUFFIX = ".json"
_DRAFT_PATTERN = ".*.new"

OnResolved = Callable[[datetime, str, str], None]
"""Takes the time of the command, a line for the event log, and the order's id."""


class JournaledFeed(Protocol):
    """The part of a feed that the journal reads."""

    @property
    def views(self) -> Mapping[str, OrderView]:
        """The newest view of every order."""

    def pending_commands(self, order_id: str) -> PendingCommands:
        """Return the commands of this session for an order."""


@dataclass(frozen=True, slots=True)
class UnresolvedCommand:
    """A command of an earlier session."""

    order_id: str
    command: Command
    requested_at: datetime
    path: Path


class CommandJournal:
    """Keeps this session's open commands, and reports the outcome of earlier sessions' commands.

    Args:
        folder: The folder of the files, created with the first command; None keeps nothing.
        server: The server's base URL.
        on_resolved: Called once for each command of an earlier session, with its outcome.
        now: Wall-clock time.
    """

    def __init__(self, folder: Path | None, server: str, on_resolved: OnResolved, now: datetime) -> None:
        self._folder = folder
        self._server = server
        self._on_resolved = on_resolved
        self._files: dict[str, Path] = {}
        self._lock = SessionLock(folder) if folder is not None else None
        self._leftovers = [] if folder is None else self._collect_leftovers(folder, now)

    async def run(self, current_feed: Callable[[], JournaledFeed | None]) -> None:
        """Update the journal at intervals, until cancelled."""
        while True:
            if (feed := current_feed()) is not None:
                self.update(feed)
            await asyncio.sleep(UPDATE_INTERVAL)

    def finish(self, feed: JournaledFeed | None) -> None:
        """Update the journal for the last time, without the commands that were never sent."""
        if feed is not None:
            self._remove_unsent(feed)
        if self._lock is not None:
            self._lock.release()

    def update(self, feed: JournaledFeed) -> None:
        """Write new open commands, remove decided ones, and report leftovers of orders that are complete now."""
        if self._folder is None or self._lock is None:
            return
        for order_id, view in feed.views.items():
            for pending in feed.pending_commands(order_id):
                name = pending.command.command_id
                if pending.is_open and name not in self._files:
                    self._files[name] = self._folder / f"{name}{_SUFFIX}"
                    self._write(self._files[name], self._lock, order_id, pending)
                elif not pending.is_open and name in self._files:
                    _remove(self._files.pop(name))
            if view.complete:
                self._report_leftovers(view)

    def _remove_unsent(self, feed: JournaledFeed) -> None:
        self.update(feed)
        for order_id in feed.views:
            for pending in feed.pending_commands(order_id):
                if (
                    pending.status is CommandStatus.PENDING
                    and (path := self._files.pop(pending.command.command_id, None)) is not None
                ):
                    _remove(path)

    def _report_leftovers(self, view: OrderView) -> None:
        for leftover in [each for each in self._leftovers if each.order_id == view.order_id]:
            self._leftovers.remove(leftover)
            if not _remove(leftover.path):
                continue  # another session has found and reported it too
            text = f" (“{leftover.command.text}”)" if leftover.command.text else ""
            outcome = _outcome(leftover.command.command_id, view)
            line = f"earlier {leftover.command.command} {outcome}{text}"
            self._on_resolved(leftover.requested_at, line, leftover.order_id)

    def _collect_leftovers(self, folder: Path, now: datetime) -> list[UnresolvedCommand]:
        """Return earlier sessions' commands for this server; remove old files and the locks of ended sessions."""
        # List the commands before the locks, so that a session that starts now can't add a command in between.
        paths = _list(folder, f"*{_SUFFIX}")
        leftovers: list[UnresolvedCommand] = []
        for path in paths:
            body = _read_body(path)
            state, age = _writer_state(folder, body), now - _written_at(path, body, now)
            if state is SessionState.RUNNING:
                continue
            if age >= MAX_AGE:
                _remove(path)
            elif state is SessionState.ENDED or age >= ABANDONED_AFTER:
                leftovers += self._parse(path, body)
        for path in _list(folder, LOCK_PATTERN):
            state = session_state(path)
            is_old = now - _written_at(path, {}, now) >= MAX_AGE
            if state is SessionState.ENDED or (state is SessionState.UNKNOWN and is_old):
                _remove(path)
        for path in _list(folder, _DRAFT_PATTERN):
            if now - _written_at(path, {}, now) >= MAX_AGE:
                _remove(path)
        return leftovers

    def _write(self, path: Path, lock: SessionLock, order_id: str, pending: PendingCommand) -> None:
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
            write_atomically(path, json.dumps(body))

    def _parse(self, path: Path, body: Mapping[str, Any]) -> Iterator[UnresolvedCommand]:
        with suppress(ValueError, TypeError, KeyError, AttributeError, OverflowError):
            if body["server"] == self._server and is_command_id(body["commandId"]):
                command = Command(body["commandId"], Verb(body["command"]), body["text"])
                yield UnresolvedCommand(body["orderId"], command, _parse_time(body["askedAt"]), path)


def _read_body(path: Path) -> Mapping[str, Any]:
    """Return the file's JSON object; an empty one if it has none."""
    try:
        with path.open("rb") as file:
            body = json.loads(file.read(_MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _writer_state(folder: Path, body: Mapping[str, Any]) -> SessionState:
    session = body.get("session")
    if not isinstance(session, str) or not is_session_id(session):
        return SessionState.UNKNOWN
    return session_state(lock_path(folder, session))


def _written_at(path: Path, body: Mapping[str, Any], now: datetime) -> datetime:
    with suppress(ValueError, TypeError, KeyError, OverflowError):
        return _parse_time(body["askedAt"])
    with suppress(OSError, ValueError, OverflowError):
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return now


def _parse_time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _list(folder: Path, pattern: str) -> list[Path]:
    with suppress(OSError):
        return sorted(folder.glob(pattern))
    return []


def _outcome(command_id: str, view: OrderView) -> str:
    for entry in view.history.newest_first():
        if (entry.milestone.command_id or "").lower() == command_id.lower():
            return f"was applied, seq {entry.milestone.seq}"
    if view.whole_history:
        return "is not in the history; send it again if it is still needed"
    return "is not in the known part of the history"


def _remove(path: Path) -> bool:
    """Remove a file; return False if it was already gone."""
    with suppress(OSError):
        path.unlink()
        return True
    return path.exists()
