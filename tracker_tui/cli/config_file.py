"""The config file: its location, and the values in it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tracker_tui.cli.options import OPTIONS, TOKEN, VARIABLE_PREFIX, Option, UsageError, parse_path
from tracker_tui.domain.order import check_order_ids, is_order_id
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.http.server import Server
from tracker_tui.storage.files import config_file
from tracker_tui.ui.model import keymap
from tracker_tui.ui.model.actions import ACTIONS
from tracker_tui.ui.model.board_view import BoardView, parse_views
from tracker_tui.ui.model.server_label import ServerLabel, parse_servers

CONFIG_VARIABLE = f"{VARIABLE_PREFIX}CONFIG"
"""Environment variable with the path of the config file."""

KEYS = "keys"
"""The table with the user's keys."""

VIEWS = "views"
"""The table with the user's views of the board."""

SERVERS = "servers"
"""The table with names and colours of servers."""

LISTS = "lists"
"""The table with the user's lists of orders."""

CACHE = "cache"
"""The table with the settings of the cache."""

IDENTITY = "identity"
"""The only key of the table `CACHE`."""

CACHE_IDENTITY = "cache_identity"
"""Name of the field in `Settings` that ``identity`` in the table `CACHE` sets."""

WARNING = "warning"
"""Name of the field in `Settings` with a warning about the config file."""

_MAX_IDENTITY = 200
"""Characters of an identity."""


def find_config_file(flag: str | None, environ: Mapping[str, str]) -> tuple[Path | None, bool]:
    """Return the path of the config file, if any, and whether it must exist.

    Args:
        flag: The value of ``--config``.
        environ: The environment variables.

    Raises:
        UsageError: ``--config`` or the variable is not a path.
    """
    named = flag or environ.get(CONFIG_VARIABLE)
    if not named:
        return config_file(), False
    try:
        return parse_path(named), True
    except ValueError as error:
        raise UsageError(f"--config: {error}") from error


def read_config_file(file: Path, *, must_exist: bool) -> dict[str, Any]:
    """Return the values in a config file, by the names of the fields in `Settings`.

    Raises:
        UsageError: The file can't be read, is not TOML, or has an unknown key or a wrong value.
    """
    shown = sanitize(str(file))
    values: dict[str, Any] = {}
    for name, value in _read_toml(file, must_exist=must_exist).items():
        if name == KEYS:
            values[KEYS] = _parse_keys(value, shown)
            if (warning := keymap.removed_actions(value)) is not None:
                values[WARNING] = f"{shown}: {KEYS}: {warning}"
        elif name == VIEWS:
            values[VIEWS] = _parse_views(value, shown)
        elif name == SERVERS:
            values[SERVERS] = _parse_servers(value, shown)
        elif name == LISTS:
            values[LISTS] = _parse_lists(value, shown)
        elif name == CACHE:
            values |= _parse_cache(value, shown)
        else:
            values[name] = _parse_option(name, value, shown)
    _check_view_keys(values.get(VIEWS, ()), values.get(KEYS, {}), shown)
    return values


def _read_toml(file: Path, *, must_exist: bool) -> dict[str, Any]:
    shown = sanitize(str(file))
    try:
        # The added newline makes tomllib give a line number for an error at the end of the file, too.
        return tomllib.loads(file.read_text("utf-8") + "\n")
    except OSError as error:
        if must_exist or not isinstance(error, FileNotFoundError | NotADirectoryError):
            raise UsageError(f"{shown} cannot be read: {error.strerror or error}") from error
        return {}
    except UnicodeDecodeError as error:
        raise UsageError(f"{shown} is not a config file: it is not UTF-8 text") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{shown} is not valid TOML: {sanitize(str(error))}") from error


def _parse_option(name: str, value: object, shown: str) -> Any:
    if name == TOKEN.name:
        raise UsageError(
            f"{shown}: a config file must not contain a token; set {TOKEN.variable}, or token_file or token_command"
        )
    options: dict[str, Option] = {option.name: option for option in OPTIONS}
    option = options.get(name)
    if option is None:
        known = ", ".join([*options, LISTS, SERVERS, KEYS, VIEWS, CACHE])
        raise UsageError(f'{shown}: unknown key "{sanitize(name)}"; known keys: {known}')
    # In Python, a bool is an int.
    if not isinstance(value, option.toml_types) or isinstance(value, bool) is not (option.toml_types == (bool,)):
        kinds: dict[tuple[type, ...], str] = {
            (str,): "a text in quotes",
            (str, list): "a list of texts",
            (bool,): "true or false",
        }
        kind = kinds.get(option.toml_types, "a number")
        raise UsageError(f"{shown}: {name}: write {kind}, such as {option.example}")
    if isinstance(value, list):
        if not all(isinstance(each, str) for each in value):
            raise UsageError(f"{shown}: {name}: write a list of texts, such as {option.example}")
        value = ",".join(value)
    return option.parse(str(value), f"{shown}: {name}")


def _parse_keys(value: object, shown: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise UsageError(f'{shown}: {KEYS}: write a table, such as [{KEYS}] and in the next line pause = "P"')
    try:
        return keymap.parse_keymap(value)
    except ValueError as error:
        raise UsageError(f"{shown}: {KEYS}: {error}") from error


def _parse_servers(value: object, shown: str) -> dict[str, ServerLabel]:
    if not isinstance(value, dict):
        example = '"https://orders.example.com" = {name = "prod", colour = "red"}'
        raise UsageError(f"{shown}: {SERVERS}: write a table, such as [{SERVERS}] and in the next line {example}")
    try:
        return parse_servers(value, lambda url: Server.parse(url).base)
    except ValueError as error:
        raise UsageError(f"{shown}: {SERVERS}: {error}") from error


def _parse_views(value: object, shown: str) -> tuple[BoardView, ...]:
    if not isinstance(value, dict):
        example = 'Late = {filter = "late", sort = "-eta"}'
        raise UsageError(f"{shown}: {VIEWS}: write a table, such as [{VIEWS}] and in the next line {example}")
    try:
        return parse_views(value)
    except ValueError as error:
        raise UsageError(f"{shown}: {VIEWS}: {error}") from error


def _check_view_keys(views: Sequence[BoardView], keys: Mapping[str, str], shown: str) -> None:
    actions = {keys.get(action.name, action.key): action.name for action in ACTIONS}
    for view in views:
        if (action := actions.get(view.key)) is not None:
            raise UsageError(
                f'{shown}: {VIEWS}: "{view.name}": "{view.key}" is the key of {action}, too: choose another'
            )


def _parse_lists(value: object, shown: str) -> dict[str, tuple[str, ...]]:
    example = 'vip = ["A1042", "A1001"]'
    if not isinstance(value, dict):
        raise UsageError(f"{shown}: {LISTS}: write a table, such as [{LISTS}] and in the next line {example}")
    lists: dict[str, tuple[str, ...]] = {}
    for name, order_ids in value.items():
        # Names are words on the command line, so that they follow the same rule as ids.
        if not is_order_id(name):
            raise UsageError(f'{shown}: {LISTS}: "{sanitize(name)}" is not a name of letters, digits, dots and dashes')
        if not isinstance(order_ids, list) or not all(isinstance(order_id, str) for order_id in order_ids):
            raise UsageError(f"{shown}: {LISTS}: {name}: write order ids in quotes and brackets, such as {example}")
        try:
            check_order_ids(order_ids)
        except ValueError as error:
            raise UsageError(f"{shown}: {LISTS}: {name}: {error}") from error
        lists[name] = tuple(dict.fromkeys(order_ids))
    return lists


def _parse_cache(value: object, shown: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise UsageError(f'{shown}: {CACHE}: write a table, such as [{CACHE}] and in the next line {IDENTITY} = "mara"')
    for name in value:
        if name != IDENTITY:
            raise UsageError(f'{shown}: {CACHE}: unknown key "{sanitize(name)}"; known key: {IDENTITY}')
    if IDENTITY not in value:
        return {}
    identity = value[IDENTITY]
    if not isinstance(identity, str) or not 1 <= len(identity) <= _MAX_IDENTITY:
        raise UsageError(f"{shown}: {CACHE}: {IDENTITY}: write a text of 1 to {_MAX_IDENTITY} characters in quotes")
    return {CACHE_IDENTITY: identity}
