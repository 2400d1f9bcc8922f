"""A shift at the board: forty orders under faults, found, opened, asked of, handed on, replayed, remembered."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

from tests.support.processes import TRACKER_TUI, ServerProcess
from tests.support.terminal import Terminal

Serve = Callable[..., ServerProcess]
Environ = dict[str, str]

SERVER = ("--orders", "46", "--seed", "3", "--heartbeat", "1")
FAULTS = ("drop:probability=0.1", "duplicate:probability=0.2", "reorder:window=4")
STEADY = [word for fault in FAULTS for word in ("--fault", fault)]

ALL_LIVE = "● Live · 40/40"

LINES = 64
"""Room for forty rows above the panes at the foot."""

ROW = re.compile(
    r"[ ▸]\S[ *] (?P<id>[AP]\d{4}) +(?P<stage>\S.*?) +[✔▶○–✖⊘↺]+ +"
    r".*?(?<!\w)(?<![a-z] )(?P<updated>\d\d:\d\d:\d\d|\d+ [A-Z][a-z]{2})\b"
)

Row = tuple[str, str]


def test_a_shift_at_the_board_is_true_to_the_server_and_can_be_replayed(
    serve: Serve, environ: Environ, tmp_path: Path
) -> None:
    server = serve(*SERVER, *STEADY)
    ids = forty(server)
    kept, refused, noted = (first(server, status) for status in ("accepted", "preparing", "in_transit"))
    tape = tmp_path / "shift.ndjson"
    with board(["--server", server.url, "--record", str(tape), *ids], environ) as terminal:
        terminal.wait_for(ALL_LIVE, within=30)
        server.inject("disconnect")
        terminal.wait_for("Reconnecting…")
        terminal.wait_for(ALL_LIVE, within=30)

        filter_and_sort(terminal, kept)
        with opened(terminal, kept):
            cancel_and_see_it_confirmed(terminal, server, kept)
        with opened(terminal, refused):
            cancel_and_see_it_refused(terminal, server, refused)
        with opened(terminal, noted):
            note_and_see_it_confirmed_at_last(terminal, server, noted)
            copy_and_find_it_in_the_file(terminal, environ, noted)

        server.heal()
        see_every_row_agree(terminal, server, ids)
        server.inject("outage", "seconds=120")
        terminal.wait_for("Reconnecting…")
        last = rows(terminal.text)
        with opened(terminal, noted):
            # Its last stage is painted last.
            terminal.wait_for(lambda text: any("Delivered" in stage for stage in timeline(text)[-1:]))
            last_timeline = timeline(terminal.text)
        terminal.press("q")
        assert terminal.wait_for_exit() == 5
        assert terminal.disorder == []
    assert len(last) == 40
    with board(["--replay", str(tape), "--speed", "20"], environ) as terminal:
        terminal.wait_for("▷ Replay finished", within=30)
        terminal.wait_for(lambda text: rows(text) == last)
        with opened(terminal, noted):
            terminal.wait_for(lambda text: timeline(text) == last_timeline)
        terminal.press("q")
        terminal.wait_for_exit()
        assert terminal.disorder == []
    assert server.control(f"orders/{kept}")["state"]["outcome"] == "cancelled"
    assert server.control(f"orders/{refused}")["state"]["outcome"] is None
    history = server.control(f"orders/{noted}")["history"]
    assert [line["note"] for line in history if "commandId" in line] == ["Keep upright"]


def test_a_board_is_there_at_once_from_memory_and_right_when_the_server_is_back(serve: Serve, environ: Environ) -> None:
    with ServerProcess([*SERVER], environ) as server:
        ids = forty(server)
        with board(["--server", server.url, *ids], environ) as terminal:
            terminal.wait_for(ALL_LIVE, within=30)
            terminal.press("q")
            terminal.wait_for_exit()
    with board(["--server", server.url, *ids], environ) as terminal:
        text = terminal.wait_for(lambda text: len(rows(text)) == 40 and "Reconnecting…" in text)
        assert "from the last session" in text
        assert "as of " in text
        assert "● Live" not in text
        assert "in sync" not in text
        back = serve(*SERVER, "--port", str(server.port))
        terminal.press("r")
        terminal.wait_for(lambda text: ALL_LIVE in text and "from the last session" not in text, within=40)
        see_every_row_agree(terminal, back, ids)
        terminal.press("q")
        terminal.wait_for_exit()
        assert terminal.disorder == []


def filter_and_sort(terminal: Terminal, order_id: str) -> None:
    """Look at the late ones, then go to an order, and sort: the cursor goes with it."""
    look_for(terminal, "late")
    terminal.wait_for(shows_late_ones_only)
    go_to(terminal, order_id)
    for key, name in (("i", "by id"), ("u", "by updated"), ("a", "")):
        terminal.press("s")
        terminal.wait_for("─ Sort by ─")
        terminal.press(key)
        terminal.wait_for(partial(is_sorted, name))
        assert under_the_cursor(terminal.text) == order_id


def shows_late_ones_only(text: str) -> bool:
    shown = [line for line in text.splitlines() if ROW.match(line)]
    return "/late" in text and bool(shown) and all(" late " in line for line in shown) and "Enter keeps" not in text


def go_to(terminal: Terminal, order_id: str) -> None:
    """Put the cursor on an order by filtering for it, and show all orders again."""
    terminal.press("\x1b")
    terminal.wait_for(lambda text: len(rows(text)) == 40)
    look_for(terminal, order_id)
    terminal.wait_for(lambda text: list(rows(text)) == [order_id] and "Enter keeps" not in text)
    terminal.press("\x1b")
    terminal.wait_for(lambda text: len(rows(text)) == 40 and under_the_cursor(text) == order_id)


def look_for(terminal: Terminal, words: str) -> None:
    """Type a filter in one go, as somebody does who knows it by heart."""
    terminal.press(f"/{words}\r")


@contextmanager
def opened(terminal: Terminal, order_id: str) -> Iterator[None]:
    """Open an order from the board, and go back in the end."""
    go_to(terminal, order_id)
    terminal.press("\r")
    terminal.wait_for(lambda text: f"{order_id} ▸" in text and "─ Timeline ─" in text)
    yield
    terminal.press("\x1b")
    terminal.wait_for(lambda text: len(rows(text)) == 40)


def cancel_and_see_it_confirmed(terminal: Terminal, server: ServerProcess, order_id: str) -> None:
    server.inject("slow-command", "seconds=1", "count=1")
    cancel(terminal, order_id)
    terminal.wait_for("◌ Cancel pending")
    terminal.wait_for(lambda text: "cancel confirmed, seq" in text and "✖ Cancelled" in text)


def cancel_and_see_it_refused(terminal: Terminal, server: ServerProcess, order_id: str) -> None:
    server.inject("refuse-command", "which=cancel", "count=1")
    cancel(terminal, order_id)
    terminal.wait_for(lambda text: "✖ Cancel refused" in text and "refused by a fault" in text)


def cancel(terminal: Terminal, order_id: str) -> None:
    terminal.press("X")
    terminal.wait_for(f"Cancel {order_id}?")
    terminal.press("y")


def note_and_see_it_confirmed_at_last(terminal: Terminal, server: ServerProcess, order_id: str) -> None:
    server.heal()  # What reorders an event would bring it sooner than what delays it.
    server.inject("lose-command-answer", "count=2")
    server.inject("delay", "probability=1", "seconds=8", "jitter=0")
    terminal.press("n")
    terminal.wait_for(f"Note on {order_id}")
    terminal.press("Keep upright\r")
    terminal.wait_for("? Note unconfirmed")
    terminal.wait_for(lambda text: "note confirmed, seq" in text and "? Note unconfirmed" not in text)
    server.heal()
    for fault in FAULTS:
        server.inject(*fault.split(":"))


def copy_and_find_it_in_the_file(terminal: Terminal, environ: Environ, order_id: str) -> None:
    terminal.press("c")
    terminal.wait_for(f"{order_id} copied")
    (asked,) = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07", bytes(terminal.output))
    ticket = base64.b64decode(asked).decode()
    assert order_id in ticket
    assert Path(environ["HOME"], ".local", "state", "tracker-tui", "copied.txt").read_text() == ticket


def see_every_row_agree(terminal: Terminal, server: ServerProcess, ids: list[str]) -> None:
    """Compare each row with what the server says of the order, until it was seen to say the same.

    Orders go on meanwhile, so those that differ are asked for anew; none may stay behind.
    """
    terminal.wait_for(ALL_LIVE, within=30)
    left = set(ids)

    def all_agreed(text: str) -> bool:
        shown = rows(text)
        left.difference_update([each for each in left if agrees(server, each, shown)])
        return not left

    terminal.wait_for(all_agreed)


def board(words: list[str], environ: Environ) -> Terminal:
    """The program on a terminal that has room for forty rows."""
    return Terminal([TRACKER_TUI, "--quiet", *words], environ, columns=120, lines=LINES, piece=1 << 14)


def rows(text: str) -> dict[str, Row]:
    """Stage and time of the last change of every order on the board, as the screen has them."""
    found = map(ROW.match, text.splitlines())
    return {row["id"]: (row["stage"], row["updated"]) for row in found if row}


def under_the_cursor(text: str) -> str:
    found = next((row for row in map(ROW.match, text.splitlines()) if row and row[0].startswith("▸")), None)
    return found["id"] if found else ""


def timeline(text: str) -> list[str]:
    """The stages of an open order, without what depends on the time of day: how long the present one has gone on, and
    what is expected, which is left out once it has passed.
    """
    pane = [line.split("│")[1] for line in text.splitlines() if line.startswith("│ ")]
    return [re.sub(r"\S+ so far|expected ~.*", "", line).rstrip() for line in pane if re.match(r" [✔▶○–✖⊘↺] ", line)]


def is_sorted(name: str, text: str) -> bool:
    return "─ Sort by ─" not in text and len(rows(text)) == 40 and name in text


def agrees(server: ServerProcess, order_id: str, shown: dict[str, Row]) -> bool:
    """Whether a row says what the server says; a stage with a long name is cut."""
    stage, updated = shown.get(order_id, ("?", ""))
    true_stage, true_updated = truth(server, order_id)
    return true_stage.startswith(stage.removesuffix("…")) and updated == true_updated


def truth(server: ServerProcess, order_id: str) -> Row:
    """The same of one order, as the server has them."""
    snapshot = get(server, f"/v1/orders/{order_id}")
    state = snapshot["state"]
    labels = {stage["id"]: stage["label"] for stage in snapshot["order"]["flow"]["stages"]}
    stage = labels.get(state["status"], state["status"].replace("_", " ").capitalize())
    if state["outcome"] is not None:
        stage = state["outcome"].capitalize()
    updated = datetime.fromisoformat(state["updatedAt"])
    is_today = updated.date() == datetime.now(UTC).date()
    return stage, f"{updated:%H:%M:%S}" if is_today else f"{updated.day} {updated:%b}"


def get(server: ServerProcess, path: str) -> Any:
    with build_opener(ProxyHandler({})).open(server.url + path, timeout=5) as answer:
        return json.load(answer)


def forty(server: ServerProcess) -> list[str]:
    """Forty orders that there are."""
    return [each["orderId"] for each in get(server, "/v1/orders")["orders"]][:40]


def first(server: ServerProcess, status: str) -> str:
    """The first order with a status."""
    listed = get(server, "/v1/orders")["orders"][:40]
    order_id: str = next(each["orderId"] for each in listed if each["state"]["status"] == status)
    return order_id
