"""Measure the bytes that an idle screen sends: a slow terminal line must not fill up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.processes import TRACKER_TUI, ServerProcess
from tests.support.terminal import Terminal

Serve = Callable[..., ServerProcess]

MAX_RATE = 200
"""Maximum mean of bytes per second."""

DURATION = 12.0
"""Seconds of measuring: long enough for several heartbeats."""

ORDERS = "\n".join(
    f"""
[[orders]]
id = "A{number}"
flow = "food"
start = "{stage}"
slips = 0
lasts = 7200
position_seconds = 3600
"""
    for number, stage in enumerate(["picked_up", "preparing", "arriving", "ready", "accepted", "picked_up"], start=1)
)
"""Orders in several stages that send no event for an hour."""


@pytest.mark.parametrize("order_ids", [["A1"], ["A2"], [f"A{number}" for number in range(1, 7)]])
def test_an_idle_screen_sends_at_most_200_bytes_a_second(
    serve: Serve, environ: dict[str, str], tmp_path: Path, order_ids: list[str]
) -> None:
    scenario = tmp_path / "calm.toml"
    scenario.write_text(f'title = "Calm"\ndescription = "Nothing happens."\n{ORDERS}', encoding="utf-8")
    server = serve("--scenario", str(scenario), "--seed", "1", "--heartbeat", "5")
    argv = [TRACKER_TUI, *order_ids, "--server", server.url, "--quiet", "--no-cache"]
    with Terminal(argv, environ, columns=80, lines=24) as terminal:
        terminal.wait_for("● Live")
        terminal.read_for(3.0)
        sent = terminal.read_for(DURATION)
        assert "● Live" in terminal.text
        assert 0 < sent / DURATION <= MAX_RATE
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
