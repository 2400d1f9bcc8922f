"""Film tracker-tui through an outage of its server, for the README."""

from __future__ import annotations

import argparse
import os
import re
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from mock_server.simulation.lifecycles.places import CITIES
from tests.media.terminal_pictures import Frame, Rows, cells, write_gif
from tests.support.processes import TRACKER_TUI, ServerProcess
from tests.support.terminal import Terminal

ORDERS = Path(__file__).with_name("evening.toml")
ORDER_IDS = frozenset(re.findall(r'id = "(\w+)"', ORDERS.read_text(encoding="utf-8")))

WESTERN_CITIES = ("Berlin", "Lisbon", "London", "New York")
"""Cities whose names the font of the picture has."""

STEP = 0.1
"""Seconds between two looks at the screen."""

QUIET = 0.02
"""Seconds without output after which a screen is complete."""


FLASH = 0.2
"""Seconds below which a look is left out: it would be a flicker."""


class Film:
    """Frames of a terminal, as it is watched."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._looks: list[tuple[float, Rows]] = []

    def watch(self, seconds: float) -> None:
        """Film for a time."""
        end = time.monotonic() + seconds
        self.watch_until(lambda _: time.monotonic() >= end)

    def watch_until(self, holds: Callable[[str], bool], *, within: float = 60.0) -> None:
        """Film until the text of the screen satisfies a condition.

        Raises:
            AssertionError: It did not in time.
        """
        deadline = time.monotonic() + within
        while True:
            while self._terminal.read_for(QUIET):
                pass
            rows = cells(self._terminal.screen)
            if not self._looks or rows != self._looks[-1][1]:
                self._looks.append((time.monotonic(), rows))
            if holds(self._terminal.text):
                return
            assert time.monotonic() < deadline, f"not seen in time; the screen is:\n{self._terminal.text}"
            self._terminal.read_for(STEP)

    def frames(self) -> list[Frame]:
        """Return the frames without flickers; the last one is shown until now."""
        now = time.monotonic()
        ends = [*(at for at, _ in self._looks[1:]), now]
        kept = [look for look, end in zip(self._looks, ends, strict=True) if end - look[0] >= FLASH]
        ends = [*(at for at, _ in kept[1:]), now]
        return [Frame(rows, end - at) for (at, rows), end in zip(kept, ends, strict=True)]


def is_live(text: str) -> bool:
    """Return whether a screen says that it is live."""
    return "● Live" in text


def is_stale(text: str) -> bool:
    """Return whether a screen says how old it is."""
    return not is_live(text) and re.search(r"\d s ago", text) is not None


def is_one_order(text: str) -> bool:
    """Return whether a screen shows one order: the board names most orders."""
    return sum(order_id in text for order_id in ORDER_IDS) < len(ORDER_IDS) // 4


def film(folder: Path, *, short: bool) -> list[Frame]:
    """Film a board, an outage of the server, the recovery, and one order.

    Args:
        folder: A folder for the files of the programs.
        short: Whether to show each of them for a moment only.
    """
    pace = 0.2 if short else 1.0
    city = min((CITIES[name] for name in WESTERN_CITIES), key=lambda city: _hours_from_evening(city.time_zone))
    scenario = folder / "evening.toml"
    scenario.write_text(ORDERS.read_text(encoding="utf-8").replace("CITY", city.name), encoding="utf-8")
    # This process looks there for the control token of the server.
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    environ = {
        **{name: os.environ[name] for name in ("PATH", "PYTHONPATH", "XDG_RUNTIME_DIR") if name in os.environ},
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "TZ": city.time_zone,
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "NO_PROXY": "*",
    }
    with ServerProcess(["--scenario", str(scenario), "--seed", "11", "--heartbeat", "1"], environ) as server:
        argv = [TRACKER_TUI, "--all", "--theme", "dark", "--quiet", "--server", server.url]
        with Terminal(argv, environ, columns=100, lines=34) as terminal:
            terminal.wait_for(lambda text: is_live(text) and not is_one_order(text), within=60)
            taken = Film(terminal)
            for seconds in (2.5, 0.6):
                taken.watch(seconds * pace)
                terminal.press("\x1b[B")
            taken.watch(0.6 * pace)
            server.inject("outage", "seconds=5" if not short else "seconds=3")
            taken.watch_until(is_stale)
            taken.watch_until(lambda text: is_live(text) and "recovered" in text)
            taken.watch(3 * pace)
            terminal.press("\r")
            taken.watch_until(is_one_order)
            taken.watch(3.5 * pace)
            return taken.frames()


def main() -> None:
    """Read the arguments, film, and write the GIF."""
    parser = argparse.ArgumentParser(prog="python -m tests.media.moving_picture", description=__doc__)
    parser.add_argument("path", type=Path, help="the GIF to write")
    parser.add_argument("--short", action="store_true", help="show everything for a moment only, to try the script")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        frames = film(Path(folder), short=chosen.short)
    write_gif(frames, chosen.path)
    seconds = sum(frame.seconds for frame in frames)
    print(f"{chosen.path}: {len(frames)} frames, {seconds:.1f} s, {chosen.path.stat().st_size:,} bytes")


def _hours_from_evening(time_zone: str) -> float:
    """Return the hours between the present time in a zone and the nearest quarter to seven in the evening."""
    now = datetime.now(ZoneInfo(time_zone))
    hours = abs(now.hour + now.minute / 60 - 18.75)
    return min(hours, 24 - hours)


if __name__ == "__main__":
    main()
