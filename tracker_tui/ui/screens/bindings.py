"""Textual's bindings for the actions; a keymap finds them by their ids."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding

from tracker_tui.ui.model.actions import ACTIONS, TERMINAL_ACTIONS, Action


def app_bindings() -> list[Binding]:
    """Return the bindings of the app."""
    bindings = [
        # With priority the action runs before the next key is delivered, so that a prompt gets the typed-ahead keys.
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
        if not each.in_lab
    ]
    # With priority these keys work in inputs and dialogs, too.
    return [
        *bindings,
        *(Binding(each.key, each.name, each.label, show=False, priority=True) for each in TERMINAL_ACTIONS),
    ]


def screen_bindings(actions: Iterable[Action]) -> list[Binding]:
    """Return the bindings of actions that only one screen has."""
    return [Binding(each.key, each.name, each.label, key_display=each.key_label, show=False) for each in actions]


def modal_binding(name: str, action: str) -> Binding:
    """Return a binding for a modal screen, where the app's bindings don't apply.

    Args:
        name: Name of the action whose key it uses.
        action: The action that the key runs there.
    """
    each = next(each for each in ACTIONS if each.name == name)
    return Binding(each.key, action, each.label, show=False, id=name)
