"""The start screen, where no server is configured and none answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from rich.cells import cell_len
from textual.events import Paste

from tests.support.hostile_text import HOSTILE, active_characters
from tests.ui.screen_reader import ScreenReader
from tracker_tui.ui.start_app import DemoChoice, ServerChoice, StartApp


class StartHarness(ScreenReader[StartApp]):
    """The start screen, and a server that answers when a test says so."""

    def __init__(self, config_file: str = "/home/me/config.toml") -> None:
        super().__init__(StartApp(self._answers, config_file=config_file))
        self.is_answering = False
        self.probes = 0

    @asynccontextmanager
    async def run(self, width: int = 80, height: int = 24) -> AsyncIterator[None]:
        """Run the app inside the block."""
        async with self.app.run_test(size=(width, height)) as pilot:
            self.attach(pilot)
            await self.wait_until(lambda: self.probes)
            yield

    async def _answers(self) -> bool:
        self.probes += 1
        return self.is_answering


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Callable[..., StartHarness]:
    """Return a factory for start screens that look for a server all the time."""
    monkeypatch.setattr("tracker_tui.ui.start_app.PROBE_INTERVAL", 0.01)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    return StartHarness


async def test_it_says_why_and_offers_demo_another_server_and_the_command(start: Callable[..., StartHarness]) -> None:
    ui = start()
    async with ui.run():
        for words in (
            "No server is configured, and none answers at 127.0.0.1:8765.",
            "d  Demo ",
            "s  Another server ",
            "q  Quit",
            "Or start a server here:  mock-server",
            'server = "URL" in /home/me/config.toml',
        ):
            assert words in ui.text()


@pytest.mark.parametrize("keys", [("d",), ("enter",), ("down", "up", "enter")])
async def test_the_demo_is_one_key_away(start: Callable[..., StartHarness], keys: tuple[str, ...]) -> None:
    ui = start()
    async with ui.run():
        await ui.press(*keys)
    assert ui.app.return_value == DemoChoice()


@pytest.mark.parametrize(
    ("keys", "code"), [(("q",), None), (("up", "enter"), None), (("ctrl+c",), 130), (("s", "ctrl+c"), 130)]
)
async def test_the_ways_out(start: Callable[..., StartHarness], keys: tuple[str, ...], code: int | None) -> None:
    ui = start()
    async with ui.run():
        await ui.press(*keys)
    assert ui.app.return_value == code


async def test_a_choice_can_be_clicked(start: Callable[..., StartHarness]) -> None:
    ui = start()
    async with ui.run():
        assert ui._pilot is not None
        row = next(number for number, text in enumerate(ui.rows()) if "Demo" in text)
        await ui._pilot.click(offset=(ui.rows()[row].index("Demo"), row))
    assert ui.app.return_value == DemoChoice()


async def test_the_url_of_another_server_is_typed_and_an_error_stays_in_the_prompt(
    start: Callable[..., StartHarness],
) -> None:
    ui = start()
    async with ui.run():
        await ui.press("s", *"nonsense", "enter")
        assert "Not a URL: a server is a URL such as http://127.0.0.1:8765" in ui.text()
        await ui.press("escape")
        assert "nonsense" not in ui.text()
        await ui.press("s")
        field = ui.app.focused
        assert field is not None
        field.post_message(Paste(" https://orders.example.com/\n"))
        await ui.press("enter")
    assert ui.app.return_value == ServerChoice("https://orders.example.com")


async def test_a_server_that_starts_to_answer_opens_its_board(start: Callable[..., StartHarness]) -> None:
    ui = start()
    async with ui.run():
        before = ui.probes
        await ui.wait_until(lambda: ui.probes > before)
        ui.is_answering = True
        await ui.wait_until(lambda: ui.app.return_value)
    assert ui.app.return_value == ServerChoice("http://127.0.0.1:8765")


async def test_a_server_that_answers_does_not_interrupt_the_typing_of_another_one(
    start: Callable[..., StartHarness],
) -> None:
    ui = start()
    async with ui.run():
        await ui.press("s")
        ui.is_answering = True
        await ui.press(*"http://x:1")
        assert ui.app.return_value is None
        await ui.press("enter")
    assert ui.app.return_value == ServerChoice("http://x:1")


@pytest.mark.parametrize("size", [(40, 12), (24, 6), (1, 1), (200, 60)])
async def test_it_fits_every_terminal(start: Callable[..., StartHarness], size: tuple[int, int]) -> None:
    ui = start()
    async with ui.run(*size):
        assert [cell_len(row) for row in ui.rows()] == [size[0]] * size[1]
        if size[0] > 30:
            assert "d  Demo" in ui.text()
            assert "mock-server" in ui.text()


@pytest.mark.parametrize("evil", HOSTILE.values(), ids=HOSTILE)
async def test_hostile_text_stays_text(start: Callable[..., StartHarness], evil: str) -> None:
    ui = start(evil)
    async with ui.run():
        assert [active_characters(row) for row in ui.rows()] == [[]] * 24
        await ui.press("s")
        field = ui.app.focused
        assert field is not None
        field.post_message(Paste(evil))
        await ui.press("enter")
        assert [active_characters(row) for row in ui.rows()] == [[]] * 24
