"""Commands without an answer at the end of a session: the next one reports their outcome once."""

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
        self.reported: list[tuple[datetime, str, str]] = []
        self._journal = CommandJournal(folder, server, lambda *line: self.reported.append(line), now)

    def update(self, view: OrderView, *pending_commands: PendingCommand) -> list[str]:
        """Update the journal from a feed; return the lines so far."""
        feed: Any = SimpleNamespace(views={view.order_id: view}, pending_commands=lambda order_id: pending_commands)
        self._journal.update(feed)
        return [text for _, text, _ in self.reported]

    def quit(self, view: OrderView, *pending_commands: PendingCommand) -> None:
        """Quit the program."""
        self._journal.finish(
            SimpleNamespace(views={view.order_id: view}, pending_commands=lambda order_id: pending_commands)
        )

    def crash(self) -> None:
        """End without another update."""
        self._journal.finish(None)


VIEW = lift(snapshot(3))


def crashed_session(folder: Path, **changes: object) -> Path:
    """Return the file of a session that crashed, with changed fields; None removes a field."""
    session = Session(folder)
    session.update(VIEW, NOTE)
    session.crash()
    [file] = files(folder)
    body = {**json.loads(file.read_text()), **changes}
    file.write_text(json.dumps({name: value for name, value in body.items() if value is not None or name == "text"}))
    return file


def files(folder: Path) -> list[Path]:
    """Return the files of commands, without the locks of sessions."""
    return sorted(folder.glob("*.json"))


@contextmanager
def another_session(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a process that has sent a command."""
    program = (
        "import pathlib, sys; from tests.storage.test_command_journal import *; "
        "session = Session(pathlib.Path(sys.argv[1])); session.update(VIEW, NOTE); print('ready', flush=True); "
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
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
def test_the_next_session_reports_the_outcome_once(tmp_path: Path, view: OrderView, fate: str) -> None:
    crashed_session(tmp_path / "asked")
    following = Session(tmp_path / "asked")
    assert following.update(view) == [f"earlier note {fate} (“ring twice”)"]
    assert following.reported[0][0] == at(0)
    assert following.update(view) == following.update(view)[:1]
    assert list((tmp_path / "asked").iterdir()) == []
    assert Session(tmp_path / "asked").update(view) == []


def test_only_unsent_commands_are_removed_at_the_end_of_a_session(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.update(VIEW, NOTE)
    session.quit(VIEW, NOTE)
    assert list(tmp_path.iterdir()) == []
    session = Session(tmp_path)
    session.update(VIEW, NOTE)
    session.quit(VIEW, overlay.mark_unconfirmed(NOTE, "no answer"))
    assert len(files(tmp_path)) == 1


def test_nothing_is_reported_before_the_view_is_complete(tmp_path: Path) -> None:
    crashed_session(tmp_path)
    following = Session(tmp_path)
    assert following.update(VIEW.announce(Cursor(EPOCH, 4))) == []
    assert following.update(lift(snapshot(3, order_id="B1"))) == []
    assert len(following.update(VIEW)) == 1


def test_a_decided_command_leaves_no_file(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.update(VIEW, NOTE)
    assert len(files(tmp_path)) == 1
    session.update(VIEW, overlay.mark_refused(NOTE, "no", at(1)))
    assert files(tmp_path) == []


@pytest.mark.parametrize("server", ["http://other"])
def test_commands_of_another_server_are_not_reported(tmp_path: Path, server: str) -> None:
    crashed_session(tmp_path)
    assert Session(tmp_path, server).update(VIEW) == []


def test_a_command_of_another_session_is_reported_only_when_that_session_has_ended(tmp_path: Path) -> None:
    with another_session(tmp_path) as process:
        assert Session(tmp_path).update(VIEW) == []
        assert len(files(tmp_path)) == 1
        process.kill()
        process.wait()
        assert len(Session(tmp_path).update(VIEW)) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_process_id_of_a_dead_session_may_be_in_use_again(tmp_path: Path) -> None:
    with another_session(tmp_path) as process:
        process.kill()
    # This process runs, like one that got the dead process's id after a reboot.
    [file] = files(tmp_path)
    file.write_text(json.dumps({**json.loads(file.read_text()), "pid": os.getppid()}))
    assert len(Session(tmp_path).update(VIEW)) == 1


def test_two_sessions_report_the_same_command_once(tmp_path: Path) -> None:
    crashed_session(tmp_path)
    first, second = Session(tmp_path), Session(tmp_path)
    assert len(first.update(VIEW) + second.update(VIEW)) == 1


@pytest.mark.parametrize("session", [None, "x", "../../x", 5])
def test_a_file_without_a_session_is_left_over_after_ten_minutes(tmp_path: Path, session: object) -> None:
    crashed_session(tmp_path, session=session, pid=os.getpid())
    assert Session(tmp_path, now=at(9 * 60)).update(VIEW) == []
    assert len(Session(tmp_path, now=at(11 * 60)).update(VIEW)) == 1


def test_without_locks_a_file_is_left_over_after_ten_minutes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", unsupported)
    running = Session(tmp_path)
    running.update(VIEW, NOTE)
    assert Session(tmp_path, now=at(9 * 60)).update(VIEW) == []
    assert len(Session(tmp_path, now=at(11 * 60)).update(VIEW)) == 1
    running.quit(VIEW)
    assert list(tmp_path.iterdir()) == []


def test_the_end_of_a_session_removes_its_lock_and_the_next_one_reports_at_once(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.update(VIEW, NOTE)
    session.quit(VIEW, overlay.mark_unconfirmed(NOTE, "no answer"))
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]
    assert len(Session(tmp_path).update(VIEW)) == 1


def test_a_session_without_commands_creates_no_folder(tmp_path: Path) -> None:
    session = Session(tmp_path / "asked")
    session.update(VIEW)
    assert not (tmp_path / "asked").exists()


@pytest.mark.parametrize("server", [SERVER, "http://other"])
def test_files_older_than_a_week_are_removed(tmp_path: Path, server: str) -> None:
    crashed_session(tmp_path, server=server)
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


def test_an_old_command_is_not_reported(tmp_path: Path) -> None:
    crashed_session(tmp_path)
    assert Session(tmp_path, now=at(8 * 86_400)).update(VIEW) == []


@pytest.mark.parametrize(
    "changes",
    [{"commandId": "x"}, {"command": "burn"}, {"text": ""}, {"text": 5}, {"askedAt": "yesterday"}],
    ids=str,
)
def test_a_file_with_a_wrong_value_is_ignored(tmp_path: Path, changes: dict[str, object]) -> None:
    crashed_session(tmp_path, **changes)
    assert Session(tmp_path).update(VIEW) == []


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "\x00"])
def test_a_file_without_a_json_object_is_ignored(tmp_path: Path, text: str) -> None:
    crashed_session(tmp_path).write_text(text)
    assert Session(tmp_path).update(VIEW) == []


def test_without_a_folder_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Session(None).update(VIEW, NOTE)
    assert list(tmp_path.iterdir()) == []
