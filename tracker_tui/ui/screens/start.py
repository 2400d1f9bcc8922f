"""The start screen: no server is configured and none answers, so the user chooses what to watch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from tracker_tui.domain.order_url import server_host
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.http.server import DEFAULT_SERVER, Server
from tracker_tui.ui.cells.measure import Part, hanging_lines
from tracker_tui.ui.model.styles import ACCENT, CAUTION, MUTED, STRONG
from tracker_tui.ui.screens.prompts import Prompt, PromptInput
from tracker_tui.ui.widgets.pane import Pane, action_style

MAX_URL = 2_000
"""Characters of the longest URL that can be typed."""

_CHOICES = (
    ("d", "demo", "Demo", "a server inside this program, with orders of its own"),
    ("s", "server", "Another server", "type its URL"),
    ("q", "quit", "Quit", ""),
)
"""The choices: key, action, title and what they do."""


@dataclass(frozen=True, slots=True)
class Menu:
    """The content of the start screen.

    Attributes:
        selected: Index of the selected choice.
        config_file: The path of the config file, safe to show; empty if there is none.
    """

    selected: int
    config_file: str


class StartScreen(Screen[None]):
    """A menu: the demo, or the URL of a server; below it how to start a server on this machine."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"choose({action!r})", title, show=False) for key, action, title, _ in _CHOICES),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("enter", "accept", show=False),
    ]

    class DemoChosen(Message):
        """The user chose the demo."""

    @dataclass
    class ServerChosen(Message):
        """The user typed the URL of a server."""

        url: str

    def __init__(self, config_file: str) -> None:
        """Make the screen.

        Args:
            config_file: The path of the config file; empty if there is none.
        """
        super().__init__()
        self._menu = Menu(0, sanitize(config_file))
        self._pane = Pane[Menu](render_start, id="start")

    def compose(self) -> ComposeResult:
        """Yield the menu."""
        yield self._pane

    def on_mount(self) -> None:
        """Show the menu."""
        self._pane.show(self._menu)

    def action_move(self, by: int) -> None:
        """Select another choice."""
        self._menu = Menu((self._menu.selected + by) % len(_CHOICES), self._menu.config_file)
        self._pane.show(self._menu)

    async def action_accept(self) -> None:
        """Run the selected choice."""
        await self.action_choose(_CHOICES[self._menu.selected][1])

    async def action_choose(self, action: str) -> None:
        """Run a choice."""
        match action:
            case "demo":
                self.post_message(self.DemoChosen())
            case "server":
                await self.app.push_screen(ServerPrompt(), self._choose_server)
            case _:
                await self.run_action("app.quit")

    def _choose_server(self, url: str | None) -> None:
        if url is not None:
            self.post_message(self.ServerChosen(url))


class ServerPrompt(Prompt[str]):
    """An input for the URL of a server; the result is its base URL, or None."""

    HINT = "Enter opens its board · Esc closes"

    def __init__(self) -> None:
        field = PromptInput(MAX_URL, placeholder="https://orders.example.com", id="server")
        super().__init__(field, "URL of the order server")

    def on_input_changed(self) -> None:
        """Replace an error by the hint."""
        self.show_hint(self.HINT)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the base URL; show an error if it is none."""
        try:
            server = Server.parse(event.value.strip())
        except ValueError as error:
            self.show_hint(f"Not a URL: {error}")
        else:
            self.dismiss(server.base)


def render_start(value: Menu, width: int, height: int) -> Content:
    """Return the menu, and what else the user can do."""
    host = server_host(DEFAULT_SERVER)
    rows = hanging_lines([], "tracker-tui", f"{STRONG} {ACCENT}", width)
    rows += [
        Content(""),
        *hanging_lines([], f"No server is configured, and none answers at {host}.", CAUTION, width),
        Content(""),
    ]
    for index, (key, action, title, does) in enumerate(_CHOICES):
        before = _choice(key, title, is_selected=index == value.selected)
        row = hanging_lines(before, does, MUTED, width)[0]
        rows.append(row.stylize(action_style(f"screen.choose({action!r})")))
    rows += [
        Content(""),
        *hanging_lines([("Or start a server here:  ", MUTED)], "mock-server", ACCENT, width),
        *hanging_lines([], "This screen opens its board as soon as it answers.", MUTED, width),
    ]
    if value.config_file:
        rows += [
            Content(""),
            *hanging_lines([("Keep a server:  ", MUTED)], f'server = "URL" in {value.config_file}', "", width),
        ]
    if len(rows) > height:
        rows = [row for row in rows if row.plain]
    return Content("\n").join(rows[:height])


def _choice(key: str, title: str, *, is_selected: bool) -> list[Part]:
    width = max(len(title) for _, _, title, _ in _CHOICES)
    return [
        ("▸ " if is_selected else "  ", ACCENT),
        (f"{key}  ", f"{STRONG} {ACCENT}"),
        (f"{title:{width}}  ", STRONG if is_selected else ""),
    ]
