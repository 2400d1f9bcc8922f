"""Somebody who has never seen the screens: every key that is pressed here was read from them before."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable
from functools import partial

import pytest

from tests.support.processes import TRACKER_TUI, ServerProcess
from tests.support.terminal import Terminal

NAMED = {"Enter": "\r", "Esc": "\x1b", "Space": " ", "PgDn": "\x1b[6~"}
"""What a keyboard sends for the keys that have a name on it."""


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (120, 40)])
def test_the_late_orders_are_found_from_the_key_bar_and_the_help_alone(
    serve: Callable[..., ServerProcess], environ: dict[str, str], columns: int, lines: int
) -> None:
    server = serve("--orders", "40", "--seed", "3", "--heartbeat", "1")
    words = [TRACKER_TUI, "--all", "--quiet", "--server", server.url]
    with Terminal(words, environ, columns=columns, lines=lines) as terminal:
        terminal.wait_for("● Live")
        press(terminal, on_key_bar(terminal, "Help"))
        assert re.search(r"filter: .*\blate\b", read_help_up_to(terminal, "status:ready"))
        press(terminal, key_that(terminal, "closes"))
        terminal.wait_for(lambda text: "─ Help ─" not in text)

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
        terminal.wait_for(f"{chosen} copied")
        (copied,) = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07", bytes(terminal.output))
        assert re.search(rf"{chosen}\b.*\blate\b", base64.b64decode(copied).decode(), re.DOTALL)

        terminal.wait_for(lambda text: "copied" not in text)
        press(terminal, on_key_bar(terminal, "Help"))
        back = re.search(r"(\S+) +Back to where you came from", read_help_up_to(terminal, "Back to where"))
        assert back is not None, terminal.text
        press(terminal, key_that(terminal, "closes"))
        terminal.wait_for(lambda text: "─ Help ─" not in text)
        press(terminal, back[1])
        terminal.wait_for(lambda text: "/late" in text and under_the_cursor(text) == chosen)
        press(terminal, on_key_bar(terminal, "Quit"))
        assert terminal.wait_for_exit() == 0
        assert terminal.disorder == []


def press(terminal: Terminal, key: str) -> None:
    """Press a key by the name that it has on the screen."""
    terminal.press(NAMED.get(key, key))


def last_line(terminal: Terminal) -> str:
    return terminal.text.splitlines()[-1].strip()


def on_key_bar(terminal: Terminal, word: str) -> str:
    """The key before a word on the key bar."""
    terminal.wait_for(lambda _: re.search(rf"\S+ {word}\b", last_line(terminal)) is not None)
    found = re.search(rf"(\S+) {word}\b", last_line(terminal))
    assert found is not None
    return found[1]


def key_that(terminal: Terminal, does: str) -> str:
    """The key of which the screen says that it does something."""
    said = re.search(rf"(\S+) {does}", terminal.text)
    assert said is not None, terminal.text
    return said[1]


def read_help_up_to(terminal: Terminal, words: str) -> str:
    """Turn the pages of the help until some words are there; the page then, as one line."""
    terminal.wait_for(lambda text: "─ Help ─" in text and "closes" in text)
    terminal.wait_for(Settled())
    while words not in (page := " ".join(help_in(terminal.text))):
        press(terminal, "PgDn")
        terminal.wait_for(partial(is_another_page, page))
        terminal.wait_for(Settled())
    return page


class Settled:
    """Whether the help has stood still for as long as somebody needs to look at it; scrolling moves it in steps."""

    def __init__(self) -> None:
        self._page, self._since = "", time.monotonic()

    def __call__(self, text: str) -> bool:
        if is_another_page(self._page, text):
            self._page, self._since = " ".join(help_in(text)), time.monotonic()
        return time.monotonic() - self._since > 0.5


def is_another_page(before: str, text: str) -> bool:
    return " ".join(help_in(text)) != before


def help_in(text: str) -> list[str]:
    """What stands in the help's frame."""
    lines = text.splitlines()
    top = next(line for line in lines if "─ Help ─" in line)
    left, right = top.index("╭─ Help ─") + 1, top.index("╮", top.index("╭─ Help ─"))
    return [line[left : right - 3].strip() for line in lines]


def rows(text: str) -> list[str]:
    """The rows of the board."""
    return [line for line in text.splitlines() if re.match(r"[ ▸][▲△◔▶✔✖] ", line)]


def are_late(shown: list[str]) -> bool:
    return bool(shown) and all("late" in row for row in shown)


def under_the_cursor(text: str) -> str:
    """The order that the cursor is on."""
    found = re.search(r"^▸\S +(\S+)", text, re.MULTILINE)
    return found[1] if found else ""
