"""The sentence for the customer."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.hostile_text import HOSTILE, active_characters, hostile_snapshot
from tests.support.orders import at, milestone, order, snapshot
from tracker_tui.domain.order import Courier, Eta, Flow, Outcome, Place, Precision, Stage
from tracker_tui.domain.view import OrderView, lift
from tracker_tui.wording.say import MAX_NAME, copied_sentence, customer_sentence
from tracker_tui.wording.times import Instant

MINUTE, HOUR = 60.0, 3600.0
BERLIN, SEOUL = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Seoul")

PROMISED = 45 * MINUTE


def minutes(first: float, last: float) -> Eta:
    return Eta(at(first * MINUTE), at(last * MINUTE), Precision.MINUTE)


def view_of(
    status: str = "preparing",
    outcome: Outcome | None = None,
    *,
    promised: float | None = PROMISED,
    there: str | None = None,
    **fields: Any,
) -> OrderView:
    """Return an order that entered its status at 14:10."""
    facts = order(promised_at=None if promised is None else at(promised), destination=Place(52.5, 13.4, "Home", there))
    history = (milestone(1, status, occurred_at=at(10 * MINUTE)),)
    return lift(snapshot(1, status, history=history, facts=facts, outcome=outcome, **fields))


def said(view: OrderView, now: float = 15, zone: tzinfo = UTC, **words: Any) -> str:
    """Return the sentence at a minute after 14:00."""
    return customer_sentence(view, Instant(0.0, at(now * MINUTE), zone), **words)


@pytest.mark.parametrize(
    ("eta", "now", "sentence"),
    [
        (minutes(38, 43), 15, "should arrive around 14:40."),
        (minutes(36, 44), 15, "should arrive between 14:36 and 14:44."),
        (minutes(36, 44), 36, "should arrive between 14:36 and 14:44."),
        (minutes(36, 44), 37, "should arrive by 14:44."),
        (minutes(38, 43), 41, "should arrive by 14:43."),
        (minutes(55, 59), 15, "should arrive around 14:57, 12 minutes later than promised."),
        (minutes(46, 46), 15, "should arrive around 14:46, 1 minute later than promised."),
        (minutes(110, 130), 15, "should arrive between 15:50 and 16:10, 1 hour 15 minutes later than promised."),
        (minutes(40, 50), 15, "between 14:40 and 14:50, and may be later than 14:45, the promised time."),
        # The middle would look late, and the order is not.
        (minutes(45, 49), 15, "between 14:45 and 14:49, and may be later than 14:45, the promised time."),
        (Eta(at(2 * HOUR), at(4 * HOUR), Precision.HOUR), 15, "between 16:00 and 18:00, 2 hours 15 minutes later than"),
        (Eta(at(10.2 * HOUR), at(10.2 * HOUR), Precision.MINUTE), 15, "should arrive around 00:12 on Wednesday 25 Nov"),
    ],
)
def test_an_arrival_is_said_as_exactly_as_it_is_known(eta: Eta, now: float, sentence: str) -> None:
    text = said(view_of(eta=eta), now)
    assert text.startswith("Your order is being prepared and ")
    assert sentence in text


def test_an_arrival_that_has_passed_is_said_in_the_past() -> None:
    view = view_of("arriving", eta=minutes(38, 43), promised=None)
    assert said(view, 43) == "Your order is nearly there and should arrive by 14:43."
    assert said(view, 44) == "Your order is nearly there; it was expected by 14:43 and has not arrived yet."
    late = view_of("arriving", eta=minutes(55, 57))
    assert said(late, 60) == (
        "Your order is nearly there; it was expected by 14:57 and has not arrived yet, 15 minutes later than promised."
    )


@pytest.mark.parametrize(
    ("eta", "now", "sentence"),
    [
        (minutes(55, 59), 15, "was being prepared and was expected around 14:57, 12 minutes later than promised."),
        (minutes(40, 50), 15, "between 14:40 and 14:50, possibly later than 14:45, the promised time."),
        (minutes(30, 34), 40, "was being prepared; it was expected by 14:34 and had not arrived."),
        (None, 15, "As of 14:15, your order was being prepared."),
    ],
)
def test_an_order_that_is_not_known_to_be_current_is_said_as_of_its_time(
    eta: Eta | None, now: float, sentence: str
) -> None:
    text = said(view_of(eta=eta), now + 60, as_of=at(now * MINUTE))
    assert text.startswith(f"As of 14:{now:02}, your order was being prepared")
    assert text.endswith(sentence)


def test_a_time_of_another_day_has_its_day() -> None:
    text = said(view_of(eta=None), 26 * 60, as_of=at(15 * MINUTE))
    assert text == "As of 14:15 on Tuesday 24 November, your order was being prepared."


@pytest.mark.parametrize(
    ("status", "fields", "sentence"),
    [
        ("available_for_pickup", {"eta": minutes(50, 60)}, "Your order is waiting to be picked up."),
        ("returning", {"eta": minutes(50, 60)}, "Your order is on its way back to the sender."),
        ("attempt_failed", {}, "Your order could not be delivered yet."),
        ("held", {}, "Your order is on hold."),
        ("preparing", {"flags": ("held",), "promised": None}, "Your order is on hold."),
        ("preparing", {"flags": ("delayed",)}, "being prepared, and may be later than 14:45, the promised time."),
        ("preparing", {"promised": 3 * MINUTE}, "Your order is being prepared and is 12 minutes later than promised."),
        ("beamed_up", {}, "Your order is at the stage “beamed_up”."),
        ("delivered", {"outcome": Outcome.DELIVERED}, "Your order was delivered at 14:10."),
        (
            "delivered",
            {"outcome": Outcome.DELIVERED, "promised": 5 * MINUTE},
            "Your order was delivered at 14:10, 5 minutes later than promised.",
        ),
        ("cancelled", {"outcome": Outcome.CANCELLED}, "Your order was cancelled at 14:10."),
        ("rejected", {"outcome": Outcome.REJECTED}, "Your order was rejected at 14:10."),
        ("returned", {"outcome": Outcome.RETURNED}, "Your order was returned to the sender at 14:10."),
        ("lost", {"outcome": Outcome.LOST}, "Your order was reported lost at 14:10."),
    ],
)
def test_every_state_is_said_in_plain_words(status: str, fields: dict[str, Any], sentence: str) -> None:
    assert said(view_of(status, **fields)).endswith(sentence)


def test_a_flow_that_gives_a_status_another_name_is_quoted() -> None:
    flow = Flow("flowers", (Stage("ready", "Ready for inspection"), Stage("delivered", "Delivered")))
    view = lift(snapshot(1, "ready", facts=order(flow=flow)))
    assert said(view) == "Your order is at the stage “Ready for inspection”."


def test_times_are_those_of_the_destination_whose_zone_is_named_where_it_differs() -> None:
    view = view_of(eta=minutes(38, 43), there="Europe/Berlin")
    assert said(view, zone=BERLIN).endswith("should arrive around 15:40.")
    assert said(view, zone=UTC).endswith("should arrive around 15:40 (Berlin time).")
    assert said(view, 90, UTC, as_of=at(900)).startswith("As of 15:15 (Berlin time), your order")
    assert said(view, 90, UTC, as_of=at(900)).count("Berlin") == 1


def test_days_are_those_of_the_destination() -> None:
    # 02:00 on Wednesday in Seoul; promised for Tuesday there.
    eta = Eta(at(3 * HOUR), at(3 * HOUR), Precision.DAY)
    view = view_of("in_transit", eta=eta, promised=0.0, there="Asia/Seoul")
    late = "and should arrive on Wednesday 25 November (Seoul time), 1 day later than promised."
    assert said(view).endswith(late)
    assert said(view, zone=SEOUL).endswith("on Wednesday 25 November, 1 day later than promised.")
    days = Eta(at(0), at(72 * HOUR), Precision.DAY)
    risky = view_of("in_transit", eta=days, promised=0.0, there="Asia/Seoul")
    assert said(risky, zone=SEOUL).endswith(
        "between Tuesday 24 November and Friday 27 November, "
        "and may be later than Tuesday 24 November, the promised day."
    )


def test_the_courier_is_named_only_on_request_and_while_on_the_way() -> None:
    view = view_of("picked_up", courier=Courier("Ravi", "en_route"), eta=minutes(38, 43))
    assert "Ravi" not in said(view)
    assert said(view, names_courier=True) == "Your order is on its way with Ravi and should arrive around 14:40."
    waiting = view_of("ready", courier=Courier("Ravi", "at_pickup"))
    assert "Ravi" not in said(waiting, names_courier=True)


@pytest.mark.parametrize(
    ("refusal", "sentence"),
    [
        (None, "Nothing is known about this order yet."),
        ("order_not_found", "There is no order A1."),
        ("forbidden", "Order A1 is not available here."),
    ],
)
def test_an_order_without_data_has_a_sentence_too(refusal: str | None, sentence: str) -> None:
    assert said(OrderView("A1"), refusal=refusal) == sentence


def test_a_copy_ends_with_the_time_up_to_which_the_order_is_known() -> None:
    view, now = view_of(there="Europe/Berlin"), Instant(0.0, at(45 * MINUTE), UTC)
    assert copied_sentence("Now.", view, now, None) == "Now. (as of 15:45 CET)"
    assert copied_sentence("Then.", view, now, at(41 * MINUTE)) == "Then. (as of 15:41 CET)"
    bare = Instant(0.0, at(45 * MINUTE), ZoneInfo("America/Sao_Paulo"))
    assert copied_sentence("Now.", view_of(), bare, None) == "Now. (as of 11:45 Sao Paulo)"


@pytest.mark.parametrize("evil", HOSTILE.values(), ids=HOSTILE)
def test_hostile_names_stay_text_on_one_line(evil: str) -> None:
    view = lift(hostile_snapshot(evil))
    for sentence in (said(view, names_courier=True), said(view, as_of=at(60))):
        assert active_characters(sentence) == []
        assert sentence.endswith(".")
        assert len(sentence) < MAX_NAME + 200
