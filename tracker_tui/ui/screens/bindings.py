"""The declaration of commands as Textual's bindings; their ids are what a keymap goes by."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding

from tracker_tui.ui.model.actions import ACTIONS, TERMINAL_ACTIONS, Action


def app_bindings() -> list[Binding]:
    """The app's bindings."""
    keys = [
        # With priority a key is acted on before the next one is delivered: what is typed ahead finds the prompt there.
        Binding(
            each.key,
            each.qualified_name,
            each.label,
            key_display=each.key_label,
            show=False,
            id=each.name,
            priority=each.is_prompt,
        )
        for each in ACTIONS
    ]
    # With priority: a focused table or a modal screen must not keep these from meaning what they always mean.
    return [*keys, *(Binding(each.key, each.name, each.label, show=False, priority=True) for each in TERMINAL_ACTIONS)]


def screen_bindings(commands: Iterable[Action]) -> list[Binding]:
    """The bindings of commands that one screen has for itself."""
    return [Binding(each.key, each.name, each.label, key_display=each.key_label, show=False) for each in commands]


def modal_binding(action: str, does: str) -> Binding:
    """The key of a command, for a modal screen, where the app's own bindings don't reach.

    Args:
        action: The command's action.
        does: What the key does there.
    """
    command = next(each for each in ACTIONS if each.name == action)
    return Binding(command.key, does, command.label, show=False, id=action)
