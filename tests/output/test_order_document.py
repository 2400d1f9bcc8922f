"""All orders in one document, the worst first."""

from __future__ import annotations

import json
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tests.support.clocks import SetClock
from tests.support.feeds import ViewScript
from tests.support.orders import at, order, snapshot
from tracker_tui.domain.event import Snapshot
from tracker_tui.domain.order import Eta, Outcome, Precision
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.view import OrderView
from tracker_tui.link.changes import OrderChanged, Standing
from tracker_tui.output.order_document import AssessedOrder, OrderDocument, json_array


def order_ids(orders: Sequence[AssessedOrder]) -> list[str]:
    return [order.view.order_id for order in orders]


def document_of(messages: Sequence[Snapshot], seconds: float = 600) -> OrderDocument:
    clock = SetClock()
    clock.seconds = seconds
    document, story = OrderDocument(order_ids, clock), ViewScript()
    for message in messages:
        assert document.add(story.change_for(message)) == ()
    return document


def test_the_worst_order_comes_first_and_equal_ones_stay_in_sequence() -> None:
    def read(order_id: str, promised: float, status: str = "preparing", **fields: object) -> Snapshot:
        facts = order(order_id, promised_at=at(promised))
        return snapshot(1, status, order_id=order_id, facts=facts, **fields)  # type: ignore[arg-type]

    window = Eta(at(1_200), at(2_400), Precision.MINUTE)
    document = document_of(
        [
            read("calm", 9_000),
            read("ended", 60, "delivered", outcome=Outcome.DELIVERED),
            read("stuck", 9_000, "placed"),
            read("at-risk", 1_800, eta=window),
            read("held", 9_000, flags=("held",)),
            read("late-2", 480),
            read("late-9", 60),
            read("late-too", 480),
        ]
    )
    assert list(document.lines()) == ["late-9", "late-2", "late-too", "held", "at-risk", "stuck", "calm", "ended"]


def test_an_order_without_a_state_is_left_out() -> None:
    document = document_of([snapshot(1)])
    document.add(OrderChanged("A2", OrderView("A2"), Standing.WAITING))
    assert list(document.lines()) == ["A1"]


def test_no_order_is_an_empty_array() -> None:
    assert list(json_array([])) == ["[]"]


@given(st.lists(st.text(st.characters()), max_size=4))
def test_an_array_has_one_line_for_each_order_whatever_its_text(titles: list[str]) -> None:
    document, story = OrderDocument(json_array, SetClock()), ViewScript()
    for number, title in enumerate(titles):
        order_id = f"A{number}"
        document.add(story.change_for(snapshot(1, order_id=order_id, facts=order(order_id, title=title))))
    lines = list(document.lines())
    assert len(lines) == (len(titles) + 2 if titles else 1)
    assert all(line == sanitize(line) for line in lines)
    assert [each["title"] for each in json.loads("\n".join(lines))] == json.loads(json.dumps(titles))
