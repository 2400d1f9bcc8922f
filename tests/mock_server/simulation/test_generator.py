from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise, takewhile
from pathlib import Path

import pytest

from mock_server.simulation.generator import StepGenerator
from mock_server.simulation.lifecycles.path import distance_metres
from mock_server.simulation.lifecycles.steps import Step
from mock_server.simulation.scenarios.scenario import Scenario, load_scenario, scenario_names
from tracker_tui.domain.event import Event, Snapshot
from tracker_tui.domain.order import Milestone, MilestoneKind, Order, Outcome
from tracker_tui.wire.codec import decode, encode

START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def simulate(
    scenario: str | Scenario, *, seed: int | None = 1, speed: float = 1.0, start: datetime = START
) -> list[Step]:
    loaded = load_scenario(scenario) if isinstance(scenario, str) else scenario
    return list(StepGenerator(loaded, seed=seed, speed=speed, started_at=start).steps())


def by_order(steps: list[Step]) -> dict[str, list[Step]]:
    orders: defaultdict[str, list[Step]] = defaultdict(list)
    for step in steps:
        orders[step.order_id].append(step)
    return orders


def only(tmp_path: Path, text: str) -> Scenario:
    file = tmp_path / "own.toml"
    file.write_text(text)
    return load_scenario(str(file))


def offsets(value: object, start: datetime) -> object:
    """Return `value` with every time as an offset from `start`."""
    if isinstance(value, datetime):
        return value - start
    if isinstance(value, tuple | list):
        return [offsets(item, start) for item in value]
    if is_dataclass(value):
        return {field.name: offsets(getattr(value, field.name), start) for field in fields(value)}
    return value


def numbered(steps: list[Step]) -> Iterator[tuple[int, Step, Milestone | None]]:
    """Return the steps of one order by their seq."""
    for seq, step in enumerate(steps, start=1):
        draft = step.milestone
        yield (
            seq,
            step,
            None
            if draft is None
            else Milestone(
                seq, draft.kind, draft.status, draft.occurred_at, draft.note, draft.source, draft.supersedes
            ),
        )


@pytest.mark.parametrize("name", scenario_names())
def test_the_same_seed_gives_the_same_steps_at_any_time(name: str) -> None:
    later = START + timedelta(days=31, milliseconds=17)
    assert offsets(simulate(name), START) == offsets(simulate(name, start=later), later)


def test_another_seed_gives_other_steps() -> None:
    assert simulate("quick", seed=1) != simulate("quick", seed=2)


def test_without_a_seed_every_run_is_different() -> None:
    assert simulate("quick", seed=None) != simulate("quick", seed=None)


def test_an_additional_order_changes_no_other_order() -> None:
    scenario = load_scenario("default")
    few = StepGenerator(scenario, seed=5, orders=3, started_at=START)
    many = StepGenerator(scenario, seed=5, orders=30, started_at=START)
    among_many = [step for step in many.steps() if step.order_id in few.order_ids]
    assert list(few.steps()) == among_many


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", scenario_names())
def test_every_order_ends_as_its_scenario_specifies(name: str, seed: int) -> None:
    scenario = load_scenario(name)
    orders = by_order(simulate(scenario, seed=seed))
    for spec in scenario.orders:
        steps = orders[spec.id]
        assert steps[-1].state.outcome is spec.ending
        assert len(steps) < 2_000
        assert steps[-1].at < 3 * 3600


@pytest.mark.parametrize("name", scenario_names())
def test_steps_come_in_order_of_time(name: str) -> None:
    steps = simulate(name)
    assert all(before.at <= after.at for before, after in pairwise(steps))


@pytest.mark.parametrize("name", scenario_names())
def test_every_step_can_be_encoded(name: str) -> None:
    for order_id, steps in by_order(simulate(name)).items():
        order: Order | None = None
        history: list[Milestone] = []
        for seq, step, milestone in numbered(steps):
            order = step.order or order
            assert order is not None, "the facts come with the first step"
            assert order.id == order_id
            if milestone is not None:
                history.append(milestone)
            event = Event(order_id, 1, seq, step.state, milestone)
            assert decode(encode(event)) == event
        assert order is not None
        snapshot = Snapshot(order_id, 1, len(steps), order, steps[-1].state, tuple(history[-500:]), 1)
        text = encode(snapshot)
        assert decode(text) == snapshot
        assert len(text.encode()) < 64 << 10


@pytest.mark.parametrize("name", scenario_names())
def test_a_correction_supersedes_earlier_milestones_of_its_own_order(name: str) -> None:
    for steps in by_order(simulate(name)).values():
        lines = {seq for seq, _, milestone in numbered(steps) if milestone is not None}
        for seq, _, milestone in numbered(steps):
            if milestone is not None:
                assert bool(milestone.supersedes) == (milestone.kind is MilestoneKind.CORRECTION)
                assert all(struck < seq and struck in lines for struck in milestone.supersedes)


@pytest.mark.parametrize("name", scenario_names())
def test_the_promised_time_never_changes(name: str) -> None:
    for steps in by_order(simulate(name)).values():
        assert len({step.order.promised_at for step in steps if step.order is not None}) == 1


@pytest.mark.parametrize("speed", [1.0, 10.0])
def test_every_time_in_a_message_is_wall_clock_time(speed: float) -> None:
    for step in simulate("parcel", speed=speed):
        now = START + timedelta(milliseconds=round(step.at * 1000))
        assert step.state.updated_at == now
        if step.milestone is not None:
            assert step.milestone.occurred_at <= now
        if step.state.location is not None:
            assert step.state.location.captured_at <= now
        if step.state.eta is not None:
            assert now <= step.state.eta.earliest <= step.state.eta.latest


def test_speed_shortens_lifecycles_and_history() -> None:
    slow, fast = simulate("default"), simulate("default", speed=10)
    assert [round(step.at / 10, 2) for step in slow] == pytest.approx([step.at for step in fast], abs=0.011)
    assert sum(step.at <= 0 for step in slow) == sum(step.at <= 0 for step in fast)


def test_speed_moves_the_timeline() -> None:
    generator = StepGenerator(load_scenario("flaky"), seed=1, speed=5, started_at=START)
    assert generator.timeline[0] == (1.0, "drop:probability=0.3")


def test_times_are_whole_milliseconds() -> None:
    steps = simulate("quick", start=START + timedelta(microseconds=123_456))
    assert all(step.state.updated_at.microsecond % 1000 == 0 for step in steps)


def test_positions_come_every_three_to_five_seconds_without_a_milestone() -> None:
    riding = [step for step in simulate("demo") if step.order_id == "A1042" and step.state.status == "picked_up"]
    gaps = [after.at - before.at for before, after in pairwise(riding)]
    assert max(gaps) <= 5.001
    assert sum(3 <= gap <= 5.001 for gap in gaps) > 0.8 * len(gaps)
    assert sum(step.milestone is None for step in riding) > 0.8 * len(riding)


def test_a_courier_follows_the_route_to_the_door() -> None:
    steps = by_order(simulate("demo"))["A1042"]
    order = steps[0].order
    assert order is not None
    assert order.origin is not None
    assert order.destination is not None
    assert 20 < len(order.route) <= 200
    located = [(step.at, step.state.location) for step in steps if step.state.location is not None]
    seen = [(location.lat, location.lon) for _, location in located]
    assert distance_metres(seen[0], (order.origin.lat, order.origin.lon)) < 30
    assert distance_metres(seen[-1], (order.destination.lat, order.destination.lon)) < 30
    assert all(min(distance_metres(point, corner) for corner in order.route) < 70 for point in seen)
    # In the demo, couriers move at up to three times 6 m/s; positions are inaccurate by some metres.
    seconds = [after - before for (before, _), (after, _) in pairwise(located)]
    hops = [distance_metres(before, after) for before, after in pairwise(seen)]
    assert all(hop < 20 * gap + 25 for hop, gap in zip(hops, seconds, strict=True))


@pytest.mark.parametrize("seed", range(10))
def test_the_demo_shows_events_within_20_seconds(seed: int) -> None:
    steps = by_order(simulate("demo", seed=seed))["A1042"]
    present = [step for step in steps if step.at <= 0][-1]
    soon = [step for step in steps if 0 < step.at <= 20]
    assert present.state.outcome is None
    assert len({step.state.status for step in [present, *soon]}) > 1
    assert len({step.state.location for step in soon}) >= 3
    assert present.state.eta is not None
    latest = max(step.state.eta.latest for step in soon if step.state.eta)
    assert latest > present.state.eta.latest + timedelta(seconds=10)
    assert 180 <= steps[-1].at <= 240
    assert steps[-1].state.outcome is Outcome.DELIVERED


@pytest.mark.parametrize("seed", range(10))
def test_the_quick_order_passes_every_stage_within_20_seconds(seed: int) -> None:
    steps = simulate("quick", seed=seed)
    assert {step.order_id for step in steps} == {"A1"}
    assert [step.at for step in steps if step.at <= 0] == [0.0]
    assert 15 <= steps[-1].at <= 20
    assert len(steps) >= 40
    order = steps[0].order
    assert order is not None
    assert list(dict.fromkeys(step.state.status for step in steps)) == [stage.id for stage in order.flow.stages]


@pytest.mark.parametrize("seed", range(10))
def test_the_cancelled_order_is_cancelled_within_8_seconds(seed: int) -> None:
    steps = simulate("cancelled", seed=seed)
    assert 2 < steps[-1].at <= 8
    assert steps[-2].state.outcome is None
    assert (steps[-1].state.outcome, steps[-1].state.eta) == (Outcome.CANCELLED, None)


def test_the_order_of_the_readme_is_picked_up_and_delivered_minutes_later() -> None:
    steps = by_order(simulate("default"))["A1042"]
    assert [step for step in steps if step.at <= 0][-1].state.outcome is None
    assert 180 < steps[-1].at < 900
    assert steps[-1].state.outcome is Outcome.DELIVERED


def test_a_parcel_has_late_scans_corrections_failed_attempts_and_changed_facts() -> None:
    steps = by_order(simulate("parcel"))["P1"]
    stages = ["label_created", "accepted", "in_transit", "out_for_delivery", "delivered"]
    late = [
        step
        for step in steps
        if step.milestone is not None
        and step.milestone.status in stages
        and step.state.status in stages
        and stages.index(step.milestone.status) < stages.index(step.state.status)
    ]
    assert [step.milestone.occurred_at < step.state.updated_at for step in late if step.milestone] == [True]
    assert [step.state.attempt for step in steps if step.state.status == "out_for_delivery"][-1] == 2
    assert any("action_required" in step.state.flags for step in steps if step.state.status == "held")
    facts = [step.order for step in steps if step.order is not None]
    assert len({order.destination for order in facts}) == len(facts) == 2


def test_a_slipping_eta_flags_the_order_as_delayed_and_can_recover(tmp_path: Path) -> None:
    scenario = only(tmp_path, '[[orders]]\nid = "A1"\nslips = 2\n')
    flags = [step.state.flags for step in simulate(scenario)]
    assert ("delayed",) in flags
    assert flags[-1] == ()
    assert () in flags[flags.index(("delayed",)) :]


def test_a_reopened_order_ends_twice(tmp_path: Path) -> None:
    for flow in ("food", "parcel"):
        scenario = only(tmp_path, f'[[orders]]\nid = "A1"\nflow = "{flow}"\ntwists = ["reopened"]\n')
        outcomes = [step.state.outcome for step in simulate(scenario)]
        ends = [index for index, outcome in enumerate(outcomes) if outcome is Outcome.DELIVERED]
        assert len(ends) == 2
        assert outcomes[ends[0] + 1] is None


def test_a_silent_courier_sends_no_positions_during_delivery(tmp_path: Path) -> None:
    scenario = only(tmp_path, '[[orders]]\nid = "A1"\ntwists = ["silent_courier"]\n')
    riding = [step.state for step in simulate(scenario) if step.state.status == "picked_up"]
    assert len({state.location for state in riding}) == 1


def test_an_ended_order_has_history_only(tmp_path: Path) -> None:
    scenario = only(tmp_path, '[[orders]]\nid = "A1"\nstart = "ended"\nending = "cancelled"\n')
    steps = simulate(scenario)
    assert steps[-1].at < 0
    assert steps[-1].state.outcome is Outcome.CANCELLED


def test_an_order_that_appears_later_has_no_history_at_the_start(tmp_path: Path) -> None:
    scenario = only(tmp_path, '[[orders]]\nid = "A1"\nappears = 40\n')
    first = simulate(scenario, speed=2)[0]
    assert (first.at, first.state.status) == (20.0, "placed")
    assert first.order is not None
    assert first.order.placed_at == START + timedelta(seconds=20)


def test_a_thousand_orders_exist_at_the_start_and_their_steps_are_computed_on_demand() -> None:
    generator = StepGenerator(load_scenario("default"), seed=3, orders=1_000, started_at=START)
    assert len(set(generator.order_ids)) == 1_000
    steps = generator.steps()
    history = list(takewhile(lambda step: step.at <= 0, steps))
    placed_later = {spec.id for spec in load_scenario("default").orders if spec.appears}
    assert {step.order_id for step in history} == set(generator.order_ids) - placed_later
    assert len(list(islice(steps, 500))) == 500


def test_orders_generated_from_one_template_have_different_customers_and_ages() -> None:
    generator = StepGenerator(load_scenario("quick"), seed=1, orders=20, started_at=START)
    made = [steps[0].order for steps in by_order(list(generator.steps())).values()][1:]
    assert len({order.customer for order in made if order}) > 5
    assert len({order.destination for order in made if order}) == 19
    assert len({order.placed_at for order in made if order}) == 19


@pytest.mark.parametrize("name", scenario_names())
def test_every_bundled_scenario_can_be_extended_with_generated_orders(name: str) -> None:
    generator = StepGenerator(load_scenario(name), seed=1, orders=60, started_at=START)
    created = {step.order_id for step in takewhile(lambda step: step.at <= 0, generator.steps())}
    placed_later = {spec.id for spec in load_scenario(name).orders if spec.appears}
    assert created == set(generator.order_ids) - placed_later


def test_fewer_orders_are_the_first_of_the_scenario() -> None:
    scenario = load_scenario("default")
    generator = StepGenerator(scenario, seed=1, orders=2, started_at=START)
    assert generator.order_ids == tuple(spec.id for spec in scenario.orders[:2])


def test_the_busy_board_has_forty_orders_in_all_conditions() -> None:
    orders = by_order([step for step in simulate("busy") if step.at <= 0])
    assert len(orders) == 40
    present = [steps[-1].state for steps in orders.values()]
    assert {state.status for state in present} >= {
        "placed",
        "preparing",
        "picked_up",
        "in_transit",
        "held",
        "returning",
    }
    assert {state.outcome for state in present} >= {None, Outcome.DELIVERED, Outcome.CANCELLED, Outcome.RETURNED}
    assert any("delayed" in state.flags for state in present)
