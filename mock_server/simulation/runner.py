"""The runner of a simulation: applies steps and injects a scenario's faults when they are due."""

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
    """Applies steps to a server's event log.

    Args:
        source: The steps and faults.
        gateway: The server's state.
        clock: The clock.
        inject: Injects a fault of the timeline; `heal` heals all faults.
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
        """Return the simulation of a bundled scenario or a file.

        Raises:
            ScenarioError: The scenario does not exist or is not valid.
            FaultError: A fault of its timeline is not valid.
        """
        from mock_server.simulation.generator import StepGenerator  # noqa: PLC0415
        from mock_server.simulation.scenarios.scenario import load_scenario  # noqa: PLC0415  (a server without a scenario starts without them)

        started_at: datetime = clock.now()
        generator = StepGenerator(load_scenario(name), seed=seed, speed=speed, orders=orders, started_at=started_at)
        for _, spec in generator.timeline:
            try:
                is_heal(spec) or parse_fault(spec)
            except FaultError as error:
                raise FaultError(f"scenario {name}, timeline: {error}") from error
        return cls(generator, gateway, clock, inject)

    async def apply_history(self) -> None:
        """Apply the steps before the start."""
        while self._next_step is not None and self._next_step.at <= 0:
            await self._apply(self._next_step)

    async def run(self) -> None:
        """Apply every step and inject every fault of the timeline when it is due."""
        start = self._clock.time()
        while self._next_step is not None or self._timeline:
            step_at = self._next_step.at if self._next_step is not None else float("inf")
            fault_at = self._timeline[0][0] if self._timeline else float("inf")
            wait = start + min(step_at, fault_at) - self._clock.time()
            # Sleep even when late, so that other tasks run during a burst of steps.
            await self._clock.sleep(max(0.0, wait))
            if fault_at <= step_at:
                self._inject_fault(self._timeline.pop(0)[1])
            elif self._next_step is not None:
                await self._apply(self._next_step)

    def renumber(self, numbers: Mapping[str, Mapping[int, int]]) -> None:
        """Apply the seqs of a new epoch; a milestone that the log has forgotten gets 0."""
        for order_id, seqs in self._seqs.items():
            new = numbers.get(order_id, {})
            self._seqs[order_id] = [new.get(seq, 0) for seq in seqs]

    def _inject_fault(self, spec: str) -> None:
        try:
            self._inject(spec)
        except FaultError as error:
            # The order does not exist, or not yet: skip the fault and continue.
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
