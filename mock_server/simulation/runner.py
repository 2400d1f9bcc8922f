"""Lets a simulator's steps happen when they are due, and a scenario's faults too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from mock_server.faults.spec import FaultError, is_heal, parse_fault
from mock_server.gateway.gateway import Gateway
from mock_server.net.clock import Clock

if TYPE_CHECKING:
    from mock_server.simulation.lifecycles.steps import Step


class StepSource(Protocol):
    """The source of a simulation's steps and faults: a `StepGenerator`, or a script in a test."""

    @property
    def timeline(self) -> Iterable[tuple[float, str]]:
        """The faults to inject, each with its seconds after the start."""

    def steps(self) -> Iterator[Step]:
        """Return all steps in order of `at`."""


class Simulation:
    """Applies steps to the log of a gateway.

    Args:
        source: What happens.
        gateway: Where it happens.
        clock: When.
        inject: Injects a fault of the timeline; `heal` heals.
    """

    def __init__(self, source: StepSource, gateway: Gateway, clock: Clock, inject: Callable[[str], object]) -> None:
        self._gateway = gateway
        self._clock = clock
        self._inject = inject
        self._steps = source.steps()
        self._timeline = sorted(source.timeline)
        self._next_step: Step | None = next(self._steps, None)
        self._seqs: dict[str, list[int]] = {}

    @classmethod
    def of_scenario(
        cls,
        name: str,
        *,
        seed: int | None,
        speed: float,
        orders: int | None,
        gateway: Gateway,
        clock: Clock,
        inject: Callable[[str], object],
    ) -> Simulation:
        """The simulation of a scenario, bundled or in a file.

        Raises:
            ScenarioError: There is no such scenario, or it makes no sense.
            FaultError: Its timeline names a fault or a parameter that there isn't.
        """
        from mock_server.simulation.generator import StepGenerator  # noqa: PLC0415
        from mock_server.simulation.scenarios.scenario import load_scenario  # noqa: PLC0415  (a server without a scenario needs neither)

        started_at: datetime = clock.now()
        generator = StepGenerator(load_scenario(name), seed=seed, speed=speed, orders=orders, started_at=started_at)
        for _, spec in generator.timeline:
            try:
                is_heal(spec) or parse_fault(spec)
            except FaultError as error:
                raise FaultError(f"scenario {name}, timeline: {error}") from error
        return cls(generator, gateway, clock, inject)

    async def apply_history(self) -> None:
        """Apply what lies before the start."""
        while self._next_step is not None and self._next_step.at <= 0:
            await self._apply(self._next_step)

    async def run(self) -> None:
        """Apply every step and every fault of the timeline when it is due."""
        start = self._clock.time()
        while self._next_step is not None or self._timeline:
            step_at = self._next_step.at if self._next_step is not None else float("inf")
            fault_at = self._timeline[0][0] if self._timeline else float("inf")
            wait = start + min(step_at, fault_at) - self._clock.time()
            # Even when late, so that a burst of steps leaves the loop to everyone else in between.
            await self._clock.sleep(max(0.0, wait))
            if fault_at <= step_at:
                self._inject_fault(self._timeline.pop(0)[1])
            elif self._next_step is not None:
                await self._apply(self._next_step)

    def renumber(self, numbers: Mapping[str, Mapping[int, int]]) -> None:
        """Take over the seqs of a new epoch; a line that it has forgotten gets 0."""
        for order_id, seqs in self._seqs.items():
            new = numbers.get(order_id, {})
            self._seqs[order_id] = [new.get(seq, 0) for seq in seqs]

    def _inject_fault(self, spec: str) -> None:
        try:
            self._inject(spec)
        except FaultError as error:
            # It speaks of an order that there isn't, or isn't yet; the orders that there are live on.
            self._gateway.fault_log.write("timeline", "skipped", None, str(error))

    async def _apply(self, step: Step) -> None:
        self._next_step = next(self._steps, None)
        seqs = self._seqs.setdefault(step.order_id, [])
        if step.order_id in self._gateway.ended_orders:
            return
        milestone = step.milestone
        if milestone is not None and milestone.supersedes:
            earlier = tuple(seq for n in milestone.supersedes if n <= len(seqs) and (seq := seqs[n - 1]))
            milestone = replace(milestone, supersedes=earlier)
        event = await self._gateway.log.append(step.order_id, step.state, milestone, step.order)
        seqs.append(event.message.seq)
