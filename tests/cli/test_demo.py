"""The embedded server of ``--demo``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tracker_tui.cli.demo import demo
from tracker_tui.cli.options import UsageError
from tracker_tui.cli.settings import Settings
from tracker_tui.cli.target import open_target


async def test_a_demo_is_a_server_with_orders_and_faults() -> None:
    async with open_target(Settings(demo="")) as place:
        assert place.demo is not None
        assert place.server == place.demo.url
        assert "A1042" in place.orders
        faults = {entry.name: entry for entry in place.demo.catalogue}
        assert "reconnect" in faults["disconnect"].advice
        assert faults["disconnect"].rate is None
        assert (faults["drop"].level, faults["drop"].rate) == ("message", 0.3)


async def test_the_orders_given_are_watched_instead_of_all() -> None:
    async with open_target(Settings(demo="quick", orders=("A1",))) as place:
        assert place.orders == ("A1",)


async def test_without_a_demo_the_target_is_the_named_server() -> None:
    async with open_target(Settings(server="http://x", orders=("A1", "A2"))) as place:
        assert (place.server, place.orders, place.demo) == ("http://x", ("A1", "A2"), None)


async def test_one_steady_fault_can_be_removed_while_others_continue() -> None:
    async with demo("quick") as server:
        for spec in ("drop:probability=0.5", "duplicate", "drop:probability=0.1"):
            server.inject(spec)
        server.disarm("drop")
        assert list(server.armed) == ["duplicate"]


async def test_injected_and_healed_faults_are_reported() -> None:
    reported: list[str] = []

    def callback(at: datetime, text: str) -> None:
        assert at.tzinfo is not None
        reported.append(text)

    async with demo("quick") as server:
        server.on_record(callback)
        server.inject("drop:probability=0.5")
        server.heal()
        server.inject("duplicate")
        server.disarm("duplicate")
        server.heal()
    assert reported == [
        "injected drop:probability=0.5",
        "removed all faults (drop:probability=0.5)",
        "injected duplicate",
        "removed duplicate",
        "removed all faults",
    ]


@pytest.mark.parametrize("spec", ["nonsense", "drop:nonsense=1", "drop:probability=2"])
async def test_an_unknown_fault_is_one_line(spec: str) -> None:
    async with demo("quick") as server:
        with pytest.raises(ValueError, match=r"\S") as mistake:
            server.inject(spec)
    assert str(mistake.value).isprintable()


async def test_an_invalid_scenario_is_a_usage_error(tmp_path: Path) -> None:
    file = tmp_path / "odd.toml"
    file.write_text('[[orders]]\nid = "A 1"\n')
    with pytest.raises(UsageError, match="--demo: ") as mistake:
        async with demo(str(file)):
            pass
    assert str(mistake.value).isprintable()
