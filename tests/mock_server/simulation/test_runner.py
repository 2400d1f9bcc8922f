"""Steps and faults of a scenario are applied when they are due."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mock_server.faults.fault_log import FaultLog
from mock_server.faults.plan import Plan
from mock_server.faults.spec import FaultError
from mock_server.gateway.gateway import Gateway
from mock_server.orders.log.base import MilestoneDraft
from mock_server.orders.log.memory import MemoryLog
from mock_server.simulation.lifecycles.steps import Step
from mock_server.simulation.runner import Simulation
from tests.support.mock_servers import draft
from tests.support.orders import START, order, state
from tracker_tui.domain.order import Order


class InstantClock:
    """A clock whose sleeps end at once."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> datetime:
        return START

    def time(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        await asyncio.sleep(0)


def step(at: float, order_id: str, milestone: MilestoneDraft | None = None, facts: Order | None = None) -> Step:
    return Step(at, order_id, state(f"at-{at:g}"), milestone, facts)


@dataclass
class Script:
    script: list[Step]
    timeline: tuple[tuple[float, str], ...] = ()

    def steps(self) -> Iterator[Step]:
        return iter(self.script)


class Setup:
    """A gateway without sockets, and the injected faults with their times."""

    def __init__(self, *steps: Step, timeline: tuple[tuple[float, str], ...] = ()) -> None:
        self.clock = InstantClock()
        fault_log = FaultLog(self.clock)
        self.log = MemoryLog(lambda: 1000)
        plan = Plan(1, fault_log, self.clock)
        self.gateway = Gateway(self.log, plan, fault_log, self.clock, heartbeat_seconds=5, node="n")
        self.injected: list[tuple[float, str]] = []
        self.simulation = Simulation(Script(list(steps), timeline), self.gateway, self.clock, self._inject)

    def _inject(self, spec: str) -> None:
        if spec == "impossible":
            raise FaultError("there is no order Z9")
        self.injected.append((self.clock.time() - 100, spec))

    async def history(self, order_id: str = "A1") -> list[tuple[int, tuple[int, ...]]]:
        snapshot = await self.log.snapshot(order_id)
        assert snapshot is not None
        return [(line.seq, line.supersedes) for line in snapshot.message.history]


def first(order_id: str = "A1", at: float = -10) -> Step:
    return step(at, order_id, draft(), order(order_id))


async def test_history_is_applied_at_the_start_and_later_steps_when_they_are_due() -> None:
    setup = Setup(first(), step(0, "A1"), step(5, "A1"), first("B2", 7.5), timeline=((6, "drop"), (7, "heal")))
    await setup.simulation.apply_history()
    assert await setup.log.heads(["A1", "B2"]) == {"A1": (await setup.log.heads(["A1"]))["A1"]}
    assert (await setup.log.heads(["A1"]))["A1"].seq == 2
    await setup.simulation.run()
    assert setup.clock.time() == 107.5
    assert setup.log.order_ids == ["A1", "B2"]
    assert setup.injected == [(6, "drop"), (7, "heal")]


async def test_corrections_refer_to_the_seqs_of_the_log() -> None:
    correction = step(2, "A1", draft(supersedes=(2,)))
    setup = Setup(first(), step(-1, "A1", draft()), correction)
    await setup.simulation.apply_history()
    await setup.log.append("A1", state(), draft(note="from elsewhere"))
    await setup.simulation.run()
    assert await setup.history() == [(1, ()), (2, ()), (3, ()), (4, (2,))]


async def test_corrections_refer_to_the_seqs_of_a_new_epoch() -> None:
    setup = Setup(first(), step(-2, "A1"), step(-1, "A1", draft()), step(2, "A1", draft(supersedes=(2, 3))))
    await setup.simulation.apply_history()
    setup.simulation.renumber(await setup.log.reopen())
    await setup.simulation.run()
    assert await setup.history() == [(1, ()), (2, ()), (3, (2,))]


async def test_an_order_that_a_fault_has_ended_stays_ended() -> None:
    setup = Setup(first(), step(1, "A1"), step(2, "A1"))
    await setup.simulation.apply_history()
    setup.gateway.ended_orders.add("A1")
    await setup.simulation.run()
    assert (await setup.log.heads(["A1"]))["A1"].seq == 1


async def test_a_fault_that_cannot_be_injected_is_skipped() -> None:
    setup = Setup(first(), step(2, "A1"), timeline=((1, "impossible"),))
    await setup.simulation.apply_history()
    await setup.simulation.run()
    assert (await setup.log.heads(["A1"]))["A1"].seq == 2
    (record,) = setup.gateway.fault_log.records()
    assert (record.fault, record.effect, record.detail) == ("timeline", "skipped", "there is no order Z9")
