"""The trace of a feed: one DEBUG line for each event and each action of the session, in order, without any token."""

from __future__ import annotations

import asyncio
import logging
import re
from pathlib import Path

from tests.support.fake_transports import FakeCredentials
from tests.support.virtual_time import virtual
from tests.support.watch import gateway, watching
from tracker_tui.cli.log_file import logging_to
from tracker_tui.domain.command import Verb
from tracker_tui.link.auth.token import Token
from tracker_tui.link.changes import Phase

SECRET = "eyJzZWNyZXQ"


class SecretKeys(FakeCredentials):
    """Tokens that a search of the log would find."""

    async def fetch(self) -> Token:
        """Return a new token, or the same one once the source is exhausted."""
        token = await super().fetch()
        if self.exhausted:
            return token
        secret = Token(f"{SECRET}.{len(self._expiry)}")
        self._expiry[secret] = self._expiry.pop(token)
        return secret


def trace(file: Path) -> list[str]:
    """Return the lines of the session's trace without their times; ticks are left out."""
    lines = [line.split(" ", 1)[1] for line in file.read_text().splitlines()]
    return [line.removeprefix("debug ") for line in lines if re.match(r"debug #\d", line) and "Tick" not in line]


@virtual
async def test_the_trace_of_a_lost_stream_has_every_event_and_action_in_order(tmp_path: Path) -> None:
    file = tmp_path / "log"
    with logging_to(file):
        async with watching(gateway()) as watch:
            await watch.live()
            watch.gateway.close(1006)
            await watch.until(lambda: watch.feed.link.phase is Phase.BACKOFF)
            await watch.live()
    assert trace(file) == [
        "#1 Connecting: start",
        "#1  OpenStream websocket",
        "#1 Connecting -> Open(syncing): MessageReceived Hello",
        "#1  SubscribeAll",
        "#1 Open(syncing) -> Open(syncing): MessageReceived Subscribed",
        "#1 Open(syncing) -> Open(syncing): MessageReceived Snapshot",
        "#1 Open(syncing) -> Open(live): OrderAdvanced A1 1764000000000:1",
        "#1 Open(live) -> Backoff: ConnectionEnded StreamClosed: 1006 abnormal closure",
        "#2  OpenStream websocket",
        "#2 Connecting -> Open(syncing): MessageReceived Hello",
        "#2  SubscribeAll",
        "#2 Open(syncing) -> Open(live): MessageReceived Subscribed",
        "#2 Open(live) -> Closed: CloseRequested",
        "#2  CloseStream",
        "#2 Closed -> Closed: ConnectionEnded StreamClosed: 1000 closed normally",
    ]


@virtual
async def test_an_event_is_traced_when_it_happens_even_if_the_changes_are_not_read(tmp_path: Path) -> None:
    file = tmp_path / "log"
    with logging_to(file):
        async with watching(gateway()) as watch:
            await watch.live()
            watch.gateway.close(1006)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            lost = [line for line in trace(file) if "ConnectionEnded" in line]
            assert lost == ["#1 Open(live) -> Backoff: ConnectionEnded StreamClosed: 1006 abnormal closure"]


@virtual
async def test_no_token_is_logged_in_the_whole_life_of_a_feed(tmp_path: Path) -> None:
    file = tmp_path / "log"
    keys = SecretKeys(life=30)
    with logging_to(file):
        async with watching(gateway(), keys=keys) as watch:
            await watch.live()
            await asyncio.sleep(60)
            watch.feed.send("A1", Verb.NOTE, "ring the bell")
            keys.reject_on_requests()
            watch.gateway.close(4001)
            await asyncio.sleep(1)
            keys.exhausted = True
            await watch.until(lambda: watch.feed.link.phase is Phase.SIGNED_OUT, within=120)
            keys.exhausted = False
            watch.feed.reconnect()
            await watch.live()
            await asyncio.sleep(5)
    text = file.read_text()
    assert keys.fetches > 3
    assert keys.refreshes
    for name in ("PresentToken token 2", "TokenFetched token 1", "FetchToken", "SignedOut"):
        assert name in text
    assert SECRET not in text


def test_without_a_log_file_the_trace_costs_no_formatting() -> None:
    with logging_to(None):
        assert not logging.getLogger("tracker_tui.link").isEnabledFor(logging.DEBUG)
