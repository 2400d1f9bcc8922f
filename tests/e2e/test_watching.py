"""Open, add and remove orders on a terminal, against a real server."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.processes import TRACKER_TUI, ServerProcess
from tests.support.terminal import Terminal

Serve = Callable[..., ServerProcess]
Environ = dict[str, str]


def test_orders_are_opened_pasted_removed_and_brought_back(serve: Serve, environ: Environ) -> None:
    server = serve("--heartbeat", "1")
    with Terminal([TRACKER_TUI, "A1001", "--server", server.url], environ) as terminal:
        terminal.wait_for(lambda text: "● Live" in text and "A1001" in text)
        terminal.press("a")
        terminal.wait_for("Open or add orders")
        terminal.press("\x1b[200~#A1042\r\nP2001, please\n\x1b[201~\r")
        terminal.wait_for(lambda text: "2 orders added, 1 word ignored" in text and "● Live · 3/3" in text)
        terminal.press(":NOPE7\r")
        terminal.wait_for(lambda text: "NOPE7" in text and "unknown order" in text.lower())
        terminal.press("d")
        terminal.wait_for(lambda text: "NOPE7 removed: u undoes" in text and "3 orders" in text)
        terminal.press(f"a{server.url}/orders/A1001\r")
        terminal.wait_for(lambda text: "A1001 ▸" in text)
        terminal.press("d")
        terminal.wait_for(lambda text: "2 orders" in text and "A1001 removed" in text)
        terminal.press("u")
        terminal.wait_for(lambda text: "3 orders" in text and "● Live · 3/3" in text)
        terminal.press("d")
        terminal.wait_for("2 orders")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        after = bytes(terminal.output).rpartition(b"\x1b[?1049l")[2].decode()
        assert "A1042" in after
        assert "P2001" in after
        assert "A1001" not in after
        assert terminal.disorder == []
