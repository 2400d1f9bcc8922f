"""The public API as the guide of the library documents it, against a real mock server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import tracker_tui
from mock_server.server import embed
from tracker_tui.domain.command import Verb
from tracker_tui.domain.overlay import CommandStatus, PendingCommand
from tracker_tui.link.auth.credentials import Credentials, FromCommand, FromEnvironment, FromFile
from tracker_tui.link.auth.token import Token
from tracker_tui.link.changes import (
    Counters,
    FeedEnded,
    LinkChanged,
    Metrics,
    Noted,
    OrderChanged,
    OrderForgotten,
    Standing,
)

PATIENCE = 20.0
"""Seconds in which each step must succeed."""


def test_the_package_exports_its_documented_names() -> None:
    assert set(tracker_tui.__all__) == {"LinkState", "OrderFeed", "OrderView", "track"}
    assert all(getattr(tracker_tui, name).__name__ == name for name in tracker_tui.__all__)


async def test_a_feed_has_everything_that_the_guide_names() -> None:
    async with embed("quick", seed=1, controlled=False) as server, asyncio.timeout(PATIENCE):
        feed = tracker_tui.track("A1", server=server.url, transport="websocket", probes=(60.0,))
        assert isinstance(feed, tracker_tui.OrderFeed)
        seen: set[type] = set()
        async with feed:
            command_id = ""
            async for change in feed:
                seen.add(type(change))
                if isinstance(change, OrderChanged) and feed.standing("A1") is Standing.IN_SYNC and not command_id:
                    assert isinstance(change.view, tracker_tui.OrderView)
                    command_id = feed.send("A1", Verb.NOTE, "ring twice")
                    feed.wake()
                if any(pending.status is CommandStatus.CONFIRMED for pending in feed.pending_commands("A1")):
                    break
            (pending,) = feed.pending_commands("A1")
            assert isinstance(pending, PendingCommand)
            assert pending.command.command_id == command_id
            assert isinstance(feed.link, tracker_tui.LinkState)
            assert feed.views["A1"].version is not None
            assert (feed.order_ids, dict(feed.refused), feed.counters.openings) == (("A1",), {}, 1)
            assert feed.heard_at is not None
            assert feed.rtt is None or feed.rtt >= 0
            feed.add(["A2"])
            assert feed.order_ids == ("A1", "A2")
            feed.reconnect()
        assert seen >= {OrderChanged, LinkChanged, Noted}
        with pytest.raises(FeedEnded):
            feed.send("A1", Verb.CANCEL)


def test_credentials_and_changes_have_their_documented_names(tmp_path: Path) -> None:
    sources: list[Credentials] = [
        FromFile(tmp_path / "token"),
        FromCommand("true"),
        FromEnvironment(Token("secret")),
    ]
    assert all(callable(source.fetch) and callable(source.changed) for source in sources)
    assert "secret" not in repr(Token("secret"))
    assert OrderForgotten("A1").order_id == "A1"
    assert Metrics(Counters()).rtt is None


@pytest.mark.parametrize(
    ("order_ids", "options"),
    [(("A 1",), {}), ((), {}), (("A1",), {"transport": "pigeon"}), (("A1",), {"server": "ftp://x"})],
)
def test_wrong_arguments_are_a_value_error(order_ids: tuple[str, ...], options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        tracker_tui.track(*order_ids, **options)  # type: ignore[arg-type]
