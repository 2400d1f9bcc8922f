"""The steps of a lifecycle in wall-clock time: keyframes, and the courier's positions between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

from mock_server.orders.flows import FLOWS
from mock_server.orders.log.base import MilestoneDraft
from mock_server.simulation.lifecycles.keyframe import Keyframe, MilestonePlan, interpolate
from mock_server.simulation.lifecycles.lifecycle import Lifecycle
from mock_server.simulation.lifecycles.path import offset_point
from mock_server.simulation.lifecycles.spec import OrderSpec
from tracker_tui.domain.order import Eta, Links, Location, Order, OrderState, Place, Precision

_HALF_WINDOW = {Precision.DAY: 6 * 3600.0, Precision.HOUR: 3600.0, Precision.MINUTE: 60.0}
"""Minimum seconds by which an ETA may be wrong, by precision."""

_TOLERANCE = 60.0
"""Seconds after the promised time from which an order counts as delayed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One version of an order: every step becomes one event, numbered from 1 within its order.

    Attributes:
        at: Real seconds after the server's start; up to 0 for history that exists at the start.
        state: The whole state from then on.
        milestone: The milestone that it adds to history; None for a position or ETA update.
        order: The facts, at creation and whenever one has changed.
    """

    at: float
    order_id: str
    state: OrderState
    milestone: MilestoneDraft | None
    order: Order | None


@dataclass(frozen=True, slots=True)
class WallTime:
    """The mapping of an order's lifecycle to real time, `pace` times faster after the start.

    Attributes:
        start: The second of the lifecycle at the server's start, or at the order's appearance.
        appears: Simulated seconds between the server's start and `start`.
        speed: Simulated seconds per real second.
    """

    started_at: datetime
    start: float
    appears: float
    pace: float
    speed: float

    def at(self, second: float) -> float:
        """Return the real seconds after the server's start, in whole milliseconds."""
        since = second - self.start
        return round((self.appears + (since if since <= 0 else since / self.pace)) / self.speed, 3)

    def time(self, second: float) -> datetime:
        """Return the wall-clock time of a second of the lifecycle."""
        return self.started_at + timedelta(milliseconds=round(self.at(second) * 1000))


def lifecycle_steps(spec: OrderSpec, lifecycle: Lifecycle, wall_time: WallTime, rng: Random) -> Iterator[Step]:
    """Yield the steps of a lifecycle, in order of time."""
    writer = _StepWriter(spec, lifecycle, wall_time, rng)
    for keyframe, following in pairwise(lifecycle.keyframes):
        yield writer.step(keyframe)
        yield from writer.positions(keyframe, following)
    yield writer.step(lifecycle.keyframes[-1])


class _StepWriter:
    """Writes steps; remembers their number, the courier's last position and the sent facts."""

    def __init__(self, spec: OrderSpec, lifecycle: Lifecycle, wall_time: WallTime, rng: Random) -> None:
        self._spec = spec
        self._lifecycle = lifecycle
        self._wall_time = wall_time
        self._rng = rng
        self._step_count = 0
        self._seqs: dict[MilestonePlan, int] = {}
        self._destination: Place | None = None
        self._last_seen: tuple[Place | None, float | None] = (None, None)
        self._location: Location | None = None

    def step(self, keyframe: Keyframe) -> Step:
        """Return the next step."""
        self._step_count += 1
        milestone = None if keyframe.milestone is None else self._milestone(keyframe.milestone)
        order = None
        if keyframe.destination != self._destination:
            self._destination = keyframe.destination
            order = self._order(keyframe.destination)
        if keyframe.reporting and self._last_seen != (keyframe.place, keyframe.along):
            self._last_seen = (keyframe.place, keyframe.along)
            self._location = self._locate(keyframe)
        return Step(self._wall_time.at(keyframe.at), self._spec.id, self._state(keyframe), milestone, order)

    def positions(self, keyframe: Keyframe, following: Keyframe) -> Iterator[Step]:
        """Yield the courier's positions between two keyframes: one at the start, then one every few seconds."""
        if not keyframe.reporting or keyframe.along is None or following.along is None or keyframe.outcome is not None:
            return
        seconds = self._lifecycle.position_seconds * self._lifecycle.pace
        at = keyframe.at
        if at < self._lifecycle.start < following.at:
            at = self._lifecycle.start
            yield self.step(interpolate(keyframe, following, at))
        while self._lifecycle.start <= at:
            at += seconds * self._rng.uniform(0.75, 1.25)
            if at >= following.at:
                return
            # A courier who does not move sends positions, too.
            self._last_seen = (None, None)
            yield self.step(interpolate(keyframe, following, at))

    def _milestone(self, milestone: MilestonePlan) -> MilestoneDraft:
        self._seqs[milestone] = self._step_count
        return MilestoneDraft(
            kind=milestone.kind,
            status=milestone.status,
            occurred_at=self._wall_time.time(milestone.occurred),
            note=milestone.note,
            source=milestone.source,
            supersedes=tuple(self._seqs[corrected] for corrected in milestone.corrects),
        )

    def _state(self, keyframe: Keyframe) -> OrderState:
        late = keyframe.expected is not None and keyframe.expected > self._lifecycle.promised + _TOLERANCE
        return OrderState(
            status=keyframe.status,
            outcome=keyframe.outcome,
            eta=self._eta(keyframe),
            location=self._location,
            flags=("delayed", *keyframe.flags) if late else keyframe.flags,
            courier=keyframe.courier,
            attempt=keyframe.attempt,
            updated_at=self._wall_time.time(keyframe.at),
        )

    def _eta(self, keyframe: Keyframe) -> Eta | None:
        if keyframe.expected is None:
            return None
        half = max(_HALF_WINDOW[keyframe.precision], 0.1 * (keyframe.expected - keyframe.at))
        earliest = max(keyframe.at, keyframe.expected - half)
        latest = max(earliest + half, keyframe.expected + half)
        return Eta(self._wall_time.time(earliest), self._wall_time.time(latest), keyframe.precision)

    def _locate(self, keyframe: Keyframe) -> Location | None:
        captured = self._wall_time.time(keyframe.at)
        if keyframe.along is not None:
            accuracy = self._rng.uniform(4, 15)
            point = self._lifecycle.journey.path.at(keyframe.along)
            lat, lon = offset_point(point, self._rng.gauss(0, accuracy / 4), self._rng.gauss(0, accuracy / 4))
            return Location(round(lat, 6), round(lon, 6), captured, accuracy_m=round(accuracy, 1))
        if keyframe.place is not None:
            return Location(keyframe.place.lat, keyframe.place.lon, captured, label=keyframe.place.label)
        return None

    def _order(self, destination: Place) -> Order:
        spec, lifecycle = self._spec, self._lifecycle
        return Order(
            id=spec.id,
            title=lifecycle.title,
            flow=FLOWS[spec.flow],
            placed_at=self._wall_time.time(0.0),
            customer=lifecycle.customer,
            promised_at=self._wall_time.time(lifecycle.promised),
            origin=lifecycle.journey.origin,
            destination=destination,
            route=lifecycle.journey.route,
            links=Links(f"https://orders.example/{spec.id}"),
        )
