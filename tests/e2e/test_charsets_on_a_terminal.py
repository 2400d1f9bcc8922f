"""Run the installed tracker-tui on a terminal whose encoding lacks the symbols of its screens."""

from __future__ import annotations

import pytest

from tests.support.processes import TRACKER_TUI
from tests.support.terminal import Terminal

Environ = dict[str, str]


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_a_terminal_without_unicode_receives_replacement_symbols(environ: Environ, encoding: str) -> None:
    with Terminal([TRACKER_TUI, "--demo", "quick"], environ | {"PYTHONIOENCODING": encoding}) as terminal:
        terminal.wait_for("@ Live")
        terminal.wait_for("+ Placed")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        sent = bytes(terminal.output).partition(b"\x1b[?1049l")[0]
    assert b"\\u" not in sent
    assert b"\\x" not in sent
