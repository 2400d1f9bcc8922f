"""Hostile text in every output other than the screens: a terminal must not obey it."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.clocks import SetClock
from tests.support.feeds import ViewScript
from tests.support.hostile_text import HOSTILE, active_characters, hostile_snapshot
from tests.support.orders import START, at, event
from tracker_tui.cli.help import man_page
from tracker_tui.cli.log_file import logging_to
from tracker_tui.cli.main import main
from tracker_tui.cli.parser import build_parser
from tracker_tui.domain.cached_view import CachedView
from tracker_tui.domain.command import LONGEST_TEXT, Command, Verb
from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.order import Courier, Outcome
from tracker_tui.domain.overlay import CommandStatus, PendingCommand
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import Change, LinkChanged, LinkState, Noted, OrderChanged, Phase, Topic
from tracker_tui.link.debug_log import log_change
from tracker_tui.link.errors import Refused
from tracker_tui.output import error_messages
from tracker_tui.output.ndjson import NdjsonReport
from tracker_tui.output.once import report_once
from tracker_tui.output.plain import PlainReport
from tracker_tui.output.stdout import LineWriter
from tracker_tui.storage.identity import ANONYMOUS
from tracker_tui.storage.view_cache import ViewCache
from tracker_tui.wire.messages import Problem
from tracker_tui.wording.summary import summary

every = pytest.mark.parametrize("evil", HOSTILE.values(), ids=HOSTILE)

ID = "7a1f4c5e-0000-4a86-9d52-3a1f0c1d2e3f"
SERVER = "http://127.0.0.1:8765"


def all_changes(evil: str) -> list[Change]:
    """Return all kinds of changes, with hostile text in every field."""
    story = ViewScript()
    pending_commands = (
        PendingCommand(Command(ID, Verb.NOTE, evil[:LONGEST_TEXT]), at(0), reason=evil),
        PendingCommand(
            Command("0b5c3f0a-6d5e-4a86-9d52-3a1f0c1d2e3f", Verb.CANCEL), at(0), CommandStatus.REFUSED, reason=evil
        ),
    )
    first = story.change_for(hostile_snapshot(evil))
    return [
        LinkChanged(LinkState(Phase.CONNECTING, "websocket")),
        replace(first, pending_commands=pending_commands) if isinstance(first, OrderChanged) else first,
        story.change_for(event(3, evil[:64], courier=Courier(evil, evil), flags=(evil, f"not {evil}"))),
        Noted(START, Topic.ODDITY, evil, "A1"),
        Noted(START, Topic.LINK, evil),
        LinkChanged(LinkState(Phase.BACKOFF, "websocket", attempt=1, retry_at=9.0, reason=evil)),
        LinkChanged(LinkState(Phase.FAILED, "websocket", reason=evil, code=evil)),
        story.change_for(event(4, "end", outcome=Outcome.DELIVERED)),
    ]


def check(lines: Iterable[str]) -> list[str]:
    """Check that each line is a single line without escape sequences; return the lines."""
    reported = list(lines)
    for line in reported:
        assert active_characters(line) == [], line
    return reported


@every
def test_in_the_report_for_people(evil: str) -> None:
    clock = SetClock()
    report = PlainReport(clock, io.StringIO(), UTC)
    reported = [line for change in all_changes(evil) for line in check(report.lines(change))]
    clock.seconds = 600
    check(report.tick())
    assert len(reported) > 8


@every
def test_in_the_report_for_programs_unchanged(evil: str) -> None:
    report = NdjsonReport(SetClock())
    reported = [line for change in all_changes(evil) for line in check(report.lines(change))]
    # Two halves that meet are one character.
    assert json.loads(json.dumps(evil)) in [json.loads(line).get("note") for line in reported]


class Gateway:
    """A source with one order that refuses others with hostile text."""

    def __init__(self, evil: str) -> None:
        self._evil = evil

    async def snapshot(self, order_id: str) -> Snapshot:
        if order_id == "A1":
            return hostile_snapshot(self._evil)
        raise Refused(Problem("forbidden" if order_id == "A2" else self._evil, self._evil))


@every
async def test_in_the_present_state_and_in_a_refusal(evil: str, tmp_path: Path) -> None:
    errors: list[str] = []
    report = PlainReport(SetClock(), io.StringIO(), UTC)
    with (tmp_path / "out").open("wb") as file:
        out = LineWriter(file.fileno())
        async with asyncio.timeout(10):
            await report_once(
                ["A1", "A2", "A3"], Gateway(evil).snapshot, report.lines, out, errors.append, server=f"http://{evil}"
            )
    text = (tmp_path / "out").read_bytes().decode()
    assert text.count("\n") >= 3
    check(text.split("\n"))
    assert len(check(errors)) == 2


@every
def test_in_the_log(evil: str, tmp_path: Path) -> None:
    file = tmp_path / "log"
    with logging_to(file):
        for change in all_changes(evil):
            log_change(change)
        try:
            raise ValueError(evil)
        except ValueError:
            logging.getLogger("tracker_tui").exception("crashed")
    lines = check(file.read_bytes().decode().removesuffix("\n").split("\n"))
    assert all(line.startswith(("20", "    ")) for line in lines)


@every
def test_in_cached_views(evil: str, tmp_path: Path) -> None:
    cache = ViewCache(tmp_path, SERVER, ANONYMOUS)
    cache.store([CachedView(OrderView("A1").join(hostile_snapshot(evil)), at(60))])
    for file in tmp_path.iterdir():
        check([file.read_bytes().decode("ascii")])
    facts = [past.view.facts for past in cache.load(["A1"], at(60)).values()]
    if "\ud800" not in evil:
        assert [each.value.title for each in facts if each] == [evil]


@every
def test_in_error_messages(evil: str) -> None:
    pending = PendingCommand(Command(ID, Verb.NOTE, evil[:LONGEST_TEXT]), at(0))
    feed = SimpleNamespace(views={"A1": None}, pending_commands=lambda order_id: (pending,))
    failed = LinkState(Phase.FAILED, "websocket", reason=str(Refused(Problem(evil, evil))), code="forbidden")
    reported = check(
        [
            error_messages.order_refused("A1", Problem(evil, evil), evil),
            error_messages.unknown_status(evil, [evil]),
            error_messages.misspelt_status(evil, evil),
            error_messages.signed_out(evil, str(Refused(Problem(evil, evil)))),
            error_messages.recording_incomplete(Path(evil), "disk full"),
            error_messages.server_unreachable(evil, None),
            error_messages.connection_failure(failed, evil) or "",
            *error_messages.undecided_commands(feed),
        ]
    )
    assert all(reported)


@every
def test_in_the_summary_of_an_order(evil: str) -> None:
    check([summary(OrderView("A1").join(hostile_snapshot(evil)), at(0), UTC)])


FLAGS = ("filter", "until", "server", "timeout", "format", "theme", "token-file", "config", "log-file", "demo", "no")


@every
@pytest.mark.parametrize("flag", [None, *FLAGS])
def test_on_the_command_line(
    flag: str | None, evil: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_user_settings(monkeypatch, tmp_path)
    # Invalid words, or options that exclude one another, so that nothing is begun.
    argv = [f"/{evil}"] if flag is None else ["A1", "--once", "--until=x", f"--{flag}={evil}"]
    assert code(argv, monkeypatch) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert check(said.err.removesuffix("\n").split("\n"))


@every
def test_in_the_printed_config_which_has_the_same_values(
    evil: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_user_settings(monkeypatch, tmp_path)
    # What can be given at all.
    meant = evil[:100].replace("\0", "").replace("\ud800\udfff", "")
    assert code(["--print-config", f"--filter={meant}", f"--log-file=/{meant}"], monkeypatch) == 0
    printed = capfd.readouterr().out
    check(printed.removesuffix("\n").split("\n"))
    assert (tomllib.loads(printed)["filter"], tomllib.loads(printed)["log_file"]) == (meant, str(Path(f"/{meant}")))


@every
def test_in_the_message_about_a_config_file_or_a_variable(
    evil: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_user_settings(monkeypatch, tmp_path)
    file = tmp_path / "config.toml"
    quoted = json.dumps(evil.encode(errors="replace").decode()).replace("\x7f", "\\u007f")
    for line in (f"{quoted} = 1", f"theme = {quoted}", f"[keys]\n{quoted} = 1", f"[keys]\nlog = {quoted}", f"x {evil}"):
        file.write_bytes(line.encode(errors="replace"))
        assert code(["A1", "--config", str(file)], monkeypatch) == 2
        check(capfd.readouterr().err.removesuffix("\n").split("\n"))
    monkeypatch.setenv("TRACKER_THEME", evil.replace("\0", "")[:1_000].encode(errors="replace").decode())
    assert code(["A1"], monkeypatch) == 2
    check(capfd.readouterr().err.removesuffix("\n").split("\n"))


@every
def test_in_the_message_about_a_log_that_cannot_be_written(
    evil: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_user_settings(monkeypatch, tmp_path)
    assert code(["A1", f"--log-file={tmp_path}/none/{evil}"], monkeypatch) == 2
    check(capfd.readouterr().err.removesuffix("\n").split("\n"))


def test_in_the_man_page() -> None:
    check(man_page(build_parser(), "1.2.3").replace("\n", " ").split("\n"))


def code(argv: list[str], monkeypatch: pytest.MonkeyPatch) -> object:
    """Run the program and return its exit code."""
    monkeypatch.setattr("sys.argv", ["tracker-tui", *argv])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def without_user_settings(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Hide the settings of the user who runs the tests."""
    for name in os.environ:
        if name.startswith("TRACKER_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    monkeypatch.chdir(folder)
