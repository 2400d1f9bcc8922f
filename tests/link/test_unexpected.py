"""Exceptions that a transport or a request does not handle: the feed goes on, counts them and steps down."""

from __future__ import annotations

import asyncio
import logging

import pytest

from tests.link.test_feed_discovery import Watch as WatchOfEverything
from tests.link.test_feed_fallback import watching as watching_on_roads
from tests.support import ladders
from tests.support.fake_gateway import Stream
from tests.support.session_scripts import SessionScript
from tests.support.virtual_time import virtual
from tests.support.watch import gateway, watching
from tracker_tui.domain.command import Verb
from tracker_tui.link.changes import Phase
from tracker_tui.link.errors import LinkError, TransportDown, UnexpectedError
from tracker_tui.link.session.events import ConnectionEnded, OpenStream
from tracker_tui.wire.messages import ClientMessage

BUG = UnexpectedError(AssertionError())
OTHER_BUG = UnexpectedError(KeyError())


@virtual
async def test_a_transport_that_raises_three_times_in_a_row_is_left_for_the_next() -> None:
    async with watching_on_roads("websocket", by=AssertionError("staggered"), unexpected=3) as watch:
        assert await watch.live() < 2
        assert (watch.transport, watch.true()) == ("sse", True)
        assert len(watch.roads["websocket"].openings) == 3
        assert watch.feed.link.fallback == "WebSocket: unexpected AssertionError"
    assert watch.notes[:2] == ["could not connect: unexpected AssertionError", "falling back from WebSocket to SSE"]


@virtual
async def test_its_traceback_is_logged_at_debug() -> None:
    with pytest.MonkeyPatch.context() as patch:
        records: list[logging.LogRecord] = []
        logger = logging.getLogger("tracker_tui.link")
        patch.setattr(logger, "level", logging.DEBUG)
        patch.setattr(logger, "handle", records.append)
        logger.manager._clear_cache()  # type: ignore[attr-defined]
        async with watching_on_roads("websocket", by=AssertionError("staggered"), unexpected=3) as watch:
            await watch.live()
    logged = [record for record in records if record.exc_info]
    assert [record.levelno for record in logged] == [logging.DEBUG] * 3
    assert all(str(record.exc_info[1]) == "staggered" for record in logged if record.exc_info)


@virtual
async def test_where_there_is_no_other_transport_it_is_tried_on_and_on() -> None:
    served = gateway()
    served.down = AssertionError("staggered")
    async with watching(served, unexpected=6) as watch:
        await watch.until(lambda: len(served.openings) == 6)
        assert watch.feed.link.phase in {Phase.BACKOFF, Phase.CONNECTING}
        served.down = None
        await watch.live()
    assert served.openings[5] - served.openings[4] > served.openings[1] - served.openings[0]


@virtual
async def test_one_that_raises_while_it_is_read_is_a_lost_connection() -> None:
    async with watching(gateway(), unexpected=1) as watch:
        await watch.live()
        watch.gateway.streams[0].end(KeyError("seq"))
        await watch.until(lambda: watch.feed.link.phase is not Phase.LIVE)
        await watch.live()
        assert watch.feed.counters.drops == 1
    assert "lost: unexpected KeyError" in watch.notes


@virtual
async def test_one_that_raises_when_it_is_to_send_is_a_lost_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    async def send(stream: Stream, message: ClientMessage) -> None:
        raise RuntimeError("no")

    with monkeypatch.context() as patch:
        patch.setattr(Stream, "send", send)
        async with watching(gateway(), unexpected=1) as watch:
            await watch.until(lambda: watch.feed.link.phase is Phase.BACKOFF)
            patch.undo()
            await watch.live()


@virtual
async def test_a_get_that_raises_is_no_answer() -> None:
    served = gateway("placed", "accepted")
    served.requests_fail_with = ValueError("no")
    async with watching(served, unexpected=1) as watch:
        await watch.live()
        watch.gateway.deaf.add("A1")
        watch.gateway.append("A1", "preparing", lost=True)
        await watch.until(lambda: len(served.gets) == 1)
        served.requests_fail_with = None
        await watch.until(watch.is_up_to_date)


@virtual
async def test_a_command_that_raises_may_have_been_applied_and_is_retried() -> None:
    served = gateway()
    served.commands_down = ValueError("no")
    async with watching(served, unexpected=1) as watch:
        await watch.live()
        watch.feed.send("A1", Verb.NOTE, "ring twice")
        await watch.until(lambda: len(served.commands) == 1)
        await asyncio.sleep(0.01)
        assert watch.feed.pending_commands("A1")[0].reason == "unexpected ValueError"
        served.commands_down = None
        await watch.until(lambda: len(served.commands) == 2)


@virtual
async def test_a_list_of_orders_that_raises_is_read_again() -> None:
    watch = WatchOfEverything()
    watch.list.down = ValueError("no")
    async with watch.feed:
        await asyncio.sleep(1)
        watch.list.down = None
        await asyncio.sleep(15)
        assert set(watch.feed.order_ids) == {"A1", "B2"}
        assert watch.feed.counters.unexpected == 1


def broken(story: SessionScript, *errors: LinkError) -> str:
    """End the connection with each of `errors`, skip the waits, and return the transport in use."""
    for error in errors:
        actions = story.step(ConnectionEnded(story.connection_id, 0.1, error, 0.5))
        assert actions == () or isinstance(error, TransportDown)
        story.retry()
    (opening,) = story.actions
    assert isinstance(opening, OpenStream)
    return opening.transport


def test_only_the_third_of_one_kind_in_a_row_is_a_step() -> None:
    assert broken(SessionScript(ladder=ladders.ALL), BUG, BUG) == "websocket"
    assert broken(SessionScript(ladder=ladders.ALL), BUG, BUG, BUG) == "sse"
    assert broken(SessionScript(ladder=ladders.ALL), BUG, BUG, OTHER_BUG, BUG, BUG) == "websocket"
    assert (
        broken(SessionScript(ladder=ladders.ALL), BUG, BUG, TransportDown("connection refused"), BUG, BUG)
        == "websocket"
    )
    assert broken(SessionScript(ladder=ladders.ALL), *[BUG] * 5) == "sse"
    assert broken(SessionScript(ladder=ladders.ALL), *[BUG] * 6) == "longpoll"
    assert broken(SessionScript(ladder=ladders.ALL), *[BUG] * 30) == "polling"


def test_a_connection_that_has_lived_is_no_part_of_a_row() -> None:
    story = SessionScript(ladder=ladders.ALL)
    broken(story, BUG, BUG)
    at = 1.0
    story.live(at)
    story.step(ConnectionEnded(story.connection_id, at + 11, BUG, 0.5))
    assert story.transport == "websocket"
    story.retry()
    story.live(at + 12)
    story.step(ConnectionEnded(story.connection_id, at + 13, BUG, 0.5))
    assert story.transport == "websocket"


def test_a_hello_does_not_reset_a_row_of_failures() -> None:
    story = SessionScript(ladder=ladders.ALL)
    for at in (1.0, 3.0, 5.0):
        story.live(at)
        story.step(ConnectionEnded(story.connection_id, at + 1, BUG, 0.5))
        story.retry()
    assert story.transport == "sse"


def test_the_text_of_an_exception_is_never_shown() -> None:
    assert str(UnexpectedError(ValueError("Bearer s3cret \x1b[2J"))) == "unexpected ValueError"
