"""Run the guided tour on a terminal, using only the space bar."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.request import ProxyHandler, build_opener

from tests.support.processes import TRACKER_TUI
from tests.support.terminal import Terminal


def server_snapshot(port: str) -> dict[str, Any]:
    """Return the snapshot of the order from the server of the demo."""
    with build_opener(ProxyHandler({})).open(f"http://127.0.0.1:{port}/v1/orders/A1042", timeout=5) as answer:
        snapshot: dict[str, Any] = json.load(answer)
        return snapshot


def test_the_space_bar_leads_through_ten_failures_to_a_live_and_current_screen(environ: dict[str, str]) -> None:
    # Tall, so that the connection is shown in full above the panel.
    with Terminal([TRACKER_TUI, "--demo", "tour"], environ, lines=44) as terminal:
        terminal.wait_for(lambda text: "Ten failures, one after another" in text and "● Live" in text)
        for number in range(1, 11):
            terminal.press(" ")
            terminal.wait_for(f"Tour · {number} of 10")
        terminal.press(" ")
        shown = terminal.wait_for(lambda text: "That was the tour" in text and "● Live" in text, within=30)
        port = re.search(r"127\.0\.0\.1:(\d+)", shown)
        assert port is not None
        expected = server_snapshot(port[1])
        label = next(
            each["label"] for each in expected["order"]["flow"]["stages"] if each["id"] == expected["state"]["status"]
        )
        terminal.press(" ")
        terminal.wait_for(lambda text: "That was the tour" not in text and f"A1042 ▸ {label}" in text)
        terminal.press("l")
        terminal.wait_for(lambda text: any(int(seq) >= expected["seq"] for seq in re.findall(r"· seq (\d+)", text)))
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.disorder == []
