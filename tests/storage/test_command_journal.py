"""What an earlier session asked and left undecided: told of once, with its fate, and never asked again."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.orders import EPOCH, at, event, snapshot
from tracker_tui.domain import overlay
from tracker_tui.domain.command import Command, Verb
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.overlay import PendingCommand
from tracker_tui.domain.view import OrderView, lift
from tracker_tui.storage.command_journal import CommandJournal

SERVER = "http://gateway"
ID = "7a1f4c5e-0000-4a86-9d52-3a1f0c1d2e3f"
NOTE = PendingCommand(Command(ID, Verb.NOTE, "ring twice"), at(0))
NOW = at(60)


class Session:
    """One run of the program."""

    def __init__(self, folder: Path | None, server: str = SERVER, now: datetime = NOW) -> None:
        self.told: list[tuple[datetime, str, str]] = []
        self._unfinished = CommandJournal(folder, server, lambda *line: self.told.append(line), now)

    def see(self, view: OrderView, *pending_commands: PendingCommand) -> list[str]:
        """Look at a feed; what was told so far."""
        feed: Any = SimpleNamespace(views={view.order_id: view}, pending_commands=lambda order_id: pending_commands)
        self._unfinished.update(feed)
        return [text for _, text, _ in self.told]

    def leave(self, view: OrderView, *pending_commands: PendingCommand) -> None:
        """Look for the last time."""
        self._unfinished.finish(
            SimpleNamespace(views={view.order_id: view}, pending_commands=lambda order_id: pending_commands)
        )

    def crash(self) -> None:
        """End without a last look."""
        self._unfinished.finish(None)


VIEW = lift(snapshot(3))


def left(folder: Path, **changes: object) -> Path:
    """What a session that has crashed left; a change to None leaves a field out."""
    session = Session(folder)
    session.see(VIEW, NOTE)
    session.crash()
    [file] = files(folder)
    body = {**json.loads(file.read_text()), **changes}
    file.write_text(json.dumps({name: value for name, value in body.items() if value is not None or name == "text"}))
    return file


def files(folder: Path) -> list[Path]:
    """The files of commands, without the locks of sessions."""
    return sorted(folder.glob("*.json"))


@contextmanager
def another_session(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has asked for something and is still running."""
    program = (
        "import pathlib, sys; from tests.storage.test_command_journal import *; "
        "session = Session(pathlib.Path(sys.argv[1])); session.see(VIEW, NOTE); print('asked', flush=True); "
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "asked\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("view", "fate"),
    [
        (VIEW, "is not in the history; send it again if it is still needed"),
        (VIEW.join(event(4, command_id=ID.upper())), "was applied, seq 4"),
        (lift(snapshot(9, history_from=5)), "is not in the known part of the history"),
    ],
)
def test_the_next_session_tells_what_became_of_it_once(tmp_path: Path, view: OrderView, fate: str) -> None:
    left(tmp_path / "asked")
    following = Session(tmp_path / "asked")
    assert following.see(view) == [f"earlier note {fate} (“ring twice”)"]
    assert following.told[0][0] == at(0)
    assert following.see(view) == following.see(view)[:1]
    assert list((tmp_path / "asked").iterdir()) == []
    assert Session(tmp_path / "asked").see(view) == []


def test_what_was_surely_not_sent_is_forgotten_by_who_leaves_and_what_may_have_been_is_not(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.see(VIEW, NOTE)
    session.leave(VIEW, NOTE)
    assert list(tmp_path.iterdir()) == []
    session = Session(tmp_path)
    session.see(VIEW, NOTE)
    session.leave(VIEW, overlay.mark_unconfirmed(NOTE, "no answer"))
    assert len(files(tmp_path)) == 1


def test_nothing_is_told_before_everything_of_the_order_is_here(tmp_path: Path) -> None:
    left(tmp_path)
    following = Session(tmp_path)
    assert following.see(VIEW.announce(Cursor(EPOCH, 4))) == []
    assert following.see(lift(snapshot(3, order_id="B1"))) == []
    assert len(following.see(VIEW)) == 1


def test_what_is_decided_leaves_nothing(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.see(VIEW, NOTE)
    assert len(files(tmp_path)) == 1
    session.see(VIEW, overlay.mark_refused(NOTE, "no", at(1)))
    assert files(tmp_path) == []


@pytest.mark.parametrize("server", ["http://other"])
def test_another_gateways_commands_are_not_told(tmp_path: Path, server: str) -> None:
    left(tmp_path)
    assert Session(tmp_path, server).see(VIEW) == []


def test_what_another_running_session_asks_is_not_told_and_once_it_is_killed_it_is(tmp_path: Path) -> None:
    with another_session(tmp_path) as process:
        assert Session(tmp_path).see(VIEW) == []
        assert len(files(tmp_path)) == 1
        process.kill()
        process.wait()
        assert len(Session(tmp_path).see(VIEW)) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_process_id_of_a_dead_session_may_be_in_use_again(tmp_path: Path) -> None:
    with another_session(tmp_path) as process:
        process.kill()
    # This process runs, as one that was given the dead one's id after a reboot would.
    [file] = files(tmp_path)
    file.write_text(json.dumps({**json.loads(file.read_text()), "pid": os.getppid()}))
    assert len(Session(tmp_path).see(VIEW)) == 1


def test_two_sessions_that_find_the_same_tell_of_it_once(tmp_path: Path) -> None:
    left(tmp_path)
    first, second = Session(tmp_path), Session(tmp_path)
    assert len(first.see(VIEW) + second.see(VIEW)) == 1


@pytest.mark.parametrize("session", [None, "x", "../../x", 5])
def test_a_file_that_names_no_session_is_left_over_after_ten_minutes(tmp_path: Path, session: object) -> None:
    left(tmp_path, session=session, pid=os.getpid())
    assert Session(tmp_path, now=at(9 * 60)).see(VIEW) == []
    assert len(Session(tmp_path, now=at(11 * 60)).see(VIEW)) == 1


def test_without_locks_a_file_is_left_over_after_ten_minutes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", unsupported)
    running = Session(tmp_path)
    running.see(VIEW, NOTE)
    assert Session(tmp_path, now=at(9 * 60)).see(VIEW) == []
    assert len(Session(tmp_path, now=at(11 * 60)).see(VIEW)) == 1
    running.leave(VIEW)
    assert list(tmp_path.iterdir()) == []


def test_who_leaves_takes_the_lock_along_and_what_may_have_been_sent_is_told_at_once(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.see(VIEW, NOTE)
    session.leave(VIEW, overlay.mark_unconfirmed(NOTE, "no answer"))
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]
    assert len(Session(tmp_path).see(VIEW)) == 1


def test_a_session_that_asks_nothing_leaves_no_trace(tmp_path: Path) -> None:
    session = Session(tmp_path / "asked")
    session.see(VIEW)
    assert not (tmp_path / "asked").exists()


@pytest.mark.parametrize("server", [SERVER, "http://other"])
def test_files_older_than_a_week_are_removed(tmp_path: Path, server: str) -> None:
    left(tmp_path, server=server)
    Session(tmp_path, now=at(6 * 86_400))
    assert len(files(tmp_path)) == 1
    Session(tmp_path, now=at(8 * 86_400))
    assert files(tmp_path) == []


def test_files_that_cannot_be_read_are_removed_when_they_are_older_than_a_week(tmp_path: Path) -> None:
    for name in ("x.json", ".x.json-7.new"):
        path = tmp_path / name
        path.write_text("{")
        os.utime(path, (at(0).timestamp(), at(0).timestamp()))
    Session(tmp_path, now=at(6 * 86_400))
    assert len(list(tmp_path.iterdir())) == 2
    Session(tmp_path, now=at(8 * 86_400))
    assert list(tmp_path.iterdir()) == []


def test_what_was_asked_long_ago_is_not_told(tmp_path: Path) -> None:
    left(tmp_path)
    assert Session(tmp_path, now=at(8 * 86_400)).see(VIEW) == []


@pytest.mark.parametrize(
    "changes",
    [{"commandId": "x"}, {"command": "burn"}, {"text": ""}, {"text": 5}, {"askedAt": "yesterday"}],
    ids=str,
)
def test_what_was_not_written_like_that_counts_as_absent(tmp_path: Path, changes: dict[str, object]) -> None:
    left(tmp_path, **changes)
    assert Session(tmp_path).see(VIEW) == []


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "\x00"])
def test_what_is_no_json_counts_as_absent(tmp_path: Path, text: str) -> None:
    left(tmp_path).write_text(text)
    assert Session(tmp_path).see(VIEW) == []


def test_without_a_folder_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Session(None).see(VIEW, NOTE)
    assert list(tmp_path.iterdir()) == []
