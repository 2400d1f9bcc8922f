"""The bytes that an idle screen sends to the terminal: at most 200 a second, for slow lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.processes import TRACKER_TUI, ServerProcess
from tests.support.terminal import Terminal

Serve = Callable[..., ServerProcess]

ALLOWED = 200
"""Bytes a second, in the mean."""

WATCHED = 12.0
"""Seconds: more than ten, and every heartbeat is in it several times."""

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
"""Orders in every stage, of which nothing is heard for an hour."""


@pytest.mark.parametrize("order_ids", [["A1"], ["A2"], [f"A{number}" for number in range(1, 7)]])
def test_a_screen_on_which_nothing_happens_sends_next_to_nothing(
    serve: Serve, environ: dict[str, str], tmp_path: Path, order_ids: list[str]
) -> None:
    scenario = tmp_path / "calm.toml"
    scenario.write_text(f'title = "Calm"\ndescription = "Nothing happens."\n{ORDERS}', encoding="utf-8")
    server = serve("--scenario", str(scenario), "--seed", "1", "--heartbeat", "5")
    argv = [TRACKER_TUI, *order_ids, "--server", server.url, "--quiet", "--no-cache"]
    with Terminal(argv, environ, columns=80, lines=24) as terminal:
        terminal.wait_for("● Live")
        terminal.read_for(3.0)
        sent = terminal.read_for(WATCHED)
        assert "● Live" in terminal.text
        assert 0 < sent / WATCHED <= ALLOWED
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
