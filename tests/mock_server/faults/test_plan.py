"""Armed faults: seeded, counted, timed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime

from mock_server.faults.base import Delivery, Effect, SteadyFault
from mock_server.faults.fault_log import MAX_RECORDS, FaultLog
from mock_server.faults.plan import Plan
from mock_server.faults.spec import parse_fault
from mock_server.net.clock import SystemClock
from tests.support.orders import START, event


class ManualClock:
    """A clock that the test advances."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return START

    def time(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()


def plan_of(*specs: str, seed: int = 7, clock: ManualClock | None = None) -> Plan:
    clock = clock or ManualClock()
    plan = Plan(seed, FaultLog(clock), clock)
    for spec in specs:
        fault = parse_fault(spec)
        assert isinstance(fault, SteadyFault)
        plan.arm(fault)
    return plan


def strike(plan: Plan, seq: int, slot: int = 0, *, replayed: bool = False, order_id: str = "A1") -> list[Effect]:
    return list(plan.effects_on(slot, Delivery(event(seq, order_id=order_id), replayed)))


def lost(plan: Plan, seqs: Iterable[int], slot: int = 0) -> set[int]:
    return {seq for seq in seqs if strike(plan, seq, slot)}


def test_the_same_seed_affects_the_same_versions_in_any_order_of_sending() -> None:
    there, back = plan_of("drop:probability=0.3"), plan_of("drop:probability=0.3")
    assert lost(there, range(1, 1000)) == lost(back, range(999, 0, -1))


def test_another_seed_affects_other_versions_with_the_same_probability() -> None:
    one, other = (
        lost(plan_of("drop:probability=0.3"), range(1, 2000)),
        lost(plan_of("drop:probability=0.3", seed=8), range(1, 2000)),
    )
    assert one != other
    assert 500 < len(one) < 700


def test_a_second_delivery_of_a_version_is_a_new_draw() -> None:
    plan = plan_of("drop:probability=0.5")
    outcomes = [bool(strike(plan, 1, replayed=True)) for _ in range(20)]
    assert set(outcomes) == {True, False}
    again = plan_of("drop:probability=0.5")
    assert [bool(strike(again, 1)) for _ in range(20)] == outcomes


def test_deliveries_are_counted_for_each_client() -> None:
    plan = plan_of("drop:probability=0.5")
    assert lost(plan, range(1, 200), slot=0) == lost(plan, range(1, 200), slot=1)


def test_a_counted_fault_disarms_itself() -> None:
    plan = plan_of("drop:probability=1,count=2")
    assert lost(plan, range(1, 10)) == {1, 2}
    assert plan.armed == []
    assert not plan.has_message_faults


def test_lose_tail_counts_versions_so_that_every_client_loses_the_same() -> None:
    plan = plan_of("lose-tail:count=2")
    struck = [(seq, slot) for seq in (1, 2, 3, 4) for slot in (0, 1) if strike(plan, seq, slot)]
    assert struck == [(1, 0), (1, 1), (2, 0), (2, 1)]
    assert plan.armed == []


def test_a_timed_fault_disarms_itself() -> None:
    clock = ManualClock()
    plan = plan_of("drop:probability=1,for=10", clock=clock)
    assert strike(plan, 1)
    clock.seconds = 10
    assert not strike(plan, 2)
    plan.expire()
    assert plan.armed == []


def test_a_fault_for_one_order_does_not_affect_others() -> None:
    plan = plan_of("drop:probability=1,order=A1")
    assert strike(plan, 1, order_id="A1")
    assert not strike(plan, 1, order_id="B2")


def test_healing_disarms_all_faults_and_calls_the_listeners() -> None:
    plan = plan_of("drop", "slow-hello")
    told: list[str] = []
    plan.on_heal(lambda: told.append("healed"))
    plan.heal()
    assert (plan.armed, not plan.has_message_faults, told) == ([], True, ["healed"])


async def test_healing_ends_a_pause() -> None:
    plan = plan_of()
    pause = asyncio.create_task(plan.pause(3600))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    plan.heal()
    async with asyncio.timeout(5):
        await pause


def test_the_log_keeps_the_newest_records_and_numbers_all() -> None:
    fault_log = FaultLog(SystemClock())
    for _ in range(MAX_RECORDS + 5):
        fault_log.write("drop", "dropped")
    assert [record.n for record in fault_log.records(MAX_RECORDS + 3)] == [MAX_RECORDS + 4, MAX_RECORDS + 5]
    assert len(fault_log.records()) == MAX_RECORDS
    assert fault_log.records()[0].n == 6
    assert fault_log.records(10**9) == []
