"""The status of ``--until``: known, unknown, or misspelt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.orders import FOOD, event, milestone, snapshot
from tracker_tui.domain.order import Outcome
from tracker_tui.domain.timeline import SIDE_STATES
from tracker_tui.domain.view import OrderView, lift
from tracker_tui.output.awaited_status import check_status

STAGES = tuple(stage.id for stage in FOOD.stages)
HISTORY = (milestone(1), milestone(2, "customs_hold"), milestone(3, "ready"))
VIEW = lift(snapshot(3, "ready", history=HISTORY))


def nearest(status: str) -> str | None:
    check = check_status([VIEW], (), status)
    assert check is not None
    assert not check.is_known
    assert check.stages == STAGES
    return check.nearest


@pytest.mark.parametrize("status", [*STAGES, *Outcome, *SIDE_STATES, "customs_hold"])
def test_stages_outcomes_side_states_and_the_history_are_known(status: str) -> None:
    check = check_status([VIEW], (), status)
    assert check is not None
    assert (check.is_known, check.nearest) == (True, None)


@pytest.mark.parametrize(
    ("status", "meant"),
    [
        ("delivred", "delivered"),
        ("Delivered", "delivered"),
        ("picked-up", "picked_up"),
        ("picked up", "picked_up"),
        ("PREPARING", "preparing"),
        ("acepted", "accepted"),
        ("atempt_failed", "attempt_failed"),
        ("canceled", "cancelled"),
        ("custom_hold", "customs_hold"),
    ],
)
def test_a_misspelt_status_is_close_to_a_known_one(status: str, meant: str) -> None:
    assert nearest(status) == meant


@pytest.mark.parametrize("status", ["nosuch", "customs", "in_transit", "out_for_delivery", "x", "sorted"])
def test_a_status_that_may_still_come_is_close_to_none(status: str) -> None:
    assert nearest(status) is None


def test_the_present_status_is_known_even_if_no_milestone_has_it() -> None:
    check = check_status([VIEW.join(event(4, "reweighing", quiet=True))], (), "reweighing")
    assert check is not None
    assert check.is_known


def test_nothing_is_judged_before_the_stages_of_every_order_are_known() -> None:
    unknown = OrderView("A2")
    assert check_status([VIEW, unknown], (), "delivred") is None
    assert check_status([VIEW, unknown.join(event(1, order_id="A2"))], (), "delivred") is None
    assert check_status([], (), "delivred") is None
    assert check_status([unknown], {"A2"}, "delivred") is None
    check = check_status([VIEW, unknown], {"A2"}, "delivred")
    assert check is not None
    assert check.nearest == "delivered"


@given(st.text(st.characters(), min_size=1, max_size=64))
def test_any_text_can_be_judged(status: str) -> None:
    check = check_status([VIEW], (), status)
    assert check is not None
    assert check.nearest is None or check.nearest in {*STAGES, *Outcome, *SIDE_STATES, "customs_hold"}
