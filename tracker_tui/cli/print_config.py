"""The settings in effect, printed as a config file."""

from __future__ import annotations

from collections.abc import Iterator

from tracker_tui.cli.config_file import CACHE, CACHE_IDENTITY, IDENTITY, KEYS, LISTS, SERVERS, VIEWS
from tracker_tui.cli.options import OPTIONS, format_toml
from tracker_tui.cli.settings import Settings
from tracker_tui.ui.model import keymap
from tracker_tui.ui.model.actions import ACTIONS


def settings_as_toml(settings: Settings) -> str:
    """Return a config file with the same settings, and a comment with the source of each."""
    lines = ["# The settings of tracker-tui in effect; save this as a config file to keep them.", ""]
    for option in OPTIONS:
        value = getattr(settings, option.name)
        source = settings.sources.get(option.name, "default")
        if value is None:
            lines += [f"# not set; {option.unset}", f"# {option.name} = {option.example}"]
        else:
            lines += [f"# {source}", f"{option.name} = {format_toml(value)}"]
    if settings.token is not None:
        lines.append(f"# the token comes {settings.sources['token']} and is not shown")
    tables = (_lists_table, _servers_table, _cache_table, _keys_table, _views_table)
    return "\n".join([*lines, *(line for table in tables for line in table(settings))]) + "\n"


def _lists_table(settings: Settings) -> Iterator[str]:
    yield from ("", f"[{LISTS}]")
    if not settings.lists:
        yield "# no list; --list vip watches these orders"
        yield '# vip = ["A1042", "A1001"]'
        return
    yield f"# {settings.sources[LISTS]}"
    for name, order_ids in settings.lists.items():
        key = name if "." not in name else format_toml(name)
        yield f"{key} = [{', '.join(map(format_toml, order_ids))}]"


def _cache_table(settings: Settings) -> Iterator[str]:
    yield from ("", f"[{CACHE}]")
    if settings.cache_identity is None:
        yield "# not set; each server and source of tokens has its own cache"
        yield f'# {IDENTITY} = "mara"'
    else:
        yield f"# {settings.sources[CACHE_IDENTITY]}"
        yield f"{IDENTITY} = {format_toml(settings.cache_identity)}"


def _keys_table(settings: Settings) -> Iterator[str]:
    yield from ("", f"[{KEYS}]")
    for action in ACTIONS:
        key = settings.keys.get(action.name)
        yield f"# {action.summary}" + (f"; {settings.sources[KEYS]}" if key is not None else "")
        yield f"{'# ' if key is None else ''}{action.name} = {format_toml(keymap.format_key(key or action.key))}"


def _servers_table(settings: Settings) -> Iterator[str]:
    yield from ("", f"[{SERVERS}]")
    if not settings.servers:
        yield "# not set; the header shows the server's host"
        yield '# "https://orders.example.com" = {name = "prod", colour = "red"}'
        return
    yield f"# {settings.sources[SERVERS]}"
    for url, label in settings.servers.items():
        fields = {"name": label.name, "colour": label.colour or ""}
        written = ", ".join(f"{name} = {format_toml(value)}" for name, value in fields.items() if value)
        yield f"{format_toml(url)} = {{{written}}}"


def _views_table(settings: Settings) -> Iterator[str]:
    yield from ("", f"[{VIEWS}]")
    if not settings.views:
        yield "# not set; the board starts with every order, worst first"
        yield '# "Late" = {filter = "late", sort = "-promise", group = "courier", key = "1"}'
        return
    yield f"# {settings.sources[VIEWS]}"
    for view in settings.views:
        fields = {"filter": view.filter.text, "sort": view.sort_text, "group": view.grouping.value, "key": view.key}
        written = ", ".join(f"{name} = {format_toml(value)}" for name, value in fields.items())
        yield f"{format_toml(view.name)} = {{{written}}}"
