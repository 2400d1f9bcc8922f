"""What a run was asked to do: flags over TRACKER_* over a TOML file over defaults, each mistake one clear line."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from tracker_tui.domain.order import is_order_id
from tracker_tui.domain.visible import visible
from tracker_tui.link.server import DEFAULT_SERVER, MOST_ORDERS, Server

UNTIL_ENDED = "ended"
"""The word for `Settings.until` that means any outcome rather than a status."""


class UsageError(Exception):
    """What was asked for cannot be done; the message is one line for people."""


class Format(StrEnum):
    """Which front end shows the orders."""

    TUI = "tui"
    PLAIN = "plain"
    NDJSON = "ndjson"


class Transport(StrEnum):
    """How the gateway may be talked to."""

    AUTO = "auto"
    WEBSOCKET = "websocket"


@dataclass(frozen=True, slots=True)
class Settings:
    """The effective settings of a run.

    Attributes:
        orders: Order ids, each once, in the order given; empty only with `demo`.
        server: Base URL of the gateway.
        format: The front end; None where the choice is left to the terminal.
        transport: How to connect.
        until: `UNTIL_ENDED` or a status at which to stop; None to stop when the feed ends.
        timeout: Seconds after which to give up.
        log_file: Where to keep a log.
        demo: Scenario of the embedded server; "" for its default one; None for no demo.
        once: Whether to print the present state and stop.
        sources: Where each configurable value came from, in words; what is absent is a default.
    """

    orders: tuple[str, ...] = ()
    server: str = DEFAULT_SERVER
    format: Format | None = None
    transport: Transport = Transport.AUTO
    until: str | None = None
    timeout: float | None = None
    log_file: Path | None = None
    demo: str | None = None
    once: bool = False
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flags:
    """What the command line said; None and False stand for "nothing"."""

    orders: Sequence[str] = ()
    config: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    demo: str | None = None
    once: bool = False
    print_config: bool = False


@dataclass(frozen=True, slots=True)
class _Key:
    """A value that flags, environment and file can all give."""

    name: str
    read: Callable[[str], Any]
    in_toml: tuple[type, ...]
    in_words: str
    unset: str

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        return "TRACKER_" + self.name.upper()


def load(flags: Flags, environ: Mapping[str, str]) -> Settings:
    """Work out the settings of a run.

    An empty environment variable counts as unset.

    Raises:
        UsageError: Something in the flags, the environment or the config file is not usable.
    """
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    path = _config_path(flags, environ)
    for name, value in _from_file(path, needed=bool(flags.config or environ.get("TRACKER_CONFIG"))):
        values[name], sources[name] = value, f"from {visible(str(path))}"
    for key in _KEYS:
        if text := environ.get(key.variable):
            values[key.name], sources[key.name] = _read(key, text, key.variable), f"from {key.variable}"
        if key.name in flags.values:
            values[key.name], sources[key.name] = _read(key, flags.values[key.name], key.flag), f"from {key.flag}"
    if flags.demo is not None and sources.get("server") == "from --server":
        raise UsageError('--demo brings its own gateway: leave out either "--demo" or "--server"')
    if flags.once and sources.get("until") == "from --until":
        raise UsageError('--once does not wait: leave out either "--once" or "--until"')
    orders = () if flags.print_config else _orders(flags)
    return Settings(orders=orders, demo=flags.demo, once=flags.once, sources=sources, **values)


def as_toml(settings: Settings) -> str:
    """Write the settings as a config file that gives the same values, with a comment on where each came from."""
    lines = ["# The settings of tracker-tui in effect; save this as a config file to keep them.", ""]
    for key in _KEYS:
        value = getattr(settings, key.name)
        source = settings.sources.get(key.name, "default")
        if value is None:
            lines += [f"# not set; {key.in_words}", f"# {key.name} = {key.unset}"]
        else:
            lines += [f"# {source}", f"{key.name} = {_toml(value)}"]
    return "\n".join(lines) + "\n"


def _read_server(text: str) -> str:
    return Server.parse(text).base


def _read_format(text: str) -> Format:
    return Format(_one_of(text, list(Format)))


def _read_transport(text: str) -> Transport:
    return Transport(_one_of(text, list(Transport)))


def _one_of(text: str, words: Sequence[str]) -> str:
    if text not in words:
        raise ValueError(f'"{visible(text)}" is not one of {", ".join(words)}')
    return text


def _read_until(text: str) -> str:
    if not 1 <= len(text) <= 64:
        raise ValueError(f'give "{UNTIL_ENDED}" or a status of 1 to 64 characters, such as "delivered"')
    return text


def _read_timeout(text: str) -> float:
    try:
        seconds = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise ValueError(f'"{visible(text)}" is not a number of seconds above 0')
    return seconds


def _read_path(text: str) -> Path:
    if not text or "\0" in text:
        raise ValueError("the name of a file is missing")
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise ValueError(f"the home directory in {visible(text)} is not known") from error


_KEYS = (
    _Key("server", _read_server, (str,), "base URL of the order gateway", '"http://127.0.0.1:8765"'),
    _Key("format", _read_format, (str,), "tui on a terminal, else plain", '"tui"'),
    _Key("transport", _read_transport, (str,), "how to connect", '"auto"'),
    _Key("until", _read_until, (str,), "an order is watched until it has ended", '"ended"'),
    _Key("timeout", _read_timeout, (int, float), "seconds; no limit", "60"),
    _Key("log_file", _read_path, (str,), "no log is kept", '"/tmp/tracker-tui.log"'),
)


def _read(key: _Key, text: str, source: str) -> Any:
    # What the environment holds need not be text in any encoding; nothing further on could show or send it.
    if text != text.encode(errors="replace").decode():
        raise UsageError(f"{source}: this is not UTF-8 text")
    try:
        return key.read(text)
    except ValueError as error:
        raise UsageError(f"{source}: {error}") from error


def _config_path(flags: Flags, environ: Mapping[str, str]) -> Path | None:
    named = flags.config or environ.get("TRACKER_CONFIG")
    if named:
        try:
            return _read_path(named)
        except ValueError as error:
            raise UsageError(f"--config: {error}") from error
    base = environ.get("XDG_CONFIG_HOME", "")
    # The XDG rules: a relative path there is to be ignored.
    if not base.startswith("/"):
        home = environ.get("HOME", "")
        if not home.startswith("/"):
            return None
        base = f"{home}/.config"
    return Path(base, "tracker-tui", "config.toml")


def _from_file(path: Path | None, *, needed: bool) -> Iterator[tuple[str, Any]]:
    if path is None:
        return
    shown = visible(str(path))
    try:
        # With a line break at the end, a mistake in the last line is told with its number, too.
        table = tomllib.loads(path.read_text("utf-8") + "\n")
    except OSError as error:
        if needed or not isinstance(error, FileNotFoundError | NotADirectoryError):
            raise UsageError(f"{shown} cannot be read: {error.strerror or error}") from error
        return
    except UnicodeDecodeError as error:
        raise UsageError(f"{shown} is not a config file: it is not UTF-8 text") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{shown} is not valid TOML: {visible(str(error))}") from error
    keys = {key.name: key for key in _KEYS}
    for name, value in table.items():
        key = keys.get(name)
        if key is None:
            raise UsageError(f'{shown}: unknown key "{visible(name)}"; there are {", ".join(keys)}')
        if not isinstance(value, key.in_toml) or isinstance(value, bool):
            kind = "a text in quotes" if key.in_toml == (str,) else "a number"
            raise UsageError(f"{shown}: {name}: write {kind}, such as {key.unset}")
        yield name, _read(key, str(value), f"{shown}: {name}")


def _orders(flags: Flags) -> tuple[str, ...]:
    orders = tuple(dict.fromkeys(flags.orders))
    if not orders and flags.demo is None:
        raise UsageError('which order? Try "tracker-tui A1042", or "tracker-tui --demo" without a gateway')
    if len(orders) > MOST_ORDERS:
        raise UsageError(f"{len(orders)} orders are too many: at most {MOST_ORDERS} can be watched at once")
    for order_id in orders:
        if not is_order_id(order_id):
            raise UsageError(
                f'"{visible(order_id[:80])}" is not an order id: '
                "it is 1 to 64 letters, digits, dots, dashes and underscores, the first a letter or digit"
            )
    return orders


def _toml(value: str | float | Path) -> str:
    if isinstance(value, float):
        return repr(value)
    # A JSON string is a TOML string too, but for DEL, which TOML wants escaped.
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
