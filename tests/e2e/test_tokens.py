"""The installed tracker-tui at a gateway that asks who it is: in, out, and never a word of the token."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.processes import MOCK_SERVER, TRACKER_TUI, ServerProcess, run
from tests.support.terminal import Terminal

Serve = Callable[..., ServerProcess]
Environ = dict[str, str]
Give = Callable[[str], list[str]]


def token(environ: Environ, *options: str) -> str:
    """A token that the servers of this test take."""
    made = run([MOCK_SERVER, "token", *options], environ)
    assert made.stdout.count(".") == 2, made.stderr
    return made.stdout.strip()


@pytest.fixture(params=["environment", "file", "command"])
def give(request: pytest.FixtureRequest, environ: Environ, tmp_path: Path) -> Give:
    """Give the program a token in one of the ways there are; the options that belong to it."""
    file = tmp_path / "token"

    def give(text: str) -> list[str]:
        if request.param == "environment":
            environ["TRACKER_TOKEN"] = text
            return []
        file.write_text(f"{text}\n")
        return ["--token-file", str(file)] if request.param == "file" else ["--token-command", f"cat '{file}'"]

    return give


@pytest.fixture(params=["good", "bad"])
def secret(request: pytest.FixtureRequest, environ: Environ) -> str:
    """A token that is taken, or one that is refused."""
    good = token(environ)
    return good if request.param == "good" else f"{good[:-8]}AAAAAAAA"


def is_told_in(text: str | bytes, secret: str) -> bool:
    """Whether any telling part of a token is in a text."""
    text = text.decode(errors="replace") if isinstance(text, bytes) else text
    return any(part in text for part in (secret, secret.split(".")[1], secret.split(".")[2]))


def test_a_token_is_nowhere_to_be_read(serve: Serve, environ: Environ, tmp_path: Path, give: Give, secret: str) -> None:
    server = serve("--auth", "jwt", "--heartbeat", "1")
    log = tmp_path / "log"
    words = [TRACKER_TUI, "A1042", "--server", server.url, "--log-file", str(log), *give(secret)]
    printed = run([*words, "--print-config"], environ)
    once = run([*words, "--once"], environ)
    plain = run([*words, "--format", "plain", "--until", "placed"], environ)
    with Terminal([*words, "--record", str(tmp_path / "tape")], environ) as terminal:
        terminal.wait_for(lambda text: "● Live" in text or "✖ Signed out" in text)
        terminal.press("e")
        assert not is_told_in(Path(f"/proc/{terminal.pid}/cmdline").read_bytes(), secret)
        terminal.press("l")
        terminal.wait_for("Log of A1042")
        terminal.press("q")
        terminal.wait_for_exit()
        assert not is_told_in(bytes(terminal.output), secret)
    left = [file for file in tmp_path.rglob("*") if file.is_file() and file not in {log, tmp_path / "token"}]
    assert tmp_path / "tape" in left
    for file in left:
        assert "mock-server" in file.parts or not is_told_in(file.read_bytes(), secret), file
    assert printed.returncode == 0
    assert {once.returncode, plain.returncode} in ({0}, {6})
    for said in (printed, once, plain):
        assert not is_told_in(said.stdout + said.stderr, secret)
    assert log.read_text()
    assert not is_told_in(log.read_text(), secret)


def test_a_token_that_ran_out_is_6_and_one_line(serve: Serve, environ: Environ, give: Give) -> None:
    server = serve("--auth", "jwt")
    given = give(token(environ, "--ttl", "1s"))
    over = time.time() + 1
    while time.time() <= over:
        time.sleep(0.05)
    for words in (["--once"], ["--format", "plain"]):
        result = run([TRACKER_TUI, "A1042", "--server", server.url, *words, *given], environ)
        assert result.returncode == 6
        assert result.stderr == (
            "tracker-tui: signed out (token expired); "
            "give a fresh token with --token-file or --token-command, or in the variable TRACKER_TOKEN\n"
        )


def test_a_token_file_that_is_not_there_is_signed_out_and_not_usage(serve: Serve, environ: Environ) -> None:
    server = serve("--auth", "jwt")
    for words in (["--once"], ["--format", "plain"]):
        result = run([TRACKER_TUI, "A1042", "--server", server.url, "--token-file", "/nowhere", *words], environ)
        assert result.returncode == 6
        assert "signed out (the token file /nowhere can't be read: No such file or directory); " in result.stderr
        assert result.stderr.count("\n") == 1


def test_a_screen_that_is_signed_out_waits_for_the_token_file(serve: Serve, environ: Environ, tmp_path: Path) -> None:
    server = serve("--auth", "jwt", "--heartbeat", "1")
    file = tmp_path / "token"
    with Terminal([TRACKER_TUI, "A1042", "--server", server.url, "--token-file", str(file)], environ) as terminal:
        terminal.wait_for("✖ Signed out")
        terminal.wait_for("waiting for a new token (r looks again): ")
        file.write_text(token(environ))
        terminal.wait_for("● Live")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0


def test_a_screen_that_is_left_signed_out_is_6_and_says_so(serve: Serve, environ: Environ) -> None:
    server = serve("--auth", "jwt")
    with Terminal([TRACKER_TUI, "A1042", "--server", server.url], environ) as terminal:
        terminal.wait_for("✖ Signed out: no valid token")
        terminal.wait_for("quit, and start again with --token-file or --token-command")
        terminal.press("q")
        assert terminal.wait_for_exit() == 6
        assert terminal.disorder == []
        assert "tracker-tui: signed out (no valid token); " in terminal.output.decode()


def test_a_token_that_is_taken_away_signs_out_and_keeps_the_last_view(serve: Serve, environ: Environ) -> None:
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
