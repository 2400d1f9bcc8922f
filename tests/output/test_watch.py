"""Watching a feed, with its report and exit code."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from typing import Any, cast

import pytest

from tests.support.clocks import SetClock
from tests.support.feeds import CONNECTING, FINAL, LIVE, ScriptedFeed, ViewScript, refused
from tests.support.orders import event, snapshot
from tracker_tui.domain.order import Outcome
from tracker_tui.link.changes import Change, LinkChanged, LinkState, Phase
from tracker_tui.link.feed import OrderFeed
from tracker_tui.output.exit_codes import ExitCode
from tracker_tui.output.ndjson import NdjsonReport
from tracker_tui.output.stdout import LineWriter
from tracker_tui.output.watch import watch

SERVER = "http://127.0.0.1:8765"


class Bench:
    """Watches a scripted feed and keeps the results."""

    def __init__(self, reader: int, writer: int) -> None:
        self._reader, self._writer = reader, writer
        self.errors: list[str] = []

    async def watch(self, feed: ScriptedFeed, **options: Any) -> ExitCode:
        report, out = NdjsonReport(SetClock()), LineWriter(self._writer)
        return await watch(cast("OrderFeed", feed), report, out, self.errors.append, server=SERVER, **options)

    def objects(self) -> list[dict[str, Any]]:
        """The lines written so far."""
        return [json.loads(line) for line in os.read(self._reader, 1 << 16).splitlines()]


@pytest.fixture
def bench() -> Iterator[Bench]:
    reader, writer = os.pipe()
    yield Bench(reader, writer)
    os.close(reader)
    os.close(writer)


async def test_all_delivered_is_done(bench: Bench) -> None:
    story = ViewScript()
    delivered = story.change_for(snapshot(2, "delivered", outcome=Outcome.DELIVERED))
    feed = ScriptedFeed(["A1"], [CONNECTING, LIVE, delivered, FINAL])
    assert await bench.watch(feed) is ExitCode.DONE
    assert [line["type"] for line in bench.objects()] == [
        "link",
        "link",
        "milestone",
        "milestone",
        "order",
        "end",
        "link",
    ]
    assert feed.closed
    assert bench.errors == []


async def test_a_cancelled_order_ends_with_5(bench: Bench) -> None:
    cancelled = ViewScript().change_for(snapshot(2, "cancelled", outcome=Outcome.CANCELLED))
    assert await bench.watch(ScriptedFeed(["A1"], [LIVE, cancelled, FINAL])) is ExitCode.NOT_DELIVERED


async def test_an_unknown_order_ends_with_4_after_the_others_have_finished(bench: Bench) -> None:
    delivered = ViewScript().change_for(snapshot(2, "delivered", outcome=Outcome.DELIVERED))
    feed = ScriptedFeed(["A1", "A9"], [LIVE, refused("A9"), delivered, FINAL])
    assert await bench.watch(feed) is ExitCode.UNKNOWN_ORDER
    assert [line["type"] for line in bench.objects()][-2:] == ["end", "link"]
    assert bench.errors == [f"order A9: unknown order at the server {SERVER}; check the id"]


async def test_an_unknown_order_with_almost_the_id_of_another_is_named_with_it(bench: Bench) -> None:
    script: list[Change] = [LIVE, refused("a1042"), refused("P2002"), refused("P2001"), refused("X77")]
    feed = ScriptedFeed(["a1042", "A1042", "P2002", "P2001", "X77"], script)
    assert await bench.watch(feed, known_ids=lambda: ["P2011", "X7O", "X78"]) is ExitCode.UNKNOWN_ORDER
    # P2001 was refused before; X78 differs in one of three characters, as many other ids would.
    assert [error.rpartition("; ")[2] for error in bench.errors] == [
        "did you mean A1042?",
        "did you mean P2001?",
        "did you mean P2011?",
        "check the id",
    ]


async def test_a_stream_on_which_every_order_is_refused_is_one_message(bench: Bench) -> None:
    failed = LinkChanged(LinkState(Phase.FAILED, "websocket", reason="order not found"))
    assert await bench.watch(ScriptedFeed(["A9"], [LIVE, refused("A9"), failed])) is ExitCode.UNKNOWN_ORDER
    assert len(bench.errors) == 1


async def test_a_status_ends_the_watch_as_soon_as_every_order_had_it(bench: Bench) -> None:
    story = ViewScript()
    script: list[Change] = [
        LIVE,
        story.change_for(snapshot(1)),
        story.change_for(snapshot(1, order_id="A2")),
        story.change_for(event(2, "ready", order_id="A2")),
        story.change_for(event(2, "ready")),
    ]
    assert await bench.watch(ScriptedFeed(["A1", "A2"], script, endless=True), status="ready") is ExitCode.DONE


async def test_an_end_without_the_status_is_5(bench: Bench) -> None:
    delivered = ViewScript().change_for(snapshot(2, "delivered", outcome=Outcome.DELIVERED))
    feed = ScriptedFeed(["A1"], [LIVE, delivered], endless=True)
    assert await bench.watch(feed, status="held") is ExitCode.NOT_DELIVERED


async def test_no_hello_in_time_is_3_with_advice(bench: Bench) -> None:
    down = LinkChanged(LinkState(Phase.BACKOFF, "websocket", attempt=3, reason="connection refused"))
    feed = ScriptedFeed(["A1"], [CONNECTING, down], endless=True)
    assert await bench.watch(feed, hello_timeout=0.05) is ExitCode.UNREACHABLE
    assert bench.errors == [
        f'no order server at {SERVER} (connection refused); start one with "mock-server", '
        'name another with --server, or try "tracker-tui --demo"'
    ]
    assert feed.closed


async def test_a_server_that_answers_has_more_time_for_its_hello(bench: Bench) -> None:
    down = LinkChanged(LinkState(Phase.BACKOFF, "websocket", attempt=1, reason="no hello within 5 s"))
    reported = ViewScript().change_for(snapshot(1))
    feed = ScriptedFeed(["A1"], [CONNECTING, down, reported], endless=True)
    begun = asyncio.get_running_loop().time()
    assert await bench.watch(feed, hello_timeout=0.2, fallback_timeout=0.6) is ExitCode.UNREACHABLE
    assert asyncio.get_running_loop().time() - begun >= 0.6
    assert "(no hello within 5 s)" in bench.errors[0]


async def test_the_timeout_can_come_before_the_hello_timeout(bench: Bench) -> None:
    feed = ScriptedFeed(["A1"], [CONNECTING, ViewScript().change_for(snapshot(1))], endless=True)
    assert await bench.watch(feed, timeout=0.1) is ExitCode.UNREACHABLE


async def test_a_hello_ends_the_hello_timeout(bench: Bench) -> None:
    feed = ScriptedFeed(["A1"], [LIVE], endless=True)
    assert await bench.watch(feed, hello_timeout=0.5, timeout=0.6) is ExitCode.UNREACHABLE
    assert bench.errors == ["gave up after 0.6 s; allow more with --timeout, or leave it out to wait without limit"]


async def test_a_list_without_an_order_ends_the_hello_timeout_too(bench: Bench) -> None:
    idle = LinkChanged(LinkState(Phase.LIVE, "sse", list_every=10.0))
    feed = ScriptedFeed([], [CONNECTING, idle], endless=True)
    assert await bench.watch(feed, hello_timeout=0.5, timeout=0.6) is ExitCode.UNREACHABLE
    assert bench.errors == ["gave up after 0.6 s; allow more with --timeout, or leave it out to wait without limit"]
    assert [(line["phase"], line["transport"]) for line in bench.objects()] == [
        ("connecting", "websocket"),
        ("live", "sse"),
    ]


async def test_the_timeout_is_3(bench: Bench) -> None:
    feed = ScriptedFeed(["A1"], [LIVE, ViewScript().change_for(snapshot(1))], endless=True)
    assert await bench.watch(feed, timeout=0.05) is ExitCode.UNREACHABLE
    assert bench.errors == ["gave up after 0.05 s; allow more with --timeout, or leave it out to wait without limit"]


async def test_signed_out_is_6_at_once(bench: Bench) -> None:
    out = LinkChanged(LinkState(Phase.SIGNED_OUT, "websocket", reason="auth rejected"))
    assert await bench.watch(ScriptedFeed(["A1"], [CONNECTING, out], endless=True)) is ExitCode.SIGNED_OUT
    assert bench.errors == [
        "signed out (auth rejected); "
        "give a fresh token with --token-file or --token-command, or in the variable TRACKER_TOKEN"
    ]


async def test_signed_out_is_reported_as_well_as_an_unknown_order(bench: Bench) -> None:
    out = LinkChanged(LinkState(Phase.SIGNED_OUT, "websocket", reason="4001 token expired", code="token_expired"))
    assert (
        await bench.watch(ScriptedFeed(["A1", "A9"], [LIVE, refused("A9"), out], endless=True)) is ExitCode.SIGNED_OUT
    )
    assert bench.errors[1].startswith("signed out (token expired); ")


async def test_a_stream_that_is_forbidden_is_4(bench: Bench) -> None:
    failed = LinkChanged(LinkState(Phase.FAILED, "websocket", reason="forbidden: not yours", code="forbidden"))
    assert await bench.watch(ScriptedFeed(["A1"], [CONNECTING, failed])) is ExitCode.UNKNOWN_ORDER
    assert bench.errors == [f"the server {SERVER} forbids it (forbidden: not yours); ask for access to it"]


async def test_a_finally_refused_stream_is_3(bench: Bench) -> None:
    failed = LinkChanged(LinkState(Phase.FAILED, "websocket", reason="unsupported protocol"))
    assert await bench.watch(ScriptedFeed(["A1"], [CONNECTING, failed])) is ExitCode.UNREACHABLE
    assert "(unsupported protocol)" in bench.errors[0]


UNKNOWN = (
    '--until: unknown status "nosuch" (known: placed, accepted, preparing, ready, picked_up, arriving, delivered)'
    "; still waiting"
)


async def test_an_unknown_status_is_reported_once_and_waited_for(bench: Bench) -> None:
    story = ViewScript()
    reported = [
        story.change_for(snapshot(1)),
        story.change_for(event(2, "accepted")),
        story.change_for(event(3, "nosuch")),
    ]
    assert await bench.watch(ScriptedFeed(["A1"], [LIVE, *reported], endless=True), status="nosuch") is ExitCode.DONE
    assert bench.errors == [UNKNOWN]


@pytest.mark.parametrize("status", ["ready", "cancelled", "rejected"])
async def test_a_possible_status_is_waited_for_without_a_message(bench: Bench, status: str) -> None:
    story = ViewScript()
    reported = [story.change_for(snapshot(1)), story.change_for(event(2, status))]
    assert await bench.watch(ScriptedFeed(["A1"], [LIVE, *reported], endless=True), status=status) is ExitCode.DONE
    assert bench.errors == []


MISSPELT = '--until: unknown status "delivred"; did you mean delivered?'


async def test_a_misspelt_status_is_a_usage_error_as_soon_as_the_flow_is_known(bench: Bench) -> None:
    story = ViewScript()
    feed = ScriptedFeed(["A1"], [LIVE, story.change_for(event(1)), story.change_for(snapshot(1))], endless=True)
    assert await bench.watch(feed, status="delivred") is ExitCode.USAGE
    assert bench.errors == [MISSPELT]
    assert [line["type"] for line in bench.objects()] == ["link", "milestone", "order", "order"]
    assert feed.closed


async def test_a_misspelt_status_is_judged_once_and_only_when_every_flow_is_known(bench: Bench) -> None:
    story = ViewScript()
    first, second = story.change_for(snapshot(1)), story.change_for(snapshot(1, order_id="A2"))
    feed = ScriptedFeed(["A1", "A2"], [LIVE, first], endless=True)
    assert await bench.watch(feed, status="delivred", timeout=0.05) is ExitCode.UNREACHABLE
    feed = ScriptedFeed(["A1", "A2"], [LIVE, first, second], endless=True)
    assert await bench.watch(feed, status="delivred") is ExitCode.USAGE
    assert bench.errors[1:] == [MISSPELT]


@pytest.mark.parametrize("status", ["attempt_failed", "held", "returning", "available_for_pickup", "lost"])
async def test_a_side_state_or_outcome_is_waited_for_without_a_message(bench: Bench, status: str) -> None:
    story = ViewScript()
    reported = [story.change_for(snapshot(1)), story.change_for(event(2, status))]
    assert await bench.watch(ScriptedFeed(["A1"], [LIVE, *reported], endless=True), status=status) is ExitCode.DONE
    assert bench.errors == []


async def test_an_unknown_status_is_reported_when_every_flow_is_known(bench: Bench) -> None:
    story = ViewScript()
    feed = ScriptedFeed(["A1", "A2"], [LIVE, story.change_for(snapshot(1)), refused("A2")])
    await bench.watch(feed, status="nosuch")
    assert [line.partition(";")[0] for line in bench.errors] == [
        UNKNOWN.partition(";")[0],
        "order A2: unknown order at the server http://127.0.0.1:8765",
    ]
