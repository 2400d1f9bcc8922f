"""The present state, with one GET per order."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.clocks import SetClock
from tests.support.orders import snapshot
from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.order import Outcome
from tracker_tui.link.errors import LinkError, NoToken, Oversized, Refused, ServerBusy, TransportBlocked, TransportDown
from tracker_tui.link.http.server import MAX_CONCURRENT_FETCHES
from tracker_tui.output.exit_codes import ExitCode
from tracker_tui.output.ndjson import NdjsonReport
from tracker_tui.output.once import report_once
from tracker_tui.output.stdout import LineWriter
from tracker_tui.wire.messages import Problem

SERVER = "http://127.0.0.1:8765"


class Source:
    """A source with snapshots or errors by order id, which counts concurrent requests."""

    def __init__(self, answers: dict[str, Snapshot | LinkError], *, hangs: bool = False) -> None:
        self._answers = answers
        self._hangs = hangs
        self._now = self.most = 0

    async def snapshot(self, order_id: str) -> Snapshot:
        self._now += 1
        self.most = max(self.most, self._now)
        try:
            if self._hangs:
                await asyncio.Event().wait()
            for _ in range(5):
                await asyncio.sleep(0)
        finally:
            self._now -= 1
        answer = self._answers[order_id]
        if isinstance(answer, LinkError):
            raise answer
        return answer


RunReport = Callable[..., Any]


@pytest.fixture
def errors() -> list[str]:
    return []


@pytest.fixture
def report(errors: list[str]) -> Iterator[RunReport]:
    """Report every order of a source; return the exit code and the written objects."""
    reader, writer = os.pipe()

    async def run(source: Source, *order_ids: str, **options: Any) -> tuple[ExitCode, list[dict[str, Any]]]:
        report = NdjsonReport(SetClock())
        code = await report_once(
            order_ids, source.snapshot, report.lines, LineWriter(writer), errors.append, server=SERVER, **options
        )
        os.write(writer, b"\n")
        return code, [json.loads(line) for line in os.read(reader, 1 << 16).splitlines() if line]

    yield run
    os.close(reader)
    os.close(writer)


async def test_each_order_is_reported_with_its_history_in_the_given_sequence(report: RunReport) -> None:
    source = Source({"A2": snapshot(1, order_id="A2"), "A1": snapshot(2)})
    code, reported = await report(source, "A1", "A2")
    assert code is ExitCode.DONE
    assert [(line["orderId"], line["type"]) for line in reported] == [
        ("A1", "milestone"),
        ("A1", "milestone"),
        ("A1", "order"),
        ("A2", "milestone"),
        ("A2", "order"),
    ]
    assert all(line["complete"] for line in reported if line["type"] == "order")


async def test_at_most_four_requests_run_at_once(report: RunReport) -> None:
    ids = [f"A{number}" for number in range(20)]
    source = Source({order_id: snapshot(1, order_id=order_id) for order_id in ids})
    code, reported = await report(source, *ids)
    assert code is ExitCode.DONE
    assert len(reported) == 40
    assert source.most == MAX_CONCURRENT_FETCHES


async def test_an_unknown_order_is_4_and_the_others_are_reported(report: RunReport, errors: list[str]) -> None:
    unknown = Refused(Problem("order_not_found", "no such order"))
    code, reported = await report(Source({"A9": unknown, "A1": snapshot(1)}), "A9", "A1")
    assert code is ExitCode.UNKNOWN_ORDER
    assert [line["orderId"] for line in reported] == ["A1", "A1"]
    assert errors == [f"order A9: unknown order at the server {SERVER}; check the id"]


async def test_an_unknown_order_with_almost_the_id_of_another_is_named_with_it(
    report: RunReport, errors: list[str]
) -> None:
    unknown = Refused(Problem("order_not_found", "no such order"))
    forbidden = Refused(Problem("forbidden", "not yours"))
    source = Source({"a1042": unknown, "A1042": snapshot(1, order_id="A1042"), "P2001": unknown, "B1": forbidden})
    code, _ = await report(source, "a1042", "A1042", "P2001", "B1", known_ids=lambda: ["P2011", "b1"])
    assert code is ExitCode.UNKNOWN_ORDER
    assert [error.rpartition("; ")[2] for error in errors] == [
        "did you mean A1042?",
        "did you mean P2011?",
        "ask for access to it",
    ]


async def test_an_order_that_ended_undelivered_is_5(report: RunReport) -> None:
    lost = snapshot(2, "lost", outcome=Outcome.LOST)
    code, reported = await report(Source({"A1": lost}), "A1")
    assert code is ExitCode.NOT_DELIVERED
    assert reported[-1] == {"type": "end", "orderId": "A1", "outcome": "lost"}


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (TransportDown("connection refused"), ExitCode.UNREACHABLE, "(connection refused); start one with"),
        (TransportBlocked(404, "HTTP 404"), ExitCode.UNREACHABLE, "(HTTP 404)"),
        (ServerBusy(503), ExitCode.UNREACHABLE, "(the server is busy (HTTP 503))"),
        (Refused(Problem("rate_limited", "slowly")), ExitCode.UNREACHABLE, "(rate limited: slowly)"),
        (Refused(Problem("forbidden", "")), ExitCode.UNKNOWN_ORDER, "order A1: not allowed at the server"),
        (Refused(Problem("invalid", "\x1b[2J")), ExitCode.UNKNOWN_ORDER, "refused: invalid (␛[2J)"),
        (Refused(Problem("auth_rejected", "who?")), ExitCode.SIGNED_OUT, "signed out (no valid token)"),
        (
            Refused(Problem("token_expired", "")),
            ExitCode.SIGNED_OUT,
            "signed out (token expired); give a fresh token with",
        ),
        (
            NoToken("the token file /t can't be read"),
            ExitCode.SIGNED_OUT,
            "signed out (the token file /t can't be read);",
        ),
        (Oversized(), ExitCode.UNKNOWN_ORDER, "over 1 MiB"),
    ],
)
async def test_a_failure_is_one_line(
    report: RunReport, errors: list[str], error: LinkError, code: ExitCode, said: str
) -> None:
    assert await report(Source({"A1": error}), "A1") == (code, [])
    (line,) = errors
    assert said in line
    assert line.isprintable()


async def test_a_server_that_is_down_is_reported_once_for_all_orders(report: RunReport, errors: list[str]) -> None:
    down = TransportDown("connection refused")
    assert await report(Source({"A1": down, "A2": down}), "A1", "A2") == (ExitCode.UNREACHABLE, [])
    assert len(errors) == 1


async def test_the_timeout_is_respected(report: RunReport, errors: list[str]) -> None:
    assert await report(Source({}, hangs=True), "A1", timeout=0.01) == (ExitCode.UNREACHABLE, [])
    assert errors[0].startswith("gave up after 0.01 s")


@pytest.mark.parametrize(
    ("answer", "concludes"),
    [
        (snapshot(1, order_id="A2"), True),
        (Refused(Problem("order_not_found", "")), True),
        (Oversized(), True),
        (TransportDown("connection refused"), False),
        (Refused(Problem("token_expired", "")), False),
    ],
)
async def test_the_last_lines_come_unless_an_order_is_missing_that_was_not_refused(
    report: RunReport, answer: Snapshot | LinkError, *, concludes: bool
) -> None:
    source = Source({"A1": snapshot(1), "A2": answer})
    _, reported = await report(source, "A1", "A2", conclude=lambda: ['{"type": "last", "orderId": null}'])
    assert [line for line in reported if line["type"] == "last"] == [{"type": "last", "orderId": None}] * concludes
    assert reported[1]["orderId"] == "A1"


async def test_after_the_timeout_there_are_no_last_lines(report: RunReport) -> None:
    code, reported = await report(Source({}, hangs=True), "A1", timeout=0.01, conclude=lambda: ["{}"])
    assert (code, reported) == (ExitCode.UNREACHABLE, [])
