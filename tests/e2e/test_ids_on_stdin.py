"""``generate-ids | tracker-tui -``, on a terminal and in a pipe."""

from __future__ import annotations

import shlex
from collections.abc import Callable

import pytest

from tests.support.processes import TRACKER_TUI, ServerProcess, run
from tests.support.terminal import Terminal


@pytest.mark.parametrize("starter", [[], ["setsid", "--ctty"]], ids=["another's terminal", "controlling terminal"])
def test_ids_on_stdin_open_the_board_and_the_keys_come_from_the_terminal(
    serve: Callable[..., ServerProcess], environ: dict[str, str], starter: list[str]
) -> None:
    server = serve("--scenario", "default")
    command = f"printf 'A1001\\n#A1042,' | {shlex.quote(TRACKER_TUI)} - --quiet --server {server.url}"
    with Terminal([*starter, "sh", "-c", command], environ) as terminal:
        terminal.wait_for(lambda text: "● Live" in text and "A1001" in text and "A1042" in text)
        terminal.press("?")
        terminal.wait_for("─ Help ·")
        terminal.press("\x1b")
        terminal.wait_for(lambda text: "─ Help ·" not in text)
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.disorder == []


def test_a_list_and_ids_on_stdin_are_printed_in_a_pipe(
    serve: Callable[..., ServerProcess], environ: dict[str, str]
) -> None:
    server = serve("--scenario", "default")
    done = run([TRACKER_TUI, "-", "--once", "--server", server.url], environ, stdin="A1001 A1042")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0].rstrip(",") for line in done.stdout.splitlines()] == ["A1001", "A1042"]


@pytest.mark.parametrize(("stdin", "message"), [("", "no order ids on stdin"), ("A1 A/2", 'stdin: "A/2" is not an')])
def test_a_mistake_on_stdin_is_one_line_and_exit_2(environ: dict[str, str], stdin: str, message: str) -> None:
    done = run([TRACKER_TUI, "-"], environ, stdin=stdin)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"tracker-tui: {message}")


def test_a_closed_stdin_is_one_line_and_exit_2(environ: dict[str, str]) -> None:
    done = run(["sh", "-c", f"{shlex.quote(TRACKER_TUI)} - <&-"], environ)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == 'tracker-tui: stdin is closed: pipe order ids into it, or leave out the "-"\n'
