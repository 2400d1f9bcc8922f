"""The installed tracker-tui on a terminal that loses the focus: who looks elsewhere is called."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.support.processes import TRACKER_TUI, ServerProcess
from tests.support.terminal import Terminal

Serve = Callable[..., ServerProcess]
Environ = dict[str, str]

FOCUS_LOST = "\x1b[O"


def seen(terminal: Terminal, sequence: bytes) -> bool:
    """Whether the terminal is sent a sequence within a while."""
    deadline = time.monotonic() + 20
    while sequence not in terminal.output and time.monotonic() < deadline:
        terminal.wait_for(lambda text: True)
        terminal._read(0.1)
    return sequence in terminal.output


def test_a_change_rings_and_notifies_where_nobody_looks_unless_it_is_to_be_quiet(
    serve: Serve, environ: Environ
) -> None:
    server = serve("--heartbeat", "1")
    words = [TRACKER_TUI, "A1042", "--server", server.url]
    with Terminal(words, environ) as loud, Terminal([*words, "--quiet"], environ) as quiet:
        for terminal in (loud, quiet):
            terminal.wait_for("● Live")
            terminal.press(FOCUS_LOST)
        # Its answer to a key shows that it knows of the focus, which came before.
        for terminal in (loud, quiet):
            terminal.press("?")
            terminal.wait_for("Esc")
        server.inject("terminal-while-watching", "outcome=cancelled", "order=A1042")
        assert seen(loud, "\x1b]9;tracker-tui: A1042: ✖ Cancelled".encode())
        quiet.press("\x1b")
        quiet.wait_for(lambda text: "✖ Cancelled" in text)
        assert b"\x1b]9;" not in quiet.output
        # The bell comes first.
        assert b"\x07\x1b]9;" in loud.output
        for terminal in (loud, quiet):
            terminal.press("\x03")
            assert terminal.wait_for_exit() == 130
            assert terminal.disorder == []
