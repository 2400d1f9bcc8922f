"""A recording made by the first version of the format: later versions must replay it to the same screens and lines."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import TRACKER_TUI, run
from tests.support.terminal import Terminal

FIXTURES = Path(__file__).parents[1] / "fixtures"
RECORDING = FIXTURES / "recording.jsonl"
ORDERS = ("A1042", "A1043", "A1044", "A1045")
Environ = dict[str, str]


def timeline(text: str) -> list[str]:
    """Return the stages on a screen, each with its sign and the time at which it began; a parcel's has no seconds."""
    return [
        f"{stage} {time}"
        for stage, time in re.findall(r"([✔▶✖↺] [A-Z][a-z]+(?: [a-z]+)*) +(\d\d:\d\d(?::\d\d)?)  ", text)
    ]


@pytest.mark.parametrize("order_id", ORDERS)
def test_the_order_screen_shows_the_same_timeline(environ: Environ, order_id: str) -> None:
    expected = json.loads((FIXTURES / "recording-timelines.json").read_text(encoding="utf-8"))[order_id]
    words = [TRACKER_TUI, order_id, "--replay", str(RECORDING), "--speed", "60"]
    with Terminal(words, environ | {"TZ": "UTC"}, columns=160, lines=50) as terminal:
        terminal.wait_for(lambda text: "▷ Replay" in text and set(timeline(text)) == set(expected), within=30)
        terminal.press("q")
        assert terminal.wait_for_exit() == (5 if order_id == "A1045" else 0), "the cancelled order ends with code 5"


def test_ndjson_prints_the_same_milestones_and_final_states(environ: Environ) -> None:
    expected = json.loads((FIXTURES / "recording-ndjson.json").read_text(encoding="utf-8"))
    done = run([TRACKER_TUI, "--replay", str(RECORDING), "--format", "ndjson", "--speed", "200"], environ)
    assert done.returncode == expected["exit code"]
    assert summary(done.stdout) == {key: expected[key] for key in ("milestones", "orders", "fields")}


def summary(text: str) -> dict[str, Any]:
    """Return what does not depend on the speed of the replay: milestones, each order's last line, and field names."""
    lines = [json.loads(line) for line in text.splitlines()]
    milestones = [line for line in lines if line["type"] == "milestone"]
    return {
        "milestones": sorted(milestones, key=lambda line: (line["orderId"], line["epoch"], line["seq"])),
        "orders": {line["orderId"]: line for line in lines if line["type"] == "order"},
        "fields": {
            kind: sorted({key for line in lines if line["type"] == kind for key in line})
            for kind in ("order", "milestone", "link")
        },
    }
