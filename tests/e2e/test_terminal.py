"""Run the installed tracker-tui on a terminal, against a mock server process."""

from __future__ import annotations

import base64
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.support.processes import TRACKER_TUI, ServerProcess
from tests.support.terminal import Terminal

Serve = Callable[..., ServerProcess]
Environ = dict[str, str]


def watch(server: ServerProcess, environ: Environ, *options: str) -> Terminal:
    return Terminal([TRACKER_TUI, "A1", "--server", server.url, *options], environ)


def test_an_order_is_watched_from_connecting_to_the_exit_code(serve: Serve, environ: Environ) -> None:
    server = serve("--scenario", "quick", "--seed", "1", "--heartbeat", "1")
    with watch(server, environ) as terminal:
        terminal.wait_for("Connecting…")
        terminal.wait_for("● Live")
        server.inject("outage", "seconds=1.5")
        terminal.wait_for("Reconnecting…")
        terminal.wait_for("● Live")
        terminal.wait_for(lambda text: "■ Final" in text and "✔ Delivered" in text, within=40)
        assert server.wait_for(lambda stats: stats["connections"] == 0, within=2)
        actual = server.control("orders/A1")
        assert actual["state"]["outcome"] == "delivered"
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.disorder == []
        assert ": Delivered at " in terminal.output.decode().rpartition("\x1b")[2]


def test_a_ticket_is_copied_to_the_clipboard_and_to_a_file(serve: Serve, environ: Environ) -> None:
    server = serve()
    with Terminal([TRACKER_TUI, "A1042", "--server", server.url], environ) as terminal:
        terminal.wait_for("● Live")
        terminal.press("C")
        terminal.wait_for("Copied the ticket of A1042. Also saved to")
        (encoded,) = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07", bytes(terminal.output))
        copied = base64.b64decode(encoded).decode()
        assert copied.startswith("Order A1042: ")
        assert (Path(environ["HOME"]) / ".local/state/tracker-tui/copied.txt").read_text(encoding="utf-8") == copied
        terminal.press("q")
        assert terminal.wait_for_exit() == 0


@pytest.mark.parametrize(
    ("leave", "code"),
    [
        (lambda terminal: terminal.press("q"), 0),
        (lambda terminal: terminal.press("\x03"), 130),
        (lambda terminal: terminal.signal(signal.SIGINT), 130),
        (lambda terminal: terminal.signal(signal.SIGTERM), 143),
        (lambda terminal: terminal.signal(signal.SIGHUP), 129),
    ],
    ids=["q", "Ctrl-C", "SIGINT", "SIGTERM", "SIGHUP"],
)
def test_exiting_restores_the_terminal_and_closes_the_connection(
    serve: Serve, environ: Environ, leave: Callable[[Terminal], None], code: int
) -> None:
    server = serve()
    with Terminal([TRACKER_TUI, "A1042", "--server", server.url], environ) as terminal:
        terminal.wait_for("● Live")
        assert server.control("stats")["connections"] > 0
        leave(terminal)
        assert terminal.wait_for_exit() == code
        assert terminal.disorder == []
        server.wait_for(lambda stats: stats["connections"] == 0, within=2)


def test_a_crash_restores_the_terminal_and_closes_the_connection(
    serve: Serve, environ: Environ, tmp_path: Path
) -> None:
    server = serve()
    program = """
from tracker_tui.cli.main import main
from tracker_tui.link.changes import Phase
from tracker_tui.link.feed import OrderFeed
read_change = OrderFeed.__anext__
async def fail_once_live(feed):
    change = await read_change(feed)
    if feed.link.phase is Phase.LIVE:
        raise ZeroDivisionError("on purpose")
    return change
OrderFeed.__anext__ = fail_once_live
main()
"""
    log = tmp_path / "log"
    argv = [sys.executable, "-c", program, "A1042", "--server", server.url, "--log-file", str(log)]
    with Terminal(argv, environ) as terminal:
        assert terminal.wait_for_exit() == 1
        assert terminal.disorder == []
        server.wait_for(lambda stats: stats["connections"] == 0, within=2)
        last = terminal.output.decode().rpartition("\x1b")[2]
        assert "tracker-tui: crashed: ZeroDivisionError: on purpose" in last
        assert "    Traceback (most recent call last):" in log.read_text().splitlines()


def test_an_order_cancelled_while_watching_is_final_and_exits_with_5(serve: Serve, environ: Environ) -> None:
    server = serve("--heartbeat", "1")
    with Terminal([TRACKER_TUI, "A1042", "--server", server.url, "--until", "ended"], environ) as terminal:
        terminal.wait_for("● Live")
        server.inject("terminal-while-watching", "outcome=cancelled", "order=A1042")
        terminal.wait_for(lambda text: "■ Final" in text and "✖ Cancelled" in text)
        server.wait_for(lambda stats: stats["connections"] == 0, within=2)
        assert terminal.wait_for_exit() == 5
        assert terminal.disorder == []


def test_a_misspelt_status_closes_the_screen_with_2(serve: Serve, environ: Environ) -> None:
    server = serve("--heartbeat", "1")
    with Terminal([TRACKER_TUI, "A1042", "--server", server.url, "--until", "delivred"], environ) as terminal:
        assert terminal.wait_for_exit() == 2
        assert terminal.disorder == []
        last = terminal.output.decode().rpartition("\x1b")[2]
        assert 'tracker-tui: --until: unknown status "delivred"; did you mean delivered?' in last


def test_a_table_is_cut_to_the_width_of_the_terminal(serve: Serve, environ: Environ) -> None:
    argv = [TRACKER_TUI, "--all", "--once", "--format", "table", "--server", serve().url]
    with Terminal(argv, environ, columns=40) as terminal:
        assert terminal.wait_for_exit() == 0
        lines = terminal.output.decode().splitlines()
    assert lines[0].startswith("ORDER")
    assert len(lines) > 5
    assert max(map(cell_len, lines)) == 40


def test_an_unreachable_server_is_retried_until_the_timeout(serve: Serve, environ: Environ) -> None:
    with Terminal([TRACKER_TUI, "A1", "--server", "http://127.0.0.1:9", "--timeout", "2"], environ) as terminal:
        terminal.wait_for("Reconnecting…")
        assert terminal.wait_for_exit() == 3
        assert terminal.disorder == []
        assert "gave up after 2 s" in terminal.output.decode()


def test_an_unknown_order_is_shown_and_exits_with_4(serve: Serve, environ: Environ) -> None:
    server = serve()
    with Terminal([TRACKER_TUI, "A9", "--server", server.url], environ) as terminal:
        terminal.wait_for("✖ Unknown order")
        terminal.press("q")
        assert terminal.wait_for_exit() == 4


def test_hostile_text_is_shown_as_symbols(serve: Serve, environ: Environ) -> None:
    server = serve()
    with Terminal([TRACKER_TUI, "A1042", "--server", server.url], environ) as terminal:
        terminal.wait_for("● Live")
        server.inject("evil-text", "order=A1042")
        terminal.wait_for(lambda text: "[/b][@click=app.quit]quit[/]" in text and "␛]0;x␇␛[2J␀" in text)
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert b"\x1b]0;x" not in terminal.output
        assert "\u202e" not in terminal.output.decode()


def test_the_demo_shows_a_fault_and_the_recovery(environ: Environ) -> None:
    with Terminal([TRACKER_TUI, "A1042", "--demo"], environ) as terminal:
        terminal.wait_for("● Live")
        terminal.press("f")
        terminal.wait_for("1 disconnect")
        terminal.press("1")
        terminal.wait_for(lambda text: "disconnect: disconnected" in text and "live again" in text)
        terminal.press("f")
        terminal.wait_for(lambda text: "1 disconnect" not in text and "● Live" in text)
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.disorder == []


def test_a_closed_terminal_ends_the_program_like_a_hangup(serve: Serve, environ: Environ) -> None:
    server = serve()
    with Terminal([TRACKER_TUI, "A1042", "--server", server.url], environ) as terminal:
        terminal.wait_for("● Live")
        assert terminal.vanish() == 129
        server.wait_for(lambda stats: stats["connections"] == 0, within=2)
