"""Run the installed tracker-tui on terminals with no colours, 16, 256 or true colour."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.support.processes import TRACKER_TUI, ServerProcess, run
from tests.support.terminal import Terminal

Serve = Callable[..., ServerProcess]
Environ = dict[str, str]


def colour_kinds(output: bytes) -> set[str]:
    """Return the colour kinds set by SGR sequences: `16`, `256`, `truecolor`."""
    found = set()
    for sequence in re.findall(rb"\x1b\[([0-9;:]*)m", output):
        codes = [int(code or 0) for code in re.split(rb"[;:]", sequence)]
        while codes:
            code = codes.pop(0)
            if code in {38, 48, 58}:
                length = {5: 1, 2: 3}[codes.pop(0)]
                found.add("256" if length == 1 else "truecolor")
                del codes[:length]
            elif 30 <= code <= 37 or 40 <= code <= 47 or 90 <= code <= 97 or 100 <= code <= 107:
                found.add("16")
    return found


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"NO_COLOR": "1"}, set()),
        ({"NO_COLOR": "1", "TERM": "xterm", "COLORTERM": ""}, set()),
        ({"TERM": "xterm", "COLORTERM": ""}, {"16"}),
        ({"TERM": "linux", "COLORTERM": ""}, {"16"}),
        ({"TERM": "xterm-256color", "COLORTERM": ""}, {"256"}),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, {"truecolor"}),
    ],
    ids=lambda value: " ".join(f"{name}={text}" for name, text in value.items()) if isinstance(value, dict) else "",
)
def test_a_terminal_receives_only_colours_that_it_supports(
    environ: Environ, settings: dict[str, str], expected: set[str]
) -> None:
    with Terminal([TRACKER_TUI, "--demo"], environ | settings) as terminal:
        terminal.wait_for("● Live")
        for key, expected_text in (
            ("\r", "Timeline"),
            ("?", "Esc closes"),
            ("\x1b", lambda text: "Esc closes" not in text),
            ("l", "Log of"),
            ("\x1b", "Timeline"),
            ("f", "Fault lab"),
            ("1", "Injected"),
            ("\x1b", lambda text: "Fault lab" not in text),
            ("n", "Note on"),
            ("x", "Note on"),
            ("\x1b", lambda text: "Note on" not in text),
            ("c", "Copied the sentence for"),
            ("b", "Progress"),
            ("s", "Sort by"),
            ("\x1b", lambda text: "Sort by" not in text),
            ("/", "Esc clears"),
            ("\x1b", lambda text: "Esc clears" not in text),
            ("\x10", "Search for commands"),
            ("\x1b", lambda text: "Search for commands" not in text),
        ):
            terminal.press(key)
            terminal.wait_for(expected_text)
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert colour_kinds(bytes(terminal.output)) == expected


def test_once_writes_no_escape_sequence_to_a_dumb_terminal(serve: Serve, environ: Environ) -> None:
    server = serve()
    argv = [TRACKER_TUI, "A1042", "--server", server.url, "--once"]
    with Terminal(argv, environ | {"TERM": "dumb", "COLORTERM": ""}) as terminal:
        assert terminal.wait_for_exit() == 0
        assert "A1042" in terminal.text
        assert b"\x1b" not in terminal.output


def test_watching_on_a_dumb_terminal_writes_no_escape_sequence(serve: Serve, environ: Environ) -> None:
    server = serve("--scenario", "quick", "--seed", "1", "--heartbeat", "1")
    argv = [TRACKER_TUI, "A1", "--server", server.url, "--until", "accepted"]
    with Terminal(argv, environ | {"TERM": "dumb"}) as terminal:
        assert terminal.wait_for_exit(within=40) == 0
        assert "A1" in terminal.text
        assert b"\x1b" not in terminal.output


def test_a_pipe_receives_no_escape_sequence(serve: Serve, environ: Environ) -> None:
    server = serve()
    result = run([TRACKER_TUI, "A1042", "--server", server.url, "--once"], environ)
    assert result.returncode == 0, result.stderr
    assert "A1042" in result.stdout
    assert "\x1b" not in result.stdout + result.stderr
