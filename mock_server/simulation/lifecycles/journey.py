"""The origin and destination of an order, and the route between them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from mock_server.simulation.lifecycles.path import Path, offset_point, street_path
from mock_server.simulation.lifecycles.places import CARRIERS, CITIES, Carrier, City
from tracker_tui.domain.order import Place


@dataclass(frozen=True, slots=True)
class Journey:
    """The geography of one order.

    Attributes:
        origin: The kitchen or the carrier's first hub.
        destination: The door.
        path: The last mile: from the kitchen or the depot to the door.
        carrier: The carrier of a parcel; its hubs are passed in order, the last is the depot.
    """

    origin: Place
    destination: Place
    path: Path
    carrier: Carrier

    @property
    def hubs(self) -> tuple[Place, ...]:
        """The hubs that a parcel passes."""
        return self.carrier.hubs

    @property
    def route(self) -> tuple[tuple[float, float], ...]:
        """The route from origin to destination, at most 200 points (PROTOCOL §3)."""
        if self.origin == self.hubs[0]:
            return *((hub.lat, hub.lon) for hub in self.hubs[:-1]), *self.path.points
        return self.path.points


def draw_journey(flow: str, city_name: str | None, rng: Random) -> Journey:
    """Draw a journey.

    Args:
        flow: ``food`` starts at a kitchen in the city, ``parcel`` at the carrier's first hub.
        city_name: A key of `CITIES`; None draws one.
        rng: Draws the places and the streets.
    """
    city = CITIES[city_name or rng.choice(sorted(CITIES))]
    carrier = CARRIERS[city.name]
    door = _random_place(city, rng.choice(city.addresses), 300, rng)
    if flow == "food":
        kitchen = _place_near(door, city, rng.choice(city.kitchens), rng)
        return Journey(kitchen, door, _path(kitchen, door, city, rng), carrier)
    return Journey(carrier.hubs[0], door, _path(carrier.hubs[-1], door, city, rng), carrier)


def _path(start: Place, end: Place, city: City, rng: Random) -> Path:
    return street_path((start.lat, start.lon), (end.lat, end.lon), city.bearing, rng)


def _random_place(city: City, label: str, radius: float, rng: Random) -> Place:
    lat, lon = offset_point((city.lat, city.lon), rng.uniform(-radius, radius), rng.uniform(-radius, radius))
    return Place(round(lat, 6), round(lon, 6), label, city.time_zone)


def _place_near(door: Place, city: City, label: str, rng: Random) -> Place:
    """Return a place 1.4 to 2.6 km from a door, as far as hot food is delivered."""
    direction, distance = rng.uniform(0, math.tau), rng.uniform(1400, 2600)
    lat, lon = offset_point((door.lat, door.lon), distance * math.cos(direction), distance * math.sin(direction))
    return Place(round(lat, 6), round(lon, 6), label, city.time_zone)
