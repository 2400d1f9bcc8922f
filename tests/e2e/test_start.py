"""Start tracker-tui without arguments."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.processes import TRACKER_TUI, ServerProcess, run
from tests.support.terminal import Terminal

Serve = Callable[..., ServerProcess]
Environ = dict[str, str]


def test_the_board_of_a_configured_server_opens_at_once(serve: Serve, environ: Environ) -> None:
    server = serve("--scenario", "busy", "--heartbeat", "1")
    with Terminal([TRACKER_TUI], {**environ, "TRACKER_SERVER": server.url}) as terminal:
        terminal.wait_for(lambda text: "● Live" in text and "A10" in text)
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.disorder == []


def test_a_configured_server_that_does_not_answer_is_named_on_its_board(environ: Environ) -> None:
    with Terminal([TRACKER_TUI, "--server", "http://127.0.0.1:9"], environ) as terminal:
        terminal.wait_for(lambda text: "Cannot reach 127.0.0.1:9" in text and "Retrying in" in text)
        terminal.press("q")
        terminal.wait_for_exit()
        assert terminal.disorder == []


def test_the_start_screen_leads_to_another_server_and_leaves_a_clean_terminal(serve: Serve, environ: Environ) -> None:
    server = serve("--scenario", "busy", "--heartbeat", "1")
    with Terminal([TRACKER_TUI], environ) as terminal:
        terminal.wait_for("No server is configured")
        terminal.press("s")
        terminal.wait_for("URL of the order server")
        terminal.press(f"{server.url}\r")
        terminal.wait_for(lambda text: "● Live" in text and "A10" in text)
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.disorder == []


def test_the_start_screen_leads_to_the_demo(environ: Environ) -> None:
    with Terminal([TRACKER_TUI], environ) as terminal:
        terminal.wait_for("No server is configured")
        terminal.press("d")
        terminal.wait_for(lambda text: "● Live" in text and "A10" in text)
        terminal.press("\x03")
        assert terminal.wait_for_exit() == 130
        assert terminal.disorder == []


def test_in_a_pipe_something_to_watch_must_be_named(environ: Environ) -> None:
    result = run([TRACKER_TUI], environ)
    assert result.returncode == 2
    assert result.stderr == (
        'tracker-tui: which order? Try "tracker-tui A1042" or "tracker-tui --all", '
        'or "tracker-tui --demo" without a server\n'
    )
