"""Run the installed tracker-tui in pipes, against a mock server process."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.processes import TRACKER_TUI, ServerProcess, run

Serve = Callable[..., ServerProcess]
Environ = dict[str, str]


@contextmanager
def running(arguments: list[str], environ: Environ) -> Iterator[subprocess.Popen[str]]:
    """Run the program with its output in a pipe; kill it at the end if it still runs."""
    with subprocess.Popen(
        [TRACKER_TUI, *arguments],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        preexec_fn=_restore_signals,  # noqa: PLW1509 - no test thread holds a lock
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _restore_signals() -> None:
    # A test run in the background or under nohup passes ignored signals to its child processes.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def read_until(process: subprocess.Popen[str], holds: Callable[[str], bool]) -> list[str]:
    """Return the lines up to the first one that meets the condition."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if holds(line):
            return lines
    raise AssertionError(f"not seen before the end: {lines}")


def is_live(line: str) -> bool:
    return '"phase":"live"' in line or "  Link: Live" in line


@pytest.mark.parametrize("format_", ["plain", "ndjson"])
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["INT", "TERM", "HUP"]
)
def test_a_signal_closes_the_connection_and_sets_the_exit_code(
    serve: Serve, environ: Environ, format_: str, number: int, code: int
) -> None:
    server = serve()
    with running(["A1042", "--server", server.url, "--format", format_], environ) as process:
        read_until(process, is_live)
        process.send_signal(number)
        assert process.wait(timeout=10) == code
        assert process.stderr is not None
        assert process.stderr.read() == ""
        server.wait_for(lambda stats: stats["connections"] == 0, within=2)


def test_an_ignored_hangup_stays_ignored(serve: Serve, environ: Environ) -> None:
    server = serve()
    # nohup starts a program in the same way.
    arguments = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh", TRACKER_TUI, "A1042", "--server", server.url]
    with subprocess.Popen(arguments, env=environ, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        try:
            read_until(process, is_live)
            process.send_signal(signal.SIGHUP)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 143
        finally:
            process.kill()


def test_a_blocked_reader_does_not_delay_the_exit(serve: Serve, environ: Environ) -> None:
    server = serve()
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with suppress(BlockingIOError):
        while os.write(writer, bytes(select.PIPE_BUF)):
            pass
    os.set_blocking(writer, True)
    arguments = [TRACKER_TUI, "A1042", "--server", server.url, "--format", "ndjson"]
    with subprocess.Popen(arguments, env=environ, stdout=writer) as process:
        try:
            server.wait_for(lambda stats: stats["subscriptions"] > 0)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 143
            server.wait_for(lambda stats: stats["connections"] == 0, within=2)
        finally:
            process.kill()
            os.close(reader)
            os.close(writer)


def test_a_closed_pipe_ends_the_run_without_an_error_message(serve: Serve, environ: Environ) -> None:
    server = serve("--scenario", "quick", "--heartbeat", "1")
    with running(["A1", "--server", server.url, "--format", "ndjson"], environ) as process:
        read_until(process, is_live)
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(timeout=20) == 141
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_an_order_cancelled_while_watching_exits_with_5(serve: Serve, environ: Environ) -> None:
    server = serve("--heartbeat", "1")
    arguments = ["A1042", "--server", server.url, "--format", "ndjson", "--until", "ended"]
    with running(arguments, environ) as process:
        read_until(process, is_live)
        server.inject("terminal-while-watching", "outcome=cancelled", "order=A1042")
        lines = read_until(process, lambda line: '"phase":"final"' in line)
        assert {"type": "end", "orderId": "A1042", "outcome": "cancelled"} in map(json.loads, lines)
        assert process.wait(timeout=10) == 5


def test_an_unknown_order_exits_with_4_after_the_others_have_finished(serve: Serve, environ: Environ) -> None:
    server = serve("--scenario", "quick", "--speed", "9", "--heartbeat", "1")
    result = run([TRACKER_TUI, "A9", "A1", "--server", server.url], environ)
    assert result.returncode == 4
    assert result.stderr == f"tracker-tui: order A9: unknown order at the server {server.url}; check the id\n"
    assert re.search(r"  Ended: A1, .*: Delivered at [0-9:]+\.", result.stdout)


def test_an_unknown_order_with_almost_the_id_of_a_listed_one_exits_with_4_and_names_it(
    serve: Serve, environ: Environ, tmp_path: Path
) -> None:
    server = serve("--scenario", "quick")
    config = tmp_path / "lists.toml"
    config.write_text('[lists]\nvip = ["A1042"]\n')
    for options in ([], ["--once"]):
        result = run([TRACKER_TUI, "a1042", "--server", server.url, "--config", str(config), *options], environ)
        message = f"order a1042: unknown order at the server {server.url}; did you mean A1042?"
        assert (result.returncode, result.stderr) == (4, f"tracker-tui: {message}\n")


def test_until_a_status_ends_the_run_there(serve: Serve, environ: Environ) -> None:
    server = serve("--scenario", "quick", "--heartbeat", "1")
    arguments = ["A1", "--server", server.url, "--format", "ndjson", "--until", "accepted"]
    result = run([TRACKER_TUI, *arguments], environ)
    assert (result.returncode, result.stderr) == (0, "")
    assert '"status":"accepted"' in result.stdout
    assert '"outcome":"delivered"' not in result.stdout


def test_a_misspelt_status_is_a_usage_error_and_another_unknown_one_a_warning(serve: Serve, environ: Environ) -> None:
    server = serve("--scenario", "quick", "--speed", "9", "--heartbeat", "1")
    arguments = [TRACKER_TUI, "A1", "--server", server.url, "--format", "ndjson", "--until"]
    result = run([*arguments, "delivred"], environ)
    assert result.returncode == 2
    assert result.stderr == 'tracker-tui: --until: unknown status "delivred"; did you mean delivered?\n'
    result = run([*arguments, "nosuch"], environ)
    assert result.returncode == 5
    assert 'unknown status "nosuch" (known: placed, ' in result.stderr


def test_once_prints_the_current_state_of_the_orders(serve: Serve, environ: Environ) -> None:
    server = serve()
    environ["TRACKER_SERVER"] = server.url
    plain = run([TRACKER_TUI, "A1042", "--once"], environ)
    assert (plain.returncode, plain.stderr) == (0, "")
    assert plain.stdout.count("\n") == 1
    assert plain.stdout.startswith("A1042, ")
    ndjson = run([TRACKER_TUI, "A1042", "A9", "--once", "--format", "ndjson"], environ)
    lines = [json.loads(line) for line in ndjson.stdout.splitlines()]
    assert [line["type"] for line in lines] == ["milestone"] * (len(lines) - 1) + ["order"]
    assert lines[-1]["complete"] is True
    assert ndjson.returncode == 4


@pytest.mark.parametrize("format_", ["plain", "ndjson", "table", "json", "csv"])
def test_a_filter_selects_the_orders_that_once_prints(serve: Serve, environ: Environ, format_: str) -> None:
    environ["TRACKER_SERVER"] = serve().url
    arguments = [TRACKER_TUI, "A1042", "A1001", "--once", "--format", format_, "--filter"]
    result = run([*arguments, "tokyo-or-what ramen"], environ)
    assert (result.returncode, "A1042" in result.stdout) == (0, False)
    result = run([*arguments, "LINDQVIST"], environ)
    assert result.returncode == 0
    assert "A1042" in result.stdout
    assert "A1001" not in result.stdout


def test_a_filtered_order_prints_nothing_but_still_sets_the_exit_code(serve: Serve, environ: Environ) -> None:
    server = serve("--scenario", "cancelled", "--speed", "9", "--heartbeat", "1")
    arguments = [TRACKER_TUI, "A1", "--server", server.url, "--format", "ndjson", "--filter", "nowhere"]
    result = run(arguments, environ)
    assert result.returncode == 5
    assert {json.loads(line)["type"] for line in result.stdout.splitlines()} == {"link"}


def test_hostile_text_is_escaped_in_plain_output_and_in_the_log_file(
    serve: Serve, environ: Environ, tmp_path: Path
) -> None:
    server = serve("--heartbeat", "1")
    server.inject("evil-text", "order=A1042")
    log = tmp_path / "log"
    # Text from the server must be escaped in the output and in the log file.
    arguments = ["A1042", "--server", server.url, "--format", "plain", "--log-file", str(log)]
    with running(arguments, environ) as process:
        lines = read_until(process, is_live)
        server.inject("terminal-while-watching", "order=A1042")
        lines += read_until(process, lambda line: "  Ended: " in line)
        process.wait(timeout=10)
    assert any("[/b][@click=app.quit]quit[/] ␛]0;x␇␛[2J␀ ⟨RLO⟩detrevni⟨PDF⟩ [red]" in line for line in lines)
    for text in ("".join(lines), log.read_text()):
        assert all(line.isprintable() for line in text.split("\n"))
        assert "\u202e" not in text
    assert " info live over websocket\n" in log.read_text()
    assert os.stat(log).st_mode & 0o777 == 0o600
