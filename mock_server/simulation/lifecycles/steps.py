"""A life told in wall time: beats become numbered steps, with the courier's positions between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

from mock_server.orders.flows import FLOWS
from mock_server.orders.log.base import MilestoneDraft
from mock_server.simulation.lifecycles.keyframe import Beat, Line, between
from mock_server.simulation.lifecycles.lifecycle import Life
from mock_server.simulation.lifecycles.path import moved
from mock_server.simulation.lifecycles.spec import OrderSpec
from tracker_tui.domain.order import Eta, Links, Location, Order, OrderState, Place, Precision

_HALF_WINDOW = {Precision.DAY: 6 * 3600.0, Precision.HOUR: 3600.0, Precision.MINUTE: 60.0}
"""Seconds of life by which an ETA may be off, at least."""

_TOLERANCE = 60.0
"""Seconds of life after the promised time from which an order counts as delayed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One version of an order: every step becomes one event, numbered from 1 within its order.

    Attributes:
        at: Real seconds after the server's start; not above 0 = history that exists at the start.
        state: The whole state from then on.
        milestone: The line that it adds to history; None for a position or ETA update.
        order: The facts, given at creation and whenever one has changed.
    """

    at: float
    order_id: str
    state: OrderState
    milestone: MilestoneDraft | None
    order: Order | None


@dataclass(frozen=True, slots=True)
class WallTime:
    """How an order's seconds of life lie in real time: as they are before the start, `pace` times as dense after it.

    Attributes:
        start: Which second of the life is the server's start, or the order's appearing.
        appears: Simulated seconds after the server's start at which that is.
        speed: Simulated seconds in a real one.
    """

    started_at: datetime
    start: float
    appears: float
    pace: float
    speed: float

    def at(self, second: float) -> float:
        """Real seconds after the server's start, in whole milliseconds."""
        since = second - self.start
        return round((self.appears + (since if since <= 0 else since / self.pace)) / self.speed, 3)

    def time(self, second: float) -> datetime:
        """The wall time of a second of life."""
        return self.started_at + timedelta(milliseconds=round(self.at(second) * 1000))


def tell(spec: OrderSpec, life: Life, wall: WallTime, rng: Random) -> Iterator[Step]:
    """Tell a life step by step, in order of time."""
    teller = _Teller(spec, life, wall, rng)
    for beat, following in pairwise(life.beats):
        yield teller.step(beat)
        yield from teller.positions(beat, following)
    yield teller.step(life.beats[-1])


class _Teller:
    """Remembers what has been told: how many steps, where the courier was seen, which facts were given."""

    def __init__(self, spec: OrderSpec, life: Life, wall: WallTime, rng: Random) -> None:
        self._spec = spec
        self._life = life
        self._wall = wall
        self._rng = rng
        self._told = 0
        self._seqs: dict[Line, int] = {}
        self._destination: Place | None = None
        self._seen: tuple[Place | None, float | None] = (None, None)
        self._location: Location | None = None

    def step(self, beat: Beat) -> Step:
        """The next step."""
        self._told += 1
        milestone = None if beat.line is None else self._milestone(beat.line)
        order = None
        if beat.destination != self._destination:
            self._destination = beat.destination
            order = self._order(beat.destination)
        if beat.reporting and self._seen != (beat.place, beat.along):
            self._seen = (beat.place, beat.along)
            self._location = self._locate(beat)
        return Step(self._wall.at(beat.at), self._spec.id, self._state(beat), milestone, order)

    def positions(self, beat: Beat, following: Beat) -> Iterator[Step]:
        """The courier's positions between two beats: one for the start, and from there on a few seconds apart."""
        if not beat.reporting or beat.along is None or following.along is None or beat.outcome is not None:
            return
        seconds = self._life.position_seconds * self._life.pace
        at = beat.at
        if at < self._life.start < following.at:
            at = self._life.start
            yield self.step(between(beat, following, at))
        while self._life.start <= at:
            at += seconds * self._rng.uniform(0.75, 1.25)
            if at >= following.at:
                return
            # Also one who stands still is seen anew.
            self._seen = (None, None)
            yield self.step(between(beat, following, at))

    def _milestone(self, line: Line) -> MilestoneDraft:
        self._seqs[line] = self._told
        return MilestoneDraft(
            kind=line.kind,
            status=line.status,
            occurred_at=self._wall.time(line.at),
            note=line.note,
            source=line.source,
            supersedes=tuple(self._seqs[struck] for struck in line.strikes),
        )

    def _state(self, beat: Beat) -> OrderState:
        late = beat.expected is not None and beat.expected > self._life.promised + _TOLERANCE
        return OrderState(
            status=beat.status,
            outcome=beat.outcome,
            eta=self._eta(beat),
            location=self._location,
            flags=("delayed", *beat.flags) if late else beat.flags,
            courier=beat.courier,
            attempt=beat.attempt,
            updated_at=self._wall.time(beat.at),
        )

    def _eta(self, beat: Beat) -> Eta | None:
        if beat.expected is None:
            return None
        half = max(_HALF_WINDOW[beat.precision], 0.1 * (beat.expected - beat.at))
        earliest = max(beat.at, beat.expected - half)
        latest = max(earliest + half, beat.expected + half)
        return Eta(self._wall.time(earliest), self._wall.time(latest), beat.precision)

    def _locate(self, beat: Beat) -> Location | None:
        captured = self._wall.time(beat.at)
        if beat.along is not None:
            accuracy = self._rng.uniform(4, 15)
            point = self._life.journey.path.at(beat.along)
            lat, lon = moved(point, self._rng.gauss(0, accuracy / 4), self._rng.gauss(0, accuracy / 4))
            return Location(round(lat, 6), round(lon, 6), captured, accuracy_m=round(accuracy, 1))
        if beat.place is not None:
            return Location(beat.place.lat, beat.place.lon, captured, label=beat.place.label)
        return None

    def _order(self, destination: Place) -> Order:
        spec, life = self._spec, self._life
        return Order(
            id=spec.id,
            title=life.title,
            flow=FLOWS[spec.flow],
            placed_at=self._wall.time(0.0),
            customer=life.customer,
            promised_at=self._wall.time(life.promised),
            origin=life.journey.origin,
            destination=destination,
            route=life.journey.route,
            links=Links(f"https://orders.example/{spec.id}"),
        )
