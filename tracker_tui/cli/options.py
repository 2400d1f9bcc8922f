"""Options that flags, environment variables and the config file share, and the parsing of their values."""

from __future__ import annotations

import json
import math
import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.domain.transport import TransportName
from tracker_tui.link.auth.token import Token
from tracker_tui.link.http.server import Server
from tracker_tui.ui.model.board_view import ColumnName
from tracker_tui.wording.filter import MAX_LENGTH

UNTIL_ENDED = "ended"
"""Value of `Settings.until` that means any outcome rather than a status."""

TOUR = "tour"
"""The scenario of ``--demo`` that starts with the guided tour."""

VARIABLE_PREFIX = "TRACKER_"
"""Prefix of all environment variables of the program."""

AUTO: Literal["auto"] = "auto"
"""Value of `Settings.transport` that means the best transport that works."""

_OTHER_WORDS = {
    "id": ColumnName.ORDER,
    "eta": ColumnName.ARRIVES,
    "title": ColumnName.ITEMS,
    "late": ColumnName.CONDITION,
}
"""Words that a user may try for a column."""

TRANSPORT_CHOICES = (AUTO, *TransportName)


class UsageError(Exception):
    """The user made a mistake in an option or a file; the message is one line."""


class Format(StrEnum):
    """Front ends."""

    TUI = "tui"
    PLAIN = "plain"
    NDJSON = "ndjson"
    TABLE = "table"
    JSON = "json"
    CSV = "csv"

    @property
    def is_document(self) -> bool:
        """Whether the format shows all orders at once, and so only their present state."""
        return self in {Format.TABLE, Format.JSON, Format.CSV}


class Theme(StrEnum):
    """Colour themes of the screens."""

    DARK = "dark"
    LIGHT = "light"
    TERMINAL = "terminal"


@dataclass(frozen=True, slots=True)
class Option:
    """A value that a flag, an environment variable or the config file can set.

    Attributes:
        name: Name of the field in `Settings` and of the key in the config file.
        convert: Function from text to value; raises ValueError with one line for the user.
        toml_types: Types of the value in the config file.
        unset: Description of the behaviour without a value.
        example: An example value in TOML.
    """

    name: str
    convert: Callable[[str], Any]
    toml_types: tuple[type, ...]
    unset: str
    example: str

    @property
    def flag(self) -> str:
        """Name on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """Name of the environment variable."""
        return VARIABLE_PREFIX + self.name.upper()

    def parse(self, text: str, source: str) -> Any:
        """Convert text to a value.

        Args:
            text: The text.
            source: Origin of the text, for the message.

        Raises:
            UsageError: The text is not valid.
        """
        # An environment variable can hold bytes that are not UTF-8; nothing could show or send them.
        if text != text.encode(errors="replace").decode():
            raise UsageError(f"{source}: this is not UTF-8 text")
        try:
            return self.convert(text)
        except ValueError as error:
            raise UsageError(f"{source}: {error}") from error


def format_toml(value: str | float | Path | tuple[str, ...]) -> str:
    """Return a value as TOML."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(format_toml, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(value)
    # A JSON string is a TOML string too. Escape invisible characters as well, because a terminal would obey some.
    text = json.dumps(str(value), ensure_ascii=False)
    return "".join(each if each.isprintable() else f"\\U{ord(each):08x}" for each in text)


def parse_path(text: str) -> Path:
    """Return the path of a file, which need not exist.

    Raises:
        ValueError: The text is not a path.
    """
    if not text or "\0" in text:
        raise ValueError("the name of a file is missing")
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise ValueError(f"the home directory in {sanitize(text)} is not known") from error


def parse_speed(text: str) -> float:
    """Return the factor by which a replay runs faster than the original.

    Raises:
        ValueError: The text is not a number from 0.01 to 10,000.
    """
    try:
        factor = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        factor = math.nan
    if not 0.01 <= factor <= 10_000:
        raise ValueError(f'"{sanitize(text)}" is not a speed from 0.01 to 10000, such as 4')
    return factor


def _parse_switch(text: str) -> bool:
    if text.lower() not in {"true", "yes", "on", "1", "false", "no", "off", "0"}:
        raise ValueError(f'"{sanitize(text)}" is neither true nor false')
    return text.lower() in {"true", "yes", "on", "1"}


def _parse_server(text: str) -> str:
    return Server.parse(text).base


def _parse_format(text: str) -> Format:
    return Format(_parse_choice(text, list(Format)))


def _parse_transport(text: str) -> TransportName | Literal["auto"]:
    return AUTO if _parse_choice(text, TRANSPORT_CHOICES) == AUTO else TransportName(text)


def _parse_theme(text: str) -> Theme:
    return Theme(_parse_choice(text, list(Theme)))


def _parse_choice(text: str, choices: Sequence[str]) -> str:
    if text not in choices:
        raise ValueError(f'"{sanitize(text)}" is not one of {", ".join(choices)}')
    return text


def _parse_until(text: str) -> str:
    if not 1 <= len(text) <= 64:
        raise ValueError(f'give "{UNTIL_ENDED}" or a status of 1 to 64 characters, such as "delivered"')
    return text


def _parse_filter(text: str) -> str:
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a filter has at most {MAX_LENGTH} characters")
    return text


def parse_columns(text: str) -> tuple[ColumnName, ...]:
    """Return the columns of the board, written ``order,stage,arrives``.

    Raises:
        ValueError: There is no such column; the message names the known ones.
    """
    names = [name for name in re.split(r"[,\s]+", text.strip().lower()) if name]
    for name in names:
        if name not in {*ColumnName}:
            raise ValueError(_unknown_column(name))
    if not names:
        raise ValueError(f"name at least one column: {', '.join(ColumnName)}")
    return tuple(dict.fromkeys(map(ColumnName, names)))


def _unknown_column(name: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - slow to load, rarely needed

    near = [_OTHER_WORDS[name]] if name in _OTHER_WORDS else get_close_matches(name, list(ColumnName), 1, 0.6)
    meant = "".join(f", did you mean {nearest}?" for nearest in near)
    return f'"{sanitize(name[:80])}" is not a column{meant}; columns: {", ".join(ColumnName)}'


def _parse_timeout(text: str) -> float:
    try:
        seconds = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise ValueError(f'"{sanitize(text)}" is not a number of seconds above 0')
    return seconds


def _parse_command(text: str) -> str:
    try:
        words = shlex.split(text)
    except ValueError as error:
        # Don't repeat the command: it may contain a secret.
        raise ValueError(f"the command's quotes do not match ({error})") from error
    if not words or "\0" in text:
        raise ValueError("the command is missing")
    return text


def _parse_ca_file(text: str) -> Path:
    import ssl  # noqa: PLC0415 - slow to load, rarely needed

    file = parse_path(text)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=file)
    except ssl.SSLError as error:
        raise ValueError(f"{sanitize(text)} holds no certificates in PEM form") from error
    except OSError as error:
        raise ValueError(f"{sanitize(text)} cannot be read: {error.strerror or error}") from error
    return file


OPTIONS = (
    Option("server", _parse_server, (str,), "base URL of the order server", '"http://127.0.0.1:8765"'),
    Option("format", _parse_format, (str,), "tui on a terminal, else plain", '"tui"'),
    Option("theme", _parse_theme, (str,), "dark; with 16 colours or NO_COLOR, the terminal's own", '"light"'),
    Option("transport", _parse_transport, (str,), "how to connect", '"auto"'),
    Option("token_file", parse_path, (str,), "no token file", '"~/.config/tracker-tui/token"'),
    Option("token_command", _parse_command, (str,), "no token command", '"pass show orders-token"'),
    Option("ca_file", _parse_ca_file, (str,), "only the system's certificates are trusted", '"/etc/ssl/our-ca.pem"'),
    Option("filter", _parse_filter, (str,), "every order is shown", '"late !done"'),
    Option("columns", parse_columns, (str, list), "the board's columns that fit best", '["order", "stage", "arrives"]'),
    Option("until", _parse_until, (str,), "an order is watched until it has ended", '"ended"'),
    Option("timeout", _parse_timeout, (int, float), "seconds; no limit", "60"),
    Option("log_file", parse_path, (str,), "no log is kept", '"/tmp/tracker-tui.log"'),
    Option("say_courier", _parse_switch, (bool,), "the sentence for the customer names no courier", "true"),
    Option("quiet", _parse_switch, (bool,), "alerts are raised", "true"),
    Option("utc", _parse_switch, (bool,), "times are in the machine's zone", "true"),
    Option("no_cache", _parse_switch, (bool,), "the last known views are kept", "true"),
)
"""Options that a flag, an environment variable and the config file can set."""

TOKEN = Option("token", Token, (), "", "")
"""Option of the environment alone: every user of the machine can see a flag, and config files are shared."""

TOKEN_SOURCES = ("token_file", "token_command", "token")
"""Names of the options that exclude each other, because each gives the token."""
