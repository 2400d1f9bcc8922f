"""What was asked of a gateway and not decided when the program ended: the next one tells what came of it.

Nothing is asked again from here: what somebody wanted then is not what they want now. One file a command, in the user's
state directory, for as long as its fate is open; whatever is not exactly what was written here counts as absent.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from tracker_tui.domain.canonical import rfc3339
from tracker_tui.domain.command import Command, Verb, is_command_id
from tracker_tui.domain.overlay import Fate, Wishes
from tracker_tui.domain.view import OrderView
from tracker_tui.ui import keeping

LOOK = 0.25
"""Seconds between two looks at what was asked."""

LONGEST = timedelta(days=7)
"""What was asked longer ago is of no interest any more."""

_LARGEST = 64 << 10
_SUFFIX = ".json"

Tell = Callable[[datetime, str, str], None]
"""Takes a line for people: when it was asked, what became of it, of which order."""


class Asked(Protocol):
    """What of a feed is looked at."""

    @property
    def views(self) -> Mapping[str, OrderView]:
        """The newest view of every order."""

    def wishes(self, order_id: str) -> Wishes:
        """What was asked of an order."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """A command of an earlier session."""

    order_id: str
    command: Command
    asked_at: datetime
    path: Path


class Unfinished:
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
        found = (self._read(path) for path in self._files())
        self._left = [left for left in found if left is not None and now - left.asked_at < LONGEST]

    async def run(self, feed: Callable[[], Asked | None]) -> None:
        """Look again and again, until cancelled."""
        while True:
            if (asked := feed()) is not None:
                self.look(asked)
            await asyncio.sleep(LOOK)

    def finish(self, feed: Asked | None) -> None:
        """Look for the last time; what was surely not sent has no fate that the next one could tell of."""
        if feed is None:
            return
        self.look(feed)
        for order_id in feed.views:
            for wish in feed.wishes(order_id):
                if wish.fate is Fate.PENDING and (path := self._kept.pop(wish.command.command_id, None)) is not None:
                    _remove(path)

    def look(self, feed: Asked) -> None:
        """Keep what is open now, forget what is decided, and tell of what was left by others."""
        if self._folder is None:
            return
        for order_id, view in feed.views.items():
            for wish in feed.wishes(order_id):
                name = wish.command.command_id
                if wish.is_open and name not in self._kept:
                    self._kept[name] = self._folder / f"{name}{_SUFFIX}"
                    self._write(self._folder, order_id, wish.command, wish.asked_at)
                elif not wish.is_open and name in self._kept:
                    _remove(self._kept.pop(name))
            if view.complete:
                self._tell_of(view)

    def _tell_of(self, view: OrderView) -> None:
        for left in [each for each in self._left if each.order_id == view.order_id]:
            self._left.remove(left)
            text = f" (“{left.command.text}”)" if left.command.text else ""
            fate = _fate(left.command.command_id, view)
            self._tell(left.asked_at, f"earlier {left.command.command} {fate}{text}", left.order_id)
            _remove(left.path)

    def _files(self) -> Iterator[Path]:
        if self._folder is None:
            return
        with suppress(OSError):
            yield from sorted(self._folder.glob(f"*{_SUFFIX}"))

    def _write(self, folder: Path, order_id: str, command: Command, asked_at: datetime) -> None:
        body = {
            "server": self._server,
            "orderId": order_id,
            "commandId": command.command_id,
            "command": command.command.value,
            "text": command.text,
            "askedAt": rfc3339(asked_at),
            "pid": os.getpid(),
        }
        with suppress(OSError):
            keeping.replace(folder, f"{command.command_id}{_SUFFIX}", json.dumps(body))

    def _read(self, path: Path) -> Leftover | None:
        try:
            with path.open("rb") as file:
                body: Any = json.loads(file.read(_LARGEST))
            if body["server"] != self._server or _runs(body["pid"]) or not is_command_id(body["commandId"]):
                return None
            command = Command(body["commandId"], Verb(body["command"]), body["text"])
            return Leftover(body["orderId"], command, datetime.fromisoformat(body["askedAt"]).astimezone(UTC), path)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
            return None


def _fate(command_id: str, view: OrderView) -> str:
    for entry in view.history.newest_first():
        if (entry.milestone.command_id or "").lower() == command_id.lower():
            return f"was applied, seq {entry.milestone.seq}"
    if view.whole_history:
        return "is not in the history; ask again if it is still wanted"
    return "is not in the history that is held, which is not all of it"


def _runs(pid: int) -> bool:
    """Whether the program that asked still runs, and so asks on."""
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
