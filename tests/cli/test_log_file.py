"""The log of ``--log-file``."""

from __future__ import annotations

import logging
import re
import stat
from pathlib import Path

import pytest

from tests.support.orders import START, snapshot
from tracker_tui.cli.log_file import logging_to
from tracker_tui.cli.options import UsageError
from tracker_tui.domain.order import Outcome
from tracker_tui.domain.view import lift
from tracker_tui.link.changes import LinkChanged, LinkState, Noted, OrderChanged, Phase, Standing, Topic
from tracker_tui.link.debug_log import log_change

HOSTILE = "[/b] [@click=app.quit] \x1b]0;x\x07 \x1b[2J \x00 \u202e \x9b2J \x7f \r\n second line"


def test_link_changes_and_notes_are_logged_with_time_and_level(tmp_path: Path) -> None:
    file = tmp_path / "log"
    with logging_to(file):
        log_change(LinkChanged(LinkState(Phase.LIVE, "websocket")))
        log_change(LinkChanged(LinkState(Phase.BACKOFF, "websocket", attempt=2, reason="connection refused")))
        log_change(Noted(START, Topic.REFUSAL, "order not found", "A9"))
        log_change(OrderChanged("A1", lift(snapshot(1, outcome=Outcome.LOST)), Standing.IN_SYNC))
    lines = file.read_text().splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ", line) for line in lines)
    assert [line.partition(" ")[2] for line in lines] == [
        "info live over websocket",
        "warning backoff over websocket, try 2: connection refused",
        "info refusal A9: order not found",
        f"debug order A1: {lift(snapshot(1)).version}, in_sync, 0 new milestones",
    ]


def test_only_the_user_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "log"
    with logging_to(file):
        pass
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_second_run_appends(tmp_path: Path) -> None:
    file = tmp_path / "log"
    for _ in range(2):
        with logging_to(file):
            log_change(LinkChanged(LinkState(Phase.LIVE, "websocket")))
    assert len(file.read_text().splitlines()) == 2


def test_hostile_text_is_inert_and_one_line(tmp_path: Path) -> None:
    file = tmp_path / "log"
    with logging_to(file):
        log_change(Noted(START, Topic.LINK, HOSTILE))
        try:
            raise ValueError(HOSTILE)
        except ValueError:
            logging.getLogger("tracker_tui").exception("crashed")
    text = file.read_text()
    assert all(line.isprintable() for line in text.split("\n"))
    assert "\u202e" not in text
    assert "[/b] [@click=app.quit] ␛]0;x␇ ␛[2J ␀ ⟨RLO⟩" in text
    assert all(line.startswith(("20", "    ")) for line in text.splitlines())


def test_without_a_file_nothing_is_logged(capfd: pytest.CaptureFixture[str]) -> None:
    with logging_to(None):
        log_change(LinkChanged(LinkState(Phase.FAILED, "websocket", reason="forbidden")))
    assert capfd.readouterr() == ("", "")


def test_the_logger_is_left_as_it_was(tmp_path: Path) -> None:
    logger = logging.getLogger("tracker_tui")
    before = (logger.level, logger.propagate, list(logger.handlers))
    with logging_to(tmp_path / "log"):
        pass
    assert (logger.level, logger.propagate, list(logger.handlers)) == before


def test_a_file_that_cannot_be_written_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written: Is a directory"), logging_to(tmp_path):
        pass


def test_a_full_disk_is_ignored(capfd: pytest.CaptureFixture[str]) -> None:
    with logging_to(Path("/dev/full")):
        for _ in range(10):
            log_change(LinkChanged(LinkState(Phase.LIVE, "websocket")))
    assert capfd.readouterr() == ("", "")
