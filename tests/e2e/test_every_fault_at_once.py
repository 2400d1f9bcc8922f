"""Run the installed tracker-tui against a server that drops, duplicates, reorders, corrupts and disconnects."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.support.processes import TRACKER_TUI, ServerProcess, run

FAULTS = (
    "drop:probability=0.3",
    "duplicate:probability=0.3",
    "reorder:probability=0.5,window=6",
    "hole-in-replay:probability=0.3",
    "corrupt:probability=0.1",
    "cut:probability=0.1,count=3",
)


def test_the_client_ends_with_the_state_of_the_server(
    serve: Callable[..., ServerProcess], environ: dict[str, str]
) -> None:
    server = serve("--scenario", "quick", "--seed", "7", *[option for fault in FAULTS for option in ("--fault", fault)])
    argv = [TRACKER_TUI, "A1", "--server", server.url, "--format", "ndjson", "--until", "ended"]

    result = run(argv, environ, within=120)

    output = [json.loads(line) for line in result.stdout.splitlines()]
    by_type: dict[str, list[dict[str, Any]]] = {}
    for line in output:
        by_type.setdefault(line["type"], []).append(line)
    effects = Counter((record["fault"], record["effect"]) for record in server.control("log?after=0")["records"])
    counts = {f"{fault} {effect}": count for (fault, effect), count in sorted(effects.items()) if effect != "injected"}
    print({kind: len(lines) for kind, lines in by_type.items()}, counts, server.control("stats"), sep="\n")

    expected = server.control("orders/A1")
    final = by_type["order"][-1]
    assert (result.returncode, result.stderr) == (0, "")
    assert (final["epoch"], final["seq"]) == (expected["epoch"], expected["seq"])
    assert final["state"] == expected["state"]
    assert final["complete"] is True
    assert by_type["end"] == [{"type": "end", "orderId": "A1", "outcome": "delivered"}]

    versions = [(line["epoch"], line["seq"]) for line in by_type["order"]]
    assert versions == sorted(versions)

    milestones = [(line["epoch"], line["seq"]) for line in by_type["milestone"]]
    assert sorted(milestones) == [(expected["epoch"], milestone["seq"]) for milestone in expected["history"]]

    # Every requested fault had an effect.
    assert effects["cut", "cut"] == 3
    for effect in ("dropped", "duplicated", "held back", "left out", "corrupted"):
        assert any(name.endswith(effect) for name in counts), f"nothing was {effect}"
