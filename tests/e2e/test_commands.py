"""Send notes and cancellations from a terminal to a mock server process that injects faults."""

from __future__ import annotations

import signal
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import TRACKER_TUI, ServerProcess
from tests.support.terminal import Terminal

Serve = Callable[..., ServerProcess]
Environ = dict[str, str]


def watch(order_id: str, server: ServerProcess, environ: Environ) -> Terminal:
    return Terminal([TRACKER_TUI, order_id, "--server", server.url], environ)


def command_lines(server: ServerProcess, order_id: str) -> list[dict[str, Any]]:
    """Return the server's history lines of the order that commands created."""
    return [line for line in server.control(f"orders/{order_id}")["history"] if "commandId" in line]


def test_a_confirmed_cancellation_ends_the_order_on_the_screen(serve: Serve, environ: Environ) -> None:
    server = serve("--heartbeat", "1")
    with watch("A1002", server, environ) as terminal:
        terminal.wait_for("● Live")
        terminal.press("X")
        terminal.wait_for("Cancel A1002?")
        terminal.press("y")
        terminal.wait_for(lambda text: "■ Final" in text and "✖ Cancelled" in text)
        terminal.wait_for("✔ Cancel confirmed")
        terminal.press("q")
        assert terminal.wait_for_exit() == 5
        assert terminal.disorder == []
    assert server.control("orders/A1002")["state"]["outcome"] == "cancelled"
    assert len(command_lines(server, "A1002")) == 1


def test_a_late_cancellation_is_reverted_and_shows_the_reason_of_the_server(serve: Serve, environ: Environ) -> None:
    server = serve("--heartbeat", "1")
    with watch("P2001", server, environ) as terminal:
        terminal.wait_for("● Live")
        terminal.press("X")
        terminal.wait_for("Cancel P2001?")
        terminal.press("y")
        terminal.wait_for(
            lambda text: "✖ Cancel refused" in text and "the order is on its way and can no longer be" in text
        )
        terminal.wait_for("▸ Out for delivery")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
    assert server.control("orders/P2001")["state"]["outcome"] is None
    assert command_lines(server, "P2001") == []


def test_a_note_with_lost_responses_is_in_the_history_once(serve: Serve, environ: Environ) -> None:
    # The event is lost as well: only a retry and the next heartbeat reveal the result.
    server = serve("--heartbeat", "1")
    with watch("P2004", server, environ) as terminal:
        terminal.wait_for("● Live")
        server.inject("lose-command-answer", "count=2")
        server.inject("lose-tail", "count=1", "order=P2004")
        terminal.press("n")
        terminal.wait_for("Note on P2004")
        terminal.press("Keep upright\r")
        terminal.wait_for("? Note unconfirmed  “Keep upright”")
        terminal.wait_for(lambda text: "✔ Note confirmed" in text and "note: Keep upright" in text)
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
    lost = [record for record in server.control("log")["records"] if record["effect"] == "answer lost"]
    assert len(lost) == 2
    assert [line["note"] for line in command_lines(server, "P2004")] == ["Keep upright"]


@pytest.mark.parametrize(("key", "code"), [("q", 0), ("\x03", 130)], ids=["q", "Ctrl-C"])
def test_quitting_before_a_command_is_sent_reports_it_as_not_sent(
    serve: Serve, environ: Environ, key: str, code: int
) -> None:
    server = serve("--heartbeat", "1")
    with watch("P2004", server, environ) as terminal:
        terminal.wait_for("● Live")
        server.inject("outage", "seconds=60")
        terminal.wait_for("Reconnecting…")
        terminal.press("n")
        terminal.wait_for("Note on P2004")
        terminal.press("Keep upright\r")
        terminal.wait_for(lambda text: "◌ Note pending" in text and "  connection refused" in text)
        terminal.press(key)
        assert terminal.wait_for_exit() == code
        assert (
            "the note for order P2004 (Keep upright) was not sent; send it again"
            in (terminal.output.decode().rpartition("\x1b")[2])
        )
        assert terminal.disorder == []


def test_quitting_while_a_command_is_in_flight_reports_that_it_may_have_been_applied(
    serve: Serve, environ: Environ
) -> None:
    server = serve("--heartbeat", "1")
    server.inject("slow-command", "seconds=30")
    with watch("P2004", server, environ) as terminal:
        terminal.wait_for("● Live")
        terminal.press("n")
        terminal.wait_for("Note on P2004")
        terminal.press("Keep upright\r")
        terminal.wait_for("◌ Note pending")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert (
            "the note for order P2004 (Keep upright) may have been applied, and is not sent again"
            in (terminal.output.decode().rpartition("\x1b")[2])
        )


def test_the_next_run_reports_a_command_left_undecided_by_a_killed_run(serve: Serve, environ: Environ) -> None:
    server = serve("--heartbeat", "1")
    folder = Path(environ["HOME"], ".local", "state", "tracker-tui", "asked")
    with watch("P2004", server, environ) as terminal:
        terminal.wait_for("● Live")
        server.inject("outage", "seconds=60")
        terminal.wait_for("Reconnecting…")
        terminal.press("n")
        terminal.wait_for("Note on P2004")
        terminal.press("Keep upright\r")
        terminal.wait_for("◌ Note pending")
        terminal.wait_for(lambda _: any(folder.glob("*.json")))
        terminal.signal(signal.SIGKILL)
        assert terminal.wait_for_exit() == 137
    server.heal()
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    with watch("P2004", server, environ) as terminal:
        terminal.wait_for("earlier note is not in the")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
    assert list(folder.iterdir()) == []
    assert command_lines(server, "P2004") == []
