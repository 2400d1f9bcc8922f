"""The present state as CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.clocks import SetClock
from tests.support.feeds import ViewScript
from tests.support.hostile_text import HOSTILE, active_characters, hostile_snapshot
from tests.support.orders import EPOCH, at, order, snapshot
from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.order import Courier, Eta, Links, Location, Precision
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.output.csv_table import COLUMNS, csv_cell, csv_lines
from tracker_tui.output.order_document import OrderDocument

FORMULAS = ("=", "+", "-", "@", "\t", "\r")

ANY_TEXT = st.text(st.characters() | st.sampled_from("\",;\r\n\t=+-@'\u200d\ufeff"))


def csv_text(*snapshots: Snapshot) -> str:
    """Return the orders as the file that the program writes."""
    document, story = OrderDocument(csv_lines, SetClock()), ViewScript()
    for each in snapshots:
        document.add(story.change_for(each))
    return "".join(f"{line}\n" for line in document.lines())


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_a_row_has_every_column_and_null_is_empty() -> None:
    facts = order(
        title='2 × "Margherita", large', customer="Mara", promised_at=at(600), links=Links("https://orders.example/A1")
    )
    full = snapshot(
        2,
        "picked_up",
        facts=facts,
        eta=Eta(at(900), at(1_020), Precision.MINUTE),
        flags=("delayed", "held"),
        courier=Courier("Mia", "en_route"),
        location=Location(52.5, 13.4, at(0), label="Bridge"),
    )
    bare = snapshot(1, order_id="A2", facts=order("A2"))
    text = csv_text(bare, full)
    assert text.splitlines()[0] == ",".join(COLUMNS)
    assert '"2 × ""Margherita"", large"' in text
    first, second = rows_of(text)
    assert first == {
        "orderId": "A1",
        "title": '2 × "Margherita", large',
        "customer": "Mara",
        "status": "picked_up",
        "stageLabel": "Picked up",
        "outcome": "",
        "promisedAt": "2026-11-24T14:10:00.000Z",
        "etaEarliest": "2026-11-24T14:15:00.000Z",
        "etaLatest": "2026-11-24T14:17:00.000Z",
        "etaPrecision": "minute",
        "lateness": "late",
        "lateBySeconds": "360",
        "stuck": "false",
        "needsAction": "held",
        "flags": "delayed held",
        "attempt": "1",
        "courier": "Mia",
        "place": "Bridge",
        "updatedAt": "2026-11-24T14:00:02.000Z",
        "complete": "true",
        "epoch": str(EPOCH),
        "seq": "2",
        "url": "https://orders.example/A1",
    }
    empty = {"customer", "outcome", "promisedAt", "lateBySeconds", "needsAction", "flags", "courier", "place", "url"}
    assert {name for name, cell in second.items() if not cell} == empty | {"etaEarliest", "etaLatest", "etaPrecision"}


def test_without_orders_there_is_a_row_with_the_names_of_the_columns() -> None:
    assert csv_text() == ",".join(COLUMNS) + "\r\n"


@pytest.mark.parametrize("first", FORMULAS)
def test_a_text_that_a_spreadsheet_would_compute_gets_an_apostrophe(first: str) -> None:
    assert csv_cell(f"{first}1+1").startswith("'")
    assert csv_cell(f"\u200d{first}1+1").startswith("'") is (first not in "\t\r")
    assert csv_cell(f"1{first}1") == sanitize(f"1{first}1")


def test_numbers_are_not_text() -> None:
    assert [csv_cell(value) for value in (-5, 1.5, True, False, None, ["a", "b"], [])] == [
        "-5",
        "1.5",
        "true",
        "false",
        "",
        "a b",
        "",
    ]


@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT, ANY_TEXT), max_size=4))
def test_a_reader_of_csv_gives_back_the_cells(texts: list[tuple[str, str, str]]) -> None:
    text = csv_text(
        *(
            replace(snapshot(1, order_id=f"A{number}", flags=(flag,)), order=order(f"A{number}", title=a, customer=b))
            for number, (a, b, flag) in enumerate(texts)
        )
    )
    assert text.count("\r\n") == text.count("\n") == text.count("\r") == len(texts) + 1
    read = [(row["title"], row["customer"], row["flags"]) for row in rows_of(text)]
    assert read == [tuple(map(csv_cell, cells)) for cells in texts]
    assert not any(cell.startswith(FORMULAS) for cells in read for cell in cells)


@given(ANY_TEXT)
def test_a_cell_is_the_sanitized_text(text: str) -> None:
    assert csv_cell(text).removeprefix("'") == sanitize(text).removeprefix("'")


@pytest.mark.parametrize("evil", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_inert(evil: str) -> None:
    for line in csv_text(hostile_snapshot(evil)).split("\r\n"):
        assert active_characters(line) == []
