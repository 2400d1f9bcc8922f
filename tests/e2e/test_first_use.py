"""Use the program as a new user does: every key pressed here is first read from the screen."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable
from functools import partial

import pytest

from tests.support.processes import TRACKER_TUI, ServerProcess
from tests.support.terminal import Terminal

KEY_SEQUENCES = {"Enter": "\r", "Esc": "\x1b", "Space": " ", "PgDn": "\x1b[6~"}
"""Key sequences by the key names that the screens show."""


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (120, 40)])
def test_a_new_user_finds_late_orders_with_the_key_bar_and_the_help(
    serve: Callable[..., ServerProcess], environ: dict[str, str], columns: int, lines: int
) -> None:
    server = serve("--orders", "40", "--seed", "3", "--heartbeat", "1")
    argv = [TRACKER_TUI, "--all", "--quiet", "--server", server.url]
    with Terminal(argv, environ, columns=columns, lines=lines) as terminal:
        terminal.wait_for("● Live")
        press(terminal, on_key_bar(terminal, "Help"))
        assert re.search(r"board: .*\blate\b", read_help_up_to(terminal, "status:ready"))
        press(terminal, key_that(terminal, "closes"))
        terminal.wait_for(lambda text: "─ Help" not in text)

        press(terminal, on_key_bar(terminal, "Filter"))
        terminal.wait_for("keeps")
        assert "late" in last_line(terminal)
        keep = key_that(terminal, "keeps")
        terminal.press("late")
        terminal.wait_for(lambda text: "/late" in text and are_late(rows(text)))
        press(terminal, keep)
        terminal.wait_for(lambda _: "Open" in last_line(terminal))

        chosen = under_the_cursor(terminal.text)
        press(terminal, on_key_bar(terminal, "Open"))
        terminal.wait_for(lambda text: f"{chosen} ▸" in text and "late" in text)
        press(terminal, on_key_bar(terminal, "Copy"))
        terminal.wait_for(f"Copied the sentence for {chosen}")
        (copied,) = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07", bytes(terminal.output))
        assert "later than promised. (as of" in base64.b64decode(copied).decode()

        terminal.wait_for(lambda text: "Copied" not in text)
        press(terminal, on_key_bar(terminal, "Help"))
        back = re.search(r"(\S+) +Go back", read_help_up_to(terminal, "Go back"))
        assert back is not None, terminal.text
        press(terminal, key_that(terminal, "closes"))
        terminal.wait_for(lambda text: "─ Help" not in text)
        press(terminal, back[1])
        terminal.wait_for(lambda text: "/late" in text and under_the_cursor(text) == chosen)
        press(terminal, on_key_bar(terminal, "Quit"))
        assert terminal.wait_for_exit() == 0
        assert terminal.disorder == []


def press(terminal: Terminal, key: str) -> None:
    """Press a key by its name on the screen."""
    terminal.press(KEY_SEQUENCES.get(key, key))


def last_line(terminal: Terminal) -> str:
    return terminal.text.splitlines()[-1].strip()


def on_key_bar(terminal: Terminal, label: str) -> str:
    """Return the key shown before a label on the key bar."""
    terminal.wait_for(lambda _: re.search(rf"\S+ {label}\b", last_line(terminal)) is not None)
    found = re.search(rf"(\S+) {label}\b", last_line(terminal))
    assert found is not None
    return found[1]


def key_that(terminal: Terminal, action: str) -> str:
    """Return the key that the screen shows before an action."""
    found = re.search(rf"(\S+) {action}", terminal.text)
    assert found is not None, terminal.text
    return found[1]


def read_help_up_to(terminal: Terminal, text: str) -> str:
    """Page through the help until a text is visible, and return that page as one line."""
    terminal.wait_for(lambda screen: "─ Help" in screen and "closes" in screen)
    terminal.wait_for(Settled())
    while text not in (page := " ".join(help_in(terminal.text))):
        press(terminal, "PgDn")
        terminal.wait_for(partial(is_another_page, page))
        terminal.wait_for(Settled())
    return page


class Settled:
    """Condition that holds once the help is unchanged for 0.5 seconds; scrolling is animated."""

    def __init__(self) -> None:
        self._page, self._since = "", time.monotonic()

    def __call__(self, text: str) -> bool:
        if is_another_page(self._page, text):
            self._page, self._since = " ".join(help_in(text)), time.monotonic()
        return time.monotonic() - self._since > 0.5


def is_another_page(before: str, text: str) -> bool:
    return " ".join(help_in(text)) != before


def help_in(text: str) -> list[str]:
    """Return the lines inside the frame of the help."""
    lines = text.splitlines()
    top = next(line for line in lines if "─ Help" in line)
    left, right = top.index("╭─ Help") + 1, top.index("╮", top.index("╭─ Help"))
    return [line[left : right - 3].strip() for line in lines]


def rows(text: str) -> list[str]:
    """Return the rows of the board."""
    return [line for line in text.splitlines() if re.match(r"[ ▸][▲△◔▶✔✖] ", line)]


def are_late(shown: list[str]) -> bool:
    return bool(shown) and all("late" in row for row in shown)


def under_the_cursor(text: str) -> str:
    """Return the id of the order under the cursor, or an empty string."""
    found = re.search(r"^▸\S +(\S+)", text, re.MULTILINE)
    return found[1] if found else ""
