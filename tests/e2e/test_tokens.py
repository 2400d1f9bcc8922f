"""Run the installed tracker-tui against a server with authentication: sign-in, sign-out and no leaked token."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.processes import MOCK_SERVER, TRACKER_TUI, ServerProcess, run
from tests.support.terminal import Terminal

Serve = Callable[..., ServerProcess]
Environ = dict[str, str]
PassToken = Callable[[str], list[str]]


def token(environ: Environ, *options: str) -> str:
    """Return a token that the servers of these tests accept."""
    result = run([MOCK_SERVER, "token", *options], environ)
    assert result.stdout.count(".") == 2, result.stderr
    return result.stdout.strip()


@pytest.fixture(params=["environment", "file", "command"])
def pass_token(request: pytest.FixtureRequest, environ: Environ, tmp_path: Path) -> PassToken:
    """Return a function that passes a token to the program and returns the options for it."""
    file = tmp_path / "token"

    def set_up(text: str) -> list[str]:
        if request.param == "environment":
            environ["TRACKER_TOKEN"] = text
            return []
        file.write_text(f"{text}\n")
        return ["--token-file", str(file)] if request.param == "file" else ["--token-command", f"cat '{file}'"]

    return set_up


@pytest.fixture(params=["good", "bad"])
def secret(request: pytest.FixtureRequest, environ: Environ) -> str:
    """Return a token that the server accepts, or one that it refuses."""
    good = token(environ)
    return good if request.param == "good" else f"{good[:-8]}AAAAAAAA"


def is_leaked_in(text: str | bytes, secret: str) -> bool:
    """Return whether a text contains the token, its payload or its signature."""
    text = text.decode(errors="replace") if isinstance(text, bytes) else text
    return any(part in text for part in (secret, secret.split(".")[1], secret.split(".")[2]))


def test_a_token_appears_in_no_output_and_no_file(
    serve: Serve, environ: Environ, tmp_path: Path, pass_token: PassToken, secret: str
) -> None:
    server = serve("--auth", "jwt", "--heartbeat", "1")
    log = tmp_path / "log"
    argv = [TRACKER_TUI, "A1042", "--server", server.url, "--log-file", str(log), *pass_token(secret)]
    printed = run([*argv, "--print-config"], environ)
    once = run([*argv, "--once"], environ)
    plain = run([*argv, "--format", "plain", "--until", "placed"], environ)
    with Terminal([*argv, "--record", str(tmp_path / "recording")], environ) as terminal:
        terminal.wait_for(lambda text: "● Live" in text or "✖ Signed out" in text)
        terminal.press("e")
        terminal.wait_for("a report, and a recording for --replay")
        terminal.press("c")
        terminal.wait_for(lambda text: "a report, and a recording" not in text)
        assert not is_leaked_in(Path(f"/proc/{terminal.pid}/cmdline").read_bytes(), secret)
        terminal.press("l")
        terminal.wait_for("Log of A1042")
        terminal.press("q")
        terminal.wait_for_exit()
        assert not is_leaked_in(bytes(terminal.output), secret)
    files = [file for file in tmp_path.rglob("*") if file.is_file() and file not in {log, tmp_path / "token"}]
    assert tmp_path / "recording" in files
    for file in files:
        assert "mock-server" in file.parts or not is_leaked_in(file.read_bytes(), secret), file
    assert printed.returncode == 0
    assert {once.returncode, plain.returncode} in ({0}, {6})
    for result in (printed, once, plain):
        assert not is_leaked_in(result.stdout + result.stderr, secret)
    assert log.read_text()
    assert not is_leaked_in(log.read_text(), secret)


def test_an_expired_token_exits_with_6_and_one_line(serve: Serve, environ: Environ, pass_token: PassToken) -> None:
    server = serve("--auth", "jwt")
    token_options = pass_token(token(environ, "--ttl", "1s"))
    expiry = time.time() + 1
    while time.time() <= expiry:
        time.sleep(0.05)
    for options in (["--once"], ["--format", "plain"]):
        result = run([TRACKER_TUI, "A1042", "--server", server.url, *options, *token_options], environ)
        assert result.returncode == 6
        assert result.stderr == (
            "tracker-tui: signed out (token expired); "
            "give a fresh token with --token-file or --token-command, or in the variable TRACKER_TOKEN\n"
        )


def test_a_missing_token_file_is_signed_out_and_not_a_usage_error(serve: Serve, environ: Environ) -> None:
    server = serve("--auth", "jwt")
    for options in (["--once"], ["--format", "plain"]):
        result = run([TRACKER_TUI, "A1042", "--server", server.url, "--token-file", "/nowhere", *options], environ)
        assert result.returncode == 6
        assert "signed out (the token file /nowhere can't be read: No such file or directory); " in result.stderr
        assert result.stderr.count("\n") == 1


def test_a_signed_out_screen_waits_for_the_token_file(serve: Serve, environ: Environ, tmp_path: Path) -> None:
    server = serve("--auth", "jwt", "--heartbeat", "1")
    file = tmp_path / "token"
    with Terminal([TRACKER_TUI, "A1042", "--server", server.url, "--token-file", str(file)], environ) as terminal:
        terminal.wait_for("✖ Signed out")
        terminal.wait_for("waiting for a new token (r looks again): ")
        file.write_text(token(environ))
        terminal.wait_for("● Live")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0


def test_quitting_a_signed_out_screen_exits_with_6_and_a_message(serve: Serve, environ: Environ) -> None:
    server = serve("--auth", "jwt")
    with Terminal([TRACKER_TUI, "A1042", "--server", server.url], environ) as terminal:
        terminal.wait_for("✖ Signed out: no valid token")
        terminal.wait_for("quit, and start again with --token-file or --token-command")
        terminal.press("q")
        assert terminal.wait_for_exit() == 6
        assert terminal.disorder == []
        assert "tracker-tui: signed out (no valid token); " in terminal.output.decode()


def test_a_token_that_expires_signs_out_and_keeps_the_last_view(serve: Serve, environ: Environ) -> None:
    server = serve("--heartbeat", "1", "--auth", "jwt")
    environ["TRACKER_TOKEN"] = token(environ)
    with Terminal([TRACKER_TUI, "A1042", "--server", server.url], environ) as terminal:
        terminal.wait_for("● Live")
        server.inject("token-expiry")
        terminal.wait_for("✖ Signed out: token expired")
        terminal.wait_for(" ago · TRACKER_TOKEN is not renewed: quit, set a new one, start again")
        terminal.wait_for("▶ Preparing")
        terminal.press("q")
        assert terminal.wait_for_exit() == 6
