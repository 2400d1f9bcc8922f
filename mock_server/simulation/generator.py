"""The generator of a simulation's steps: all orders of a scenario as one sequence."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from itertools import count, cycle, islice
from random import Random, SystemRandom

from mock_server.orders.flows import FLOWS
from mock_server.simulation.lifecycles.lifecycle import draw_lifecycle
from mock_server.simulation.lifecycles.spec import OrderSpec
from mock_server.simulation.lifecycles.steps import Step, WallTime, lifecycle_steps
from mock_server.simulation.scenarios.scenario import Scenario

_FIRST_GENERATED_NUMBER = 1043
"""The number in the id of the first generated order."""


class StepGenerator:
    """Generates the steps of a scenario's orders. Pure: the same seed gives the same steps.

    Args:
        scenario: The scenario.
        seed: Determines every random choice; None for a random seed.
        speed: Simulated seconds per real second. All times in a step are wall-clock times.
        orders: The number of orders. Missing orders are generated from the scenario's orders as templates. None for
            the scenario's own number.
        started_at: The wall-clock time of the start.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        seed: int | None,
        speed: float = 1.0,
        orders: int | None = None,
        started_at: datetime,
    ) -> None:
        self._seed = SystemRandom().getrandbits(64) if seed is None else seed
        self._speed = speed
        # Times are sent in milliseconds: sent and received times must be equal.
        self._started_at = started_at.replace(microsecond=started_at.microsecond // 1000 * 1000)
        self._specs = self._order_specs(scenario, scenario.fill if orders is None else orders)
        self._timeline = tuple((at / speed, fault) for at, fault in scenario.timeline)

    @property
    def order_ids(self) -> tuple[str, ...]:
        """The ids of all orders, including those that will be placed later."""
        return tuple(spec.id for spec in self._specs)

    @property
    def timeline(self) -> tuple[tuple[float, str], ...]:
        """The scenario's faults, each with its real seconds after the start."""
        return self._timeline

    def steps(self) -> Iterator[Step]:
        """Yield the steps of all orders in order of `at`; they are computed on demand."""
        return heapq.merge(*map(self._order_steps, self._specs), key=lambda step: step.at)

    def _order_steps(self, spec: OrderSpec) -> Iterator[Step]:
        lifecycle = draw_lifecycle(spec, self._random(spec.id, "life"))
        wall = WallTime(self._started_at, lifecycle.start, spec.appears, lifecycle.pace, self._speed)
        return lifecycle_steps(spec, lifecycle, wall, self._random(spec.id, "positions"))

    def _order_specs(self, scenario: Scenario, order_count: int | None) -> tuple[OrderSpec, ...]:
        scenario_orders = scenario.orders
        if order_count is None or order_count <= len(scenario_orders):
            return scenario_orders[:order_count]
        taken = {spec.id for spec in scenario_orders}
        free = (generated for number in count(_FIRST_GENERATED_NUMBER) if (generated := f"A{number}") not in taken)
        templates = zip(free, cycle(scenario_orders), strict=False)
        return scenario_orders + tuple(
            self._variant(template, order_id)
            for order_id, template in islice(templates, order_count - len(scenario_orders))
        )

    def _variant(self, template: OrderSpec, order_id: str) -> OrderSpec:
        """Return an order like `template`, for another customer and at another stage."""
        rng = self._random(order_id, "template")
        progress = rng.uniform(0.05, 0.9)
        pace = (template.pace or 1.0) * rng.uniform(0.5, 1.0)
        return replace(
            template,
            id=order_id,
            title=None,
            customer=None,
            city=None,
            notes=(),
            # Generated orders exist at the start, so that N orders can be watched at once.
            start=template.start or FLOWS[template.flow].stages[0].id,
            appears=0.0,
            progress=progress,
            pace=None if template.lasts is not None else pace,
            lasts=None if template.lasts is None else template.lasts * rng.uniform(1.0, 2.0),
        )

    def _random(self, order_id: str, purpose: str) -> Random:
        # A generator for each order, so that another number of orders changes no other order.
        digest = blake2b(f"{self._seed}/{order_id}/{purpose}".encode(), digest_size=8).digest()
        return Random(int.from_bytes(digest))
