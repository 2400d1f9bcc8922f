"""What flags, environment and config file can all say: each option's name, and how its text is read."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from tracker_tui.domain.sanitize import sanitize
from tracker_tui.link.auth.token import Token
from tracker_tui.link.http.server import Server
from tracker_tui.wording.filter import MAX_LENGTH

UNTIL_ENDED = "ended"
"""The word for `Settings.until` that means any outcome rather than a status."""

TOUR = "tour"
"""The scenario of --demo that begins with the guided tour of failures."""

PREFIX = "TRACKER_"
"""What the names of all our environment variables start with."""


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
    SSE = "sse"
    LONGPOLL = "longpoll"
    POLLING = "polling"


class Theme(StrEnum):
    """The colours of the screens."""

    DARK = "dark"
    LIGHT = "light"
    TERMINAL = "terminal"


@dataclass(frozen=True, slots=True)
class Option:
    """A value that flags, environment and file can all give.

    Attributes:
        name: Its name in `Settings` and in the file.
        convert: From its text to the value; raises ValueError with one line for people.
        in_toml: The types that it may have in the file.
        unset: What its absence means, in words.
        example: A value, as it is written in the file.
    """

    name: str
    convert: Callable[[str], Any]
    in_toml: tuple[type, ...]
    unset: str
    example: str

    @property
    def flag(self) -> str:
        """How it is named on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """How it is named in the environment."""
        return PREFIX + self.name.upper()

    def parse(self, text: str, source: str) -> Any:
        """The value that `text`, which came from `source`, stands for.

        Raises:
            UsageError: None.
        """
        # What the environment holds need not be text in any encoding; nothing further on could show or send it.
        if text != text.encode(errors="replace").decode():
            raise UsageError(f"{source}: this is not UTF-8 text")
        try:
            return self.convert(text)
        except ValueError as error:
            raise UsageError(f"{source}: {error}") from error


def format_toml(value: str | float | Path) -> str:
    """A value as it is written in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(value)
    # A JSON string is a TOML string too, but for what is not to be seen: a terminal would obey some of that.
    text = json.dumps(str(value), ensure_ascii=False)
    return "".join(each if each.isprintable() else f"\\U{ord(each):08x}" for each in text)


def parse_path(text: str) -> Path:
    """The path of a file, which need not exist.

    Raises:
        ValueError: It cannot be one.
    """
    if not text or "\0" in text:
        raise ValueError("the name of a file is missing")
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise ValueError(f"the home directory in {sanitize(text)} is not known") from error


def parse_speed(text: str) -> float:
    """How many times as fast as it happened.

    Raises:
        ValueError: It is none of the speeds there are.
    """
    try:
        times = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        times = math.nan
    if not 0.01 <= times <= 10_000:
        raise ValueError(f'"{sanitize(text)}" is not a speed from 0.01 to 10000, such as 4')
    return times


def _switch(text: str) -> bool:
    if text.lower() not in {"true", "yes", "on", "1", "false", "no", "off", "0"}:
        raise ValueError(f'"{sanitize(text)}" is neither true nor false')
    return text.lower() in {"true", "yes", "on", "1"}


def _server(text: str) -> str:
    return Server.parse(text).base


def _format(text: str) -> Format:
    return Format(_one_of(text, list(Format)))


def _transport(text: str) -> Transport:
    return Transport(_one_of(text, list(Transport)))


def _theme(text: str) -> Theme:
    return Theme(_one_of(text, list(Theme)))


def _one_of(text: str, words: Sequence[str]) -> str:
    if text not in words:
        raise ValueError(f'"{sanitize(text)}" is not one of {", ".join(words)}')
    return text


def _until(text: str) -> str:
    if not 1 <= len(text) <= 64:
        raise ValueError(f'give "{UNTIL_ENDED}" or a status of 1 to 64 characters, such as "delivered"')
    return text


def _filter(text: str) -> str:
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a filter has at most {MAX_LENGTH} characters")
    return text


def _timeout(text: str) -> float:
    try:
        seconds = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise ValueError(f'"{sanitize(text)}" is not a number of seconds above 0')
    return seconds


def _command(text: str) -> str:
    try:
        words = shlex.split(text)
    except ValueError as error:
        # The command may hold a secret: it is not repeated.
        raise ValueError(f"the command cannot be taken apart as a shell would ({error})") from error
    if not words or "\0" in text:
        raise ValueError("the command is missing")
    return text


def _certificates(text: str) -> Path:
    # Loaded here: it is slow, and hardly anybody needs it.
    import ssl  # noqa: PLC0415

    file = parse_path(text)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=file)
    except ssl.SSLError as error:
        raise ValueError(f"{sanitize(text)} holds no certificates in PEM form") from error
    except OSError as error:
        raise ValueError(f"{sanitize(text)} cannot be read: {error.strerror or error}") from error
    return file


OPTIONS = (
    Option("server", _server, (str,), "base URL of the order gateway", '"http://127.0.0.1:8765"'),
    Option("format", _format, (str,), "tui on a terminal, else plain", '"tui"'),
    Option("theme", _theme, (str,), "dark; with 16 colours or NO_COLOR, the terminal's own", '"light"'),
    Option("transport", _transport, (str,), "how to connect", '"auto"'),
    Option("token_file", parse_path, (str,), "no token is read from a file", '"~/.config/tracker-tui/token"'),
    Option("token_command", _command, (str,), "no token is got from a command", '"pass show orders-token"'),
    Option("ca_file", _certificates, (str,), "the system's certificates alone are trusted", '"/etc/ssl/our-ca.pem"'),
    Option("filter", _filter, (str,), "every order is shown", '"late !done"'),
    Option("until", _until, (str,), "an order is watched until it has ended", '"ended"'),
    Option("timeout", _timeout, (int, float), "seconds; no limit", "60"),
    Option("log_file", parse_path, (str,), "no log is kept", '"/tmp/tracker-tui.log"'),
    Option("quiet", _switch, (bool,), "alerts are raised", "true"),
    Option("no_cache", _switch, (bool,), "the last known views are kept", "true"),
)
"""What flags, environment and file can give."""

TOKEN = Option("token", Token, (), "", "")
"""What the environment alone can give: a flag is seen by everyone on the machine, and a file is kept and shared."""

TOKEN_SOURCES = ("token_file", "token_command", "token")
"""Names of the options of which at most one can hold."""
