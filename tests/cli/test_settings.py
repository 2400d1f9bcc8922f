"""Flags override the environment, which overrides the file; each mistake is one line."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tracker_tui.cli.options import Format, UsageError
from tracker_tui.cli.print_config import settings_as_toml
from tracker_tui.cli.recording_options import RecordingOptions
from tracker_tui.cli.settings import Flags, Settings, load_settings
from tracker_tui.domain.transport import TransportName


def flags(*orders: str, config: str | None = None, demo: str | None = None, once: bool = False, **values: str) -> Flags:
    return Flags(orders=orders or ("A1",), config=config, values=values, demo=demo, once=once)


def config(folder: Path, text: str) -> dict[str, str]:
    """Write a config file, and return the environment that names it."""
    file = folder / "tracker-tui" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return {"TRACKER_CONFIG": str(file)}


@pytest.fixture(autouse=True)
def config_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory of the user's own config file, empty at first."""
    home = tmp_path / "config-home"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    return home


def test_settings_have_defaults() -> None:
    settings = load_settings(flags("A1", "A2", "A1"), {})
    assert settings == Settings(orders=("A1", "A2"))
    assert settings.server == "http://127.0.0.1:8765"


def test_flags_override_the_environment_which_overrides_the_file(tmp_path: Path) -> None:
    environ = config(tmp_path, 'server = "http://file"\nformat = "plain"\ntimeout = 7\nuntil = "ready"\n')
    environ |= {"TRACKER_SERVER": "http://environment", "TRACKER_FORMAT": "ndjson"}
    settings = load_settings(flags(server="http://flag"), environ)
    assert (settings.server, settings.format) == ("http://flag", Format.NDJSON)
    assert (settings.timeout, settings.until) == (7.0, "ready")
    assert settings.sources["server"] == "from --server"
    assert settings.sources["format"] == "from TRACKER_FORMAT"
    assert settings.sources["timeout"] == f"from {tmp_path}/tracker-tui/config.toml"


def test_the_config_file_in_the_readme_is_valid(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "tracker_tui" / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"## Configuration\n.*?```toml\n(.*?)```", readme, flags=re.DOTALL)
    assert load_settings(flags(), config(tmp_path, block)).keys == tomllib.loads(block)["keys"]


def test_an_empty_variable_counts_as_unset() -> None:
    assert load_settings(flags(), {"TRACKER_SERVER": "", "TRACKER_TIMEOUT": ""}) == Settings(orders=("A1",))


def test_every_setting_has_a_variable(tmp_path: Path) -> None:
    environ = {
        "TRACKER_SERVER": "https://orders.example.test/gateway/",
        "TRACKER_FORMAT": "tui",
        "TRACKER_TRANSPORT": "websocket",
        "TRACKER_TOKEN_FILE": str(tmp_path / "token"),
        "TRACKER_UNTIL": "ended",
        "TRACKER_TIMEOUT": "1.5",
        "TRACKER_LOG_FILE": str(tmp_path / "log"),
    }
    settings = load_settings(flags(), environ)
    assert settings.server == "https://orders.example.test/gateway"
    assert (settings.format, settings.transport) == (Format.TUI, TransportName.WEBSOCKET)
    assert settings.token_file == tmp_path / "token"
    assert (settings.until, settings.timeout, settings.log_file) == ("ended", 1.5, tmp_path / "log")


@pytest.mark.parametrize("transport", ["auto", "websocket", "sse", "longpoll", "polling"])
def test_every_transport_can_be_chosen(transport: str) -> None:
    assert load_settings(flags(transport=transport), {}).transport == transport


@pytest.mark.parametrize(
    ("given", "environ", "file", "source"),
    [
        ({"token_file": "/flag"}, {"TRACKER_TOKEN": "abc"}, 'token_command = "c"', "token_file"),
        ({"token_command": "flag"}, {"TRACKER_TOKEN_FILE": "/e"}, 'token_file = "/c"', "token_command"),
        ({}, {"TRACKER_TOKEN": "abc"}, 'token_command = "c"', "token"),
        ({}, {"TRACKER_TOKEN_COMMAND": "e"}, 'token_file = "/c"', "token_command"),
        ({}, {}, 'token_file = "/c"', "token_file"),
        ({}, {"TRACKER_TOKEN": ""}, "", None),
    ],
)
def test_the_source_of_the_token_with_the_highest_precedence_is_used_alone(
    tmp_path: Path, given: dict[str, str], environ: dict[str, str], file: str, source: str | None
) -> None:
    settings = load_settings(Flags(orders=("A1",), values=given), config(tmp_path, file) | environ)
    names = ("token_file", "token_command", "token")
    assert [name for name in names if getattr(settings, name) is not None] == ([source] if source else [])
    assert [name for name in names if name in settings.sources] == ([source] if source else [])


def test_a_token_file_need_not_exist_yet() -> None:
    assert load_settings(flags(token_file="/nowhere/token"), {}).token_file == Path("/nowhere/token")


@pytest.mark.parametrize("token", ["se cret", "secret\n", "\x1b[2Jsecret", "sécret", "secret" * 5_000])
def test_an_invalid_token_is_refused_and_not_repeated(token: str) -> None:
    with pytest.raises(UsageError) as mistake:
        load_settings(flags(), {"TRACKER_TOKEN": token})
    assert str(mistake.value) == "TRACKER_TOKEN: not a bearer token: letters, digits and - . _ ~ + / = only"


def test_an_invalid_command_is_not_repeated() -> None:
    with pytest.raises(UsageError) as mistake:
        load_settings(flags(token_command="fetch --password secret '"), {})
    assert "secret" not in str(mistake.value)


def test_a_token_in_the_file_is_refused_with_advice_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as mistake:
        load_settings(flags(), config(tmp_path, 'token = "secret"\n'))
    assert str(mistake.value) == (
        f"{tmp_path}/tracker-tui/config.toml: a config file must not contain a token; "
        "set TRACKER_TOKEN, or token_file or token_command"
    )


def test_the_printed_config_names_the_source_of_the_token_and_never_the_token(tmp_path: Path) -> None:
    environ = config(tmp_path, 'token_file = "/c"\n') | {"TRACKER_TOKEN": "secret"}
    text = settings_as_toml(load_settings(flags(), environ))
    assert "# the token comes from TRACKER_TOKEN and is not shown\n" in text
    assert "# token_file = " in text
    assert "secret" not in text
    text = settings_as_toml(load_settings(flags(token_command="fetch it"), {}))
    assert '# from --token-command\ntoken_command = "fetch it"\n' in text
    assert "is not shown" not in text


def test_a_demo_ignores_a_token_in_the_environment() -> None:
    assert load_settings(Flags(demo=""), {"TRACKER_TOKEN": "secret"}).demo == ""


def test_a_named_file_replaces_the_users_own(tmp_path: Path, config_home: Path) -> None:
    config(config_home, "timeout = 7\n")
    other = tmp_path / "other.toml"
    other.write_text('until = "ready"\n')
    assert load_settings(flags(), {}).timeout == 7
    assert load_settings(flags(config=str(other)), {}).timeout is None
    assert load_settings(flags(), {"TRACKER_CONFIG": str(other)}).until == "ready"


def test_without_anything_to_watch_the_front_end_decides() -> None:
    assert load_settings(Flags(), {}).names_nothing
    assert load_settings(recording(record="x"), {}).names_nothing
    for given in (flags("A1"), Flags(everything=True), Flags(demo=""), recording(replay="x")):
        assert not load_settings(given, {}).names_nothing


@pytest.mark.parametrize(
    ("given", "environ", "said"),
    [
        (flags("A/1"), {}, '"A/1" is not an order id'),
        (flags("A1\v\x00"), {}, '"␀" is not an order id'),
        (flags("-x"), {}, '"-x" is not an order id'),
        (flags("é"), {}, "is not an order id"),
        (flags("A" * 65), {}, "is not an order id"),
        (flags("\x1b[2J"), {}, '"␛[2J" is not an order id'),
        (flags(*[f"A{number}" for number in range(1_001)]), {}, "1001 orders are too many"),
        (flags(server="ftp://x"), {}, "--server: a server is a URL such as http://127.0.0.1:8765"),
        (flags(server="localhost:8765"), {}, "--server: a server is a URL"),
        (flags(server="http://"), {}, "--server: a server is a URL"),
        (flags(server="http://x:99999"), {}, "--server: a server is a URL"),
        (flags(server="http://me:secret@x"), {}, "without user"),
        (flags(), {"TRACKER_SERVER": "nonsense"}, "TRACKER_SERVER: a server is a URL"),
        (flags(format="xml"), {}, '--format: "xml" is not one of tui, plain, ndjson, table, json, csv'),
        (flags(transport="pigeon"), {}, '--transport: "pigeon" is not one of auto, websocket, sse, longpoll, polling'),
        (flags(token_file=""), {}, "--token-file: the name of a file is missing"),
        (flags(token_command=""), {}, "--token-command: the command is missing"),
        (flags(token_command="sh -c 'echo"), {}, "--token-command: the command's quotes do not match"),
        (flags(token_file="x", token_command="y"), {}, "--token-file and --token-command both give the token"),
        (
            flags(),
            {"TRACKER_TOKEN": "x", "TRACKER_TOKEN_COMMAND": "y"},
            "TRACKER_TOKEN_COMMAND and TRACKER_TOKEN both give the token",
        ),
        (flags(ca_file="/nowhere.pem"), {}, "--ca-file: /nowhere.pem cannot be read: No such file"),
        (flags(ca_file=__file__), {}, "holds no certificates in PEM form"),
        (flags(demo="", token_file="x"), {}, '--demo starts its own server: leave out either "--demo" or "--token-fi'),
        (flags(until=""), {}, "--until: "),
        (flags(filter="x" * 201), {}, "--filter: a filter has at most 200 characters"),
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
        (flags(demo="", server="http://x"), {}, "--demo starts its own server"),
        (flags(once=True, until="ended"), {}, "--once does not wait"),
        (flags(config="/nowhere/at.toml"), {}, "/nowhere/at.toml cannot be read: No such file"),
        (flags(config="/"), {}, "/ cannot be read: Is a directory"),
    ],
)
def test_a_mistake_is_one_line(given: Flags, environ: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError) as mistake:
        load_settings(given, environ)
    line = str(mistake.value)
    assert said in line
    assert line.isprintable()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("server = http://x", "line 1"),
        ("timeout = 1\ntimeout = 2", "line 2"),
        ('sever = "http://x"', 'unknown key "sever"; known keys: server, '),
        ('"\\u001b[2J" = 1', 'unknown key "␛[2J"'),
        ("server = 8765", "server: write a text in quotes"),
        ('timeout = "60"', "timeout: write a number, such as 60"),
        ("timeout = true", "timeout: write a number"),
        ("timeout = -3", 'timeout: "-3" is not a number of seconds above 0'),
        ("format = []", "format: write a text in quotes"),
        ('format = "html"', 'format: "html" is not one of'),
        ("[server]", "server: write a text in quotes"),
        ('theme = "mauve"', 'theme: "mauve" is not one of dark, light, terminal'),
        ("keys = 1", "keys: write a table, such as [keys]"),
        ("views = 1", "views: write a table, such as [views]"),
        ("[views]\nmine = 1", 'views: "mine": write a table, such as {filter = "late"'),
        ('[views]\nmine = {filtre = "late"}', 'views: "mine": unknown field "filtre"; known fields: filter, sort, '),
        ('[views]\nmine = {sort = "up"}', 'views: "mine": sort: "up" is not one of attention, id, '),
        (
            '[keys]\npause = "1"\n[views]\nmine = {}',
            'views: "mine": "1" is the key of pause, too: choose another',
        ),
        ("cache = 1", "cache: write a table, such as [cache]"),
        ('[cache]\nsize = "x"', 'cache: unknown key "size"; known key: identity'),
        ("[cache]\nidentity = 7", "cache: identity: write a text of 1 to 200 characters in quotes"),
        ('[cache]\nidentity = ""', "cache: identity: write a text of 1 to 200 characters in quotes"),
        ('[keys]\nfly = "x"', 'keys: unknown action "fly"; there are add, back, '),
        ("[keys]\npause = 5", 'keys: pause: write a key in quotes, such as "p"'),
        ('[keys]\npause = "pp"', 'keys: pause: "pp" is not a key; write one such as q, ?, space, f5 or ctrl+r'),
        ('[keys]\npause = "enter"', 'keys: pause: "enter" has a fixed meaning and cannot be chosen'),
        ('[keys]\npause = "q"', '"q" is the key of both pause and quit: choose another key for one of them'),
        ('[keys]\npause = "f12"\nlog = "f12"', '"f12" is the key of both pause and log'),
        ('token_file = "a"\ntoken_command = "b"', "config.toml: token_file and token_command both give the token"),
    ],
)
def test_a_mistake_in_the_file_names_the_file(tmp_path: Path, text: str, said: str) -> None:
    environ = config(tmp_path, text)
    with pytest.raises(UsageError) as mistake:
        load_settings(flags(), environ)
    line = str(mistake.value)
    assert said in line
    assert f"{tmp_path}/tracker-tui/config.toml" in line
    assert line.isprintable()


def test_a_file_that_is_not_text_is_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="it is not UTF-8 text"):
        load_settings(flags(config=str(file)), {})


def test_a_demo_needs_no_order_and_ignores_a_server_in_the_environment() -> None:
    settings = load_settings(Flags(demo=""), {"TRACKER_SERVER": "http://x"})
    assert (settings.demo, settings.orders) == ("", ())


def test_flag_variable_and_file_can_set_the_filter(tmp_path: Path) -> None:
    environ = config(tmp_path, 'filter = "late"\n')
    assert load_settings(flags(), environ).filter == "late"
    assert load_settings(flags(), environ | {"TRACKER_FILTER": "risk"}).filter == "risk"
    assert (
        load_settings(flags(filter="!done status:ready"), environ | {"TRACKER_FILTER": "risk"}).filter
        == "!done status:ready"
    )
    assert load_settings(flags(), {}).filter is None


def test_the_printed_config_gives_the_same_settings(tmp_path: Path) -> None:
    environ = {"TRACKER_UNTIL": 'it\'s "done" 😀\x7f\x1b', "TRACKER_TIMEOUT": "1e3"}
    before = load_settings(flags(server="http://x", log_file="/tmp/a b\\c"), environ)
    text = settings_as_toml(before)
    assert "# from --server\n" in text
    assert "# from TRACKER_TIMEOUT\n" in text
    assert "# default\ntransport" in text
    assert text.replace("\n", "").isprintable()
    file = tmp_path / "config.toml"
    file.write_text(text)
    after = load_settings(flags(config=str(file)), {})
    assert all(
        getattr(after, name) == getattr(before, name)
        for name in ("server", "format", "transport", "until", "timeout", "log_file")
    )
    assert "format" not in tomllib.loads(text)


def test_the_printed_config_keeps_theme_and_keys_and_shows_every_action(tmp_path: Path) -> None:
    environ = config(tmp_path, 'theme = "light"\n[keys]\nhelp = "f1"\nquit = "\\""\n')
    before = load_settings(flags(), environ)
    assert (before.theme, before.keys) == ("light", {"help": "f1", "quit": "quotation_mark"})
    text = settings_as_toml(before)
    assert f'; from {tmp_path}/tracker-tui/config.toml\nhelp = "f1"\n' in text
    assert '# pause = "p"\n' in text
    file = tmp_path / "config.toml"
    file.write_text(text)
    after = load_settings(flags(config=str(file)), {})
    assert (after.theme, after.keys) == (before.theme, before.keys)
    # With a line uncommented, the text is still a valid config file.
    file.write_text(text.replace("# pause =", "pause ="))
    assert load_settings(flags(config=str(file)), {}).keys == {**before.keys, "pause": "p"}


def test_the_printed_config_keeps_the_views(tmp_path: Path) -> None:
    text = '[views]\n"Late \\u001b" = {filter = "late \\"x\\"", sort = "-eta", group = "courier"}\nAll = {key = "0"}\n'
    before = load_settings(flags(), config(tmp_path, text))
    assert [(view.key, view.name) for view in before.views] == [("0", "All"), ("1", "Late ␛")]
    printed = settings_as_toml(before)
    assert f"[views]\n# from {tmp_path}/tracker-tui/config.toml\n" in printed
    file = tmp_path / "config.toml"
    file.write_text(printed)
    assert load_settings(flags(config=str(file)), {}).views == before.views


def test_the_example_of_a_view_in_the_printed_config_is_valid(tmp_path: Path) -> None:
    text = settings_as_toml(load_settings(flags(), {}))
    file = tmp_path / "config.toml"
    file.write_text(text.replace('# "Late" =', '"Late" ='))
    assert [view.name for view in load_settings(flags(config=str(file)), {}).views] == ["Late"]


def recording(*orders: str, demo: str | None = None, once: bool = False, **given: str) -> Flags:
    return Flags(orders=orders, demo=demo, once=once, recording=RecordingOptions(**given))


def test_a_recording_is_replayed_without_orders_or_with_some_of_its_own() -> None:
    settings = load_settings(recording(replay="tape", speed="2.5"), {})
    assert (settings.orders, settings.replay, settings.speed) == ((), Path("tape"), 2.5)
    assert load_settings(recording("A1", replay="tape"), {}).orders == ("A1",)
    assert load_settings(recording("A1", record="tape"), {}).record == Path("tape")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (recording("A1", replay="x", record="y"), 'leave out either "--replay" or "--record"'),
        (recording(replay="x", demo=""), "--replay does not go with --demo"),
        (recording("A1", replay="x", once=True), "--replay does not go with --once"),
        (recording("A1", record="x", once=True), "--record does not go with --once"),
        (
            Flags(values={"server": "http://x"}, recording=RecordingOptions(replay="x")),
            "--replay does not go with --server",
        ),
        (Flags(everything=True, recording=RecordingOptions(replay="x")), "--replay does not go with --all"),
        (recording("A1", speed="2"), "--speed is the speed of --replay FILE"),
        (recording("A1", record=""), "--record: the name of a file is missing"),
        (recording(replay=""), "--replay: the name of a file is missing"),
        *(
            (recording(replay="x", speed=speed), "is not a speed")
            for speed in ("0", "-1", "nan", "inf", "1e9", "fast", "1_0")
        ),
    ],
)
def test_invalid_recording_options_are_one_line(given: Flags, said: str) -> None:
    with pytest.raises(UsageError) as mistake:
        load_settings(given, {})
    assert said in str(mistake.value)


def test_a_server_in_the_environment_does_not_exclude_a_replay() -> None:
    assert load_settings(recording(replay="x"), {"TRACKER_SERVER": "http://x", "TRACKER_TOKEN": "t"}).replay == Path(
        "x"
    )


@pytest.mark.parametrize(("text", "is_on"), [("1", True), ("true", True), ("Yes", True), ("0", False), ("off", False)])
def test_flag_variable_and_file_can_set_a_switch(tmp_path: Path, text: str, is_on: bool) -> None:
    assert load_settings(flags(), {"TRACKER_NO_CACHE": text}).no_cache is is_on
    assert load_settings(flags(no_cache="true"), {"TRACKER_NO_CACHE": text}).no_cache
    settings = load_settings(flags(), config(tmp_path, f"no_cache = {str(is_on).lower()}\n"))
    assert settings.no_cache is is_on
    assert tomllib.loads(settings_as_toml(settings))["no_cache"] is is_on


def test_a_switch_is_true_or_false(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"TRACKER_NO_CACHE: .maybe. is neither true nor false"):
        load_settings(flags(), {"TRACKER_NO_CACHE": "maybe"})
    with pytest.raises(UsageError, match="no_cache: write true or false, such as true"):
        load_settings(flags(), config(tmp_path, "no_cache = 1\n"))


def test_a_relative_config_directory_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config(tmp_path / ".config", "timeout = 7")
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load_settings(flags(), {}).timeout == 7


def test_a_file_in_place_of_the_config_directory_counts_as_no_config_file(config_home: Path) -> None:
    config_home.mkdir()
    (config_home / "tracker-tui").touch()
    assert load_settings(flags(), {}) == Settings(orders=("A1",))


def test_the_config_file_can_name_the_cache(tmp_path: Path) -> None:
    environ = config(tmp_path, '[cache]\nidentity = "mara"\n')
    settings = load_settings(flags(), environ)
    assert settings.cache_identity == "mara"
    text = settings_as_toml(settings)
    assert f'[cache]\n# from {tmp_path}/tracker-tui/config.toml\nidentity = "mara"\n' in text
    assert tomllib.loads(text)["cache"] == {"identity": "mara"}
    assert tomllib.loads(settings_as_toml(load_settings(flags(), {})))["cache"] == {}


def test_the_greatest_number_of_orders_is_accepted() -> None:
    assert len(load_settings(flags(*(f"A{number}" for number in range(1_000))), {}).orders) == 1_000


def test_a_key_of_a_removed_action_is_one_warning_and_no_error(tmp_path: Path) -> None:
    settings = load_settings(flags(), config(tmp_path, '[keys]\nsave = "S"\npause = "P"'))
    assert settings.keys == {"pause": "P"}
    assert settings.warning == (
        f"{tmp_path}/tracker-tui/config.toml: keys: ignored, no longer an action: "
        "save: use export (e), which saves pictures and reports"
    )


@pytest.mark.parametrize(
    "environ",
    [{"TRACKER_COLUMNS": "order, Arrives customer,order"}, {"file": 'columns = ["order", "arrives", "customer"]'}],
)
def test_columns_come_from_a_text_or_a_list(tmp_path: Path, environ: dict[str, str]) -> None:
    environ = config(tmp_path, environ["file"]) if "file" in environ else environ
    settings = load_settings(flags(), environ)
    assert settings.columns == ("order", "arrives", "customer")
    assert 'columns = ["order", "arrives", "customer"]' in settings_as_toml(settings)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'columns = ["oder"]',
            'columns: "oder" is not a column, did you mean order?; columns: order, stage, progress,',
        ),
        ('columns = "id,zz"', 'columns: "id" is not a column, did you mean order?; columns: order, stage,'),
        ('columns = "zz"', 'columns: "zz" is not a column; columns: order, stage,'),
        ("columns = [1]", "columns: write a list of texts"),
        ("columns = []", "columns: name at least one column"),
        ("columns = 3", "columns: write a list of texts"),
    ],
)
def test_wrong_columns_are_one_clear_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        load_settings(flags(), config(tmp_path, text))
    assert message in str(error.value)
