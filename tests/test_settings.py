"""Flags over environment over file over defaults, and one clear line for each mistake."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tracker_tui.settings import Flags, Format, Settings, Transport, UsageError, as_toml, load


def flags(*orders: str, config: str | None = None, demo: str | None = None, once: bool = False, **values: str) -> Flags:
    return Flags(orders=orders or ("A1",), config=config, values=values, demo=demo, once=once)


def config(folder: Path, text: str) -> dict[str, str]:
    """An environment in which the user's config file says `text`."""
    file = folder / "tracker-tui" / "config.toml"
    file.parent.mkdir()
    file.write_text(text)
    return {"XDG_CONFIG_HOME": str(folder)}


def test_without_anything_said_there_are_defaults() -> None:
    settings = load(flags("A1", "A2", "A1"), {})
    assert settings == Settings(orders=("A1", "A2"))
    assert settings.server == "http://127.0.0.1:8765"


def test_a_flag_outranks_the_environment_which_outranks_the_file(tmp_path: Path) -> None:
    environ = config(tmp_path, 'server = "http://file"\nformat = "plain"\ntimeout = 7\nuntil = "ready"\n')
    environ |= {"TRACKER_SERVER": "http://environment", "TRACKER_FORMAT": "ndjson"}
    settings = load(flags(server="http://flag"), environ)
    assert (settings.server, settings.format) == ("http://flag", Format.NDJSON)
    assert (settings.timeout, settings.until) == (7.0, "ready")
    assert settings.sources["server"] == "from --server"
    assert settings.sources["format"] == "from TRACKER_FORMAT"
    assert settings.sources["timeout"] == f"from {tmp_path}/tracker-tui/config.toml"


def test_an_empty_variable_is_no_setting() -> None:
    assert load(flags(), {"TRACKER_SERVER": "", "TRACKER_TIMEOUT": ""}) == Settings(orders=("A1",))


def test_every_setting_has_a_variable(tmp_path: Path) -> None:
    environ = {
        "TRACKER_SERVER": "https://orders.example.test/gateway/",
        "TRACKER_FORMAT": "tui",
        "TRACKER_TRANSPORT": "websocket",
        "TRACKER_UNTIL": "ended",
        "TRACKER_TIMEOUT": "1.5",
        "TRACKER_LOG_FILE": str(tmp_path / "log"),
    }
    settings = load(flags(), environ)
    assert settings.server == "https://orders.example.test/gateway"
    assert (settings.format, settings.transport) == (Format.TUI, Transport.WEBSOCKET)
    assert (settings.until, settings.timeout, settings.log_file) == ("ended", 1.5, tmp_path / "log")


def test_a_named_file_replaces_the_users_own(tmp_path: Path) -> None:
    environ = config(tmp_path, "timeout = 7\n")
    other = tmp_path / "other.toml"
    other.write_text('until = "ready"\n')
    assert load(flags(config=str(other)), environ).timeout is None
    assert load(flags(), environ | {"TRACKER_CONFIG": str(other)}).until == "ready"


def test_without_a_home_there_is_no_file() -> None:
    assert load(flags(), {"XDG_CONFIG_HOME": "relative", "HOME": ""}) == Settings(orders=("A1",))


@pytest.mark.parametrize(
    ("given", "environ", "said"),
    [
        (flags("A 1"), {}, '"A 1" is not an order id'),
        (flags("A1\n"), {}, '"A1␊" is not an order id'),
        (flags("-x"), {}, '"-x" is not an order id'),
        (flags("é"), {}, "is not an order id"),
        (flags("A" * 65), {}, "is not an order id"),
        (flags("\x1b[2J"), {}, '"␛[2J" is not an order id'),
        (Flags(), {}, "which order?"),
        (flags(*[f"A{number}" for number in range(1_001)]), {}, "1001 orders are too many"),
        (flags(server="ftp://x"), {}, "--server: a server is a URL such as http://127.0.0.1:8765"),
        (flags(server="localhost:8765"), {}, "--server: a server is a URL"),
        (flags(server="http://"), {}, "--server: a server is a URL"),
        (flags(server="http://x:99999"), {}, "--server: a server is a URL"),
        (flags(server="http://me:secret@x"), {}, "without user"),
        (flags(), {"TRACKER_SERVER": "nonsense"}, "TRACKER_SERVER: a server is a URL"),
        (flags(format="xml"), {}, '--format: "xml" is not one of tui, plain, ndjson'),
        (flags(transport="sse"), {}, '--transport: "sse" is not one of auto, websocket'),
        (flags(until=""), {}, "--until: "),
        (flags(until="x" * 65), {}, "--until: "),
        (flags(timeout="soon"), {}, '--timeout: "soon" is not a number of seconds'),
        (flags(timeout="0"), {}, "--timeout: "),
        (flags(timeout="-1"), {}, "--timeout: "),
        (flags(timeout="inf"), {}, "--timeout: "),
        (flags(timeout="nan"), {}, "--timeout: "),
        (flags(timeout="1_000"), {}, "--timeout: "),
        (flags(timeout="１２"), {}, "--timeout: "),
        (flags(log_file=""), {}, "--log-file: "),
        (flags(log_file="\udcff"), {}, "--log-file: this is not UTF-8 text"),
        (flags(demo="", server="http://x"), {}, "--demo brings its own gateway"),
        (flags(once=True, until="ended"), {}, "--once does not wait"),
        (flags(config="/nowhere/at.toml"), {}, "/nowhere/at.toml cannot be read: No such file"),
        (flags(config="/"), {}, "/ cannot be read: Is a directory"),
    ],
)
def test_a_mistake_is_one_line(given: Flags, environ: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError) as mistake:
        load(given, environ)
    line = str(mistake.value)
    assert said in line
    assert line.isprintable()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("server = http://x", "line 1"),
        ("timeout = 1\ntimeout = 2", "line 2"),
        ('sever = "http://x"', 'unknown key "sever"; there are server, '),
        ('"\\u001b[2J" = 1', 'unknown key "␛[2J"'),
        ("server = 8765", "server: write a text in quotes"),
        ('timeout = "60"', "timeout: write a number, such as 60"),
        ("timeout = true", "timeout: write a number"),
        ("timeout = -3", 'timeout: "-3" is not a number of seconds above 0'),
        ("format = []", "format: write a text in quotes"),
        ('format = "html"', 'format: "html" is not one of'),
        ("[server]", "server: write a text in quotes"),
    ],
)
def test_a_mistake_in_the_file_names_the_file(tmp_path: Path, text: str, said: str) -> None:
    environ = config(tmp_path, text)
    with pytest.raises(UsageError) as mistake:
        load(flags(), environ)
    line = str(mistake.value)
    assert said in line
    assert f"{tmp_path}/tracker-tui/config.toml" in line
    assert line.isprintable()


def test_a_file_that_is_not_text_is_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="it is not UTF-8 text"):
        load(flags(config=str(file)), {})


def test_a_demo_needs_no_order_and_heeds_no_server_of_the_environment() -> None:
    settings = load(Flags(demo=""), {"TRACKER_SERVER": "http://x"})
    assert (settings.demo, settings.orders) == ("", ())


def test_the_printed_config_gives_the_same_settings(tmp_path: Path) -> None:
    environ = {"TRACKER_UNTIL": 'it\'s "done" 😀\x7f\x1b', "TRACKER_TIMEOUT": "1e3"}
    before = load(flags(server="http://x", log_file="/tmp/a b\\c"), environ)
    text = as_toml(before)
    assert "# from --server\n" in text
    assert "# from TRACKER_TIMEOUT\n" in text
    assert "# default\ntransport" in text
    assert text.replace("\n", "").isprintable()
    file = tmp_path / "config.toml"
    file.write_text(text)
    after = load(flags(config=str(file)), {})
    assert all(
        getattr(after, name) == getattr(before, name)
        for name in ("server", "format", "transport", "until", "timeout", "log_file")
    )
    assert "format" not in tomllib.loads(text)
