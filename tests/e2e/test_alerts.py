"""Run the installed tracker-tui on a terminal without focus: a change rings the bell and sends a notification."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.support.processes import TRACKER_TUI, ServerProcess
from tests.support.terminal import Terminal

Serve = Callable[..., ServerProcess]
Environ = dict[str, str]

FOCUS_LOST = "\x1b[O"


def receives(terminal: Terminal, sequence: bytes) -> bool:
    """Return whether the program sends the sequence within 20 seconds."""
    deadline = time.monotonic() + 20
    while sequence not in terminal.output and time.monotonic() < deadline:
        terminal.wait_for(lambda text: True)
        terminal._read(0.1)
    return sequence in terminal.output


def test_a_change_alerts_a_terminal_without_focus_unless_quiet(serve: Serve, environ: Environ) -> None:
    server = serve("--heartbeat", "1")
    argv = [TRACKER_TUI, "A1042", "--server", server.url]
    with Terminal(argv, environ) as loud, Terminal([*argv, "--quiet"], environ) as quiet:
        for terminal in (loud, quiet):
            terminal.wait_for("● Live")
            terminal.press(FOCUS_LOST)
        # The response to a key shows that the earlier focus sequence has been handled.
        for terminal in (loud, quiet):
            terminal.press("?")
            terminal.wait_for("Esc")
        server.inject("terminal-while-watching", "outcome=cancelled", "order=A1042")
        assert receives(loud, "\x1b]9;tracker-tui: A1042: ✖ Cancelled".encode())
        quiet.press("\x1b")
        quiet.wait_for(lambda text: "✖ Cancelled" in text)
        assert b"\x1b]9;" not in quiet.output
        # The bell comes first.
        assert b"\x07\x1b]9;" in loud.output
        for terminal in (loud, quiet):
            terminal.press("\x03")
            assert terminal.wait_for_exit() == 130
            assert terminal.disorder == []
