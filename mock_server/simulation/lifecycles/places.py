"""Cities and hubs: real coordinates, invented businesses."""

from __future__ import annotations

from dataclasses import dataclass

from tracker_tui.domain.order import Place


@dataclass(frozen=True, slots=True)
class City:
    """A city whose streets form a grid, rotated by `bearing` degrees."""

    name: str
    time_zone: str
    lat: float
    lon: float
    bearing: float
    kitchens: tuple[str, ...]
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier of parcels and its hubs; `stray` is the hub of wrong scans."""

    name: str
    hubs: tuple[Place, ...]
    stray: Place


CITIES = {
    city.name: city
    for city in (
        City(
            "Berlin",
            "Europe/Berlin",
            52.5290,
            13.4010,
            14.0,
            ("Forno Blu", "Imbiss am Tor", "Saigon Eck"),
            ("Choriner Straße 41", "Torstraße 118", "Linienstraße 7"),
        ),
        City(
            "Lisbon",
            "Europe/Lisbon",
            38.7330,
            -9.1450,
            -12.0,
            ("Tasca da Graça", "Forno do Campo", "Mar à Mesa"),
            ("Rua Actor Taborda 27", "Av. Duque d'Ávila 86", "Rua Pascoal de Melo 5"),
        ),
        City(
            "London",
            "Europe/London",
            51.5260,
            -0.1080,
            28.0,
            ("Old Kiln", "Pie & Lantern", "Curry Leaf Yard"),
            ("12 Exmouth Market", "Flat 4, 88 Amwell Street", "31 Cloudesley Square"),
        ),
        City(
            "New York",
            "America/New_York",
            40.7420,
            -73.9880,
            -29.0,
            ("Lucky Bao", "Corner Slice", "Delancey Grill"),
            ("214 W 21st St, Apt 5B", "330 E 33rd St", "77 Irving Pl"),
        ),
        City(
            "Tokyo",
            "Asia/Tokyo",
            35.6950,
            139.7600,
            8.0,
            ("麺屋 ひかり", "カレーの森", "寿司 みなと"),
            ("神田錦町 3-11", "本郷 2-4-7", "湯島 1-9-12"),
        ),
        City(
            "Seoul",
            "Asia/Seoul",
            37.5600,
            126.9900,
            19.0,
            ("한강식당", "종로분식", "Moon Chicken"),
            ("을지로 114", "퇴계로 52길 8", "충무로 3가 20"),
        ),
    )
}
"""The cities by name."""


def _hub(label: str, lat: float, lon: float, time_zone: str) -> Place:
    return Place(lat, lon, label, time_zone)


CARRIERS = {
    "Berlin": Carrier(
        "NordPost",
        (
            _hub("Hamburg-Allermöhe", 53.4880, 10.1180, "Europe/Berlin"),
            _hub("Hannover-Anderten", 52.3650, 9.8580, "Europe/Berlin"),
            _hub("Leipzig-Halle", 51.4230, 12.2360, "Europe/Berlin"),
            _hub("Depot Berlin-Moabit", 52.5370, 13.3370, "Europe/Berlin"),
        ),
        _hub("Köln-Eifeltor", 50.8990, 6.9160, "Europe/Berlin"),
    ),
    "Lisbon": Carrier(
        "Via Cargo",
        (
            _hub("Barcelona ZAL", 41.3270, 2.1410, "Europe/Madrid"),
            _hub("Zaragoza Plaza", 41.6560, -1.0250, "Europe/Madrid"),
            _hub("Madrid-Coslada", 40.4240, -3.5610, "Europe/Madrid"),
            _hub("Depósito Lisboa-Alvalade", 38.7530, -9.1390, "Europe/Lisbon"),
        ),
        _hub("Sevilla-Majarabique", 37.4630, -5.9500, "Europe/Madrid"),
    ),
    "London": Carrier(
        "Kestrel Parcel",
        (
            _hub("Glasgow Eurocentral", 55.8290, -3.9780, "Europe/London"),
            _hub("Manchester Trafford", 53.4680, -2.3340, "Europe/London"),
            _hub("Coventry Ansty", 52.4330, -1.3990, "Europe/London"),
            _hub("London Islington depot", 51.5420, -0.1160, "Europe/London"),
        ),
        _hub("Cardiff Wentloog", 51.5100, -3.1100, "Europe/London"),
    ),
    "New York": Carrier(
        "Blue Finch",
        (
            _hub("Memphis TN hub", 35.0420, -89.9770, "America/Chicago"),
            _hub("Columbus OH hub", 39.9780, -82.8920, "America/New_York"),
            _hub("Newark NJ sort center", 40.7080, -74.1630, "America/New_York"),
            _hub("Manhattan W 30th St station", 40.7520, -74.0010, "America/New_York"),
        ),
        _hub("Atlanta GA hub", 33.6560, -84.4240, "America/New_York"),
    ),
    "Tokyo": Carrier(
        "つばめ便",
        (
            _hub("福岡ベース", 33.6020, 130.4630, "Asia/Tokyo"),
            _hub("大阪南港ターミナル", 34.6180, 135.4280, "Asia/Tokyo"),
            _hub("名古屋小牧センター", 35.2700, 136.9310, "Asia/Tokyo"),
            _hub("神田営業所", 35.6920, 139.7700, "Asia/Tokyo"),
        ),
        _hub("札幌白石センター", 43.0470, 141.4190, "Asia/Tokyo"),
    ),
    "Seoul": Carrier(
        "한빛택배",
        (
            _hub("부산 사상 터미널", 35.1520, 128.9820, "Asia/Seoul"),
            _hub("대구 물류센터", 35.8720, 128.5320, "Asia/Seoul"),
            _hub("대전 허브", 36.3790, 127.4210, "Asia/Seoul"),
            _hub("서울 중구 대리점", 37.5640, 127.0050, "Asia/Seoul"),
        ),
        _hub("광주 하남 센터", 35.1960, 126.8080, "Asia/Seoul"),
    ),
}
"""The carrier of each city."""
