"""Run the installed tracker-tui over every transport, on a terminal and in a pipe."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.support.processes import TRACKER_TUI, ServerProcess, run
from tests.support.terminal import Terminal

Serve = Callable[..., ServerProcess]
Environ = dict[str, str]

TRANSPORTS = [
    ("websocket", "● Live ", "WebSocket"),
    ("sse", "● Live · SSE", "SSE"),
    ("longpoll", "● Live · long-poll", "long-poll"),
    ("polling", "● Live · polling 5 s", "polling 5 s"),
]


@pytest.mark.parametrize(("transport", "badge", "name"), TRANSPORTS, ids=[transport for transport, _, _ in TRANSPORTS])
def test_the_chosen_transport_is_used_and_shown(
    serve: Serve, environ: Environ, transport: str, badge: str, name: str
) -> None:
    server = serve("--heartbeat", "1")
    environ["TRACKER_TRANSPORT"] = transport
    with Terminal([TRACKER_TUI, "A1042", "--server", server.url], environ) as terminal:
        host = server.url.removeprefix("http://")
        terminal.wait_for(lambda text: badge in text.splitlines()[0] and f" {name} · {host} · connected" in text)
        server.inject("terminal-while-watching", "outcome=delivered", "order=A1042")
        terminal.wait_for(lambda text: "■ Final" in text and "✔ Delivered" in text)
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        server.wait_for(lambda stats: stats["connections"] == 0, within=2)


@pytest.mark.parametrize("transport", [transport for transport, _, _ in TRANSPORTS])
def test_ndjson_names_the_chosen_transport(serve: Serve, environ: Environ, transport: str) -> None:
    server = serve("--heartbeat", "1", "--scenario", "quick", "--speed", "5")
    options = ["A1", "--server", server.url, "--transport", transport, "--format", "ndjson", "--until", "ended"]
    result = run([TRACKER_TUI, *options], environ)
    assert (result.returncode, result.stderr) == (0, "")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    links = [line for line in lines if line["type"] == "link"]
    assert {line["transport"] for line in links} == {transport}
    assert all(line["reason"] is None for line in links if line["phase"] == "live")
    assert lines[-1]["type"] in {"end", "link"}
    expected = server.control("orders/A1")
    last = [line for line in lines if line["type"] == "order"][-1]
    assert (last["seq"], last["state"], last["complete"]) == (expected["seq"], expected["state"], True)


def test_the_fallback_from_a_blocked_websocket_is_shown(serve: Serve, environ: Environ) -> None:
    server = serve("--heartbeat", "1", "--fault", "block-websocket")
    with Terminal([TRACKER_TUI, "A1042", "--server", server.url], environ) as terminal:
        terminal.wait_for("● Live · SSE")
        terminal.press("l")
        terminal.wait_for(lambda text: "● Live · SSE" in text and "falling back from WebSocket to SSE" in text)
        terminal.wait_for("could not connect: the upgrade got HTTP 403")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0


def test_a_pipe_falls_back_from_a_silent_websocket(serve: Serve, environ: Environ) -> None:
    server = serve("--heartbeat", "1", "--scenario", "quick", "--fault", "block-websocket:mode=silent")
    result = run([TRACKER_TUI, "A1", "--server", server.url, "--format", "plain", "--until", "ended"], environ)
    assert (result.returncode, result.stderr) == (0, "")
    assert "  Link: Falling back from WebSocket to SSE" in result.stdout
