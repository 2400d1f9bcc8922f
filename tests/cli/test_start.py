"""The start without anything to watch."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.support.tcp_servers import hang, tcp_server
from tracker_tui.cli import start
from tracker_tui.cli.settings import Settings
from tracker_tui.ui.start_app import DemoChoice, ServerChoice, StartApp

UNUSED = "http://127.0.0.1:9"
"""A port on which nothing listens."""


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[DemoChoice | ServerChoice | int | None]:
    """Return the choices of the user; each start screen takes the next one."""
    choices: list[DemoChoice | ServerChoice | int | None] = []

    async def run(app: StartApp) -> DemoChoice | ServerChoice | int | None:
        return choices.pop(0)

    monkeypatch.setattr(StartApp, "run_async", run)
    return choices


async def test_a_server_that_is_configured_is_not_tried_first(shown: list[object]) -> None:
    settings = Settings(server=UNUSED, sources={"server": "from TRACKER_SERVER"})
    assert await start.choose_settings(settings) == replace(settings, everything=True)


async def test_a_default_server_that_answers_opens_its_board(shown: list[object]) -> None:
    async with tcp_server(hang) as server:
        settings = Settings(server=server.base)
        assert await start.choose_settings(settings) == replace(settings, everything=True)


async def test_the_start_screen_decides_where_no_server_answers(shown: list[object]) -> None:
    settings = Settings(server=UNUSED, filter="late")
    shown += [DemoChoice(), ServerChoice("http://x"), None, 130]
    assert await start.choose_settings(settings) == Settings(server=UNUSED, filter="late", demo="")
    assert await start.choose_settings(settings) == Settings(server="http://x", filter="late", everything=True)
    assert await start.choose_settings(settings) == 0
    assert await start.choose_settings(settings) == 130


async def test_an_address_that_accepts_nothing_in_time_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def connect(host: str, port: int) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(start, "connect_tcp", connect)
    monkeypatch.setattr(start, "PROBE_TIMEOUT", 0.01)
    assert not await start.answers("http://192.0.2.1")
