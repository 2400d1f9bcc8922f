"""Every action and its key, in one list: bindings, key bar, help, command palette and config file use it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Needs(Enum):
    """A requirement for an action to be available."""

    NOTHING = auto()
    SEVERAL_ORDERS = auto()
    """More than one order is watched."""
    SERVER = auto()
    """The feed is live, not a recording."""
    DEMO = auto()
    """The embedded server is running."""
    REPLAY = auto()
    """A recording is replayed."""


class ActionGroup(Enum):
    """The part of the program that an action belongs to; the value is its heading in the help."""

    BOARD = "Board"
    ORDER = "Order"
    EVERYWHERE = "Everywhere"
    DEMO = "Demo"


@dataclass(frozen=True, slots=True)
class Action:
    """One action of the user.

    Attributes:
        key: Textual's name of the key; of several keys, separated by commas.
        key_label: The key as it is shown.
        name: Textual's name of the action.
        label: The word for the key bar and the palette.
        summary: One line for help and palette.
        key_bar_rank: Priority on the key bar, 1 is dropped last; None is never on it.
        needs: Requirement for the action to be available.
        on_screen: Whether the screen and not the app runs the action; a screen without the method ignores the key.
        is_prompt: Whether the action opens something that takes the next keys, typed-ahead ones included.
        in_lab: Whether the key works in the fault lab alone; elsewhere the palette runs the action.
        group: Its group in the help.
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
    in_lab: bool = False
    group: ActionGroup = ActionGroup.EVERYWHERE

    @property
    def qualified_name(self) -> str:
        """The action's name with its namespace, as Textual runs it."""
        return f"{'screen' if self.on_screen else 'app'}.{self.name}"

    def applies_to(self, screen: object) -> bool:
        """Return whether a screen can run the action."""
        return not self.on_screen or hasattr(screen, f"action_{self.name}")


_BOARD, _ORDER, _DEMO = ActionGroup.BOARD, ActionGroup.ORDER, ActionGroup.DEMO

ACTIONS = (
    Action(
        "enter", "Enter", "open", "Open", "Open the selected order", 3, Needs.SEVERAL_ORDERS, on_screen=True,
        group=_BOARD,
    ),
    Action(
        "slash", "/", "filter", "Filter", "Filter orders or log lines; Esc clears", 4, on_screen=True, is_prompt=True,
        group=_BOARD,
    ),
    Action(
        "s", "s", "sort", "Sort", "Sort the board", 5, Needs.SEVERAL_ORDERS, on_screen=True, is_prompt=True,
        group=_BOARD,
    ),
    Action(
        "space", "Space", "mark", "Mark", "Mark the selected order", None, Needs.SEVERAL_ORDERS, on_screen=True,
        group=_BOARD,
    ),
    Action(
        "V", "V", "seen", "Seen", "Mark all changes as seen", None, Needs.SEVERAL_ORDERS, on_screen=True,
        group=_BOARD,
    ),
    Action(
        "z", "z", "snooze", "Snooze", "Snooze the selected order for 10 min, or end its snooze", None,
        Needs.SEVERAL_ORDERS, on_screen=True, group=_BOARD,
    ),
    Action(
        "g", "g", "group", "Group", "Group the board by stage, by courier, or not", 11, Needs.SEVERAL_ORDERS,
        on_screen=True, group=_BOARD,
    ),
    Action(
        "G", "G", "collapse", "Collapse", "Collapse or expand all groups; Enter on a title does one", None,
        Needs.SEVERAL_ORDERS, on_screen=True, group=_BOARD,
    ),
    Action(
        "a,colon", "a", "add", "Add", "Open an order by its id or address, or add several to the board", 4,
        Needs.SERVER, is_prompt=True,
    ),
    Action(
        "J,right_square_bracket", "J", "next_order", "Next", "Next order of the list, as it was opened (also ])",
        None, Needs.SEVERAL_ORDERS, on_screen=True, group=_ORDER,
    ),
    Action(
        "K,left_square_bracket", "K", "previous_order", "Previous", "Previous order of the list (also [)",
        None, Needs.SEVERAL_ORDERS, on_screen=True, group=_ORDER,
    ),
    Action(
        "v", "v", "split", "Split", "Show the selected order beside the board, from 140 columns", None,
        Needs.SEVERAL_ORDERS, on_screen=True, group=_BOARD,
    ),
    Action("c", "c", "copy", "Copy", "Copy the sentence to say to the customer", 4, group=_ORDER),
    Action("C", "C", "ticket", "Ticket", "Copy the order as a text for a ticket", group=_ORDER),
    Action("p", "p", "pause", "Pause", "Pause or resume the screen, or the replay; updates keep arriving", 6),
    Action("comma,left", ",", "seek_back", "Back 10 s", "Replay: back 10 s (or Left)", 5, Needs.REPLAY),
    Action("full_stop,right", ".", "seek_forward", "Forward 10 s", "Replay: forward 10 s (or Right)", 5, Needs.REPLAY),
    Action("r", "r", "reconnect", "Reconnect", "Reconnect now instead of waiting", 5, Needs.SERVER),
    Action("l", "l", "log", "Log", "Show the event log, to scroll and filter", 10),
    Action("b", "b", "board", "Board", "Show all orders; Enter opens one", 4, Needs.SEVERAL_ORDERS, group=_ORDER),
    Action("f", "f", "faults", "Faults", "Open the fault lab, to break the demo's network", 7, Needs.DEMO, group=_DEMO),
    Action("h", "h", "heal", "Heal", "Fault lab: remove all faults", None, Needs.DEMO, in_lab=True, group=_DEMO),
    Action("T", "T", "tour", "Tour", "Fault lab: start the tour", None, Needs.DEMO, in_lab=True, group=_DEMO),
    Action("o", "o", "page", "Page", "Open the order's page in a browser, or copy its address", group=_ORDER),
    Action("e", "e", "export", "Export", "Export the case, a report or a picture", is_prompt=True, group=_ORDER),
    Action(
        "n", "n", "note", "Note", "Add a note to the order's history", 8, Needs.SERVER, is_prompt=True, group=_ORDER
    ),
    Action(
        "X", "X", "cancel", "Cancel", "Cancel the order, after a question", 9, Needs.SERVER, is_prompt=True,
        group=_ORDER,
    ),
    Action(
        "d,delete", "d", "remove", "Remove", "Remove the order from the board until you add it again", 12,
        Needs.SERVER, group=_ORDER,
    ),
    Action("u", "u", "undo", "Undo", "Bring back the order that was removed last", None, Needs.SERVER, group=_ORDER),
    Action("question_mark", "?", "help", "Help", "Show all keys and symbols", 2),
    Action("q", "q", "quit", "Quit", "Close the connection and quit", 1),
    Action("escape", "Esc", "back", "Back", "Go back", 3),
)  # fmt: skip


COMMAND_ACTIONS = frozenset({"note", "cancel"})
"""Names of the actions that send a command to the server; an order that has ended accepts none."""


def opens_prompt(name: str) -> bool:
    """Return whether the action of this name opens something that takes the next keys."""
    return any(action.is_prompt for action in ACTIONS if action.name == name)


VIEW_ACTION = Action("0", "0-9", "view", "View", "Show a saved view; 0 shows the one at the start", group=_BOARD)
"""The digits on the board; the config file gives each its view."""

LAB_ACTIONS = (
    Action("enter", "Enter", "toggle_fault", "Inject", "Fault lab: inject or remove the fault", 1, group=_DEMO),
    Action("plus,equals_sign,right", "+", "more", "More", "Fault lab: increase the rate", 2, group=_DEMO),
    Action("minus,left", "-", "less", "Less", "Fault lab: decrease the rate", 3, group=_DEMO),
)
"""Actions of the fault lab alone; there, the digits inject a fault, too."""

TOUR_ACTIONS = (Action("space", "Space", "next", "Next", "Tour: show the next failure", 1, group=_DEMO),)
"""Actions of the tour alone."""

PALETTE = Action("ctrl+p", "^p", "command_palette", "palette", "Find an action by its name")
"""Textual binds its own palette; the key bar and the help mention it."""

INTERRUPT = Action("ctrl+c", "^c", "interrupt", "Interrupt", "Quit at once, with exit code 130")

SUSPEND = Action("ctrl+z", "^z", "suspend_process", "Suspend", "Suspend to the shell; fg resumes")

TERMINAL_ACTIONS = (INTERRUPT, SUSPEND)
"""Actions of the keys that have a fixed meaning in terminals."""

KEY_BAR_LIMIT = 6
"""Actions on the key bar, besides the palette, of a terminal with fewer columns than `KEY_BAR_WIDE`."""

KEY_BAR_WIDE = 100
"""Columns from which the key bar shows as many actions as fit."""
