"""Keys of the user's own choice: how a key is written, and which command it stands for."""

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
"""Where Textual's names of characters are not Unicode's."""


def _name_of(character: str) -> str:
    name = unicodedata.name(character, "").lower().replace("-", "_").replace(" ", "_")
    return _RENAMED.get(name, name)


_PUNCTUATION = {_name_of(character): character for character in string.punctuation}
_MOVING = ("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "enter", "tab", "shift+tab")
_FIXED = (*_MOVING, "ctrl+c", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+p", "ctrl+q", "ctrl+z")
"""What moves about or means the same in every terminal, and so is nobody's to choose."""
_NAMED = ("space", "escape", "backspace", "delete", "insert", *(f"f{number}" for number in range(1, 13)))
_MODIFIERS = ("ctrl", "alt", "shift")


def parse_key(text: str) -> str:
    """Textual's name of the key that `text` writes: ``q``, ``?``, ``space``, ``f5``, ``ctrl+r``.

    Raises:
        ValueError: There is no such key, or it isn't free to choose; one line for people.
    """
    if len(text) == 1 and text.isprintable() and text != " ":
        return text if text.isalnum() else _name_of(text) or text
    name = text.lower()
    modifier, plus, rest = name.rpartition("+")
    if name in _FIXED or rest in _MOVING:
        raise ValueError(f'"{sanitize(text)}" always means the same and cannot be chosen')
    known = rest in _NAMED or (not plus and rest in _PUNCTUATION)
    if plus:
        # Shift makes another character of a character, which is then what to write.
        known = modifier in _MODIFIERS and (
            known or (modifier != "shift" and len(rest) == 1 and rest.isascii() and rest.isalnum())
        )
    if not known:
        raise ValueError(f'"{sanitize(text)}" is not a key; write one such as q, ?, space, f5 or ctrl+r')
    return name


def format_key(key: str) -> str:
    """The key with this name as `parse_key` reads it."""
    return _PUNCTUATION.get(key, key)


def key_label(key: str) -> str:
    """The key with this name as the screens show it."""
    text = format_key(key)
    if len(text) == 1:
        return text
    modifier, plus, rest = text.rpartition("+")
    rest = rest if len(rest) == 1 else {"escape": "Esc"}.get(rest, rest.capitalize())
    return rest if not plus else f"^{rest}" if modifier == "ctrl" else f"{modifier.capitalize()}+{rest}"


def parse_keymap(table: Mapping[str, object]) -> dict[str, str]:
    """The keys of a config file, by action.

    Args:
        table: Keys as they are written, by the action's name.

    Raises:
        ValueError: There is no such action or key, or one key would mean two things; one line for people.
    """
    chosen: dict[str, str] = {}
    defaults = {command.name: command.key for command in ACTIONS}
    for action, text in table.items():
        if action not in defaults:
            raise ValueError(f'unknown action "{sanitize(action)}"; there are {", ".join(sorted(defaults))}')
        if not isinstance(text, str):
            raise ValueError(f'{action}: write a key in quotes, such as "{format_key(defaults[action])}"')  # noqa: TRY004
        try:
            # What only moves about is nobody's to choose, and may be written down where it is the key already.
            chosen[action] = defaults[action] if text == format_key(defaults[action]) else parse_key(text)
        except ValueError as error:
            raise ValueError(f"{action}: {error}") from error
    _each_key_once(defaults, chosen)
    return chosen


def rebind(commands: Iterable[Action], keys: Mapping[str, str]) -> tuple[Action, ...]:
    """The commands under the keys of `parse_keymap`."""
    return tuple(
        replace(command, key=key, key_label=key_label(key)) if (key := keys.get(command.name)) else command
        for command in commands
    )


def _each_key_once(defaults: Mapping[str, str], chosen: Mapping[str, str]) -> None:
    users: dict[str, list[str]] = defaultdict(list)
    for action, key in {**defaults, **chosen}.items():
        users[key].append(action)
    for key, actions in users.items():
        # Two that share a key by default are never on the same screen.
        if len({defaults[action] for action in actions}) > 1:
            first, second = actions[:2]
            raise ValueError(
                f'"{format_key(key)}" would mean both {first} and {second}: choose another key for one of them'
            )
