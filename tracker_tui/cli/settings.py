"""What a run was asked to do: flags over TRACKER_* over a TOML file over defaults, each mistake one clear line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tracker_tui.cli.options import (
    OPTIONS,
    PREFIX,
    TOKEN,
    TOKEN_SOURCES,
    Format,
    Option,
    Theme,
    Transport,
    UsageError,
    format_toml,
    parse_path,
)
from tracker_tui.cli.recording_options import RecordingOptions
from tracker_tui.domain.order import is_order_id
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.auth.token import Token
from tracker_tui.link.http.server import DEFAULT_SERVER, MOST_ORDERS
from tracker_tui.ui.model import keymap
from tracker_tui.ui.model.actions import COMMANDS

_BROUGHT_BY_DEMO = ("server", "token_file", "token_command", "ca_file")
"""What makes no sense for a gateway inside the process."""

CONFIG = f"{PREFIX}CONFIG"
"""The variable that names the config file."""

KEYS = "keys"
"""The table of the config file that gives actions other keys."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The effective settings of a run.

    Attributes:
        orders: Order ids, each once, in the order given; empty only with `demo`, `everything` or `replay`.
        server: Base URL of the gateway.
        format: The front end; None where the choice is left to the terminal.
        theme: The colours of the screens; None for what suits the terminal.
        transport: How to connect.
        token_file: Where the token is read from. At most one of the three `token…` is not None.
        token_command: What prints the token: words as for a shell, which is not asked.
        token: The token itself.
        ca_file: Certificates to trust beside the system's.
        filter: Which orders a report tells of, and the board shows to begin with; None for every order.
        until: `UNTIL_ENDED` or a status at which to stop; None to stop when the feed ends.
        timeout: Seconds after which to give up.
        log_file: Where to keep a log.
        quiet: Whether no alerts are raised.
        no_cache: Whether nothing is kept of the orders, and nothing from before is shown.
        demo: Scenario of the embedded server; "" for its default one; None for no demo.
        everything: Whether to watch every open order, and what else is opened.
        once: Whether to print the present state and stop.
        keys: Keys of the user's own choice, by action, as Textual names them.
        record: Where to record everything; a file that is not there yet.
        replay: A recording to show instead of asking a gateway.
        speed: How many times as fast as it happened.
        sources: Where each configurable value came from, in words; what is absent is a default.
    """

    orders: tuple[str, ...] = ()
    server: str = DEFAULT_SERVER
    format: Format | None = None
    theme: Theme | None = None
    transport: Transport = Transport.AUTO
    token_file: Path | None = None
    token_command: str | None = None
    token: Token | None = None
    ca_file: Path | None = None
    filter: str | None = None
    until: str | None = None
    timeout: float | None = None
    log_file: Path | None = None
    quiet: bool = False
    no_cache: bool = False
    demo: str | None = None
    once: bool = False
    everything: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)
    record: Path | None = None
    replay: Path | None = None
    speed: float = 1.0
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flags:
    """What the command line said; None and False stand for "nothing"."""

    orders: Sequence[str] = ()
    config: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    demo: str | None = None
    once: bool = False
    everything: bool = False
    recording: RecordingOptions = field(default_factory=RecordingOptions)
    print_config: bool = False


@dataclass(frozen=True, slots=True)
class _Layer:
    """What one place says: per option its value, and the option as it is named there."""

    values: Mapping[str, Any]
    names: Mapping[str, str]
    place: str | None = None

    def source(self, name: str) -> str:
        return f"from {self.place or self.names[name]}"


def load_settings(flags: Flags, environ: Mapping[str, str]) -> Settings:
    """Work out the settings of a run.

    An empty environment variable counts as unset.

    Raises:
        UsageError: Something in the flags, the environment or the config file is not usable.
    """
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for layer in (_file(flags, environ), _environment(environ), _command_line(flags)):
        if tokens := [name for name in TOKEN_SOURCES if name in layer.values]:
            _only_one(tokens, layer)
            for name in TOKEN_SOURCES:
                values.pop(name, None)
                sources.pop(name, None)
        values |= layer.values
        sources |= {name: layer.source(name) for name in layer.values}
    for name in _BROUGHT_BY_DEMO if flags.demo is not None else ():
        if (source := sources.get(name, "")).startswith("from --"):
            flag = source.removeprefix("from ")
            raise UsageError(f'--demo brings its own gateway: leave out either "--demo" or "{flag}"')
    if flags.once and sources.get("until") == "from --until":
        raise UsageError('--once does not wait: leave out either "--once" or "--until"')
    if flags.everything and sources.get("until") == "from --until":
        raise UsageError('--all has no end to wait for: leave out either "--all" or "--until"')
    if flags.everything and flags.orders:
        raise UsageError('--all watches every order: leave out either "--all" or the ids')
    flags.recording.check(_given(flags, sources))
    record, replay, speed = flags.recording.parse()
    orders = () if flags.print_config else _orders(flags)
    return Settings(
        orders=orders,
        demo=flags.demo,
        once=flags.once,
        everything=flags.everything,
        record=record,
        replay=replay,
        speed=speed,
        sources=sources,
        **values,
    )


def unknown_variables(environ: Mapping[str, str]) -> str | None:
    """One line on the variables that look like settings and are none; None if there are none."""
    known = [*(option.variable for option in (*OPTIONS, TOKEN)), CONFIG]
    if not (strange := sorted(name for name in environ if name.startswith(PREFIX) and name not in known)):
        return None
    from difflib import get_close_matches  # noqa: PLC0415 - slow to load, and wanted by few

    named = [
        sanitize(name) + "".join(f" (did you mean {nearest}?)" for nearest in get_close_matches(name, known, 1, 0.8))
        for name in strange
    ]
    return f"ignored, for it is no setting: {', '.join(named)}"


def as_toml(settings: Settings) -> str:
    """Write the settings as a config file that gives the same values, with a comment on where each came from."""
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
    return "\n".join([*lines, *_keys_as_toml(settings)]) + "\n"


def _keys_as_toml(settings: Settings) -> Iterator[str]:
    yield from ("", f"[{KEYS}]")
    for command in COMMANDS:
        key = settings.keys.get(command.action)
        yield f"# {command.what}" + (f"; {settings.sources[KEYS]}" if key is not None else "")
        yield f"{'# ' if key is None else ''}{command.action} = {format_toml(keymap.write(key or command.key))}"


def _only_one(tokens: Sequence[str], layer: _Layer) -> None:
    if len(tokens) > 1:
        where = f"{layer.place}: " if layer.place else ""
        first, second = (layer.names[name] for name in tokens[:2])
        raise UsageError(f"{where}{first} and {second} both say where the token comes from: leave out one of them")


def _command_line(flags: Flags) -> _Layer:
    given = [option for option in OPTIONS if option.name in flags.values]
    return _Layer(
        {option.name: option.parse(flags.values[option.name], option.flag) for option in given},
        {option.name: option.flag for option in given},
    )


def _environment(environ: Mapping[str, str]) -> _Layer:
    given = [option for option in (*OPTIONS, TOKEN) if environ.get(option.variable)]
    return _Layer(
        {option.name: option.parse(environ[option.variable], option.variable) for option in given},
        {option.name: option.variable for option in given},
    )


def _file(flags: Flags, environ: Mapping[str, str]) -> _Layer:
    file = _config_path(flags, environ)
    table = _table(file, needed=bool(flags.config or environ.get(CONFIG))) if file else {}
    shown = sanitize(str(file))
    return _Layer(
        {name: _from_toml(name, value, shown) for name, value in table.items()}, {name: name for name in table}, shown
    )


def _config_path(flags: Flags, environ: Mapping[str, str]) -> Path | None:
    named = flags.config or environ.get(CONFIG)
    if named:
        try:
            return parse_path(named)
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


def _table(file: Path, *, needed: bool) -> dict[str, Any]:
    shown = sanitize(str(file))
    try:
        # With a line break at the end, a mistake in the last line is told with its number, too.
        return tomllib.loads(file.read_text("utf-8") + "\n")
    except OSError as error:
        if needed or not isinstance(error, FileNotFoundError | NotADirectoryError):
            raise UsageError(f"{shown} cannot be read: {error.strerror or error}") from error
        return {}
    except UnicodeDecodeError as error:
        raise UsageError(f"{shown} is not a config file: it is not UTF-8 text") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{shown} is not valid TOML: {sanitize(str(error))}") from error


def _from_toml(name: str, value: object, shown: str) -> Any:
    if name == KEYS:
        return _keys(value, shown)
    if name == TOKEN.name:
        raise UsageError(
            f"{shown}: a token has no place in a config file; "
            f"set {TOKEN.variable}, or name a token_file or token_command"
        )
    options: dict[str, Option] = {option.name: option for option in OPTIONS}
    option = options.get(name)
    if option is None:
        raise UsageError(f'{shown}: unknown key "{sanitize(name)}"; there are {", ".join([*options, KEYS])}')
    # To Python, a truth value is a number.
    if not isinstance(value, option.in_toml) or isinstance(value, bool) is not (option.in_toml == (bool,)):
        kinds: dict[tuple[type, ...], str] = {(str,): "a text in quotes", (bool,): "true or false"}
        kind = kinds.get(option.in_toml, "a number")
        raise UsageError(f"{shown}: {name}: write {kind}, such as {option.example}")
    return option.parse(str(value), f"{shown}: {name}")


def _keys(value: object, shown: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise UsageError(f'{shown}: {KEYS}: write a table, such as [{KEYS}] and in the next line pause = "P"')
    try:
        return keymap.choose(value)
    except ValueError as error:
        raise UsageError(f"{shown}: {KEYS}: {error}") from error


def _given(flags: Flags, sources: Mapping[str, str]) -> list[str]:
    """The flags that were given, as far as others exclude them."""
    shown = {"--demo": flags.demo is not None, "--once": flags.once, "--all": flags.everything}
    return [
        *(flag for flag, is_given in shown.items() if is_given),
        *(s.removeprefix("from ") for s in sources.values()),
    ]


def _orders(flags: Flags) -> tuple[str, ...]:
    orders = tuple(dict.fromkeys(flags.orders))
    if not orders and flags.demo is None and flags.recording.replay is None and not flags.everything:
        raise UsageError(
            'which order? Try "tracker-tui A1042" or "tracker-tui --all", or "tracker-tui --demo" without a gateway'
        )
    if len(orders) > MOST_ORDERS:
        raise UsageError(f"{len(orders)} orders are too many: at most {MOST_ORDERS} can be watched at once")
    for order_id in orders:
        if not is_order_id(order_id):
            raise UsageError(
                f'"{sanitize(order_id[:80])}" is not an order id: '
                "it is 1 to 64 letters, digits, dots, dashes and underscores, the first a letter or digit"
            )
    return orders
