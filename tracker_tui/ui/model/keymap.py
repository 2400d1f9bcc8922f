"""Keys chosen by the user: how a key is written in the config file, and which action it runs."""

from __future__ import annotations

import string
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.ui.model.actions import ACTIONS, Action

_RENAMED = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
"""Characters whose name in Textual differs from the one in Unicode."""


REMOVED_ACTIONS = {
    "save": "use export (e), which saves pictures and reports",
    "rate": "use + and - in the fault lab",
    "zone": "set utc = true, or use --utc",
}
"""Per action that no longer exists: what to use instead."""


def _name_of(character: str) -> str:
    name = unicodedata.name(character, "").lower().replace("-", "_").replace(" ", "_")
    return _RENAMED.get(name, name)


_PUNCTUATION = {_name_of(character): character for character in string.punctuation}
_MOVING = ("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "enter", "tab", "shift+tab")
_FIXED = (*_MOVING, "ctrl+c", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+p", "ctrl+q", "ctrl+z")
"""Keys that move the cursor or have a fixed meaning in terminals; they can't be chosen."""
_NAMED = ("space", "escape", "backspace", "delete", "insert", *(f"f{number}" for number in range(1, 13)))
_MODIFIERS = ("ctrl", "alt", "shift")


def parse_key(text: str) -> str:
    """Return Textual's name of a key, written ``q``, ``?``, ``space``, ``f5`` or ``ctrl+r``.

    Raises:
        ValueError: There is no such key, or it can't be chosen; the message is one line for users.
    """
    if len(text) == 1 and text.isprintable() and text != " ":
        return text if text.isalnum() else _name_of(text) or text
    name = text.lower()
    modifier, plus, rest = name.rpartition("+")
    if name in _FIXED or rest in _MOVING:
        raise ValueError(f'"{sanitize(text)}" has a fixed meaning and cannot be chosen')
    known = rest in _NAMED or (not plus and rest in _PUNCTUATION)
    if plus:
        # Shift with a character is another character, which is written without shift.
        known = modifier in _MODIFIERS and (
            known or (modifier != "shift" and len(rest) == 1 and rest.isascii() and rest.isalnum())
        )
    if not known:
        raise ValueError(f'"{sanitize(text)}" is not a key; write one such as q, ?, space, f5 or ctrl+r')
    return name


def format_key(key: str) -> str:
    """Return the text from which `parse_key` returns `key`; of several keys, the first one's."""
    first = key.partition(",")[0]
    return _PUNCTUATION.get(first, first)


def key_label(key: str) -> str:
    """Return the text for a key on the screens."""
    text = format_key(key)
    if len(text) == 1:
        return text
    modifier, plus, rest = text.rpartition("+")
    rest = rest if len(rest) == 1 else {"escape": "Esc"}.get(rest, rest.capitalize())
    return rest if not plus else f"^{rest}" if modifier == "ctrl" else f"{modifier.capitalize()}+{rest}"


def parse_keymap(table: Mapping[str, object]) -> dict[str, str]:
    """Return the keys of a config file, by the action's name.

    Args:
        table: The keys as they are written, by the action's name.

    Actions that were removed are ignored; see `removed_actions`.

    Raises:
        ValueError: There is no such action or key, or one key has two actions; the message is one line for users.
    """
    chosen: dict[str, str] = {}
    defaults = {action.name: action.key for action in ACTIONS}
    for action, text in table.items():
        if action in REMOVED_ACTIONS:
            continue
        if action not in defaults:
            raise ValueError(f'unknown action "{sanitize(action)}"; there are {", ".join(sorted(defaults))}')
        if not isinstance(text, str):
            raise ValueError(f'{action}: write a key in quotes, such as "{format_key(defaults[action])}"')  # noqa: TRY004
        try:
            # A fixed key is accepted where it is the default.
            chosen[action] = defaults[action] if text == format_key(defaults[action]) else parse_key(text)
        except ValueError as error:
            raise ValueError(f"{action}: {error}") from error
    _each_key_once(defaults, chosen)
    return chosen


def removed_actions(table: Iterable[str]) -> str | None:
    """Return one line about the actions of a config file that no longer exist; None without any."""
    lines = [f"{action}: {REMOVED_ACTIONS[action]}" for action in table if action in REMOVED_ACTIONS]
    return f"ignored, no longer an action: {'; '.join(lines)}" if lines else None


def rebind(actions: Iterable[Action], keys: Mapping[str, str]) -> tuple[Action, ...]:
    """Return the actions with the keys of `parse_keymap`."""
    return tuple(
        replace(action, key=key, key_label=key_label(key)) if (key := keys.get(action.name)) else action
        for action in actions
    )


def _each_key_once(defaults: Mapping[str, str], chosen: Mapping[str, str]) -> None:
    users: dict[str, list[str]] = defaultdict(list)
    for action, keys in {**defaults, **chosen}.items():
        for key in keys.split(","):
            users[key].append(action)
    for key, actions in users.items():
        # Two actions that share a default key are never on the same screen.
        if len({defaults[action] for action in actions}) > 1:
            first, second = actions[:2]
            raise ValueError(
                f'"{format_key(key)}" is the key of both {first} and {second}: choose another key for one of them'
            )
