"""Check the summary printed after the screen closes: it states the age of stale data."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.processes import TRACKER_TUI, ServerProcess
from tests.support.terminal import Terminal


def summary_after(terminal: Terminal) -> str:
    """Return the output written after the program left the alternate screen."""
    return bytes(terminal.output).rpartition(b"\x1b[?1049l")[2].decode()


def test_the_summary_after_a_lost_connection_states_its_age(
    serve: Callable[..., ServerProcess], environ: dict[str, str]
) -> None:
    server = serve("--heartbeat", "1")
    with Terminal([TRACKER_TUI, "A1042", "--server", server.url], environ) as terminal:
        terminal.wait_for("● Live")
        server.inject("outage", "seconds=60")
        terminal.wait_for("Reconnecting")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert "As of " in summary_after(terminal)


def test_the_summary_after_a_live_screen_states_no_age(
    serve: Callable[..., ServerProcess], environ: dict[str, str]
) -> None:
    server = serve("--heartbeat", "1")
    with Terminal([TRACKER_TUI, "A1042", "--server", server.url], environ) as terminal:
        terminal.wait_for("● Live")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert "A1042" in summary_after(terminal)
        assert "As of " not in summary_after(terminal)
