"""The installed tracker-tui on a terminal and in a pipe: what was recorded there is replayed there."""

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
    """A screen without its first line, which has the badge, its last one, which has the keys, and ages.

    A recording ends with its feed, and a screen grows older.
    """
    return [re.sub(r"\d+ (s|min) ago", "… ago", line).rstrip() for line in text.splitlines()[1:-1]]


def is_painted_to_its_end(text: str) -> bool:
    """Whether the feed has ended, and the last line of the log, which is painted last, is there as a whole."""
    return "■ Final" in text and re.search("connection closed {20,}│", text) is not None


def test_a_replay_ends_with_the_screen_that_was_recorded(serve: Serve, environ: Environ, tmp_path: Path) -> None:
    server = serve(
        "--scenario", "quick", "--seed", "1", "--speed", "4", "--heartbeat", "1", "--fault", "drop:probability=0.3"
    )
    tape = tmp_path / "tape.ndjson"
    with Terminal([TRACKER_TUI, "A1", "--server", server.url, "--record", str(tape), "--quiet"], environ) as terminal:
        terminal.wait_for("● Live")
        server.inject("disconnect")
        recorded = panes(terminal.wait_for(is_painted_to_its_end, within=40))
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
    assert stat.S_IMODE(tape.stat().st_mode) == 0o600
    with Terminal([TRACKER_TUI, "--replay", str(tape), "--speed", "8"], environ) as terminal:
        terminal.wait_for("▷ Replay ×8 · ● Live")
        terminal.wait_for(lambda text: "▷ Replay ×8 · over, last: ■ Final" in text and panes(text) == recorded)
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.disorder == []
    again = run([TRACKER_TUI, "--replay", str(tape), "--format", "ndjson", "--speed", "100"], environ)
    assert again.returncode == 0
    told = [json.loads(line) for line in again.stdout.splitlines()]
    assert told[-1] == {"type": "end", "orderId": "A1", "outcome": "delivered"} or told[-1]["phase"] == "final"
    truth = server.control("orders/A1")
    last = [line for line in told if line["type"] == "order"][-1]
    assert (last["state"], last["complete"]) == (truth["state"], True)
    plain = run([TRACKER_TUI, "--replay", str(tape), "--format", "plain", "--speed", "100"], environ)
    assert plain.returncode == 0
    assert ": Delivered at " in plain.stdout


def test_a_pipe_is_recorded_and_the_recording_is_not_overwritten(
    serve: Serve, environ: Environ, tmp_path: Path
) -> None:
    server = serve("--scenario", "quick", "--heartbeat", "1")
    tape = tmp_path / "tape"
    words = [TRACKER_TUI, "A1", "--server", server.url, "--format", "plain", "--until", "placed"]
    assert run([*words, "--record", str(tape)], environ).returncode == 0
    assert tape.read_text().splitlines()[0].startswith('{"recording":"tracker-tui"')
    refused = run([*words, "--record", str(tape)], environ)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == (
        f"tracker-tui: cannot record into {tape}: there is something in it already; name another file\n"
    )


def test_a_full_disk_costs_the_recording_and_nothing_else(serve: Serve, environ: Environ) -> None:
    server = serve("--heartbeat", "1")
    words = [TRACKER_TUI, "A1042", "--server", server.url, "--format", "ndjson", "--until", "placed"]
    done = run([*words, "--record", "/dev/full"], environ)
    assert done.returncode == 0
    assert '"type":"order"' in done.stdout
    assert done.stderr.count("\n") == 1
    assert "the recording /dev/full is incomplete (No space left on device)" in done.stderr


def test_what_cannot_be_replayed_is_said_in_one_line(environ: Environ, tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.write_text("hello\n")
    for file, said in ((bad, "it is not a recording of tracker-tui"), (tmp_path / "no", "No such file or directory")):
        done = run([TRACKER_TUI, "--replay", str(file)], environ)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert said in done.stderr
