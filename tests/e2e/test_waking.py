"""Stop and continue the installed tracker-tui with Ctrl-Z and with signals."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable

from tests.support.processes import TRACKER_TUI, ServerProcess, is_stopped
from tests.support.terminal import Terminal

Serve = Callable[..., ServerProcess]
Environ = dict[str, str]


def watch(server: ServerProcess, environ: Environ) -> Terminal:
    return Terminal([TRACKER_TUI, "A1042", "--server", server.url], environ)


def quit_cleanly(terminal: Terminal) -> None:
    """Quit, and check that the terminal is restored."""
    terminal.press("q")
    assert terminal.wait_for_exit() == 0
    assert terminal.disorder == []


def test_ctrl_z_releases_the_terminal_and_fg_redraws_the_screen(serve: Serve, environ: Environ) -> None:
    server = serve("--heartbeat", "1")
    with watch(server, environ) as terminal:
        terminal.wait_for("● Live")
        for _ in range(2):
            terminal.press("\x1a")
            terminal.wait_until_stopped()
            assert terminal.disorder == []
            terminal.screen.reset()
            terminal.signal(signal.SIGCONT)
            terminal.wait_for(lambda text: "● Live" in text and "Timeline" in text and "q Quit" in text)
            terminal.press("?")
            terminal.wait_for("Esc closes")
            terminal.press("\x1b")
            terminal.wait_for(lambda text: "Esc closes" not in text)
        assert server.control("stats")["connections"] == 1
        quit_cleanly(terminal)


def test_an_external_stop_signal_restores_the_terminal(serve: Serve, environ: Environ) -> None:
    server = serve("--heartbeat", "1")
    with watch(server, environ) as terminal:
        terminal.wait_for("● Live")
        terminal.signal(signal.SIGSTOP)
        terminal.wait_until_stopped()
        terminal.screen.reset()
        terminal.signal(signal.SIGCONT)
        terminal.wait_for(lambda text: "● Live" in text and "Timeline" in text and "q Quit" in text)
        quit_cleanly(terminal)


def test_the_screen_is_current_within_three_seconds_after_a_long_stop(serve: Serve, environ: Environ) -> None:
    server = serve("--scenario", "quick", "--seed", "1", "--heartbeat", "1")
    with Terminal([TRACKER_TUI, "A1", "--server", server.url], environ) as terminal:
        terminal.wait_for("● Live")
        # The log has the version.
        terminal.press("l")
        terminal.wait_for("Log of A1")
        terminal.signal(signal.SIGSTOP)
        terminal.wait_until_stopped()
        # Longer than the stale limit of the client (2 × 1 + 2 s) and of the server (3 pings).
        version = server.control("orders/A1")["seq"]
        deadline = time.monotonic() + 8
        while time.monotonic() < deadline or server.control("orders/A1")["seq"] == version:
            time.sleep(0.1)
        terminal.signal(signal.SIGCONT)
        expected = server.control("orders/A1")

        def is_current(text: str) -> bool:
            seqs = [int(word) for before, word in zip(text.split(), text.split()[1:], strict=False) if before == "seq"]
            return "● Live" in text and any(seq >= expected["seq"] for seq in seqs)

        terminal.wait_for(is_current, within=3)
        quit_cleanly(terminal)


def test_a_continued_pipe_checks_its_connection_and_keeps_it(serve: Serve, environ: Environ) -> None:
    server = serve()
    argv = [TRACKER_TUI, "A1042", "--server", server.url, "--format", "ndjson", "--timeout", "15"]
    with subprocess.Popen(argv, env=environ, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout is not None
        try:
            phases = (line.get("phase") for line in map(json.loads, process.stdout) if line["type"] == "link")
            assert "live" in phases
            process.send_signal(signal.SIGSTOP)
            while not is_stopped(process.pid):
                time.sleep(0.01)
            process.send_signal(signal.SIGCONT)
            continued = time.monotonic()
            assert next(phases) == "syncing"
            assert next(phases) == "live"
            assert time.monotonic() - continued < 3
            assert server.control("stats")["streamOpenings"] == 1
        finally:
            process.kill()
