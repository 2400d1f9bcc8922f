"""What an earlier session asked and left undecided: told of once, with its fate, and never asked again."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.orders import EPOCH, at, event, snapshot
from tracker_tui.domain import overlay
from tracker_tui.domain.command import Command, Verb
from tracker_tui.domain.cursor import Cursor
from tracker_tui.domain.overlay import Wish
from tracker_tui.domain.view import OrderView, lift
from tracker_tui.unfinished import Unfinished

SERVER = "http://gateway"
ID = "7a1f4c5e-0000-4a86-9d52-3a1f0c1d2e3f"
NOTE = Wish(Command(ID, Verb.NOTE, "ring twice"), at(0))
NOW = at(60)
NOBODY = 2**22 + 1
"""A process that there can't be."""


class Session:
    """One run of the program."""

    def __init__(self, folder: Path | None, server: str = SERVER, now: datetime = NOW) -> None:
        self.told: list[tuple[datetime, str, str]] = []
        self._unfinished = Unfinished(folder, server, lambda *line: self.told.append(line), now)

    def see(self, view: OrderView, *wishes: Wish) -> list[str]:
        """Look at a feed; what was told so far."""
        feed: Any = SimpleNamespace(views={view.order_id: view}, wishes=lambda order_id: wishes)
        self._unfinished.look(feed)
        return [text for _, text, _ in self.told]

    def leave(self, view: OrderView, *wishes: Wish) -> None:
        """Look for the last time."""
        self._unfinished.finish(SimpleNamespace(views={view.order_id: view}, wishes=lambda order_id: wishes))


VIEW = lift(snapshot(3))


def left(folder: Path, **changes: object) -> Path:
    """What a session that was killed has left."""
    Session(folder).see(VIEW, NOTE)
    [file] = folder.iterdir()
    file.write_text(json.dumps({**json.loads(file.read_text()), "pid": NOBODY, **changes}))
    return file


@pytest.mark.parametrize(
    ("view", "fate"),
    [
        (VIEW, "is not in the history; ask again if it is still wanted"),
        (VIEW.join(event(4, command_id=ID.upper())), "was applied, seq 4"),
        (lift(snapshot(9, history_from=5)), "is not in the history that is held, which is not all of it"),
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
    session.leave(VIEW, overlay.lost(NOTE, "no answer"))
    assert len(list(tmp_path.iterdir())) == 1


def test_nothing_is_told_before_everything_of_the_order_is_here(tmp_path: Path) -> None:
    left(tmp_path)
    following = Session(tmp_path)
    assert following.see(VIEW.announce(Cursor(EPOCH, 4))) == []
    assert following.see(lift(snapshot(3, order_id="B1"))) == []
    assert len(following.see(VIEW)) == 1


def test_what_is_decided_leaves_nothing(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.see(VIEW, NOTE)
    assert len(list(tmp_path.iterdir())) == 1
    session.see(VIEW, overlay.refused(NOTE, "no", at(1)))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("server", ["http://other"])
def test_another_gateways_commands_are_not_told(tmp_path: Path, server: str) -> None:
    left(tmp_path)
    assert Session(tmp_path, server).see(VIEW) == []


def test_what_another_running_program_asks_is_its_own_business(tmp_path: Path) -> None:
    file = left(tmp_path, pid=os.getppid())
    assert Session(tmp_path).see(VIEW) == []
    assert file.exists()


def test_what_was_asked_long_ago_is_not_told(tmp_path: Path) -> None:
    left(tmp_path)
    assert Session(tmp_path, now=at(8 * 86_400)).see(VIEW) == []


@pytest.mark.parametrize(
    "changes",
    [{"commandId": "x"}, {"command": "burn"}, {"text": ""}, {"text": 5}, {"askedAt": "yesterday"}, {"pid": "x"}],
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
