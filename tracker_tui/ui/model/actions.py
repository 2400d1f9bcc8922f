"""Every key, in one list: bindings, key bar, help, command palette and config file are read from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Needs(Enum):
    """What must be there for a command to make sense."""

    NOTHING = auto()
    SEVERAL_ORDERS = auto()
    """More than one order."""
    SERVER = auto()
    """Somebody to ask: a recording answers nothing."""
    DEMO = auto()
    """The embedded server."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a user can do.

    Attributes:
        key: Textual's name of the key.
        key_label: The key as people write it.
        name: Name of the app's action.
        label: For the key bar and the palette.
        summary: One line for help and palette.
        key_bar_rank: Place in the queue for the key bar, 1 stays longest; None is never on it.
        on_screen: Whether it is the screen's action and not the app's; a screen that has none of that name ignores it.
        is_prompt: Whether it opens something that takes the next keys: those that were typed ahead are meant for that.
    """

    key: str
    key_label: str
    name: str
    label: str
    summary: str
    key_bar_rank: int | None = None
    needs: Needs = Needs.NOTHING
    on_screen: bool = False
    is_prompt: bool = False

    @property
    def qualified_name(self) -> str:
        """The action with whose it is, as Textual runs it."""
        return f"{'screen' if self.on_screen else 'app'}.{self.name}"

    def applies_to(self, screen: object) -> bool:
        """Whether it means anything on a screen."""
        return not self.on_screen or hasattr(screen, f"action_{self.name}")


ACTIONS = (
    Action(
        "enter", "Enter", "open", "Open", "Open the order under the cursor", 3, Needs.SEVERAL_ORDERS, on_screen=True
    ),
    Action(
        "slash",
        "/",
        "filter",
        "Filter",
        "Show some orders, or lines of the log, only; Esc clears it",
        4,
        on_screen=True,
        is_prompt=True,
    ),
    Action(
        "s",
        "s",
        "sort",
        "Sort",
        "Choose what comes first on the board",
        5,
        Needs.SEVERAL_ORDERS,
        on_screen=True,
        is_prompt=True,
    ),
    Action(
        "space", "Space", "mark", "Mark", "Mark the order under the cursor", None, Needs.SEVERAL_ORDERS, on_screen=True
    ),
    Action("c", "c", "copy", "Copy", "Copy a summary of the order for a ticket", 4),
    Action("p", "p", "pause", "Pause", "Freeze the picture, or let it run again; the feed goes on", 6),
    Action("r", "r", "reconnect", "Reconnect", "Open a new connection now instead of waiting", 5, Needs.SERVER),
    Action("l", "l", "log", "Log", "Everything that happened, to scroll through and filter", 10),
    Action("b", "b", "board", "Board", "All orders; Enter opens one", 4, Needs.SEVERAL_ORDERS),
    Action("f", "f", "faults", "Faults", "Make the demo's network misbehave", 7, Needs.DEMO),
    Action("h", "h", "heal", "Heal", "Take every fault back", None, Needs.DEMO),
    Action("T", "T", "tour", "Tour", "Ten failures, one after another, with a sentence on each", None, Needs.DEMO),
    Action("o", "o", "page", "Page", "Open the order's page in a browser; where there is none, copy its address"),
    Action("x", "x", "save", "Save", "Save a picture of the screen and a report in words, and say where"),
    Action("e", "e", "export", "Export", "Hand the case over: a report and a recording to replay"),
    Action("n", "n", "note", "Note", "Add a note to the order's history", 8, Needs.SERVER, is_prompt=True),
    Action(
        "X",
        "X",
        "cancel",
        "Cancel",
        "Ask the gateway to cancel the order; asks you first",
        9,
        Needs.SERVER,
        is_prompt=True,
    ),
    Action("t", "t", "zone", "UTC", "Show times in UTC, or in local time again"),
    Action("question_mark", "?", "help", "Help", "Every key, and what every sign means", 2),
    Action("q", "q", "quit", "Quit", "Leave; the connection is closed properly", 1),
    Action("escape", "Esc", "back", "Back", "Back to where you came from", 3),
)


def opens_prompt(action: str) -> bool:
    """Whether an action opens something that takes the next keys."""
    return any(command.is_prompt for command in ACTIONS if command.name == action)


LAB_ACTIONS = (
    Action("enter", "Enter", "strike", "Inject", "In the fault lab: inject a fault, or take it back", 1),
    Action("plus,equals_sign,right", "+", "more", "More", "In the fault lab: let it strike more often", 2),
    Action("minus,left", "-", "less", "Less", "In the fault lab: let it strike less often", 3),
    Action("percent_sign", "%", "rate", "Rate", "In the fault lab: type how often it strikes", 4),
)
"""What moves in the fault lab alone; the digits inject there, too."""

TOUR_ACTIONS = (Action("space", "Space", "next", "Next", "On the tour: heal, and go on to the next failure", 1),)
"""What moves on the tour alone."""

PALETTE = Action("ctrl+p", "^p", "command_palette", "palette", "Find a command by its name")
"""Textual binds its own palette; the key bar and the help mention it."""

INTERRUPT = Action("ctrl+c", "^c", "interrupt", "Interrupt", "Leave at once, with exit code 130")

SUSPEND = Action("ctrl+z", "^z", "suspend_process", "Suspend", "Back to the shell; its fg brings the screen back")

TERMINAL_ACTIONS = (INTERRUPT, SUSPEND)
"""What a terminal does with these keys by itself."""

KEY_BAR_LIMIT = 6
"""Commands on the key bar, the palette aside (DESIGN §4) …"""

KEY_BAR_WIDE = 100
"""… of a terminal with fewer columns than this; in a wider one there are as many as leave room for the palette."""
