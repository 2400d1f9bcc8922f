"""The present state as a table of text."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.support.clocks import SetClock
from tests.support.feeds import ViewScript
from tests.support.hostile_text import HOSTILE, active_characters, hostile_snapshot
from tests.support.orders import at, order, snapshot
from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.order import Courier, Eta, Location, Outcome, Place, Precision
from tracker_tui.output.order_document import OrderDocument
from tracker_tui.output.text_table import text_table
from tracker_tui.wording.times import Instant


def table(*snapshots: Snapshot, seconds: float = 0.0, **options: Any) -> list[str]:
    clock = SetClock()
    clock.seconds = seconds
    document = OrderDocument(
        lambda orders: text_table(orders, Instant(clock.time(), clock.wall(), UTC), **options), clock
    )
    story = ViewScript()
    for each in snapshots:
        document.add(story.change_for(each))
    return list(document.lines())


def test_columns_are_aligned_under_their_titles() -> None:
    facts = order("A1043", title="Keyboard", customer="王小明", promised_at=at(2_700))
    late = snapshot(1, "picked_up", order_id="A1043", facts=facts, eta=Eta(at(3_360), at(3_480), Precision.MINUTE))
    calm = snapshot(1, "ready", order_id="A1", facts=order("A1", customer="Mara", promised_at=at(9_000)))
    assert table(calm, late, seconds=60) == [
        "ORDER  ATTENTION    STAGE      ARRIVES  PROMISED  CUSTOMER  TITLE",
        "A1043  late 12 min  Picked up  14:57    14:45     王小明    Keyboard",
        "A1     on time      Ready               16:30     Mara      Two pizzas",
    ]


def test_without_orders_there_are_only_titles() -> None:
    assert table() == ["ORDER  ATTENTION  STAGE  ARRIVES  PROMISED  CUSTOMER  TITLE"]


@pytest.mark.parametrize(
    ("status", "fields", "words"),
    [
        ("attempt_failed", {}, "attempt failed"),
        ("ready", {"flags": ("held", "delayed")}, "held, at risk"),
        ("placed", {"updated_at": at(-7_200)}, "stuck"),
        ("picked_up", {"courier": Courier("Mia"), "location": Location(52.5, 13.4, at(-300))}, "courier silent"),
        ("cancelled", {"outcome": Outcome.CANCELLED}, ""),
        ("ready", {}, "on time"),
    ],
)
def test_attention_is_said_in_words(status: str, fields: dict[str, Any], words: str) -> None:
    title, line = table(snapshot(1, status, facts=order(promised_at=at(9_000)), **fields))
    assert line[title.index("ATTENTION") : title.index("STAGE")].strip() == words


def test_the_end_of_an_order_takes_the_place_of_its_arrival() -> None:
    facts = order(promised_at=at(600))
    delivered = snapshot(1, "delivered", facts=facts, outcome=Outcome.DELIVERED, updated_at=at(1_200))
    title, line = table(delivered, seconds=9_000)
    assert line[title.index("ATTENTION") :].split("  ")[:1] == ["on time"]
    assert line[title.index("ARRIVES") : title.index("PROMISED")].strip() == "14:00"


def test_where_days_are_compared_the_promise_is_a_day_at_the_destination() -> None:
    seoul = Place(37.5, 127.0, "Seoul", "Asia/Seoul")
    eta = Eta(at(3_600), at(20_000), Precision.DAY)
    facts = order(promised_at=at(5 * 3_600), destination=seoul)
    title, line = table(snapshot(1, "ready", facts=facts, eta=eta))
    assert line[title.index("ARRIVES") : title.index("CUSTOMER")].split("  ") == ["Wed 25 Nov", "Wed 25 Nov", ""]


def test_a_window_is_written_with_a_hyphen() -> None:
    eta = Eta(at(3_600), at(7_200), Precision.HOUR)
    assert "15:00-16:00" in table(snapshot(1, "ready", eta=eta))[1]


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, 80), st.sampled_from(["utf-8", "ascii"]))
def test_on_a_terminal_no_line_is_wider(customer: str, width: int, encoding: str) -> None:
    whole = table(snapshot(1, facts=order(customer=customer)))
    cut = table(snapshot(1, facts=order(customer=customer)), width=width, encoding=encoding)
    sign = {"utf-8": "…", "ascii": "~"}[encoding]
    for line, before in zip(cut, whole, strict=True):
        assert cell_len(line) <= width
        assert line == before if cell_len(before) <= width else line.endswith(sign)


@pytest.mark.parametrize("evil", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_inert(evil: str) -> None:
    for line in table(hostile_snapshot(evil)):
        assert active_characters(line) == []
