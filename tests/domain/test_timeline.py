"""Tests of the timeline of an order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.orders import EPOCH, FOOD, at, event, milestone, order, snapshot
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.lateness import ended_at
from tracker_tui.domain.order import Flow, Milestone, MilestoneKind, Outcome, Stage
from tracker_tui.domain.timeline import Checkpoint, Mark, ended_by, exceeded_by, label, superseded, timeline
from tracker_tui.domain.view import OrderView

PARCEL = Flow(
    "parcel",
    tuple(
        Stage(name, name.replace("_", " ").capitalize())
        for name in ("label_created", "accepted", "in_transit", "out_for_delivery", "delivered")
    ),
)


def view_of(*messages: Event | Snapshot) -> OrderView:
    view = OrderView("A1")
    for message in messages:
        view = view.join(message)
    return view


def order_through(*statuses: str, outcome: Outcome | None = None, parcel: bool = False, **fields: Any) -> OrderView:
    """Return an order that went through `statuses`, one per second."""
    history = tuple(milestone(seq, status) for seq, status in enumerate(statuses, start=1))
    facts = order(flow=PARCEL if parcel else FOOD)
    return view_of(snapshot(len(statuses), statuses[-1], history=history, facts=facts, outcome=outcome, **fields))


def marks(view: OrderView) -> list[tuple[str, str]]:
    return [(row.status, row.mark.name.lower()) for row in timeline(view)]


def test_an_unknown_order_has_no_rows() -> None:
    assert timeline(OrderView("A1")) == ()


def test_stages_are_done_active_and_pending() -> None:
    assert marks(order_through("placed", "accepted", "preparing")) == [
        ("placed", "done"),
        ("accepted", "done"),
        ("preparing", "active"),
        ("ready", "pending"),
        ("picked_up", "pending"),
        ("arriving", "pending"),
        ("delivered", "pending"),
    ]


def test_a_row_has_its_time_its_duration_and_the_seq_of_its_milestone() -> None:
    placed, accepted, *_ = timeline(order_through("placed", "accepted"))
    assert (placed.label, placed.at, placed.took, placed.seq) == ("Placed", at(1), timedelta(seconds=1), 1)
    assert (accepted.at, accepted.took, accepted.seq) == (at(2), None, 2)


def test_a_stage_without_a_milestone_was_skipped() -> None:
    assert marks(order_through("placed", "accepted", "ready"))[:4] == [
        ("placed", "done"),
        ("accepted", "done"),
        ("preparing", "skipped"),
        ("ready", "active"),
    ]


def test_a_stage_before_a_truncated_history_is_done_and_not_skipped() -> None:
    view = view_of(snapshot(9, "picked_up", history=(milestone(9, "picked_up"),), history_from=7))
    assert marks(view)[:5] == [
        ("placed", "done"),
        ("accepted", "done"),
        ("preparing", "done"),
        ("ready", "done"),
        ("picked_up", "active"),
    ]
    assert timeline(view)[0].at is None


def test_consecutive_milestones_of_one_status_are_one_entry() -> None:
    view = order_through("placed", "accepted", "accepted")
    assert marks(view)[:2] == [("placed", "done"), ("accepted", "active")]
    assert timeline(view)[1].at == at(2)


def test_a_quiet_update_moves_the_active_row_without_a_time() -> None:
    view = order_through("placed").join(event(2, "accepted", quiet=True))
    active = timeline(view)[1]
    assert (active.status, active.mark, active.at, active.seq) == ("accepted", Mark.ACTIVE, None, None)


def test_a_note_does_not_enter_a_stage() -> None:
    noted = replace(event(2, "placed"), milestone=milestone(2, "ready", kind=MilestoneKind.NOTE, note="Ring twice"))
    assert marks(order_through("placed").join(noted))[:2] == [("placed", "active"), ("accepted", "pending")]


def test_a_return_to_an_earlier_stage_shows_both_entries() -> None:
    statuses = ("label_created", "accepted", "in_transit", "out_for_delivery", "attempt_failed", "out_for_delivery")
    view = order_through(*statuses, parcel=True)
    assert marks(view)[3:] == [
        ("out_for_delivery", "done"),
        ("attempt_failed", "done"),
        ("out_for_delivery", "active"),
        ("delivered", "pending"),
    ]


def test_after_a_side_state_the_flow_continues_after_the_furthest_stage() -> None:
    view = order_through("label_created", "accepted", "in_transit", "out_for_delivery", "attempt_failed", parcel=True)
    assert marks(view)[3:] == [("out_for_delivery", "done"), ("attempt_failed", "active"), ("delivered", "pending")]
    assert timeline(view)[4].label == "Attempt failed"


def test_a_delivered_order_can_be_reopened_as_returning() -> None:
    view = order_through(
        "label_created", "accepted", "in_transit", "out_for_delivery", "delivered", "returning", parcel=True
    )
    assert marks(view)[4:] == [("delivered", "reopened"), ("returning", "active")]


def test_a_late_carrier_scan_does_not_move_the_active_row() -> None:
    late = replace(event(5, "in_transit"), milestone=milestone(5, "accepted", occurred_at=at(1.5)))
    late = replace(late, state=replace(late.state, status="in_transit"))
    view = view_of(
        snapshot(4, "in_transit", facts=order(flow=PARCEL),
                 history=(milestone(1, "label_created"), milestone(4, "in_transit"))),
        late,
    )  # fmt: skip
    assert marks(view) == [
        ("label_created", "done"),
        ("accepted", "done"),
        ("in_transit", "active"),
        ("out_for_delivery", "pending"),
        ("delivered", "pending"),
    ]


def test_a_late_scan_between_two_milestones_of_a_stage_does_not_add_an_entry() -> None:
    view = order_through("label_created", "accepted", "in_transit", "out_for_delivery", parcel=True)
    late = replace(event(5, "out_for_delivery"), milestone=milestone(5, "in_transit", occurred_at=at(3.5)))
    view = view.join(late).join(event(6, "out_for_delivery"))
    assert marks(view) == [
        ("label_created", "done"),
        ("accepted", "done"),
        ("in_transit", "done"),
        ("out_for_delivery", "active"),
        ("delivered", "pending"),
    ]
    assert timeline(view)[3].at == at(4)


def test_a_correction_strikes_a_milestone_and_deletes_nothing() -> None:
    corrected = replace(
        event(4, "accepted"),
        milestone=milestone(4, "accepted", kind=MilestoneKind.CORRECTION, supersedes=(3,), note="Wrong order"),
    )
    view = order_through("placed", "accepted", "picked_up").join(corrected)
    assert superseded(view) == {(EPOCH, 3)}
    assert ("picked_up", "struck") in marks(view)
    assert [row.status for row in timeline(view) if row.mark is Mark.ACTIVE] == ["accepted"]
    assert [row.status for row in timeline(view) if row.mark is Mark.PENDING] == [
        "preparing", "ready", "picked_up", "arriving", "delivered"
    ]  # fmt: skip
    assert Mark.SKIPPED not in {row.mark for row in timeline(view)}


def test_after_a_side_state_a_struck_stage_is_pending() -> None:
    view = order_through("label_created", "accepted", "in_transit", "out_for_delivery", "delivered", parcel=True)
    mistaken = milestone(6, "attempt_failed", kind=MilestoneKind.CORRECTION, supersedes=(5,))
    view = view.join(replace(event(6, "attempt_failed"), milestone=mistaken))
    assert marks(view)[4:] == [("delivered", "struck"), ("attempt_failed", "active"), ("delivered", "pending")]


def scans(*lines: Milestone) -> OrderView:
    """Return a parcel with the history `lines`."""
    return view_of(snapshot(lines[-1].seq, lines[-1].status, history=lines, facts=order(flow=PARCEL)))


def test_notes_within_a_stage_are_its_checkpoints_by_time() -> None:
    view = scans(
        milestone(1, "label_created", note="Printed"),
        milestone(2, "accepted"),
        milestone(3, "in_transit", note="Departed Hamburg"),
        milestone(4, "in_transit"),
        milestone(6, "in_transit", note="Snow", kind=MilestoneKind.NOTE),
        milestone(7, "in_transit", occurred_at=at(5), note="Arrived at Leipzig"),
    )
    update, note = MilestoneKind.UPDATE, MilestoneKind.NOTE
    assert [row.checkpoints for row in timeline(view)[:3]] == [
        (Checkpoint(at(1), update, "Printed"),),
        (),
        (
            Checkpoint(at(3), update, "Departed Hamburg"),
            Checkpoint(at(5), update, "Arrived at Leipzig"),
            Checkpoint(at(6), note, "Snow"),
        ),
    ]


def test_a_late_scan_is_a_checkpoint_of_the_stage_at_its_time() -> None:
    view = scans(
        milestone(1, "in_transit"),
        milestone(4, "out_for_delivery"),
        milestone(5, "in_transit", occurred_at=at(3), note="Sorted"),
    )
    rows = {row.status: row.checkpoints for row in timeline(view) if row.mark is not Mark.SKIPPED}
    assert [each.note for each in rows["in_transit"]] == ["Sorted"]
    assert rows["out_for_delivery"] == ()


def test_a_corrected_scan_is_struck_within_its_stage_and_the_stage_continues() -> None:
    view = scans(
        milestone(1, "in_transit", note="Arrived at Hannover"),
        milestone(2, "in_transit", note="Arrived at Köln"),
        milestone(3, "in_transit", kind=MilestoneKind.CORRECTION, supersedes=(2,)),
        milestone(4, "in_transit", note="Departed Hannover"),
    )
    [row] = [row for row in timeline(view) if row.status == "in_transit"]
    assert (row.mark, row.at) == (Mark.ACTIVE, at(1))
    assert [(each.note, each.superseded, each.kind.value) for each in row.checkpoints] == [
        ("Arrived at Hannover", False, "update"),
        ("Arrived at Köln", True, "update"),
        ("", False, "correction"),
        ("Departed Hannover", False, "update"),
    ]


def test_an_end_that_was_corrected_or_continued_is_marked_as_undone() -> None:
    ended = order_through("placed", "delivered", outcome=Outcome.DELIVERED)
    corrected_end = milestone(3, "placed", kind=MilestoneKind.CORRECTION, supersedes=(2,))
    for view in (ended.join(event(3, "placed")), ended.join(replace(event(3, "placed"), milestone=corrected_end))):
        assert [row.status for row in timeline(view) if row.undone] == ["delivered"]
    assert not any(row.undone for row in timeline(ended))
    corrected = replace(
        event(4, "placed"), milestone=milestone(4, "placed", kind=MilestoneKind.CORRECTION, supersedes=(3,))
    )
    assert not any(row.undone for row in timeline(order_through("placed", "accepted", "ready").join(corrected)))


def test_a_correction_strikes_only_milestones_of_its_epoch() -> None:
    correction = milestone(2, "accepted", kind=MilestoneKind.CORRECTION, supersedes=(1,))
    view = order_through("placed").join(replace(event(2, "accepted", epoch=EPOCH + 1), milestone=correction))
    assert superseded(view) == {(EPOCH + 1, 1)}
    assert ("placed", "done") in marks(view)


@pytest.mark.parametrize("outcome", [Outcome.CANCELLED, Outcome.REJECTED, Outcome.RETURNED, Outcome.LOST])
def test_the_remaining_stages_of_an_order_that_ended_undelivered_are_skipped(outcome: Outcome) -> None:
    view = order_through("placed", "accepted", outcome.value, outcome=outcome)
    assert marks(view) == [
        ("placed", "done"),
        ("accepted", "done"),
        (outcome.value, "ended"),
        ("preparing", "skipped"),
        ("ready", "skipped"),
        ("picked_up", "skipped"),
        ("arriving", "skipped"),
        ("delivered", "skipped"),
    ]
    assert timeline(view)[2].label == outcome.value.capitalize()


def test_every_stage_of_a_delivered_order_is_done() -> None:
    stages = [stage.id for stage in FOOD.stages]
    view = order_through(*stages, outcome=Outcome.DELIVERED)
    assert marks(view) == [(stage, "done") for stage in stages]


def test_an_order_that_loses_its_outcome_is_reopened() -> None:
    view = order_through("placed", "accepted", "cancelled", outcome=Outcome.CANCELLED).join(event(4, "accepted"))
    assert marks(view)[:5] == [
        ("placed", "done"),
        ("accepted", "done"),
        ("cancelled", "reopened"),
        ("accepted", "active"),
        ("preparing", "pending"),
    ]


def test_a_status_outside_the_flow_is_its_own_label() -> None:
    view = order_through("placed", "beamed_up")
    assert label(view, "beamed_up") == "beamed_up"
    assert marks(view)[:3] == [("placed", "done"), ("beamed_up", "active"), ("accepted", "pending")]


def test_an_order_with_an_unknown_flow_has_one_row_per_status() -> None:
    history = (milestone(1, "sown"), milestone(2, "grown"))
    view = view_of(snapshot(2, "grown", history=history, facts=order(flow=Flow("garden", ()))))
    assert marks(view) == [("sown", "done"), ("grown", "active")]


def test_an_order_without_facts_has_rows() -> None:
    assert marks(view_of(event(1), event(2, "accepted"))) == [("placed", "done"), ("accepted", "active")]


def test_a_stage_whose_end_is_before_its_start_has_no_duration() -> None:
    view = view_of(snapshot(2, "accepted", history=(milestone(1, occurred_at=at(9)), milestone(2, "accepted"))))
    assert all(row.took is None or row.took >= timedelta(0) for row in timeline(view))


@pytest.mark.parametrize(("placed_until", "excess"), [(119, None), (120, None), (120.9, None), (121, 1), (300, 180)])
def test_a_stage_exceeds_its_limit_by_at_least_a_second(placed_until: float, excess: float | None) -> None:
    history = (milestone(1, "placed", occurred_at=at(0)), milestone(2, "accepted", occurred_at=at(placed_until)))
    first, second, *_ = timeline(view_of(snapshot(2, "accepted", history=history)))
    assert exceeded_by(first, at(9_999)) == (None if excess is None else timedelta(seconds=excess))
    assert exceeded_by(second, at(placed_until + 300)) is None
    assert exceeded_by(second, at(placed_until + 301)) == timedelta(seconds=1)


def test_a_stage_without_a_limit_or_not_yet_reached_exceeds_none() -> None:
    for limit in (None, 1e300):
        flow = Flow("f", (Stage("placed", "Placed", limit), Stage("accepted", "Accepted", 1)))
        rows = timeline(view_of(snapshot(1, history=(milestone(1),), facts=order(flow=flow))))
        assert [exceeded_by(row, at(99_999)) for row in rows] == [None, None]


def ended_in_its_stage(outcome: Outcome, *, quiet: bool = False, facts: Any = None) -> OrderView:
    """Return an order that is preparing from 3 s on, and ends at 9 s without another status."""
    history = tuple(milestone(seq, status) for seq, status in enumerate(("placed", "accepted", "preparing"), start=1))
    return view_of(
        snapshot(3, "preparing", history=history, facts=facts or order()),
        event(9, "preparing", outcome=outcome, quiet=quiet),
    )


@pytest.mark.parametrize("quiet", [False, True])
def test_an_end_without_a_status_has_its_own_row_and_time(quiet: bool) -> None:
    view = ended_in_its_stage(Outcome.CANCELLED, quiet=quiet)
    _, _, stage, end, *rest = timeline(view)
    assert (stage.status, stage.mark, stage.at, stage.took) == ("preparing", Mark.DONE, at(3), timedelta(seconds=6))
    assert (end.status, end.label, end.mark, end.at) == ("cancelled", "Cancelled", Mark.ENDED, at(9))
    assert {row.mark for row in rest} == {Mark.SKIPPED}
    assert ended_at(view) == at(9)
    final = ended_by(view)
    assert (final.seq if final else None) == (None if quiet else 9)


def test_a_note_after_the_end_is_not_the_end() -> None:
    view = ended_in_its_stage(Outcome.REJECTED)
    noted = replace(event(10, "preparing", outcome=Outcome.REJECTED), milestone=milestone(10, kind=MilestoneKind.NOTE))
    assert ended_at(view.join(noted)) == at(9)


def test_a_delivery_in_an_earlier_stage_uses_the_last_stage_of_the_flow() -> None:
    rows = timeline(ended_in_its_stage(Outcome.DELIVERED))
    assert [(row.status, row.mark) for row in rows[-1:]] == [("delivered", Mark.DONE)]
    assert [row.status for row in rows].count("delivered") == 1
    assert (rows[-1].label, rows[-1].at) == ("Delivered", at(9))


def test_a_flow_may_have_another_name_for_its_last_stage() -> None:
    flow = Flow("own", (Stage("placed", "Placed"), Stage("accepted", "Accepted"), Stage("preparing", "All done")))
    rows = timeline(ended_in_its_stage(Outcome.DELIVERED, facts=order(flow=flow)))
    assert [(row.label, row.mark) for row in rows] == [
        ("Placed", Mark.DONE),
        ("Accepted", Mark.DONE),
        ("All done", Mark.DONE),
    ]
