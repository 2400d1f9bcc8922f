"""The guided tour as a presenter gives it: on a terminal, with nothing but the space bar."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.request import ProxyHandler, build_opener

from tests.support.processes import TRACKER_TUI
from tests.support.terminal import Terminal


def truth(port: str) -> dict[str, Any]:
    """The order as the demo's gateway has it."""
    with build_opener(ProxyHandler({})).open(f"http://127.0.0.1:{port}/v1/orders/A1042", timeout=5) as answer:
        snapshot: dict[str, Any] = json.load(answer)
        return snapshot


def test_the_space_bar_alone_leads_through_ten_failures_to_a_live_and_true_screen(environ: dict[str, str]) -> None:
    with Terminal([TRACKER_TUI, "--demo", "tour"], environ) as terminal:
        terminal.wait_for(lambda text: "Ten failures, one after another" in text and "● Live" in text)
        for number in range(1, 11):
            terminal.press(" ")
            terminal.wait_for(f"Tour · {number} of 10")
        terminal.press(" ")
        shown = terminal.wait_for(lambda text: "That was the tour" in text and "● Live" in text, within=30)
        port = re.search(r"to 127\.0\.0\.1:(\d+)", shown)
        assert port is not None
        now = truth(port[1])
        terminal.wait_for(lambda text: any(int(seq) >= now["seq"] for seq in re.findall(r"seq (\d+)", text)))
        label = next(each["label"] for each in now["order"]["flow"]["stages"] if each["id"] == now["state"]["status"])
        terminal.press(" ")
        terminal.wait_for(lambda text: "That was the tour" not in text and f"A1042 ▸ {label}" in text)
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.disorder == []
