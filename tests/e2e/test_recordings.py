"""Record and replay with the installed tracker-tui, on a terminal and in a pipe."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path

from tests.support.processes import TRACKER_TUI, ServerProcess, run
from tests.support.terminal import Terminal

Serve = Callable[..., ServerProcess]
Environ = dict[str, str]


def panes(text: str) -> list[str]:
    """Return the lines of a screen without the badge line, the key bar and ages.

    Ages differ because a live screen keeps counting after its recording has ended.
    """
    return [re.sub(r"\d+ (s|min) ago|  now ", "… ago", line).rstrip() for line in text.splitlines()[1:-1]]


def is_fully_drawn(text: str) -> bool:
    """Return whether the feed has ended and the line of the connection, which is drawn last, is complete."""
    return "■ Final" in text and re.search("closed {20,}$", text, re.MULTILINE) is not None


def test_a_replay_ends_with_the_recorded_screen(serve: Serve, environ: Environ, tmp_path: Path) -> None:
    server = serve(
        "--scenario", "quick", "--seed", "1", "--speed", "4", "--heartbeat", "1", "--fault", "drop:probability=0.3"
    )
    recording = tmp_path / "recording.ndjson"
    with Terminal(
        [TRACKER_TUI, "A1", "--server", server.url, "--record", str(recording), "--quiet"], environ
    ) as terminal:
        terminal.wait_for("● Live")
        server.inject("disconnect")
        recorded = panes(terminal.wait_for(is_fully_drawn, within=40))
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
    assert stat.S_IMODE(recording.stat().st_mode) == 0o600
    with Terminal([TRACKER_TUI, "--replay", str(recording), "--speed", "8"], environ) as terminal:
        terminal.wait_for("▷ Replay ×8 · ● Live")
        terminal.wait_for(lambda text: "▷ Replay finished · was ■ Final" in text and panes(text) == recorded)
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.disorder == []
    ndjson = run([TRACKER_TUI, "--replay", str(recording), "--format", "ndjson", "--speed", "100"], environ)
    assert ndjson.returncode == 0
    lines = [json.loads(line) for line in ndjson.stdout.splitlines()]
    assert lines[-1] == {"type": "end", "orderId": "A1", "outcome": "delivered"} or lines[-1]["phase"] == "final"
    expected = server.control("orders/A1")
    last = [line for line in lines if line["type"] == "order"][-1]
    assert (last["state"], last["complete"]) == (expected["state"], True)
    plain = run([TRACKER_TUI, "--replay", str(recording), "--format", "plain", "--speed", "100"], environ)
    assert plain.returncode == 0
    assert ": Delivered at " in plain.stdout


def test_a_pipe_is_recorded_and_the_recording_is_not_overwritten(
    serve: Serve, environ: Environ, tmp_path: Path
) -> None:
    server = serve("--scenario", "quick", "--heartbeat", "1")
    recording = tmp_path / "recording"
    argv = [TRACKER_TUI, "A1", "--server", server.url, "--format", "plain", "--until", "placed"]
    assert run([*argv, "--record", str(recording)], environ).returncode == 0
    assert recording.read_text().splitlines()[0].startswith('{"recording":"tracker-tui"')
    refused = run([*argv, "--record", str(recording)], environ)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == (
        f"tracker-tui: cannot record into {recording}: the file is not empty; name another file\n"
    )


def test_a_full_disk_truncates_only_the_recording(serve: Serve, environ: Environ) -> None:
    server = serve("--heartbeat", "1")
    argv = [TRACKER_TUI, "A1042", "--server", server.url, "--format", "ndjson", "--until", "placed"]
    result = run([*argv, "--record", "/dev/full"], environ)
    assert result.returncode == 0
    assert '"type":"order"' in result.stdout
    assert result.stderr.count("\n") == 1
    assert "the recording /dev/full is incomplete (No space left on device)" in result.stderr


def test_an_unreadable_recording_is_reported_in_one_line(environ: Environ, tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.write_text("hello\n")
    for file, reason in ((bad, "it is not a recording of tracker-tui"), (tmp_path / "no", "No such file or directory")):
        result = run([TRACKER_TUI, "--replay", str(file)], environ)
        assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)
        assert reason in result.stderr
