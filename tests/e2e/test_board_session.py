"""Run a full session on a board of forty orders under faults: filter, open, send commands, copy, replay, restart."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

from tests.support.processes import TRACKER_TUI, ServerProcess
from tests.support.terminal import Terminal

Serve = Callable[..., ServerProcess]
Environ = dict[str, str]

SERVER = ("--orders", "46", "--seed", "3", "--heartbeat", "1")
FAULTS = ("drop:probability=0.1", "duplicate:probability=0.2", "reorder:window=4")
FAULT_OPTIONS = [option for fault in FAULTS for option in ("--fault", fault)]

ALL_LIVE = "● Live · 40/40"

LINES = 64
"""Screen height with room for forty rows above the bottom panes."""

ROW = re.compile(
    r"[ ▸]\S [* •] ?(?P<id>[AP]\d{4}) +(?P<stage>\S.*?) +[▰▱]+ +"
    r".*?(?<!\w)(?<![a-z] )(?P<updated>\d\d:\d\d:\d\d|\d+ [A-Z][a-z]{2})\b"
)

Row = tuple[str, str]

COLUMNS = "order,stage,progress,updated,condition"


def test_a_board_session_matches_the_server_and_can_be_replayed(serve: Serve, environ: Environ, tmp_path: Path) -> None:
    server = serve(*SERVER, *FAULT_OPTIONS)
    ids = first_forty(server)
    cancelled, refused, noted = (
        first_with_status(server, status) for status in ("accepted", "preparing", "in_transit")
    )
    recording = tmp_path / "shift.ndjson"
    with board(["--server", server.url, "--record", str(recording), *ids], environ) as terminal:
        terminal.wait_for(ALL_LIVE, within=30)
        # A lost stream alone could be back before the next repaint.
        server.inject("outage", "seconds=1")
        terminal.wait_for("Reconnecting…")
        terminal.wait_for(ALL_LIVE, within=30)

        filter_and_sort(terminal, cancelled)
        with open_order(terminal, cancelled):
            cancel_until_confirmed(terminal, server, cancelled)
        with open_order(terminal, refused):
            cancel_until_refused(terminal, server, refused)
        with open_order(terminal, noted):
            send_note_until_confirmed(terminal, server, noted)
            copy_and_check_the_file(terminal, environ, noted)

        server.heal()
        wait_for_all_rows_to_match(terminal, server, ids)
        server.inject("outage", "seconds=120")
        terminal.wait_for("Reconnecting…")
        last = rows(terminal.text)
        with open_order(terminal, noted):
            # The last stage is drawn last.
            terminal.wait_for(lambda text: any("Delivered" in stage for stage in timeline(text)[-1:]))
            last_timeline = timeline(terminal.text)
        terminal.press("q")
        assert terminal.wait_for_exit() == 5
        assert terminal.disorder == []
    assert len(last) == 40
    with board(["--replay", str(recording), "--speed", "20"], environ) as terminal:
        terminal.wait_for("▷ Replay finished", within=30)
        terminal.wait_for(lambda text: rows(text) == last)
        with open_order(terminal, noted):
            terminal.wait_for(lambda text: timeline(text) == last_timeline)
        terminal.press("q")
        terminal.wait_for_exit()
        assert terminal.disorder == []
    assert server.control(f"orders/{cancelled}")["state"]["outcome"] == "cancelled"
    assert server.control(f"orders/{refused}")["state"]["outcome"] is None
    history = server.control(f"orders/{noted}")["history"]
    assert [line["note"] for line in history if "commandId" in line] == ["Keep upright"]


def test_a_board_shows_cached_orders_at_once_and_current_ones_after_reconnecting(
    serve: Serve, environ: Environ
) -> None:
    with ServerProcess([*SERVER], environ) as server:
        ids = first_forty(server)
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
        restarted = serve(*SERVER, "--port", str(server.port))
        terminal.press("r")
        terminal.wait_for(lambda text: ALL_LIVE in text and "from the last session" not in text, within=40)
        wait_for_all_rows_to_match(terminal, restarted, ids)
        terminal.press("q")
        terminal.wait_for_exit()
        assert terminal.disorder == []


def filter_and_sort(terminal: Terminal, order_id: str) -> None:
    """Filter for late orders, select an order and sort: the cursor stays on that order."""
    enter_filter(terminal, "late")
    terminal.wait_for(shows_only_late_orders)
    select(terminal, order_id)
    for key, name in (("i", "by id"), ("u", "by updated"), ("a", "")):
        terminal.press("s")
        terminal.wait_for("─ Sort by ─")
        terminal.press(key)
        terminal.wait_for(partial(is_sorted, name))
        assert under_the_cursor(terminal.text) == order_id


def shows_only_late_orders(text: str) -> bool:
    shown = [line for line in text.splitlines() if ROW.match(line)]
    return "/late" in text and bool(shown) and all(" late " in line for line in shown) and "Enter keeps" not in text


def select(terminal: Terminal, order_id: str) -> None:
    """Move the cursor to an order with a filter, then clear the filter."""
    terminal.press("\x1b")
    terminal.wait_for(lambda text: len(rows(text)) == 40)
    enter_filter(terminal, order_id)
    terminal.wait_for(lambda text: list(rows(text)) == [order_id] and "Enter keeps" not in text)
    terminal.press("\x1b")
    terminal.wait_for(lambda text: len(rows(text)) == 40 and under_the_cursor(text) == order_id)


def enter_filter(terminal: Terminal, query: str) -> None:
    """Send all keys of a filter at once, as a fast typist does."""
    terminal.press(f"/{query}\r")


@contextmanager
def open_order(terminal: Terminal, order_id: str) -> Iterator[None]:
    """Open an order from the board, and return to the board at the end."""
    select(terminal, order_id)
    terminal.press("\r")
    terminal.wait_for(lambda text: f"{order_id} ▸" in text and "─ Timeline ─" in text)
    yield
    terminal.press("\x1b")
    terminal.wait_for(lambda text: len(rows(text)) == 40)


def cancel_until_confirmed(terminal: Terminal, server: ServerProcess, order_id: str) -> None:
    server.inject("slow-command", "seconds=1", "count=1")
    cancel(terminal, order_id)
    terminal.wait_for("◌ Cancel pending")
    terminal.wait_for(lambda text: "✔ Cancel confirmed" in text and "✖ Cancelled" in text)


def cancel_until_refused(terminal: Terminal, server: ServerProcess, order_id: str) -> None:
    server.inject("refuse-command", "which=cancel", "count=1")
    cancel(terminal, order_id)
    terminal.wait_for(lambda text: "✖ Cancel refused" in text and "refused by a fault" in text)


def cancel(terminal: Terminal, order_id: str) -> None:
    terminal.press("X")
    terminal.wait_for(f"Cancel {order_id}?")
    terminal.press("y")


def send_note_until_confirmed(terminal: Terminal, server: ServerProcess, order_id: str) -> None:
    server.heal()  # The reorder fault would release the event before the delay fault does.
    server.inject("lose-command-answer", "count=2")
    server.inject("delay", "probability=1", "seconds=8", "jitter=0")
    terminal.press("n")
    terminal.wait_for(f"Note on {order_id}")
    terminal.press("Keep upright\r")
    terminal.wait_for("? Note unconfirmed")
    terminal.wait_for(lambda text: "✔ Note confirmed" in text and "? Note unconfirmed" not in text)
    server.heal()
    for fault in FAULTS:
        server.inject(*fault.split(":"))


def copy_and_check_the_file(terminal: Terminal, environ: Environ, order_id: str) -> None:
    terminal.press("C")
    terminal.wait_for(f"Copied the ticket of {order_id}")
    (encoded,) = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07", bytes(terminal.output))
    ticket = base64.b64decode(encoded).decode()
    assert order_id in ticket
    assert Path(environ["HOME"], ".local", "state", "tracker-tui", "copied.txt").read_text() == ticket


def wait_for_all_rows_to_match(terminal: Terminal, server: ServerProcess, ids: list[str]) -> None:
    """Wait until every row has matched the server once.

    Orders change meanwhile, so rows that differ are compared again with a new snapshot.
    """
    terminal.wait_for(ALL_LIVE, within=30)
    remaining = set(ids)

    def all_match(text: str) -> bool:
        shown = rows(text)
        remaining.difference_update([each for each in remaining if matches_server(server, each, shown)])
        return not remaining

    terminal.wait_for(all_match)


def board(options: list[str], environ: Environ) -> Terminal:
    """Start the program on a terminal with room for forty rows."""
    return Terminal(
        [TRACKER_TUI, "--quiet", "--columns", COLUMNS, *options], environ, columns=120, lines=LINES, piece=1 << 14
    )


def rows(text: str) -> dict[str, Row]:
    """Return stage and time of the last change of each visible order, by order id."""
    found = map(ROW.match, text.splitlines())
    return {row["id"]: (row["stage"], row["updated"]) for row in found if row}


def under_the_cursor(text: str) -> str:
    found = next((row for row in map(ROW.match, text.splitlines()) if row and row[0].startswith("▸")), None)
    return found["id"] if found else ""


def timeline(text: str) -> list[str]:
    """Return the stage lines of an open order, without text that depends on the current time.

    That text is the elapsed time of the current stage, and the expected times.
    """
    pane = [line.split("│")[1] for line in text.splitlines() if line.startswith("│ ")]
    stages = takewhile(lambda line: "Pending commands" not in line, pane)
    return [
        re.sub(r"  \d[\w: ]* so far|expected ~.*", "", line).rstrip()
        for line in stages
        if re.match(r" [✔▶○–✖⊘↺] ", line)
    ]


def is_sorted(name: str, text: str) -> bool:
    return "─ Sort by ─" not in text and len(rows(text)) == 40 and name in text


def matches_server(server: ServerProcess, order_id: str, shown: dict[str, Row]) -> bool:
    """Return whether a row equals the state of the server; long stage names are truncated."""
    stage, updated = shown.get(order_id, ("?", ""))
    expected_stage, expected_updated = server_row(server, order_id)
    return expected_stage.startswith(stage.removesuffix("…")) and updated == expected_updated


def server_row(server: ServerProcess, order_id: str) -> Row:
    """Return stage and time of the last change of an order, as the server reports them."""
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


def first_forty(server: ServerProcess) -> list[str]:
    """Return the ids of the first forty orders of the server."""
    return [each["orderId"] for each in get(server, "/v1/orders")["orders"]][:40]


def first_with_status(server: ServerProcess, status: str) -> str:
    """Return the id of the first order with a status."""
    listed = get(server, "/v1/orders")["orders"][:40]
    order_id: str = next(each["orderId"] for each in listed if each["state"]["status"] == status)
    return order_id
