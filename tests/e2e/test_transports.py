"""The installed tracker-tui over every road, as a person and a program see it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.support.processes import TRACKER_TUI, ServerProcess, run
from tests.support.terminal import Terminal

Serve = Callable[..., ServerProcess]
Environ = dict[str, str]

ROADS = [
    ("websocket", "● Live ", "WebSocket"),
    ("sse", "● Live · SSE", "SSE"),
    ("longpoll", "● Live · long-poll", "long-poll"),
    ("polling", "● Live · polling 5 s", "polling 5 s"),
]


@pytest.mark.parametrize(("road", "badge", "name"), ROADS, ids=[road for road, _, _ in ROADS])
def test_the_road_that_was_chosen_is_taken_and_named(
    serve: Serve, environ: Environ, road: str, badge: str, name: str
) -> None:
    server = serve("--heartbeat", "1")
    environ["TRACKER_TRANSPORT"] = road
    with Terminal([TRACKER_TUI, "A1042", "--server", server.url], environ) as terminal:
        terminal.wait_for(lambda text: badge in text.splitlines()[0] and f" {name} · up " in text)
        terminal.wait_for(f"to {server.url.removeprefix('http://')}")
        server.inject("terminal-while-watching", "outcome=delivered", "order=A1042")
        terminal.wait_for(lambda text: "■ Final" in text and "✔ Delivered" in text)
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        server.wait_for(lambda stats: stats["connections"] == 0, within=2)


@pytest.mark.parametrize("road", [road for road, _, _ in ROADS])
def test_programs_are_told_the_road(serve: Serve, environ: Environ, road: str) -> None:
    server = serve("--heartbeat", "1", "--scenario", "quick", "--speed", "5")
    words = ["A1", "--server", server.url, "--transport", road, "--format", "ndjson", "--until", "ended"]
    result = run([TRACKER_TUI, *words], environ)
    assert (result.returncode, result.stderr) == (0, "")
    told = [json.loads(line) for line in result.stdout.splitlines()]
    links = [line for line in told if line["type"] == "link"]
    assert {line["transport"] for line in links} == {road}
    assert all(line["reason"] is None for line in links if line["phase"] == "live")
    assert told[-1]["type"] in {"end", "link"}
    truth = server.control("orders/A1")
    last = [line for line in told if line["type"] == "order"][-1]
    assert (last["seq"], last["state"], last["complete"]) == (truth["seq"], truth["state"], True)


def test_a_blocked_websocket_is_walked_around_and_said_so(serve: Serve, environ: Environ) -> None:
    server = serve("--heartbeat", "1", "--fault", "block-websocket")
    with Terminal([TRACKER_TUI, "A1042", "--server", server.url], environ) as terminal:
        terminal.wait_for(lambda text: "● Live · SSE" in text and "falling back from WebSocket to SSE" in text)
        terminal.wait_for("WebSocket: the upgrade got HTTP 403")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0


def test_a_pipe_outlasts_a_websocket_that_never_answers(serve: Serve, environ: Environ) -> None:
    server = serve("--heartbeat", "1", "--scenario", "quick", "--fault", "block-websocket:mode=silent")
    result = run([TRACKER_TUI, "A1", "--server", server.url, "--format", "plain", "--until", "ended"], environ)
    assert (result.returncode, result.stderr) == (0, "")
    assert "  Link: Falling back from WebSocket to SSE" in result.stdout
