"""What is said of an order once its screen is gone: how old that is, where the screen could no longer vouch for it."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.processes import TRACKER_TUI, ServerProcess
from tests.support.terminal import Terminal


def said_after(terminal: Terminal) -> str:
    """What was written once the screen had been given back."""
    return bytes(terminal.output).rpartition(b"\x1b[?1049l")[2].decode()


def test_the_summary_of_a_lost_connection_says_up_to_when_it_was_true(
    serve: Callable[..., ServerProcess], environ: dict[str, str]
) -> None:
    server = serve("--heartbeat", "1")
    with Terminal([TRACKER_TUI, "A1042", "--server", server.url], environ) as terminal:
        terminal.wait_for("● Live")
        server.inject("outage", "seconds=60")
        terminal.wait_for("Reconnecting")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert "As of " in said_after(terminal)


def test_the_summary_of_a_live_screen_needs_no_such_remark(
    serve: Callable[..., ServerProcess], environ: dict[str, str]
) -> None:
    server = serve("--heartbeat", "1")
    with Terminal([TRACKER_TUI, "A1042", "--server", server.url], environ) as terminal:
        terminal.wait_for("● Live")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert "A1042" in said_after(terminal)
        assert "As of " not in said_after(terminal)
