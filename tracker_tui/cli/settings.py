"""The settings of a run: flags override ``TRACKER_*`` variables, which override the config file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tracker_tui.cli.config_file import CONFIG_VARIABLE, LISTS, find_config_file, read_config_file
from tracker_tui.cli.hooks import HOOK_VARIABLES, Hook, parse_hooks
from tracker_tui.cli.options import (
    AUTO,
    OPTIONS,
    TOKEN,
    TOKEN_SOURCES,
    VARIABLE_PREFIX,
    Format,
    Theme,
    UsageError,
)
from tracker_tui.cli.order_arguments import STDIN, choose_orders, read_stdin
from tracker_tui.cli.recording_options import RecordingOptions
from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.transport import TransportName
from tracker_tui.link.auth.token import Token
from tracker_tui.link.http.server import DEFAULT_SERVER
from tracker_tui.ui.model.board_view import BoardView, ColumnName
from tracker_tui.ui.model.server_label import ServerLabel

_SET_BY_DEMO = ("server", "token_file", "token_command", "ca_file")
"""Options that exclude ``--demo``."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a run.

    Attributes:
        orders: Order ids without duplicates.
        server: Base URL of the server.
        format: The front end; None to choose by the terminal.
        theme: The colour theme; None to choose by the terminal.
        transport: The only transport to use, or ``auto``.
        token_file: File with the token. At most one of the three `token…` fields is not None.
        token_command: Command that prints the token, quoted as for a shell.
        token: The token.
        ca_file: File with additional CA certificates.
        filter: Filter of the output, and first filter of the board; None for every order.
        columns: Columns of the board; None for those that fit best.
        until: `UNTIL_ENDED` or a status at which to stop; None to stop when the feed ends.
        timeout: Seconds after which to give up.
        log_file: File of the log.
        say_courier: Whether the sentence for the customer may name the courier.
        quiet: Whether to raise no alerts.
        utc: Whether to show times in UTC.
        no_cache: Whether to keep and to show no cached views.
        cache_identity: Name of the cache; None to derive it from the source of the token.
        demo: Scenario of the embedded server; "" for the default one; None without ``--demo``.
        once: Whether to print the present state and stop.
        everything: Whether to watch every open order, also those opened later.
        lists: The lists of orders in the config file, by name.
        reads_stdin: Whether order ids were read from stdin.
        keys: The user's keys by action, with Textual's names.
        views: The user's views of the board.
        record: File to record into.
        replay: Recording to show instead of a server's orders.
        speed: Speed of the replay; 1 is the original speed.
        hooks: The commands to run for the edges of orders.
        servers: The user's names and colours of servers, by base URL.
        warning: One line about an outdated entry of the config file; None without one.
        sources: Source of each value that is not a default, such as ``from --server``.
    """

    orders: tuple[str, ...] = ()
    server: str = DEFAULT_SERVER
    format: Format | None = None
    theme: Theme | None = None
    transport: TransportName | Literal["auto"] = AUTO
    token_file: Path | None = None
    token_command: str | None = None
    token: Token | None = None
    ca_file: Path | None = None
    filter: str | None = None
    columns: tuple[ColumnName, ...] | None = None
    until: str | None = None
    timeout: float | None = None
    log_file: Path | None = None
    say_courier: bool = False
    quiet: bool = False
    utc: bool = False
    no_cache: bool = False
    cache_identity: str | None = None
    demo: str | None = None
    once: bool = False
    everything: bool = False
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reads_stdin: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)
    views: tuple[BoardView, ...] = ()
    record: Path | None = None
    replay: Path | None = None
    speed: float = 1.0
    hooks: tuple[Hook, ...] = ()
    servers: Mapping[str, ServerLabel] = field(default_factory=dict)
    warning: str | None = None
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def names_nothing(self) -> bool:
        """Whether they name nothing to watch: neither orders nor all of them, no demo and no recording."""
        return not self.orders and not self.everything and self.demo is None and self.replay is None


@dataclass(frozen=True, slots=True)
class Flags:
    """The values on the command line; None and False for those that are not given."""

    orders: Sequence[str] = ()
    lists: Sequence[str] = ()
    config: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    demo: str | None = None
    once: bool = False
    everything: bool = False
    recording: RecordingOptions = field(default_factory=RecordingOptions)
    print_config: bool = False
    hooks: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class _Layer:
    """The values from one origin.

    Attributes:
        values: The values by option.
        names: The name of each option there, such as ``--server``.
        origin: The path of the file; None for flags and environment.
    """

    values: Mapping[str, Any]
    names: Mapping[str, str]
    origin: str | None = None

    def source(self, name: str) -> str:
        return f"from {self.origin or self.names[name]}"


def load_settings(flags: Flags, environ: Mapping[str, str], read_stdin: Callable[[], bytes] = read_stdin) -> Settings:
    """Return the settings of a run.

    An empty environment variable counts as unset.

    Args:
        flags: The values on the command line.
        environ: The environment variables.
        read_stdin: Reads stdin to its end; called only for the argument ``-``.

    Raises:
        UsageError: A flag, a variable or the config file is not valid.
    """
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for layer in (_file_layer(flags, environ), _environment_layer(environ), _flags_layer(flags)):
        if tokens := [name for name in TOKEN_SOURCES if name in layer.values]:
            _check_single_token(tokens, layer)
            for name in TOKEN_SOURCES:
                values.pop(name, None)
                sources.pop(name, None)
        values |= layer.values
        sources |= {name: layer.source(name) for name in layer.values}
    _check_combinations(flags, sources)
    record, replay, speed = flags.recording.parse()
    orders = () if flags.print_config else _choose_orders(flags, values, read_stdin)
    return Settings(
        orders=orders,
        demo=flags.demo,
        once=flags.once,
        everything=flags.everything,
        record=record,
        replay=replay,
        speed=speed,
        hooks=parse_hooks(flags.hooks),
        reads_stdin=STDIN in flags.orders,
        sources=sources,
        **values,
    )


def unknown_variables(environ: Mapping[str, str]) -> str | None:
    """Return one line about ``TRACKER_*`` variables that are not settings; None without any."""
    known = [*(option.variable for option in (*OPTIONS, TOKEN)), CONFIG_VARIABLE]
    # A command of --on may run this program.
    given = environ.keys() - HOOK_VARIABLES
    if not (unknown := sorted(name for name in given if name.startswith(VARIABLE_PREFIX) and name not in known)):
        return None
    from difflib import get_close_matches  # noqa: PLC0415 - slow to load, rarely needed

    names = [
        sanitize(name) + "".join(f" (did you mean {nearest}?)" for nearest in get_close_matches(name, known, 1, 0.8))
        for name in unknown
    ]
    return f"ignored, not a setting: {', '.join(names)}"


def _flags_layer(flags: Flags) -> _Layer:
    given = [option for option in OPTIONS if option.name in flags.values]
    return _Layer(
        {option.name: option.parse(flags.values[option.name], option.flag) for option in given},
        {option.name: option.flag for option in given},
    )


def _environment_layer(environ: Mapping[str, str]) -> _Layer:
    given = [option for option in (*OPTIONS, TOKEN) if environ.get(option.variable)]
    return _Layer(
        {option.name: option.parse(environ[option.variable], option.variable) for option in given},
        {option.name: option.variable for option in given},
    )


def _file_layer(flags: Flags, environ: Mapping[str, str]) -> _Layer:
    file, must_exist = find_config_file(flags.config, environ)
    values = read_config_file(file, must_exist=must_exist) if file is not None else {}
    return _Layer(values, {name: name for name in values}, sanitize(str(file)))


def _check_single_token(tokens: Sequence[str], layer: _Layer) -> None:
    if len(tokens) > 1:
        where = f"{layer.origin}: " if layer.origin else ""
        first, second = (layer.names[name] for name in tokens[:2])
        raise UsageError(f"{where}{first} and {second} both give the token: leave out one of them")


def _check_combinations(flags: Flags, sources: Mapping[str, str]) -> None:
    for name in _SET_BY_DEMO if flags.demo is not None else ():
        if (source := sources.get(name, "")).startswith("from --"):
            flag = source.removeprefix("from ")
            raise UsageError(f'--demo starts its own server: leave out either "--demo" or "{flag}"')
    if flags.once and sources.get("until") == "from --until":
        raise UsageError('--once does not wait: leave out either "--once" or "--until"')
    if flags.hooks and flags.once:
        raise UsageError('--on waits for changes, and --once does not: leave out either "--on" or "--once"')
    if flags.hooks and flags.recording.replay is not None:
        raise UsageError('--on runs no commands for a recording: leave out either "--on" or "--replay"')
    if flags.everything and sources.get("until") == "from --until":
        raise UsageError('--all has no end to wait for: leave out either "--all" or "--until"')
    if flags.everything and (flags.orders or flags.lists):
        which = "the ids" if flags.orders else '"--list"'
        raise UsageError(f'--all watches every order: leave out either "--all" or {which}')
    flags.recording.check(_given_flags(flags, sources))


def _given_flags(flags: Flags, sources: Mapping[str, str]) -> list[str]:
    """Return the given flags that a recording may exclude."""
    switches = {"--demo": flags.demo is not None, "--once": flags.once, "--all": flags.everything}
    return [
        *(flag for flag, is_given in switches.items() if is_given),
        *(source.removeprefix("from ") for source in sources.values()),
    ]


def _choose_orders(flags: Flags, values: Mapping[str, Any], read_stdin: Callable[[], bytes]) -> tuple[str, ...]:
    server = values.get("server", DEFAULT_SERVER)
    return choose_orders(flags.orders, flags.lists, values.get(LISTS, {}), server, read_stdin)
