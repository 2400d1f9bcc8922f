"""The present state of the orders of a real server, in every format."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mock_server.orders.log.base import MilestoneDraft
from mock_server.server import MockServer
from tests.support.mock_servers import draft, empty_server
from tests.support.orders import order, state
from tracker_tui.cli.main import main
from tracker_tui.cli.options import Format
from tracker_tui.cli.run_once import run_once
from tracker_tui.cli.settings import Settings
from tracker_tui.cli.target import Target
from tracker_tui.domain.order import Eta, Outcome, Precision
from tracker_tui.output.exit_codes import ExitCode
from tracker_tui.output.stdout import LineWriter

NOW = datetime.now(UTC)

Once = Callable[..., Coroutine[Any, Any, tuple[int, str]]]


def minutes(number: float) -> datetime:
    return NOW + timedelta(minutes=number)


async def add_order(server: MockServer, order_id: str, *, promised: float, **fields: Any) -> None:
    """Create an order that is promised in so many minutes."""
    facts = order(order_id, customer="王小明", promised_at=minutes(promised), title=f"=Pizza {order_id}", placed_at=NOW)
    current = state("preparing", updated_at=NOW, **fields)
    await server.events.append(order_id, current, replace(draft("preparing"), occurred_at=NOW), facts)


@pytest.fixture
async def server() -> AsyncIterator[MockServer]:
    """A server with a punctual, a slightly late, a very late, a held and an ended order."""
    async with empty_server() as server:
        await add_order(server, "A1", promised=90, eta=Eta(minutes(30), minutes(40), Precision.MINUTE))
        await add_order(server, "A2", promised=-5.5)
        await add_order(server, "A3", promised=-65.5)
        await add_order(server, "A4", promised=90, flags=("held",))
        await add_order(server, "A5", promised=90)
        ended = MilestoneDraft(kind=draft().kind, status="delivered", occurred_at=NOW)
        await server.events.append("A5", state("delivered", Outcome.DELIVERED, updated_at=NOW), ended)
        yield server


@pytest.fixture
def errors() -> list[str]:
    return []


@pytest.fixture
def once(server: MockServer, errors: list[str]) -> Iterator[Once]:
    """Run ``--once`` with settings; return the exit code and the output."""
    reader, writer = os.pipe()

    async def run(format_: Format, *orders: str, **settings: Any) -> tuple[int, str]:
        chosen = Settings(orders=orders, everything=not orders, **settings)
        target = Target(server.url, orders)
        code = await run_once(chosen, format_, target, LineWriter(writer), errors.append)
        os.write(writer, b"\0")
        return code, os.read(reader, 1 << 16).decode().removesuffix("\0")

    yield run
    os.close(reader)
    os.close(writer)


def ids(format_: Format, text: str) -> list[str]:
    """Return the ids of the orders in an output."""
    match format_:
        case Format.NDJSON:
            objects = [json.loads(line) for line in text.splitlines()]
            return [each["orderId"] for each in objects if each["type"] == "order"]
        case Format.JSON:
            return [each["orderId"] for each in json.loads(text)]
        case Format.CSV:
            return [row["orderId"] for row in csv.DictReader(io.StringIO(text, newline=""))]
        case Format.TABLE:
            return [line.split()[0] for line in text.splitlines()[1:]]
        case _:
            return [line.partition(",")[0] for line in text.splitlines()]


DOCUMENTS = [format_ for format_ in Format if format_.is_document]
FORMATS = [format_ for format_ in Format if format_ is not Format.TUI]


@pytest.mark.parametrize("format_", DOCUMENTS)
async def test_the_worst_of_all_open_orders_comes_first(once: Once, errors: list[str], format_: Format) -> None:
    code, text = await once(format_)
    assert (code, ids(format_, text), errors) == (ExitCode.DONE, ["A3", "A2", "A4", "A1"], [])


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(
    ("filter_", "matching"),
    [("late", {"A2", "A3"}), ("!late", {"A1", "A4"}), ("action", {"A4"}), ("pizza a1", {"A1"}), ("nowhere", set())],
)
async def test_a_filter_holds_in_every_format(once: Once, format_: Format, filter_: str, matching: set[str]) -> None:
    code, text = await once(format_, filter=filter_)
    assert (code, set(ids(format_, text))) == (ExitCode.DONE, matching)


@pytest.mark.parametrize("format_", FORMATS)
async def test_a_refused_order_is_an_error_message_and_4(once: Once, errors: list[str], format_: Format) -> None:
    code, text = await once(format_, "A9", "A5", "A1")
    assert (code, sorted(ids(format_, text))) == (ExitCode.UNKNOWN_ORDER, ["A1", "A5"])
    assert [line.partition(" at ")[0] for line in errors] == ["order A9: unknown order"]


@pytest.mark.parametrize("format_", DOCUMENTS)
async def test_of_a_server_that_refuses_to_answer_no_document_is_printed(
    once: Once, server: MockServer, errors: list[str], format_: Format
) -> None:
    server.inject("refuse:status=503")
    code, text = await once(format_, "A1")
    assert (code, text, len(errors)) == (ExitCode.UNREACHABLE, "", 1)


async def test_the_objects_of_json_are_the_order_lines_of_ndjson(once: Once) -> None:
    array = json.loads((await once(Format.JSON, "A3", "A2", "A4", "A1"))[1])
    lines = [json.loads(line) for line in (await once(Format.NDJSON, "A3", "A2", "A4", "A1"))[1].splitlines()]
    assert array == [line for line in lines if line["type"] == "order"]
    assert {line["customer"] for line in array} == {"王小明"}


async def test_csv_has_crlf_and_no_formula(once: Once) -> None:
    _, text = await once(Format.CSV)
    assert text.count("\r\n") == text.count("\n") == 5
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["title"] for row in rows] == ["'=Pizza A3", "'=Pizza A2", "'=Pizza A4", "'=Pizza A1"]
    assert 65 <= int(rows[0]["lateBySeconds"]) // 60 <= 75
    assert (rows[2]["needsAction"], rows[2]["stuck"], rows[2]["outcome"]) == ("held", "false", "")


async def test_a_table_has_aligned_columns(once: Once) -> None:
    _, text = await once(Format.TABLE, "A1", "A2")
    title, late, punctual = text.splitlines()
    place = title.index("STAGE")
    assert (late[:place].split()[:2], punctual[:place].split()) == (["A2", "late"], ["A1", "on", "time"])
    assert late[place:].startswith("Preparing ")
    assert punctual[place:].startswith("Preparing ")
    assert late.endswith("王小明    =Pizza A2")


@pytest.mark.parametrize("format_", DOCUMENTS)
@pytest.mark.parametrize("source", ["--format", "TRACKER_FORMAT", "config.toml"])
def test_following_changes_in_a_format_of_the_present_state_is_a_usage_error(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: str, format_: Format
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f'format = "{format_}"\n' if source == file.name else "")
    if source == "TRACKER_FORMAT":
        monkeypatch.setenv(source, format_)
    flag = ["--format", format_] if source == "--format" else []
    monkeypatch.setattr("sys.argv", ["tracker-tui", "A1", "--config", str(file), *flag])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == ExitCode.USAGE
    where = file if source == file.name else source
    assert capfd.readouterr().err == (
        f"tracker-tui: {where}: {format_} shows the present state only, and needs --once; "
        "to follow changes, use plain or ndjson\n"
    )
